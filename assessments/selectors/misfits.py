"""Files that the guidelines do not take: attached under others, before those were adopted."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.models import GuidelinesVersion, ProjectFile, Submission
from lms.core.file_types import MEDIA_TYPES

MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Misfit:
    """`file` None: there are too many of them."""

    file: ProjectFile | None
    sentence: str


def misfits_of(files: Iterable[ProjectFile], guidelines: GuidelinesVersion) -> tuple[Misfit, ...]:
    """What has to change before the project can be handed in on these guidelines."""
    files = list(files)
    rules = guidelines.content["files"]
    taken = {MEDIA_TYPES[kind] for kind in MEDIA_TYPES if kind in rules["types"]}
    found = [
        Misfit(file, said)
        for file in files
        for said in _against(file, taken=taken, max_mb=rules["max_mb"])
    ]
    if len(files) > rules["max_count"]:
        found.append(Misfit(None, _too_many(len(files), rules["max_count"])))
    return tuple(found)


def misfits_in(
    submission: Submission, guidelines: GuidelinesVersion | None = None
) -> tuple[Misfit, ...]:
    """Of the files attached to a draft, on its own guidelines or on others."""
    attached = [file for file in submission.files.all() if file.removed_at is None]
    return misfits_of(attached, guidelines or submission.guidelines)


def said_of_misfits(misfits: Iterable[Misfit]) -> str:
    return " ".join(misfit.sentence for misfit in misfits)


def _against(file: ProjectFile, *, taken: set[str], max_mb: int) -> Iterable[str]:
    if file.media_type not in taken:
        yield _("“%(name)s” is of a kind that the guidelines do not take (%(kind)s).") % {
            "name": file.name, "kind": file.kind,
        }  # fmt: skip
    if file.size > max_mb * MEGABYTE:
        yield _("“%(name)s” is larger than %(limit)d MB.") % {"name": file.name, "limit": max_mb}


def _too_many(count: int, most: int) -> str:
    return ngettext(
        "The guidelines allow %(most)d file; %(count)d are attached.",
        "The guidelines allow %(most)d files; %(count)d are attached.",
        most,
    ) % {"most": most, "count": count}
