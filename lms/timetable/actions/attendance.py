from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from lms.accounts.models import User
from lms.core import audit
from lms.core.errors import InvalidInput, Sentence
from lms.core.permissions import require_perm
from lms.core.text import clean_text
from lms.core.transitions import require_move
from lms.programme.models import Enrolment
from lms.timetable.enums import NEEDS_REASON, AttendanceStatus
from lms.timetable.models import Attendance, Session
from lms.timetable.signals import attendance_changed
from lms.timetable.workflow import ATTENDANCE_MOVES

LONGEST_REASON = 500


@dataclass(frozen=True)
class RollMark:
    """What is to be recorded of one participant."""

    enrolment_id: int
    status: str
    reason: str = ""


@transaction.atomic
def record_roll(
    *, session: Session, marks: Sequence[RollMark], by: User, at: datetime
) -> list[Attendance]:
    """Say who was at a session (D15a): all lines or, where one is refused, none.

    An excusal or a make-up names its reason. Recording the same again changes
    nothing. Raises PermissionDenied, IllegalMove, or InvalidInput with `errors`
    keyed by enrolment id. Returns the rows that changed.
    """
    for mark in marks:
        clean_text(mark.reason, field=str(mark.enrolment_id), max_bytes=4 * LONGEST_REASON)
    # Two coordinators may hold the same roll: the enrolment rows order them.
    ids = sorted(mark.enrolment_id for mark in marks)
    enrolments = Enrolment.objects.select_for_update().filter(
        pk__in=ids, edition=session.edition_id
    )
    known = {enrolment.pk for enrolment in enrolments.order_by("pk")}
    require_perm(by, "timetable.record_attendance", session)
    so_far = Attendance.objects.filter(session=session, enrolment__in=ids)
    recorded = {row.enrolment_id: row for row in so_far}
    errors: dict[str, list[Sentence]] = {}
    changed = []
    for mark in marks:
        if refusal := _refusal(mark, known):
            errors[str(mark.enrolment_id)] = [refusal]
            continue
        row = recorded.get(mark.enrolment_id)
        before = row.status if row else AttendanceStatus.EXPECTED.value
        if before == mark.status and (row is None or row.reason == mark.reason.strip()):
            continue
        if before != mark.status:
            require_move(ATTENDANCE_MOVES, before, mark.status)
        row = row or Attendance(session=session, enrolment_id=mark.enrolment_id)
        row.status, row.reason = mark.status, mark.reason.strip()
        row.recorded_by, row.recorded_at = by, at
        changed.append((row, before))
    if errors:
        raise InvalidInput(errors=errors)
    for row, before in changed:
        row.save()
        audit.record(
            by=by,
            verb="attendance.recorded",
            target=row,
            at=at,
            before=before,
            after=row.status,
            reason=row.reason,
        )
        attendance_changed.send(Attendance, enrolment_id=row.enrolment_id, at=at)
    return [row for row, _before in changed]


def record_attendance(
    *,
    session: Session,
    enrolment: Enrolment,
    status: str,
    reason: str = "",
    by: User,
    at: datetime,
) -> Attendance | None:
    """One line of a roll (see `record_roll`). None where nothing is recorded: still expected."""
    mark = RollMark(enrolment.pk, status, reason)
    record_roll(session=session, marks=[mark], by=by, at=at)
    return Attendance.objects.filter(session=session, enrolment=enrolment).first()


def _refusal(mark: RollMark, known: set[int]) -> Sentence | None:
    if mark.enrolment_id not in known:
        return _("Not a participant of this edition.")
    if mark.status not in AttendanceStatus.values:
        return _("There is no such state.")
    if len(mark.reason.strip()) > LONGEST_REASON:
        return _("Use at most 500 characters for the reason.")
    if mark.status in NEEDS_REASON and not mark.reason.strip():
        return _("Say why, in a few words.")
    return None
