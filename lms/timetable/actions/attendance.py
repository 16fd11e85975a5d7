from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from lms.accounts.models import User
from lms.core import audit
from lms.core.errors import IllegalMove, InvalidInput, Sentence, StaleVersion
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
    """What is to be recorded of one participant, over the version one has seen
    (0: nothing was recorded yet)."""

    enrolment_id: int
    status: str
    reason: str = ""
    base_version: int = 0


@transaction.atomic
def record_roll(
    *, session: Session, marks: Sequence[RollMark], by: User, at: datetime
) -> list[Attendance]:
    """Say who was at a session (D15a): all lines or, where one is refused, none.

    An excusal or a make-up names its reason. Recording the same again changes
    nothing. Raises PermissionDenied; InvalidInput with `errors` keyed by enrolment
    id; StaleVersion where somebody recorded a line meanwhile, with the lines as they
    are `stored`, by enrolment id (invariant 3); IllegalMove with its `enrolment_id`.
    Returns the rows that changed.
    """
    for mark in marks:
        clean_text(mark.reason, field=str(mark.enrolment_id), max_bytes=4 * LONGEST_REASON)
    # Two coordinators may hold the same roll: the enrolment rows order them, and the
    # version tells the second one that the first was there.
    ids = sorted(mark.enrolment_id for mark in marks)
    enrolments = (
        Enrolment.objects.select_for_update(no_key=True)
        .filter(pk__in=ids, edition=session.edition_id)
        .taking_part()
    )
    known = {enrolment.pk for enrolment in enrolments.order_by("pk")}
    require_perm(by, "timetable.record_attendance", session)
    so_far = Attendance.objects.filter(session=session, enrolment__in=ids)
    recorded = {row.enrolment_id: row for row in so_far}
    refusals = {str(mark.enrolment_id): _refusal(mark, known) for mark in marks}
    errors = {of: [sentence] for of, sentence in refusals.items() if sentence}
    if errors:
        raise InvalidInput(errors=errors)
    lines = [
        (mark, recorded.get(mark.enrolment_id) or _expected(session, mark.enrolment_id))
        for mark in marks
    ]
    changes = [(mark, row) for mark, row in lines if not _says_the_same(mark, row)]
    _require_seen(changes)
    return [_record(mark, row, by=by, at=at) for mark, row in changes]


def _expected(session: Session, enrolment_id: int) -> Attendance:
    """What no row means."""
    return Attendance(session=session, enrolment_id=enrolment_id, version=0)


def _says_the_same(mark: RollMark, row: Attendance) -> bool:
    return (mark.status, mark.reason.strip()) == (row.status, row.reason)


def _require_seen(changes: Sequence[tuple[RollMark, Attendance]]) -> None:
    stored = {
        str(row.enrolment_id): {
            "status": row.status,
            "reason": row.reason,
            "version": row.version,
        }
        for mark, row in changes
        if mark.base_version != row.version
    }
    if stored:
        raise StaleVersion(
            _("Somebody else recorded attendance meanwhile. Look at it, then save again."),
            stored=stored,
        )


def _record(mark: RollMark, row: Attendance, *, by: User, at: datetime) -> Attendance:
    before = row.status
    if before != mark.status:
        try:
            require_move(ATTENDANCE_MOVES, before, mark.status)
        except IllegalMove as error:
            error.extra["enrolment_id"] = mark.enrolment_id
            raise
    row.status, row.reason = mark.status, mark.reason.strip()
    row.recorded_by, row.recorded_at = by, at
    row.version += 1
    row.save()
    audit.record(
        by=by,
        verb="attendance.recorded",
        target=row,
        at=at,
        before=before,
        after=row.status,
        reason=row.reason,
        version=row.version,
    )
    attendance_changed.send(Attendance, enrolment_id=row.enrolment_id, at=at)
    return row


def record_attendance(
    *,
    session: Session,
    enrolment: Enrolment,
    status: str,
    reason: str = "",
    base_version: int = 0,
    by: User,
    at: datetime,
) -> Attendance | None:
    """One line of a roll (see `record_roll`). None where nothing is recorded: still expected."""
    mark = RollMark(enrolment.pk, status, reason, base_version)
    record_roll(session=session, marks=[mark], by=by, at=at)
    return Attendance.objects.filter(session=session, enrolment=enrolment).first()


def _refusal(mark: RollMark, known: set[int]) -> Sentence | None:
    if mark.enrolment_id not in known:
        return _("This person does not take part in the edition.")
    if mark.status not in AttendanceStatus.values:
        return _("There is no such state.")
    if len(mark.reason.strip()) > LONGEST_REASON:
        return _("Use at most 500 characters for the reason.")
    if mark.status in NEEDS_REASON and not mark.reason.strip():
        return _("Say why, in a few words.")
    return None
