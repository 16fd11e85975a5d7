"""A version ready to be played. Versions never change, so each is prepared once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from h5p.dependencies import Resolution, resolve
from h5p.outside import Allowance
from h5p.problems import NotInstalled
from h5p.questions import QuestionSet, from_data, served_content
from lms.core.kept import Kept
from modules.h5p_shelf import DatabaseShelf, library_by_hash
from modules.models import H5PVersion


@dataclass(frozen=True)
class Stage:
    """`content` is what a reader may have: of our own questions it has no answers.
    `question_set` has them. `outside`: what it has on other hosts, and what of it is allowed."""

    version_id: int
    content_id: int
    resolution: Resolution
    metadata: Mapping[str, Any]
    content: Any
    files: Mapping[str, tuple[str, int]]
    question_set: QuestionSet | None
    outside: Allowance

    @property
    def pins(self) -> Mapping[str, str]:
        return self.resolution.pins


_stages: Kept[Stage] = Kept(64)


def stage_of(version_id: int) -> Stage:
    """Raises H5PVersion.DoesNotExist, and NotInstalled if a pinned library is gone."""
    return _stages.get(version_id, lambda: _prepare(version_id))


def _prepare(version_id: int) -> Stage:
    version = H5PVersion.objects.select_related("main_library").get(pk=version_id)
    question_set = questions_of(version)
    return Stage(
        version_id=version.pk,
        content_id=version.content_id,
        resolution=resolution_of(version),
        metadata=version.metadata,
        content=served_content(question_set) if question_set else version.parameters,
        files={path: (sha256, size) for path, (sha256, size) in version.files.items()},
        question_set=question_set,
        outside=version.allowed_outside,
    )


def questions_of(version: H5PVersion) -> QuestionSet | None:
    """Our own questions with their answers; None of an uploaded content."""
    return from_data(version.questions).require() if version.is_marked_here else None


def resolution_of(version: H5PVersion) -> Resolution:
    """The libraries that the version was made with, whatever was installed since."""
    main = library_by_hash(version.main_library.content_hash)
    if main is None:
        raise NotInstalled(version.main_library.name.api)
    return resolve(main, version.parameters, DatabaseShelf(), pins=version.pins)


def library_url(resolution: Resolution, path: str) -> str:
    """Where a library's file is, by `H5P.Foo-1.2/images/x.svg`: from the root of the host."""
    folder, _, inside = path.partition("/")
    library = next(each for each in resolution.libraries if each.name.folder == folder)
    return reverse("h5p:library", args=[library.content_hash, inside])
