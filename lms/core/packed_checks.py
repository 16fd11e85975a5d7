"""Archives: Office documents, OpenDocument, and plain ZIP. Nothing in them may run, hide
behind a password, or grow beyond measure when it is opened."""

import tempfile
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any, BinaryIO, cast
from xml.etree import ElementTree

from django.utils.translation import gettext as _

from h5p.archive import Archive, open_archive
from h5p.limits import MEBIBYTE, Limits
from h5p.problems import Refused
from lms.core.errors import InvalidInput
from lms.core.file_types import FileType

MAGIC = b"PK\x03\x04"
LIMITS = Limits(total_bytes=2048 * MEBIBYTE, entries=10_000)
MOST_XML = 4 * MEBIBYTE
MAIN_PARTS = {
    f"application/vnd.openxmlformats-officedocument.{main}.main+xml": file_type
    for main, file_type in (
        ("wordprocessingml.document", FileType.DOCX),
        ("presentationml.presentation", FileType.PPTX),
        ("spreadsheetml.sheet", FileType.XLSX),
    )
}
OPEN_DOCUMENTS = {
    b"application/vnd.oasis.opendocument.text": FileType.ODT,
    b"application/vnd.oasis.opendocument.presentation": FileType.ODP,
}
MACRO_ENDINGS = (
    ".docm", ".dotm", ".xlsm", ".xltm", ".xlam", ".xlsb", ".pptm", ".potm", ".ppsm", ".ppam",
    "vbaproject.bin",
)  # fmt: skip
# Parts and relations of Office files, in small letters: programs do not mind which are large.
MACRO_KINDS = ("macroenabled", "vbaproject", "macrosheet")
MACRO_LINKS = ("vbaproject", "wordvbadata", "xlmacrosheet", "xlintlmacrosheet")
# What a document may not fetch from elsewhere when it is opened.
FETCHED = ("attachedtemplate", "oleobject", "frame", "subdocument")
# Objects of older programs, and the name that their macros are kept under.
OLD_OBJECT = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
OLD_MACROS = "_VBA_PROJECT".encode("utf-16-le")
DEEPEST = 3
# In an archive beside the kinds we know: text, and what a Mac adds under names of its own.
TEXT = (".txt", ".csv", ".md", ".json", ".geojson")
OF_A_MAC = ((b"\x00\x05\x16\x07", "._"), (b"\x00\x00\x00\x01Bud1", ".ds_store"))
RUN_BY_NAME = (".hta", ".bat", ".cmd", ".lnk", ".url", ".js", ".vbs", ".ps1", ".html", ".htm")


def check_packed(file: IO[bytes], *, nested: Callable[[IO[bytes]], Any]) -> FileType:
    """The type of an archive that is safe to open, or InvalidInput with the reason.
    `nested` looks in the same way at a file inside of a plain ZIP."""
    try:
        with open_archive(file, LIMITS) as archive:  # type: ignore[arg-type]
            if archive.problems:
                raise _refusal(_sentence(archive.problems[0].code))
            return _type_of(archive, nested)
    except Refused as refused:
        raise _refusal(_sentence(refused.problems[0].code)) from refused


def _type_of(archive: Archive, nested: Callable[[IO[bytes]], Any]) -> FileType:
    _check_names(archive)
    if "[Content_Types].xml" in archive.files:
        file_type = _open_xml(archive)
        _check_objects(archive)
        return file_type
    if "mimetype" in archive.files:
        file_type = _open_document(archive)
        _check_objects(archive)
        return file_type
    for path in archive.files:
        _check_member(archive, path, nested)
    return FileType.ZIP


def _check_names(archive: Archive) -> None:
    if any(path.lower().endswith(MACRO_ENDINGS) for path in archive.files):
        raise _macros()


def _open_xml(archive: Archive) -> FileType:
    types = _check_parts(archive)
    found = {MAIN_PARTS[kind] for kind in types if kind in MAIN_PARTS}
    if len(found) != 1:
        raise _refusal(_("This Office file is none of Word, PowerPoint or Excel."))
    return found.pop()


def _check_parts(archive: Archive) -> list[str]:
    """The kinds of the parts of an Office file, none of which runs or is fetched."""
    parts = _xml(archive, "[Content_Types].xml").iter()
    types = [part.get("ContentType", "").lower() for part in parts]
    if any(word in kind for kind in types for word in MACRO_KINDS):
        raise _macros()
    if any("activex" in kind for kind in types):
        raise _refusal(_("This file contains controls that run (ActiveX). Remove them."))
    for path in archive.files:
        if path.lower().endswith(".rels"):
            _check_links(archive, path)
    return types


def _check_links(archive: Archive, path: str) -> None:
    for link in _xml(archive, path).iter():
        kind = link.get("Type", "").rpartition("/")[2].lower()
        if kind in MACRO_LINKS:
            raise _macros()
        if link.get("TargetMode", "").lower() == "external" and kind in FETCHED:
            raise _refusal(_("This file fetches parts of itself from elsewhere when it is opened."))


def _open_document(archive: Archive) -> FileType:
    file_type = OPEN_DOCUMENTS.get(_beginning(archive, "mimetype").strip())
    if file_type is None:
        raise _refusal(_("This OpenDocument file is neither a text nor slides."))
    _check_scripts(archive)
    if "META-INF/manifest.xml" in archive.files and any(
        part.tag.endswith("}encryption-data")
        for part in _xml(archive, "META-INF/manifest.xml").iter()
    ):
        raise _refusal(_("This file is protected by a password. Attach a copy without it."))
    return file_type


def _check_scripts(archive: Archive) -> None:
    if any(path.lower().startswith(("basic/", "scripts/")) for path in archive.files):
        raise _macros()


def _check_objects(archive: Archive, depth: int = 1) -> None:
    """What is embedded in a document is opened from it by a click: no macros there either."""
    for path, entry in archive.files.items():
        beginning = _beginning(archive, path)
        if beginning.startswith(OLD_OBJECT):
            end = b""
            for chunk in archive.chunks(entry):
                if OLD_MACROS in end + chunk:
                    raise _in_document(path, _macros())
                end = chunk[-len(OLD_MACROS) :]
        elif beginning.startswith(MAGIC):
            try:
                _check_embedded(archive, path, depth)
            except InvalidInput as refused:
                raise _in_document(path, refused) from refused


def _check_embedded(archive: Archive, path: str, depth: int) -> None:
    if depth > DEEPEST:
        raise _refusal(_("It is too deep in other files."))
    with _unpacked(archive, path) as file:
        try:
            with open_archive(file, LIMITS) as inner:
                if inner.problems:
                    raise _refusal(_sentence(inner.problems[0].code))
                _check_names(inner)
                _check_scripts(inner)
                if "[Content_Types].xml" in inner.files:
                    _check_parts(inner)
                _check_objects(inner, depth + 1)
        except Refused as refused:
            raise _refusal(_sentence(refused.problems[0].code)) from refused


def _check_member(archive: Archive, path: str, nested: Callable[[IO[bytes]], Any]) -> None:
    name = path.rpartition("/")[2].lower()
    beginning = _beginning(archive, path)
    if any(beginning.startswith(magic) and name.startswith(start) for magic, start in OF_A_MAC):
        if name.endswith(RUN_BY_NAME):
            raise _in_archive(path, _("It is a kind of file we do not know."))
        return
    if name.endswith(TEXT):
        if b"\0" in beginning or beginning.removeprefix(BOM_UTF8).lstrip()[:1] == b"<":
            raise _in_archive(path, _("It is no plain text."))
        return
    with _unpacked(archive, path) as file:
        try:
            kind = nested(file)
        except InvalidInput as refused:
            raise _in_archive(path, str(refused.sentence)) from refused
    if kind.type == FileType.ZIP:
        raise _in_archive(path, _("It is an archive itself."))
    if not name.endswith(kind.extensions):
        raise _in_archive(
            path,
            _("The content is %(kind)s, but the name does not end in %(extension)s. Rename it.")
            % {"kind": kind.type.label, "extension": kind.extensions[0]},
        )


@contextmanager
def _unpacked(archive: Archive, path: str) -> Iterator[BinaryIO]:
    """What is packed there, in a file of its own."""
    with tempfile.TemporaryFile() as file:
        for chunk in archive.chunks(archive.files[path]):
            file.write(chunk)
        file.seek(0)
        yield cast("BinaryIO", file)


def _macros() -> InvalidInput:
    return _refusal(_("This file contains macros. Save it without them."))


def _in_document(path: str, refused: InvalidInput) -> InvalidInput:
    return _refusal(
        _("In this file is another one, “%(name)s”. %(sentence)s")
        % {"name": path, "sentence": refused.sentence}
    )


def _in_archive(path: str, sentence: str) -> InvalidInput:
    return _refusal(
        _("The archive holds “%(name)s”. %(sentence)s") % {"name": path, "sentence": sentence}
    )


def _xml(archive: Archive, path: str) -> ElementTree.Element:
    entry = archive.files[path]
    content = archive.read(entry) if entry.size <= MOST_XML else b""
    as_ascii = content.replace(b"\0", b"")  # in UTF-16 as well
    if b"<!DOCTYPE" in as_ascii or b"<!ENTITY" in as_ascii or not content:
        raise _refusal(_("This file cannot be opened. Export it again."))
    try:
        return ElementTree.fromstring(content)  # noqa: S314, without a DTD there are no entities
    except (ElementTree.ParseError, ValueError) as error:
        raise _refusal(_("This file cannot be opened. Export it again.")) from error


def _beginning(archive: Archive, path: str) -> bytes:
    return next(archive.chunks(archive.files[path]), b"")[:2048]


def _sentence(code: str) -> str:
    """In our words: the library speaks of H5P packages."""
    if code in {"too-large", "too-many-entries", "ratio", "lying-size", "overlap"}:
        return _("Unpacked, this file is larger than we allow, or than it says it is.")
    if code == "encrypted":
        return _("This file is protected by a password. Attach a copy without it.")
    if code in {"unsafe-path", "symlink", "case-collision", "duplicate-entry"}:
        return _("This file holds names that lead out of it or stand for two things at once.")
    return _("This file cannot be opened. Export it again.")


def _refusal(sentence: str) -> InvalidInput:
    return InvalidInput(sentence, errors={"file": [sentence]})
