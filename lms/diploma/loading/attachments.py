"""Pictures and tables of the demonstration, made from the words of its rows: no file of
somebody else's."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

SIZE = (960, 600)


def picture_of(row: Mapping[str, Any]) -> SimpleUploadedFile:
    """`background`: a colour; `shapes`: [kind, left, top, right, bottom, colour]."""
    picture = Image.new("RGB", SIZE, row["background"])
    drawing = ImageDraw.Draw(picture)
    draw = {"rectangle": drawing.rectangle, "ellipse": drawing.ellipse}
    for kind, *box, colour in row["shapes"]:
        draw[kind](box, fill=colour)
    written = BytesIO()
    picture.save(written, "PNG", compress_level=1)
    return SimpleUploadedFile(row["name"], written.getvalue(), content_type="image/png")


def sheet_of(row: Mapping[str, Any]) -> SimpleUploadedFile:
    """A workbook of one sheet with the `rows`."""
    written = BytesIO()
    with xlsxwriter.Workbook(written, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, cells in enumerate(row["rows"]):
            sheet.write_row(number, 0, cells)
    return SimpleUploadedFile(row["name"], written.getvalue())
