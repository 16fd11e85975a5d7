"""What happened to a grade, for the staff of its edition."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from assessments.models import Grade
from assessments.selectors.anonymity import shown_as
from assessments.selectors.grade_history import Change, Entry, history_of
from assessments.views.marking import submission_to_mark
from lms.accounts.typed import SignedInRequest, sign_in_required
from lms.core.csv_files import csv_file, minute


@require_safe
@sign_in_required
def history(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    submission = submission_to_mark(request.user, edition_slug, pk)
    grade = get_object_or_404(Grade, submission=submission)
    context = {
        "edition": submission.edition,
        "submission": submission,
        "grade": grade,
        "shown": shown_as(submission, request.user),
        "entries": history_of(grade, request.user),
    }
    return render(request, "assessments/grade_history.html", context)


@require_safe
@sign_in_required
def history_csv(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    submission = submission_to_mark(request.user, edition_slug, pk)
    grade = get_object_or_404(Grade, submission=submission)
    heading = [
        _("When (UTC)"), _("Who"), _("What"), _("Why"), _("Result before"), _("Result after"),
        _("Changes"),
    ]  # fmt: skip
    lines = [_line(entry) for entry in history_of(grade, request.user)]
    return csv_file(f"grade-history-{submission.pk}", [heading, *lines])


def _line(entry: Entry) -> list[str]:
    return [
        minute(entry.at),
        entry.by,
        entry.what,
        entry.why,
        entry.before,
        entry.after,
        "; ".join(map(said_of, entry.changes)),
    ]


def said_of(change: Change) -> str:
    """“Need: Sound → Weak; comment: …”, in plain text."""
    parts = []
    if change.is_level:
        parts.append(f"{change.before} → {change.after}")
    if change.comment is not None:
        parts.append(_("comment changed: %(text)s") % {"text": strip_tags(change.comment)})
    return f"{change.title}: {', '.join(parts)}"
