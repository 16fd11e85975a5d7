"""What a file is, told by its content and never by its name or its sender."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

import puremagic
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from pypdf import PdfReader

from assessments.enums import FileType
from lms.core.errors import InvalidInput


@dataclass(frozen=True)
class Kind:
    """A type of file we take: how it begins, what it is called, how it is opened."""

    type: FileType
    magic: bytes
    extensions: tuple[str, ...]
    media_type: str
    open: Callable[[IO[bytes]], None]


def check_content(upload: UploadedFile, *, name: str, allowed: list[str]) -> Kind:
    """The kind of an allowed file, or InvalidInput with the reason. Rewinds the file."""
    kinds = [kind for kind in KINDS if kind.type in allowed]
    accepted = ", ".join(str(kind.type.label) for kind in kinds)
    upload.seek(0)
    beginning = upload.read(2048)
    kind = next((kind for kind in kinds if beginning.startswith(kind.magic)), None)
    if kind is None:
        raise _refusal(
            _("This is %(found)s. Attach %(accepted)s.")
            % {"found": _found(beginning), "accepted": accepted}
        )
    if not name.lower().endswith(kind.extensions):
        raise _refusal(
            _("The content is %(kind)s, but the name does not end in %(extension)s. Rename it.")
            % {"kind": kind.type.label, "extension": kind.extensions[0]}
        )
    upload.seek(0)
    kind.open(upload.file if upload.file is not None else upload)
    upload.seek(0)
    return kind


def accepted_extensions(allowed: list[str]) -> str:
    """For the `accept` of a file field: ".pdf"."""
    return ",".join(
        extension for kind in KINDS if kind.type in allowed for extension in kind.extensions
    )


def _open_pdf(file: IO[bytes]) -> None:
    try:
        reader = PdfReader(file, strict=False)
        is_encrypted = reader.is_encrypted
        pages = 0 if is_encrypted else len(reader.pages)
    except Exception as error:
        # Whatever a broken file makes the parser raise, the answer is the same.
        raise _refusal(
            _("The file begins like a PDF but cannot be opened. Export it again.")
        ) from error
    if is_encrypted:
        raise _refusal(
            _("This PDF is protected by a password or restrictions. Attach a copy without them.")
        )
    if not pages:
        raise _refusal(_("This PDF has no pages."))


def _found(beginning: bytes) -> str:
    """What the content seems to be, in words for the sender."""
    if b"<svg" in beginning.lower():
        return _("an SVG drawing")
    if b"<html" in beginning.lower() or b"<!doctype html" in beginning.lower():
        return _("a web page (HTML)")
    try:
        extension = puremagic.from_string(beginning)
    except (puremagic.PureError, ValueError):
        return _("a kind of file we do not know")
    return _("a file of the kind “%(extension)s”") % {"extension": extension.lstrip(".") or "?"}


def _refusal(sentence: str) -> InvalidInput:
    return InvalidInput(sentence, errors={"file": [sentence]})


KINDS = (Kind(FileType.PDF, b"%PDF-", (".pdf",), "application/pdf", _open_pdf),)
