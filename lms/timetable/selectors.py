"""Who was where, and what that means for the certificate (D15a)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from lms.programme.models import Edition, Enrolment
from lms.timetable.enums import AttendanceStatus
from lms.timetable.models import Attendance, AttendancePolicy, Session
from lms.timetable.workflow import ATTENDANCE_MOVES


@dataclass(frozen=True)
class AttendanceSummary:
    """`missing`: a sentence for every required session that does not count yet."""

    required: int
    attended: int
    missing: tuple[str, ...]
    evidence: tuple[int, ...]

    @property
    def is_complete(self) -> bool:
        return self.attended >= self.required


def counting_statuses(edition: Edition) -> frozenset[str]:
    """Attendance states that count as having taken part in this edition."""
    policy = AttendancePolicy.objects.filter(edition=edition).first() or AttendancePolicy()
    counting = {AttendanceStatus.PRESENT.value, AttendanceStatus.MADE_UP.value}
    if policy.excused_counts:
        counting.add(AttendanceStatus.EXCUSED)
    if policy.partial_counts:
        counting.add(AttendanceStatus.PARTIAL)
    return frozenset(counting)


def attendance_of(enrolment: Enrolment) -> AttendanceSummary:
    return attendance_of_many(enrolment.edition, [enrolment])[enrolment.pk]


def attendance_of_many(
    edition: Edition, enrolments: Iterable[Enrolment]
) -> dict[int, AttendanceSummary]:
    """Enrolment id → summary, in three queries however many there are."""
    required = list(Session.objects.filter(edition=edition, is_required=True))
    counting = counting_statuses(edition)
    rows: dict[int, dict[int, Attendance]] = defaultdict(dict)
    ids = [enrolment.pk for enrolment in enrolments]
    for row in Attendance.objects.filter(
        session__edition=edition, session__is_required=True, enrolment__in=ids
    ):
        rows[row.enrolment_id][row.session_id] = row

    def summary(of: int) -> AttendanceSummary:
        counted = [
            row
            for session in required
            if (row := rows[of].get(session.pk)) and row.status in counting
        ]
        reached = {row.session_id for row in counted}
        missing = tuple(
            _missing_sentence(session, rows[of].get(session.pk))
            for session in required
            if session.pk not in reached
        )
        return AttendanceSummary(
            required=len(required),
            attended=len(counted),
            missing=missing,
            evidence=tuple(row.pk for row in counted),
        )

    return {of: summary(of) for of in ids}


def _missing_sentence(session: Session, row: Attendance | None) -> str:
    if row is None or row.status == AttendanceStatus.EXPECTED:
        return _("Take part in “%(session)s”.") % {"session": session.title}
    return _("Make up for “%(session)s”: recorded as %(status)s.") % {
        "session": session.title,
        "status": row.get_status_display().lower(),
    }


@dataclass(frozen=True)
class RollEntry:
    """One line of a roll: the participant and what is recorded so far."""

    enrolment: Enrolment
    status: str
    reason: str
    version: int
    choices: tuple[tuple[str, str], ...]

    @property
    def stamp(self) -> str:
        """The line in one word, for a form to say what its reader saw."""
        return stamp_of(self.version, self.status, self.reason)


def stamp_of(version: int, status: str, reason: str) -> str:
    return f"{version} {status} {reason}".strip()


def roll_of(session: Session) -> list[RollEntry]:
    """Everybody taking part, by city and name, with what is recorded. Two queries."""
    recorded = {row.enrolment_id: row for row in Attendance.objects.filter(session=session)}
    enrolments = (
        Enrolment.objects.filter(edition=session.edition_id)
        .taking_part()
        .select_related("user", "city")
        .order_by("city__name", "user__name")
    )
    entries = []
    for enrolment in enrolments:
        row = recorded.get(enrolment.pk)
        status = AttendanceStatus(row.status) if row else AttendanceStatus.EXPECTED
        possible = (status, *ATTENDANCE_MOVES.moves.get(status, ()))
        entries.append(
            RollEntry(
                enrolment=enrolment,
                status=status.value,
                reason=row.reason if row else "",
                version=row.version if row else 0,
                choices=tuple(
                    (choice.value, str(choice.label))
                    for choice in AttendanceStatus
                    if choice in possible
                ),
            )
        )
    return entries
