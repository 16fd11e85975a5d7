"""The sheet of marks in a pack: one row for each project and criterion, as CSV and XLSX."""

import zlib
from collections.abc import Iterable, Sequence
from io import BytesIO
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile

import openpyxl
import xlsxwriter
from django.utils.translation import gettext as _
from openpyxl.utils.exceptions import InvalidFileException

from lms.core.csv_files import LARGEST_FILE, Row, csv_text, guarded, read_csv, rows_of_table
from lms.core.errors import InvalidInput, TooLarge

COLUMNS = (
    "receipt", "assessment", "version", "project", "criterion_key", "criterion", "levels", "level",
    "comment",
)  # fmt: skip
NEEDED = ("receipt", "assessment", "version", "criterion_key", "level", "comment")
TO_FILL_IN = {"level", "comment"}
# The row of a project for words on the whole; no key has such a sign.
OVERALL = "(overall)"
LARGEST_UNPACKED = 40_000_000
MOST_ROWS = 5000
# What the reader of spreadsheets meets in a broken one, or in what only calls itself one.
BROKEN = (
    BadZipFile, InvalidFileException, ParseError, zlib.error, EOFError, LookupError, ValueError,
    TypeError, AttributeError, ArithmeticError, RuntimeError,
)  # fmt: skip


def sheet_csv(rows: Iterable[Sequence[object]]) -> str:
    return csv_text([COLUMNS, *rows])


def sheet_xlsx(rows: Iterable[Sequence[object]]) -> bytes:
    """What is to be filled in stands out; every text stays a text."""
    data = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(data, options) as book:
        head = book.add_format({"bold": True})
        plain = book.add_format({"text_wrap": True, "valign": "top"})
        open_ = book.add_format({"text_wrap": True, "valign": "top", "bg_color": "#FFF7E0"})
        sheet = book.add_worksheet(_("Marks"))
        sheet.write_row(0, 0, COLUMNS, head)
        for number, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                form = open_ if COLUMNS[column] in TO_FILL_IN else plain
                sheet.write_string(number, column, str(guarded(value)), form)
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, 4, 16)
        sheet.set_column(5, 7, 28)
        sheet.set_column(8, 8, 60)
    return data.getvalue()


def read_sheet(data: bytes, *, name: str) -> list[Row]:
    """The rows of a sheet that comes back, or InvalidInput (`file`) / TooLarge."""
    if name.lower().endswith(".csv"):
        return read_csv(data, columns=COLUMNS, needed=NEEDED)
    if name.lower().endswith(".xlsx"):
        return rows_of_table(_cells_of(data), columns=COLUMNS, needed=NEEDED)
    raise InvalidInput(errors={"file": [_("Choose the sheet of the pack: .csv or .xlsx.")]})


def _cells_of(data: bytes) -> list[list[str]]:
    if len(data) > LARGEST_FILE:
        raise TooLarge(_("This file is larger than 2 MB."), field="file")
    try:
        with ZipFile(BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > LARGEST_UNPACKED:
                raise TooLarge(_("This file is too large when it is unpacked."), field="file")
        book = openpyxl.load_workbook(BytesIO(data), read_only=True, data_only=False)
        return [
            ["" if cell is None else _text_of(cell) for cell in line]
            for line in book.worksheets[0].iter_rows(
                max_row=MOST_ROWS + 2, max_col=2 * len(COLUMNS), values_only=True
            )
        ]
    except BROKEN as error:
        raise InvalidInput(errors={"file": [_("This is not a spreadsheet (XLSX).")]}) from error


def _text_of(cell: object) -> str:
    """A spreadsheet may have made a number of “3”."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).replace("_x000D_", "").replace("\r\n", "\n")
