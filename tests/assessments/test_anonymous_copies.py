"""What documents say of who made them, wherever they say it, is not in an anonymous copy."""

import io
import zipfile
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    NameObject,
    StreamObject,
    TextStringObject,
)

from assessments.anonymous_copies import CannotHide, anonymous_copy
from lms.core.file_types import MEDIA_TYPES, FileType

NAME = "Wanjiru Kamau-Odhiambo"


def photograph() -> bytes:
    picture = Image.new("RGB", (4, 2), "red")
    exif = Image.Exif()
    exif[0x013B] = NAME  # Artist
    exif[0x0112] = 6  # turned by the camera
    written = io.BytesIO()
    picture.save(written, "JPEG", exif=exif, comment=NAME)
    return written.getvalue()


def drawing() -> bytes:
    words = PngInfo()
    words.add_text("Author", NAME)
    written = io.BytesIO()
    Image.new("RGB", (4, 2), "red").save(written, "PNG", pnginfo=words)
    return written.getvalue()


def packed(parts: dict[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return written.getvalue()


def unpacked(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def everything_in(data: bytes) -> bytes:
    """A PDF with each of its streams unpacked, whether anything refers to it or not."""
    reader = PdfReader(io.BytesIO(data))
    parts = [reader.get_object(number) for number in sorted(reader.xref[0])]
    streams = [part._data for part in parts if isinstance(part, StreamObject)]
    return b"".join([data, *streams, repr(parts).encode()])


def test_a_pdf_loses_names_wherever_they_stand() -> None:
    writer = PdfWriter()
    page = writer.add_blank_page(100, 100)
    secret = TextStringObject(NAME)

    def stream(content: bytes, **entries: Any) -> Any:
        made = StreamObject()
        made._data = content
        made.update({NameObject(f"/{key}"): value for key, value in entries.items()})
        return writer._add_object(made)

    def words(**entries: Any) -> DictionaryObject:
        return DictionaryObject({NameObject(f"/{key}"): one for key, one in entries.items()})

    picture = stream(
        photograph(), Type=NameObject("/XObject"), Filter=NameObject("/DCTDecode"),
        Metadata=stream(NAME.encode()), PieceInfo=words(Adobe=words(Private=secret)),
    )  # fmt: skip
    page[NameObject("/Resources")] = words(XObject=words(Im0=picture))
    signed = words(Type=NameObject("/Sig"), Name=secret, Contents=secret)
    field = words(
        Subtype=NameObject("/Widget"), Rect=ArrayObject(), T=TextStringObject("Field"), V=signed
    )
    note = words(Subtype=NameObject("/Text"), Rect=ArrayObject(), T=secret, Contents=secret)
    note[NameObject("/Contents")] = TextStringObject("Kept.")
    page[NameObject("/Annots")] = ArrayObject([writer._add_object(field), writer._add_object(note)])
    root = writer.root_object
    root[NameObject("/Metadata")] = stream(NAME.encode())
    root[NameObject("/OCProperties")] = words(D=words(Creator=secret))
    root[NameObject("/Threads")] = ArrayObject([words(I=words(Author=secret))])
    writer.add_attachment(f"{NAME}.txt", NAME.encode())
    writer.add_metadata({"/Author": NAME})
    written = io.BytesIO()
    writer.write(written)
    assert everything_in(written.getvalue()).count(NAME.encode()) > 8

    copy = everything_in(anonymous_copy(written.getvalue(), MEDIA_TYPES[FileType.PDF]))

    assert NAME.encode() not in copy
    assert b"Kept." in copy
    assert b"Field" in copy


def test_what_lies_in_an_office_document_loses_its_own_author() -> None:
    inside = packed({"docProps/core.xml": f"<a>{NAME}</a>".encode()})
    document = packed(
        {
            "word/media/image1.jpg": photograph(),
            "word/media/image2.png": drawing(),
            "word/embeddings/table.xlsx": inside,
            "docProps/thumbnail.emf": NAME.encode(),
            "ppt/authors.xml": f'<p188:author initials="N" name="{NAME}"/>'.encode(),
            "xl/workbook.xml": f'<x15ac:absPath url="C:\\Users\\{NAME}\\"/>'.encode(),
            "word/_rels/a.rels": f'<Relationship Target="file:///home/{NAME}"/>'.encode(),
        }
    )

    parts = unpacked(anonymous_copy(document, MEDIA_TYPES[FileType.DOCX]))
    parts |= unpacked(parts["word/embeddings/table.xlsx"])

    assert [name for name, content in parts.items() if NAME.encode() in content] == []
    for name in ("word/media/image1.jpg", "word/media/image2.png"):
        with Image.open(io.BytesIO(parts[name])) as shown:
            pixel = shown.convert("RGB").getpixel((0, 0))
        assert isinstance(pixel, tuple)
        assert pixel[0] > 250
    in_utf16 = packed({"word/people.xml": f'<a w:author="{NAME}"/>'.encode("utf-16")})
    with pytest.raises(CannotHide):
        anonymous_copy(in_utf16, MEDIA_TYPES[FileType.DOCX])
