"""A copy of a file without what it says of who made it: authors, editors, comments'
names, cameras, companies. What is written on its pages stays as it is.

`anonymous_copy(content, media_type)`: bytes in, bytes out; `CannotHide` where a file
cannot be read well enough to be sure.
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable

from PIL import Image, ImageOps
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from assessments.anonymous_pdfs import pdf_without_names
from assessments.bare_pictures import bare_picture
from lms.core.file_types import MEDIA_TYPES, FileType

# Who is named by attributes of office documents: comments, tracked changes, reviewers.
_NAMED_BY_ATTRIBUTE = re.compile(
    rb"((?:\w+:)?(?:author|initials|displayName|userId|providerId|lastEdited|"
    rb"creator|modifier|name(?=\s*=\s*\"[^\"]*\"\s+initials)))(\s*=\s*)(\"[^\"]*\"|'[^']*')"
)
_NAMED_BY_ELEMENT = re.compile(
    rb"(<((?:\w+:)?(?:author|author-name|author-initials|creator|initial-creator|sender-[a-z-]+|"
    rb"creator-initials|printed-by|lastModifiedBy|DisplayName|AccountId|Company[A-Z][a-z]+))"
    rb"(?:\s[^>]*)?>)[^<]*(</\2\s*>)"
)
# Lists of people: who comments, who changed something, who shares a table.
_PERSON = re.compile(
    rb"<(?:\w+:)?(?:author|cmAuthor|chgData|userInfo|person|fileSharing|header)\s[^>]*>"
)
_OF_A_PERSON = re.compile(rb"(\s(?:name|initials|userName)\s*=\s*)(?:\"[^\"]*\"|'[^']*')")
# Where it stood on the author's own disk.
_PATH = re.compile(
    rb"(\s(?:Target\s*=\s*(?=[\"']file:)|url\s*=\s*(?=[\"'](?:[A-Za-z]:|file:|\\\\))))"
    rb"(?:\"[^\"]*\"|'[^']*')"
)
_EMPTY_CORE = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><cp:coreProperties '
    b'xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>'
)
_EMPTY_APP = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Properties '
    b'xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"/>'
)
_EMPTY_CUSTOM = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Properties '
    b'xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"/>'
)
_EMPTY_META = (
    b'<?xml version="1.0" encoding="UTF-8"?><office:document-meta '
    b'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" office:version="1.2">'
    b"<office:meta/></office:document-meta>"
)
_REPLACED = {
    "docProps/core.xml": _EMPTY_CORE,
    "docProps/app.xml": _EMPTY_APP,
    "docProps/custom.xml": _EMPTY_CUSTOM,
    "meta.xml": _EMPTY_META,
}
_LEFT_OUT = re.compile(r"docProps/thumbnail\.|Thumbnails/|Versions/|VersionList\.xml$")


_UNREADABLE = (
    PyPdfError, zipfile.BadZipFile, zlib.error, struct.error, OSError, ValueError, LookupError,
    TypeError, AttributeError, RuntimeError,
)  # fmt: skip


class CannotHide(Exception):
    """The file cannot be read well enough to take names out of it."""


def anonymous_copy(content: bytes, media_type: str) -> bytes:
    """Raises CannotHide."""
    make = _BY_TYPE.get(media_type)
    if make is None:
        raise CannotHide(media_type)
    try:
        return make(content)
    except _UNREADABLE as error:
        raise CannotHide(str(error)) from error


def _pdf(content: bytes) -> bytes:
    reader = PdfReader(io.BytesIO(content))
    if reader.is_encrypted:
        raise CannotHide("encrypted")
    return pdf_without_names(reader)


def _office(content: bytes) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(written, "w") as new:
        for entry in old.infolist():
            if _LEFT_OUT.match(entry.filename):
                continue
            # Without the time of day at which the author's own clock stood.
            plain = zipfile.ZipInfo(entry.filename)
            plain.compress_type = entry.compress_type
            data = _REPLACED.get(entry.filename)
            new.writestr(plain, _part(entry.filename, old.read(entry)) if data is None else data)
    return written.getvalue()


def _part(name: str, data: bytes) -> bytes:
    """One part of an office document."""
    folder, _slash, file = name.lower().rpartition("/")
    kind = file.rpartition(".")[2]
    if kind in {"xml", "rels", "rdf"}:
        return _words(data)
    if kind in {"jpg", "jpeg", "png"}:
        return bare_picture(data)
    if folder.endswith("embeddings") and data:
        # A document in the document, with an author of its own.
        if not data.startswith(b"PK"):
            raise CannotHide(name)
        return _office(data)
    return data


def _words(data: bytes) -> bytes:
    if b"\0" in data:
        raise CannotHide("UTF-16")
    data = _NAMED_BY_ATTRIBUTE.sub(rb'\1\2""', data)
    data = _PERSON.sub(lambda tag: _OF_A_PERSON.sub(rb'\1""', tag[0]), data)
    data = _PATH.sub(rb'\1""', data)
    return _NAMED_BY_ELEMENT.sub(rb"\1\3", data)


def _picture(content: bytes) -> bytes:
    """The pixels and their colours alone, turned the way the camera said."""
    with Image.open(io.BytesIO(content)) as picture:
        kind = picture.format
        upright = ImageOps.exif_transpose(picture)
        bare = Image.new(upright.mode, upright.size)
        if upright.mode == "P" and (palette := upright.getpalette()) is not None:
            bare.putpalette(palette)
        bare.paste(upright)
        written = io.BytesIO()
        extra = {"quality": 95} if kind == "JPEG" else {}
        profile = picture.info.get("icc_profile")
        bare.save(written, kind, **({"icc_profile": profile} if profile else {}), **extra)
    return written.getvalue()


def _archive(content: bytes) -> bytes:
    """Each file in it by the same rules, under a number in the place of its name."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(written, "w") as new:
        entries = [entry for entry in old.infolist() if not entry.is_dir()]
        for number, entry in enumerate(entries, 1):
            kind = entry.filename.rpartition(".")[2].lower()
            media_type = _KINDS.get(kind)
            if media_type is None:
                raise CannotHide(entry.filename)
            plain = zipfile.ZipInfo(f"{number}.{kind}")
            plain.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(plain, anonymous_copy(old.read(entry), media_type))
    return written.getvalue()


_KINDS = {
    **{kind.value: MEDIA_TYPES[kind] for kind in FileType if kind is not FileType.ZIP},
    "jpg": MEDIA_TYPES[FileType.JPEG],
}
_BY_TYPE: dict[str, Callable[[bytes], bytes]] = {
    MEDIA_TYPES[FileType.PDF]: _pdf,
    MEDIA_TYPES[FileType.PNG]: _picture,
    MEDIA_TYPES[FileType.JPEG]: _picture,
    MEDIA_TYPES[FileType.ZIP]: _archive,
    **{
        MEDIA_TYPES[kind]: _office
        for kind in (FileType.DOCX, FileType.PPTX, FileType.XLSX, FileType.ODT, FileType.ODP)
    },
}
