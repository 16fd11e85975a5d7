from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from lms.accounts.typed import SignedInRequest, sign_in_required
from lms.programme.models import Edition
from lms.programme.selectors import standing_of
from lms.timetable.enums import AttendanceStatus
from lms.timetable.models import Attendance, Session


@require_safe
@sign_in_required
def show_timetable(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """The week, day by day in the programme's zone, with one's own attendance."""
    edition = get_object_or_404(Edition.objects.visible_to(request.user), slug=edition_slug)
    enrolment = standing_of(request.user).enrolments.get(edition.pk)
    mine = (
        {row.session_id: row for row in Attendance.objects.filter(enrolment=enrolment)}
        if enrolment
        else {}
    )
    zone = ZoneInfo(edition.time_zone)
    entries: list[dict[str, Any]] = [
        {
            "session": session,
            "status": row.get_status_display() if (row := mine.get(session.pk)) else "",
            "tone": TONES.get(row.status, "neutral") if row else "neutral",
        }
        for session in Session.objects.filter(edition=edition)
    ]
    days = [
        {"date": date, "entries": list(of_day)}
        for date, of_day in groupby(
            entries, key=lambda entry: entry["session"].starts_at.astimezone(zone).date()
        )
    ]
    return render(
        request,
        "timetable/timetable.html",
        {
            "edition": edition,
            "days": days,
            "enrolment": enrolment,
            "may_record": request.user.has_perm("timetable.record_attendance", edition),
        },
    )


TONES: dict[str, str] = {
    AttendanceStatus.PRESENT: "good",
    AttendanceStatus.MADE_UP: "good",
    AttendanceStatus.EXCUSED: "info",
    AttendanceStatus.PARTIAL: "attention",
    AttendanceStatus.ABSENT: "attention",
}
