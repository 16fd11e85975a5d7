from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from lms.accounts.models import User
from lms.accounts.typed import SignedInRequest, sign_in_required, typed_before_sign_in
from lms.core import clock
from lms.core.csv_files import csv_file
from lms.core.errors import InvalidInput
from lms.programme.models import Edition
from lms.timetable.actions import RollMark, record_roll
from lms.timetable.enums import AttendanceStatus
from lms.timetable.models import Session
from lms.timetable.selectors import RollEntry, attendance_of_many, roll_of


def _edition_for_staff(user: User, slug: str) -> Edition:
    edition = get_object_or_404(Edition.objects.visible_to(user), slug=slug)
    if not user.has_perm("timetable.record_attendance", edition):
        raise Http404
    return edition


@require_safe
@sign_in_required
def choose_session(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    edition = _edition_for_staff(request.user, edition_slug)
    recorded = Count("attendances", filter=~Q(attendances__status=AttendanceStatus.EXPECTED))
    sessions = Session.objects.filter(edition=edition).annotate(recorded=recorded)
    return render(
        request,
        "timetable/attendance.html",
        {
            "edition": edition,
            "sessions": sessions,
            "participants": edition.enrolments.taking_part().count(),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required
def take_roll(request: SignedInRequest, edition_slug: str, key: str) -> HttpResponse:
    """The roll of one session: everybody on one page, made for a phone."""
    edition = _edition_for_staff(request.user, edition_slug)
    session = get_object_or_404(Session, edition=edition, key=key)
    roll = roll_of(session)
    errors: dict[int, str] = {}
    typed = request.POST if request.method == "POST" else typed_before_sign_in(request)
    if request.method == "POST":
        changed, errors = _record(request, session, roll)
        if not errors:
            saved = ngettext("%(count)d change saved.", "%(count)d changes saved.", changed)
            text = saved % {"count": changed} if changed else _("Nothing to save.")
            messages.success(request, text)
            return redirect("timetable:roll", edition_slug=edition.slug, key=session.key)
    rows = [
        {
            "entry": entry,
            "status": typed.get(f"status-{entry.enrolment.pk}", entry.status)
            if typed
            else entry.status,
            "reason": typed.get(f"reason-{entry.enrolment.pk}", entry.reason)
            if typed
            else entry.reason,
            "error": errors.get(entry.enrolment.pk),
        }
        for entry in roll
    ]
    return render(
        request,
        "timetable/roll.html",
        {"edition": edition, "session": session, "rows": rows},
        status=422 if errors else 200,
    )


def _record(
    request: SignedInRequest, session: Session, roll: list[RollEntry]
) -> tuple[int, dict[int, str]]:
    """How many lines changed, or what is wrong: enrolment id → sentence."""
    marks = []
    for entry in roll:
        status = request.POST.get(f"status-{entry.enrolment.pk}", entry.status)
        everybody_else = request.POST.get("rest") == "present"
        if everybody_else and entry.status == status == AttendanceStatus.EXPECTED:
            status = AttendanceStatus.PRESENT
        reason = request.POST.get(f"reason-{entry.enrolment.pk}", entry.reason)
        marks.append(RollMark(entry.enrolment.pk, status, reason))
    try:
        rows = record_roll(session=session, marks=marks, by=request.user, at=clock.now())
    except InvalidInput as error:
        return 0, {
            int(of): " ".join(str(sentence) for sentence in sentences)
            for of, sentences in error.errors.items()
        }
    return len(rows), {}


@require_safe
@sign_in_required
def export(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """One line a participant: required, attended, missing (CSV)."""
    edition = _edition_for_staff(request.user, edition_slug)
    enrolments = list(edition.enrolments.taking_part().select_related("user", "city"))
    summaries = attendance_of_many(edition, enrolments)
    header = [_("Participant"), _("City"), _("Required"), _("Counted"), _("Missing")]
    rows = [
        [
            str(enrolment.user),
            enrolment.city.name,
            summaries[enrolment.pk].required,
            summaries[enrolment.pk].attended,
            " ".join(summaries[enrolment.pk].missing),
        ]
        for enrolment in enrolments
    ]
    return csv_file(f"attendance-{edition.slug}", [header, *rows])
