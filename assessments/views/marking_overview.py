"""How far marking has come: pictures, the table behind each, files of all of them."""

from collections.abc import Iterable
from datetime import date
from io import BytesIO
from typing import Any

import xlsxwriter
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from assessments.figures import Figure
from assessments.selectors.marking_overview import marking_overview
from assessments.views.places import edition_of
from lms.accounts.models import User
from lms.accounts.typed import SignedInRequest, sign_in_required
from lms.core import clock
from lms.core.csv_files import csv_file
from lms.core.file_types import MEDIA_TYPES, FileType
from lms.programme.models import Edition

LONGEST_SHEET_NAME = 31
NOT_IN_SHEET_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))


@require_safe
@sign_in_required
def overview(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    edition = _edition(request.user, edition_slug)
    figures = marking_overview(edition, request.user, clock.now())
    context = {
        "edition": edition,
        "figures": figures,
        "has_any": any(figure.drawing for figure in figures),
    }
    return render(request, "assessments/marking_overview.html", context)


@require_safe
@sign_in_required
def overview_csv(request: SignedInRequest, edition_slug: str, key: str) -> HttpResponse:
    """The table behind one picture."""
    edition = _edition(request.user, edition_slug)
    for figure in marking_overview(edition, request.user, clock.now()):
        if figure.key == key:
            return csv_file(f"marking-{key}-{edition.slug}", [figure.columns, *figure.rows])
    raise Http404


@require_safe
@sign_in_required
def overview_xlsx(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """All tables, each on its sheet."""
    edition = _edition(request.user, edition_slug)
    figures = marking_overview(edition, request.user, clock.now())
    response = HttpResponse(workbook_of(figures), content_type=MEDIA_TYPES[FileType.XLSX])
    name = f"marking-{edition.slug}.xlsx"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def workbook_of(figures: Iterable[Figure]) -> bytes:
    """Every text stays a text: no cell is a formula or a link."""
    data = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(data, options) as book:
        bold = book.add_format({"bold": True})
        days = book.add_format({"num_format": "yyyy-mm-dd"})
        for figure in figures:
            name = figure.title.translate(NOT_IN_SHEET_NAMES)[:LONGEST_SHEET_NAME]
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, figure.columns, bold)
            for number, row in enumerate(figure.rows, start=1):
                for column, value in enumerate(row):
                    _write(sheet, number, column, value, days)
            below = len(figure.rows) + 2
            for offset, line in enumerate(filter(None, (figure.source, figure.caution))):
                sheet.write_string(below + offset, 0, line)
            sheet.freeze_panes(1, 0)
            sheet.autofit()
        if not book.worksheets():
            book.add_worksheet(_("Empty"))
    return data.getvalue()


def _write(sheet: Any, row: int, column: int, value: object, days: Any) -> None:
    if isinstance(value, date):
        sheet.write_datetime(row, column, value, days)
    elif isinstance(value, int):
        sheet.write_number(row, column, value)
    else:
        sheet.write_string(row, column, str(value))


def _edition(user: User, slug: str) -> Edition:
    edition = edition_of(user, slug)
    if not user.has_perm("assessments.view_marking_overview", edition):
        raise Http404
    return edition
