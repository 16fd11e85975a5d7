"""Tables for spreadsheets: UTF-8, and no cell that a spreadsheet takes for a formula."""

import csv
from collections.abc import Iterable, Sequence

from django.http import HttpResponse

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def csv_file(name: str, rows: Iterable[Sequence[object]]) -> HttpResponse:
    """A download of `rows`; the first is the heading."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    # The mark by which spreadsheets know UTF-8.
    response.write("\ufeff")
    csv.writer(response).writerows([_cell(value) for value in row] for row in rows)
    return response


def _cell(value: object) -> object:
    if isinstance(value, str) and value.lstrip(" ").startswith(FORMULA_STARTS):
        return f"'{value}"
    return value
