"""A pack as a zip: the projects to read, their files, the sheet to fill in."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import IO
from zipfile import ZIP_DEFLATED, ZipFile

from django.template.loader import render_to_string
from django.utils.text import slugify
from django.utils.translation import gettext as _

from assessments.downloads import NamesInFile, send_project_file
from assessments.marking_sheets import sheet_csv, sheet_xlsx
from assessments.models import AttemptFile
from assessments.selectors.anonymity import file_name_shown
from assessments.selectors.marking_packs import Packed
from lms.accounts.models import User

LONGEST_NAME = 100
# What systems take for devices, whatever follows the dot.
_DEVICES = re.compile(r"^(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?$", re.IGNORECASE)


def write_pack(packed: Sequence[Packed], user: User, into: IO[bytes]) -> None:
    with ZipFile(into, "w", ZIP_DEFLATED) as archive:
        rows = [row for one in packed for row in one.rows]
        archive.writestr("marks.csv", sheet_csv(rows))
        archive.writestr("marks.xlsx", sheet_xlsx(rows))
        archive.writestr("README.txt", _readme())
        for one in packed:
            folder = _folder(one)
            left_out = []
            for place, file in enumerate(one.assessment.attempt.files.all(), start=1):
                name = f"{folder}/{place:02d}-{_name(file, one)}"
                try:
                    content = send_project_file(file.file, user)
                except NamesInFile as refusal:
                    left_out.append(str(refusal.sentence))
                    continue
                with archive.open(name, "w") as entry:
                    for chunk in _chunks(content):
                        entry.write(chunk)
            context = {"packed": one, "left_out": left_out}
            page = render_to_string("assessments/pack_project.html", context)
            archive.writestr(f"{folder}/project.html", page)


def safe_name(name: str) -> str:
    """A name that every system takes as a name and none as a path."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    name = "".join(
        "_" if one in '<>:"|?*' or unicodedata.category(one)[0] == "C" else one for one in name
    ).strip(" .")
    stem, dot, kind = name.rpartition(".")
    if not dot:
        stem, kind = name, ""
    ending = f".{kind[:10]}" if kind else ""
    while len(f"{stem}{ending}".encode()) > LONGEST_NAME:
        stem = stem[:-1]
    name = f"{stem}{ending}".strip(" ") or "file"
    return f"_{name}" if _DEVICES.match(name) else name


def _folder(one: Packed) -> str:
    receipt = slugify(one.assessment.attempt.receipt)
    return f"projects/{slugify(one.shown.person) if one.shown.is_hidden else receipt}"


def _name(file: AttemptFile, one: Packed) -> str:
    return file_name_shown(file.file) if one.shown.is_hidden else safe_name(file.name)


def _chunks(content: object) -> Iterator[bytes]:
    yield from content  # type: ignore[misc]


def _readme() -> str:
    return _(
        "Marking without a connection\n\n"
        "1. Read the projects in the folder “projects”.\n"
        "2. Fill in “level” and “comment” in marks.xlsx or marks.csv, one of the two. Which "
        "levels there are stands in “levels”; write the word before the colon, or the title.\n"
        "3. Leave the other columns as they are: they say which attempt and which version "
        "you have marked. The row “(overall)” is for a comment on the whole.\n"
        "4. Upload the sheet where you downloaded this pack. Each row is stored, or refused "
        "with the reason and with what is stored. An empty cell changes nothing.\n"
        "5. Hand in the marks on the desk.\n"
    )
