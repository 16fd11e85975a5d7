"""A PDF without what it says of who made it: of the document, its pages, pictures, comments,
signatures and attachments. What is written on its pages stays as it is."""

import io
from collections.abc import Iterator
from typing import Any

from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    ByteStringObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    StreamObject,
    TextStringObject,
)

from assessments.bare_pictures import bare_picture

# Wherever they stand: XMP, what editors keep for themselves, files inside of the file.
_LEFT_OUT = ("/Metadata", "/PieceInfo", "/AF", "/SpiderInfo", "/EmbeddedFiles", "/EF", "/FS")
# Where they are words, of threads, layers and the document; elsewhere these may be any names.
_NAMING = ("/Author", "/Creator", "/Company", "/Manager", "/LastModifiedBy", "/SourceModified")
_OF_A_SIGNATURE = {"/Type", "/Filter", "/SubFilter"}


def pdf_without_names(reader: PdfReader) -> bytes:
    writer = PdfWriter(clone_from=reader)
    for part in _parts_of(writer.root_object):
        _clean(part)
    # What nothing refers to any more is written all the same: it is left behind by a clone.
    return _written(PdfWriter(clone_from=PdfReader(io.BytesIO(_written(writer)))))


def _written(writer: PdfWriter) -> bytes:
    writer.metadata = None
    into = io.BytesIO()
    writer.write(into)
    return into.getvalue()


def _parts_of(root: DictionaryObject) -> Iterator[DictionaryObject]:
    """Every dictionary that can be reached, each once, before what it holds."""
    seen: set[tuple[int, int]] = set()
    waiting: list[Any] = [root]
    while waiting:
        part = waiting.pop()
        if isinstance(part, IndirectObject):
            key = (part.idnum, part.generation)
            if key in seen:
                continue
            seen.add(key)
            part = part.get_object()
        if isinstance(part, DictionaryObject):
            yield part
            waiting.extend(part.values())
        elif isinstance(part, ArrayObject):
            waiting.extend(part)


def _clean(part: DictionaryObject) -> None:
    for name in _LEFT_OUT:
        part.pop(NameObject(name), None)
    part.pop(NameObject("/CreatorInfo"), None)
    for name in _NAMING:
        if isinstance(part.get(name), TextStringObject | ByteStringObject):
            part.pop(NameObject(name))
    if "/Rect" in part and "/Subtype" in part:
        # Who wrote a comment; a field of a form keeps its name there.
        if part.get("/Subtype") != "/Widget":
            part.pop(NameObject("/T"), None)
        part.pop(NameObject("/NM"), None)
    if part.get("/Type") in ("/Sig", "/DocTimeStamp") or "/ByteRange" in part:
        for name in [name for name in part if name not in _OF_A_SIGNATURE]:
            part.pop(name)
    if isinstance(part, StreamObject) and part.get("/Filter") in ("/DCTDecode", ["/DCTDecode"]):
        part._data = bare_picture(part._data)
