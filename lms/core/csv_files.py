"""Tables for spreadsheets and from them: UTF-8, and no cell that a spreadsheet takes for a
formula. What was guarded on the way out is taken as it was on the way in."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.http import HttpResponse
from django.utils.translation import gettext as _

from lms.core.errors import InvalidInput, TooLarge

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
# A text that begins so is guarded too, or it would lose its own apostrophe on the way back.
_LIKE_A_GUARDED_ONE = re.compile(r"'+ *[=+\-@\t\r]")
LARGEST_FILE = 2_000_000
DELIMITERS = ",;\t"
MOST_REFUSALS = 50  # that anybody reads


def csv_file(name: str, rows: Iterable[Sequence[object]]) -> HttpResponse:
    """A download of `rows`; the first is the heading."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response.write(csv_text(rows))
    return response


def csv_text(rows: Iterable[Sequence[object]]) -> str:
    """With the mark by which spreadsheets know UTF-8."""
    text = io.StringIO(newline="")
    text.write("\ufeff")
    csv.writer(text).writerows([guarded(value) for value in row] for row in rows)
    return text.getvalue()


def guarded(value: object) -> object:
    """With an apostrophe before what a spreadsheet would compute."""
    if isinstance(value, str) and (
        value.lstrip(" ").startswith(FORMULA_STARTS) or _LIKE_A_GUARDED_ONE.match(value)
    ):
        return f"'{value}"
    return value


def minute(instant: datetime | None) -> str:
    """An instant in a cell: in UTC (say so in the heading), to the minute; empty for none."""
    return instant.astimezone(UTC).strftime("%Y-%m-%d %H:%M") if instant else ""


def unguarded(value: str) -> str:
    """As it was before `guarded`."""
    return value[1:] if _LIKE_A_GUARDED_ONE.match(value) else value


@dataclass(frozen=True)
class Row:
    """A line of a table as a spreadsheet numbers it: the heading is row 1."""

    number: int
    cells: dict[str, str]


def read_csv(data: bytes, *, columns: Sequence[str], needed: Sequence[str]) -> list[Row]:
    """The rows of a file by the names of its columns, empty ones left out; InvalidInput
    (`file`) or TooLarge where it is no such table. Cells are unguarded."""
    if len(data) > LARGEST_FILE:
        raise TooLarge(_("This file is larger than 2 MB."), field="file")
    text = _decoded(data)
    heading = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=heading.count)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise _refused(
            _("This is not a table of comma-separated values: %(reason)s.") % {"reason": error}
        ) from error
    return rows_of_table(lines, columns=columns, needed=needed)


def rows_of_table(
    lines: Sequence[Sequence[str]], *, columns: Sequence[str], needed: Sequence[str]
) -> list[Row]:
    """The same for a table that has been read: of a CSV file or of a sheet."""
    if not lines:
        raise _refused(_("The file is empty."))
    names = [cell.strip().lower() for cell in lines[0]]
    while names and not names[-1]:
        names.pop()
    if missing := [name for name in needed if name not in names]:
        raise _refused(_("Missing in the first row: %(names)s.") % {"names": ", ".join(missing)})
    unknown = sorted({name for name in names if name not in columns})
    if unknown:
        raise _refused(_("Unknown columns: %(names)s.") % {"names": ", ".join(unknown)})
    if len(set(names)) != len(names):
        raise _refused(_("A column stands in the first row twice."))
    rows, wrong = [], []
    for number, line in enumerate(lines[1:], start=2):
        if not any(cell.strip() for cell in line):
            continue
        if any(cell.strip() for cell in line[len(names) :]) or len(line) < len(needed):
            wrong.append(
                _("Row %(number)d: it has %(count)d cells, the first row has %(columns)d.")
                % {"number": number, "count": len(line), "columns": len(names)}
            )
            continue
        cells = {name: unguarded(cell) for name, cell in zip(names, line, strict=False)}
        rows.append(Row(number, {name: cells.get(name, "") for name in columns}))
    if wrong:
        raise InvalidInput(errors={"file": wrong[:MOST_REFUSALS]})
    return rows


def _decoded(data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refused(_("Save the file as UTF-8: it is in another encoding.")) from error
    if "\0" in text:
        # UTF-16 without its mark, or no text at all: no database keeps it.
        raise _refused(_("Save the file as UTF-8: it holds signs that no text has (NUL)."))
    return text


def _refused(sentence: str) -> InvalidInput:
    return InvalidInput(errors={"file": [sentence]})
