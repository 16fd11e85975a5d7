"""How participants answered, question by question: for those who follow them."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from lms.accounts.typed import sign_in_required
from lms.core.csv_files import csv_file
from modules.models import ActivityPage
from modules.selectors import ActivityOutline, LessonOutline
from modules.selectors.h5p_report import Report, report_of
from modules.views.readers import place_or_404, reader_of


@require_safe
@sign_in_required
def interactive_report(
    request: HttpRequest, edition_slug: str, lesson_slug: str, activity_slug: str
) -> HttpResponse:
    edition, lesson, place, report = _report_or_404(
        request, edition_slug, lesson_slug, activity_slug
    )
    context = {"edition": edition, "lesson": lesson, "activity": place, "report": report}
    return render(request, "modules/interactive_report.html", context)


@require_safe
@sign_in_required
def interactive_report_csv(
    request: HttpRequest, edition_slug: str, lesson_slug: str, activity_slug: str
) -> HttpResponse:
    """One line an answer: the last one that each participant gave."""
    _edition, _lesson, place, report = _report_or_404(
        request, edition_slug, lesson_slug, activity_slug
    )
    header = [
        _("Participant"), _("City"), _("Question"), _("Answer"), _("Points"), _("Of"),
        _("Right"), _("Marked by the server"), _("At (UTC)"),
    ]  # fmt: skip
    rows = [
        [
            answer.person, answer.city, question.prompt, answer.words, answer.raw or "",
            answer.max or "", _("yes") if answer.is_right else _("no"),
            _("yes") if answer.is_marked_here else _("no"), answer.at,
        ]
        for question in report.questions
        for answer in question.answers
    ]  # fmt: skip
    return csv_file(f"answers-{place.slug}", [header, *rows])


def _report_or_404(
    request: HttpRequest, edition_slug: str, lesson_slug: str, activity_slug: str
) -> tuple[Any, LessonOutline, ActivityOutline, Report]:
    reader = reader_of(request, edition_slug)
    edition = reader.course.edition
    if not reader.user.has_perm("modules.follow_progress", edition):
        raise Http404
    lesson, place = place_or_404(reader, lesson_slug, activity_slug)
    page = ActivityPage.objects.select_related("h5p__current").get(pk=place.id)
    if page.h5p is None or page.h5p.current is None:
        raise Http404
    return edition, lesson, place, report_of(page, edition)
