"""What a file is, told by its content and never by its name or its sender."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

import puremagic
from django.core.files.base import File
from django.utils.translation import gettext as _
from PIL import Image
from pypdf import PdfReader

from lms.core import packed_checks
from lms.core.errors import InvalidInput, TooLarge
from lms.core.file_types import MEDIA_TYPES, FileType
from lms.core.text import clean_text

BEGINNING = 2048
MEGABYTE = 1024 * 1024
MAX_NAME = 255
# A broken PDF makes its reader look for the pieces in all of it at once.
MOST_READ_AT_ONCE = 32 * 1024 * 1024
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@dataclass(frozen=True)
class Kind:
    """A type of file we take: how it begins, what it is called, how it is opened."""

    type: FileType
    magic: bytes
    extensions: tuple[str, ...]
    open: Callable[[IO[bytes]], None]

    @property
    def media_type(self) -> str:
        return MEDIA_TYPES[self.type]


def check_content(upload: File, *, name: str, allowed: list[str]) -> Kind:
    """The kind of an allowed file, or InvalidInput with the reason. Rewinds the file."""
    upload.seek(0)
    check_beginning(upload.read(BEGINNING), allowed=allowed)
    file = upload.file if upload.file is not None else upload
    kind = _opened(file)
    if kind.type not in allowed:
        raise refusal(
            _("This is %(found)s. Attach %(accepted)s.")
            % {"found": kind.type.label, "accepted": _accepted(allowed)}
        )
    if not name.lower().endswith(kind.extensions):
        raise refusal(
            _("The content is %(kind)s, but the name does not end in %(extension)s. Rename it.")
            % {"kind": kind.type.label, "extension": kind.extensions[0]}
        )
    upload.seek(0)
    return kind


def check_beginning(beginning: bytes, *, allowed: list[str]) -> None:
    """Raise InvalidInput where the first bytes already tell that the file is none of those."""
    if any(kind.type in allowed and beginning.startswith(kind.magic) for kind in KINDS):
        return
    raise refusal(
        _("This is %(found)s. Attach %(accepted)s.")
        % {"found": _found(beginning), "accepted": _accepted(allowed)}
    )


def check_name(name: str, *, allowed: list[str]) -> None:
    """Raise InvalidInput for a name that no allowed file could have."""
    extensions = tuple(end for kind in KINDS if kind.type in allowed for end in kind.extensions)
    if not name.lower().endswith(extensions):
        raise refusal(
            _("The name does not end in %(extensions)s. Attach %(accepted)s.")
            % {"extensions": ", ".join(extensions), "accepted": _accepted(allowed)}
        )


def accepted_extensions(allowed: list[str]) -> str:
    """For the `accept` of a file field: ".pdf,.docx"."""
    return ",".join(
        extension for kind in KINDS if kind.type in allowed for extension in kind.extensions
    )


def refusal(sentence: str) -> InvalidInput:
    return InvalidInput(sentence, errors={"file": [sentence]})


def _opened(file: IO[bytes]) -> Kind:
    """The kind of a file that begins like one of ours, once it has been opened as that."""
    file.seek(0)
    beginning = file.read(BEGINNING)
    if beginning.startswith(packed_checks.MAGIC):
        file.seek(0)
        return BY_TYPE[packed_checks.check_packed(file, nested=_opened)]
    kind = next((kind for kind in KINDS if beginning.startswith(kind.magic)), None)
    if kind is None:
        raise refusal(_("This is %(found)s.") % {"found": _found(beginning)})
    file.seek(0)
    kind.open(file)
    return kind


class _InParts:
    """A file that is never read in one gulp."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def read(self, size: int = -1) -> bytes:
        content = self._file.read(MOST_READ_AT_ONCE if size < 0 else size)
        if len(content) >= MOST_READ_AT_ONCE:
            raise ValueError("Too much at once.")
        return content

    def seek(self, *place: int) -> int:
        return self._file.seek(*place)

    def tell(self) -> int:
        return self._file.tell()


def _open_pdf(file: IO[bytes]) -> None:
    try:
        reader = PdfReader(_InParts(file), strict=False)  # type: ignore[arg-type]
        is_encrypted = reader.is_encrypted
        pages = 0 if is_encrypted else len(reader.pages)
    except Exception as error:
        # Whatever a broken file makes the parser raise, the answer is the same.
        raise refusal(
            _("The file begins like a PDF but cannot be opened. Export it again.")
        ) from error
    if is_encrypted:
        raise refusal(
            _("This PDF is protected by a password or restrictions. Attach a copy without them.")
        )
    if not pages:
        raise refusal(_("This PDF has no pages."))


def _open_picture(file: IO[bytes]) -> None:
    try:
        with Image.open(file, formats=["PNG", "JPEG"]) as picture:
            picture.verify()
    except Exception as error:
        raise refusal(
            _("The file begins like a picture but cannot be opened. Export it again.")
        ) from error


def _found(beginning: bytes) -> str:
    """What the content seems to be, in words for the sender."""
    if b"<svg" in beginning.lower():
        return _("an SVG drawing")
    if b"<html" in beginning.lower() or b"<!doctype html" in beginning.lower():
        return _("a web page (HTML)")
    if beginning.startswith(OLD_OFFICE):
        return _("an older Office file, or one protected by a password")
    if beginning.startswith(packed_checks.MAGIC):
        return _("an Office document or an archive")
    try:
        extension = puremagic.from_string(beginning)
    except (puremagic.PureError, ValueError):
        return _("a kind of file we do not know")
    return _("a file of the kind “%(extension)s”") % {"extension": extension.lstrip(".") or "?"}


def _accepted(allowed: list[str]) -> str:
    return ", ".join(str(kind.type.label) for kind in KINDS if kind.type in allowed)


def _packed(file_type: FileType) -> Kind:
    return Kind(file_type, packed_checks.MAGIC, (f".{file_type}",), lambda file: None)


KINDS = (
    Kind(FileType.PDF, b"%PDF-", (".pdf",), _open_pdf),
    _packed(FileType.DOCX),
    _packed(FileType.PPTX),
    _packed(FileType.XLSX),
    _packed(FileType.ODT),
    _packed(FileType.ODP),
    Kind(FileType.PNG, b"\x89PNG\r\n\x1a\n", (".png",), _open_picture),
    Kind(FileType.JPEG, b"\xff\xd8\xff", (".jpg", ".jpeg"), _open_picture),
    _packed(FileType.ZIP),
)
BY_TYPE = {kind.type: kind for kind in KINDS}


def whole_name(given: str) -> str:
    """The file's own name without the folders a client may send before it."""
    name = clean_text(given, field="file").replace("\\", "/").rsplit("/", 1)[-1].strip()
    if name in {"", ".", ".."}:
        raise InvalidInput(errors={"file": [_("The file has no name.")]})
    if any(unicodedata.category(sign) == "Cc" for sign in name):
        # A line end, for one: no download could say it, nor any list show it.
        raise InvalidInput(
            errors={"file": [_("The name of the file contains a control character. Rename it.")]}
        )
    if len(name) > MAX_NAME:
        raise InvalidInput(
            errors={"file": [_("The name of the file is longer than 255 characters.")]}
        )
    return name


def check_size(size: int, max_mb: int) -> None:
    """`size`: in bytes."""
    if not size:
        raise InvalidInput(errors={"file": [_("The file is empty.")]})
    if size > max_mb * MEGABYTE:
        raise TooLarge(
            _("The file is larger than %(limit)d MB. Nothing of it was kept.") % {"limit": max_mb},
            field="file",
        )
