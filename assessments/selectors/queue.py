"""The marking queue: a page of it costs the same with two hundred and ten thousand projects.

Pages are read by key (received_at, submission id) from an index, never by offset;
how many wait is counted up to a limit only.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet, TextChoices
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.enums import (
    ACTIVE_ASSESSMENT,
    AssessmentStatus,
    GradeStatus,
    SubmissionStatus,
)
from assessments.models import (
    Assessment,
    Attempt,
    Grade,
    Project,
    Submission,
    TeamMember,
)
from assessments.selectors.lateness import Lateness, lateness_of_all
from assessments.selectors.marking import cities_of, without_conflict
from lms.accounts.models import User
from lms.core.numbers import whole_number

PAGE = 30
COUNT_UP_TO = 100


class QueueFilter(TextChoices):
    UNMARKED = "unmarked", gettext_lazy("Not begun")
    MINE = "mine", gettext_lazy("Mine")
    LATE = "late", gettext_lazy("Late")
    ALL = "all", gettext_lazy("All")


class QueueOrder(TextChoices):
    OLDEST = "oldest", gettext_lazy("Oldest first")
    NEWEST = "newest", gettext_lazy("Newest first")


@dataclass(frozen=True)
class Place:
    """Where a page begins: after this row, in the order of the page."""

    received_at: datetime
    submission_id: int

    def __str__(self) -> str:
        return f"{self.received_at.isoformat()}~{self.submission_id}"

    @classmethod
    def read(cls, value: str) -> "Place | None":
        """The place named in an address; None where it names none."""
        moment, _tilde, written = value.partition("~")
        number = whole_number(written, digits=18)
        try:
            received_at = parse_datetime(moment)
            if received_at is None or received_at.tzinfo is None or number is None:
                return None
            return cls(received_at.astimezone(UTC), number)
        except (ValueError, OverflowError):
            return None


@dataclass(frozen=True)
class QueueRow:
    """One submitted attempt as the queue shows it. `tone`: see docs/design.md; `others`:
    names of the owner's team-mates."""

    attempt: Attempt
    lateness: Lateness
    assessment: Assessment | None
    grade: Grade | None
    state: str
    tone: str
    is_own: bool
    is_mine: bool
    has_conflict: bool
    others: tuple[str, ...] = ()

    @property
    def place(self) -> Place:
        return Place(self.attempt.received_at, self.attempt.submission_id)


@dataclass(frozen=True)
class QueuePage:
    """`next`, `previous`: what to read `after` and `before` for the neighbouring pages."""

    rows: list[QueueRow]
    next: Place | None
    previous: Place | None


@dataclass(frozen=True)
class CappedCount:
    count: int
    is_capped: bool


def queue_attempts(project: Project, user: User, shown: str) -> QuerySet[Attempt]:
    """The attempts in hand of a filter, each with `queued_at` and `queued_id`, the key of
    its order: columns of the index from which the filter is read."""
    attempts = (
        Attempt.objects.filter(number=F("submission__attempt"))
        .select_related("submission", "owner__user", "owner__city")
        .defer("sections", "submission__sections")
    )
    if shown == QueueFilter.UNMARKED:
        return attempts.filter(
            submission__edition=project.edition_id, submission__status=SubmissionStatus.SUBMITTED
        ).annotate(queued_at=F("submission__submitted_at"), queued_id=F("submission_id"))
    if shown == QueueFilter.MINE:
        return attempts.filter(
            assessments__marker=user,
            assessments__edition=project.edition_id,
            assessments__status__in=ACTIVE_ASSESSMENT,
        ).annotate(
            queued_at=F("assessments__received_at"), queued_id=F("assessments__submission_id")
        )
    attempts = attempts.filter(project=project).annotate(
        queued_at=F("received_at"), queued_id=F("submission_id")
    )
    return attempts.filter(is_late=True) if shown == QueueFilter.LATE else attempts


def queue_page(
    project: Project,
    user: User,
    *,
    shown: str,
    order: str,
    after: Place | None = None,
    before: Place | None = None,
) -> QueuePage:
    """One page of the queue. Seven queries, however long the queue is."""
    newest_first = order == QueueOrder.NEWEST
    going_back = before is not None
    ascending = newest_first == going_back
    attempts = queue_attempts(project, user, shown)
    start = before if going_back else after
    if start is not None:
        attempts = attempts.filter(_beyond(start, ascending=ascending))
    sign = "" if ascending else "-"
    # One more than a page tells whether there is another.
    found = list(attempts.order_by(f"{sign}queued_at", f"{sign}queued_id")[: PAGE + 1])
    has_more = len(found) > PAGE
    found = found[:PAGE]
    if going_back:
        found.reverse()
    rows = queue_rows(found, user)
    has_next = bool(rows) and (going_back or has_more)
    has_previous = bool(rows) and (has_more if going_back else after is not None)
    return QueuePage(
        rows=rows,
        next=rows[-1].place if has_next else None,
        previous=rows[0].place if has_previous else None,
    )


def waiting_count(project: Project) -> CappedCount:
    """How many projects nobody has begun, counted up to a hundred."""
    waiting = Submission.objects.filter(
        edition=project.edition_id, status=SubmissionStatus.SUBMITTED
    )
    count = waiting.order_by()[: COUNT_UP_TO + 1].count()
    return CappedCount(min(count, COUNT_UP_TO), count > COUNT_UP_TO)


def next_to_mark(project: Project, user: User, *, other_than: int = 0) -> Submission | None:
    """The project waiting longest that `user` may mark and nobody else has."""
    taken = Assessment.objects.filter(
        attempt__submission=OuterRef("pk"),
        attempt__number=OuterRef("attempt"),
        status__in=ACTIVE_ASSESSMENT,
    ).exclude(marker=user)
    return (
        Submission.objects.filter(edition=project.edition_id, status=SubmissionStatus.SUBMITTED)
        .filter(without_conflict(user), ~Exists(taken))
        .exclude(pk=other_than)
        .defer("sections")
        .order_by("submitted_at", "pk")
        .first()
    )


def _beyond(start: Place, *, ascending: bool) -> Q:
    """Rows after `start`; the first condition lets the database begin there."""
    side, beyond = ("gte", "gt") if ascending else ("lte", "lt")
    begin = Q(**{f"queued_at__{side}": start.received_at})
    further = Q(**{f"queued_at__{beyond}": start.received_at})
    same = Q(queued_at=start.received_at, **{f"queued_id__{beyond}": start.submission_id})
    return begin & (further | same)


def queue_rows(attempts: list[Attempt], user: User) -> list[QueueRow]:
    """What the queue says of these attempts. Six queries for any number."""
    ids = [attempt.pk for attempt in attempts]
    assessments = {
        assessment.attempt_id: assessment
        for assessment in Assessment.objects.active()
        .filter(attempt__in=ids)
        .select_related("marker")
        .defer("overall")
    }
    grades = {
        grade.submission_id: grade
        for grade in Grade.objects.filter(submission__in=[a.submission_id for a in attempts])
    }
    lateness = lateness_of_all(attempts)
    cities = cities_of(user)
    teams: dict[int, list[TeamMember]] = defaultdict(list)
    for member in TeamMember.objects.filter(
        submission__in=[attempt.submission_id for attempt in attempts]
    ).select_related("enrolment__user"):
        teams[member.submission_id].append(member)
    return [
        _row(
            lateness[attempt.pk],
            assessments.get(attempt.pk),
            grades.get(attempt.submission_id),
            user,
            team=teams[attempt.submission_id],
            cities=cities,
        )
        for attempt in attempts
    ]


def _row(
    lateness: Lateness,
    assessment: Assessment | None,
    grade: Grade | None,
    user: User,
    *,
    team: list[TeamMember],
    cities: frozenset[int],
) -> QueueRow:
    attempt = lateness.attempt
    # A participant who also works here sees nothing of their own grade (invariant 9).
    is_own = any(member.enrolment.user_id == user.pk for member in team)
    state, tone = (
        (_("Your own project"), "neutral") if is_own else _state(attempt, assessment, grade)
    )
    return QueueRow(
        attempt=attempt,
        lateness=lateness,
        assessment=None if is_own else assessment,
        grade=None if is_own else grade,
        state=state,
        tone=tone,
        is_own=is_own,
        is_mine=assessment is not None and assessment.marker_id == user.pk,
        has_conflict=is_own or any(member.enrolment.city_id in cities for member in team),
        others=tuple(
            str(member.enrolment.user)
            for member in team
            if member.left_at is None and member.enrolment_id != attempt.owner_id
        ),
    )


def _state(attempt: Attempt, assessment: Assessment | None, grade: Grade | None) -> tuple[str, str]:
    """Where a project stands, in words and in a tone."""
    match attempt.submission.status:
        case SubmissionStatus.WITHDRAWN:
            return _("Withdrawn"), "neutral"
        case SubmissionStatus.RETURNED_FOR_REVISION:
            return _("Returned for revision"), "neutral"
        case SubmissionStatus.FINALISED:
            is_amended = grade is not None and grade.status == GradeStatus.AMENDED
            return (_("Released, amended") if is_amended else _("Released")), "good"
        case SubmissionStatus.SUBMITTED:
            return (_("Allocated"), "info") if assessment else (_("Not begun"), "attention")
    if assessment is None or assessment.status != AssessmentStatus.SUBMITTED:
        return _("In marking"), "info"
    return _grade_state(grade)


def _grade_state(grade: Grade | None) -> tuple[str, str]:
    if grade is None:
        return _("Marked"), "attention"
    if grade.needs_regrade:
        return _("Needs marking again"), "attention"
    words = {
        GradeStatus.PROVISIONAL: _("Marked, to be agreed"),
        GradeStatus.IN_MODERATION: _("In moderation"),
        GradeStatus.AGREED: _("Agreed, to be released"),
        GradeStatus.READY_FOR_RELEASE: _("Ready for release"),
    }
    return words.get(GradeStatus(grade.status), grade.get_status_display()), "attention"
