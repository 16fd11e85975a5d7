"""How far the participants of an edition are, for those who teach and coordinate."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from lms.accounts.typed import sign_in_required
from lms.core.csv_files import csv_file, minute
from lms.programme.models import Edition
from modules.selectors import CohortRow, cohort_outline, cohort_rows, participants_of

PER_PAGE = 50


def _edition_or_404(request: HttpRequest, slug: str) -> Edition:
    edition = get_object_or_404(Edition, slug=slug)
    if not request.user.has_perm("modules.follow_progress", edition):
        raise Http404
    return edition


@require_safe
@sign_in_required
def cohort_progress(request: HttpRequest, edition_slug: str) -> HttpResponse:
    edition = _edition_or_404(request, edition_slug)
    outline = cohort_outline(edition)
    page = Paginator(participants_of(edition), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "edition": edition,
        "lessons": outline.lessons,
        "rows": cohort_rows(outline, page.object_list),
        "page_obj": page,
    }
    return render(request, "modules/cohort_progress.html", context)


@require_safe
@sign_in_required
def cohort_progress_csv(request: HttpRequest, edition_slug: str) -> HttpResponse:
    edition = _edition_or_404(request, edition_slug)
    outline = cohort_outline(edition)
    headings = [
        _("Lesson %(number)d: done of %(total)d")
        % {"number": lesson.number, "total": len(lesson.activities)}
        for lesson in outline.lessons
    ]
    header = [_("Participant"), _("City"), *headings, _("Done"), _("Of"), _("Last done (UTC)")]
    rows = [_cells(row) for row in cohort_rows(outline, participants_of(edition))]
    return csv_file(f"progress-{edition.slug}", [header, *rows])


def _cells(row: CohortRow) -> list[Any]:
    return [
        str(row.enrolment.user),
        str(row.enrolment.city),
        *(lesson.done for lesson in row.progress.lessons),
        row.progress.done,
        row.progress.total,
        minute(row.last_done_at),
    ]
