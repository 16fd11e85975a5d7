"""The marking queue: a page of it costs the same with two hundred and ten thousand projects.

Pages are read by key (received_at, submission id; after the city where that comes first)
from an index of `models.queue`, never by offset; how many wait is counted up to a limit.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet, TextChoices
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.enums import (
    AssessmentStatus,
    GradeStatus,
    MarkerRole,
    SubmissionStatus,
)
from assessments.models import (
    Assessment,
    Attempt,
    Grade,
    Project,
    QueuePlace,
    Submission,
    TeamMember,
)
from assessments.models.queue import LISTS
from assessments.models.team import was_in_team
from assessments.selectors.conflicts import declared_against
from assessments.selectors.lateness import Lateness, lateness_of_all
from assessments.selectors.marking import cities_of, without_conflict
from assessments.selectors.presence import leased_by_others
from lms.accounts.models import City, User
from lms.core import clock
from lms.core.numbers import whole_number

PAGE = 30
COUNT_UP_TO = 100
FOUND_AT_MOST = 60
# Marks that are not in so long after a project came: it waits too long.
AT_RISK_AFTER = timedelta(days=14)


class QueueFilter(TextChoices):
    UNMARKED = "unmarked", gettext_lazy("Not begun")
    FREE = "free", gettext_lazy("Nobody’s yet")
    SECOND = "second", gettext_lazy("Waiting for a second marker")
    MINE = "mine", gettext_lazy("Mine")
    LATE = "late", gettext_lazy("Late")
    AT_RISK = "at-risk", gettext_lazy("At risk: without marks for two weeks")
    REGRADE = "regrade", gettext_lazy("Needs marking again")
    TO_AGREE = "to-agree", gettext_lazy("Marked, to be agreed")
    AGREED = "agreed", gettext_lazy("Agreed, to be released")
    ALL = "all", gettext_lazy("All")


class QueueOrder(TextChoices):
    OLDEST = "oldest", gettext_lazy("Oldest first")
    NEWEST = "newest", gettext_lazy("Newest first")
    CITY = "city", gettext_lazy("By city")


# What those who wrote a project know of it anyway.
_TELLS_NOTHING = (QueueFilter.ALL, QueueFilter.LATE, QueueFilter.MINE)
# The list of `models.queue.LISTS` that a filter reads.
_LIST_OF = {QueueFilter.MINE: "all", QueueFilter.AT_RISK: "open", QueueFilter.TO_AGREE: "to_agree"}


@dataclass(frozen=True)
class Wanted:
    """What of the queue is asked for. `marker`: the id of whoever holds it; `city`: a slug."""

    shown: str = QueueFilter.UNMARKED
    order: str = QueueOrder.OLDEST
    marker: int | None = None
    city: str = ""


@dataclass(frozen=True)
class Place:
    """Where a page begins: after this row, in the order of the page. `city` where that
    comes first in the order."""

    received_at: datetime
    submission_id: int
    city: str = ""

    def __str__(self) -> str:
        key = f"{self.received_at.isoformat()}~{self.submission_id}"
        return f"{key}~{self.city}" if self.city else key

    @classmethod
    def read(cls, value: str) -> "Place | None":
        """The place named in an address; None where it names none."""
        moment, _tilde, rest = value.partition("~")
        written, _tilde, city = rest.partition("~")
        number = whole_number(written, digits=18)
        try:
            received_at = parse_datetime(moment)
            if received_at is None or received_at.tzinfo is None or number is None:
                return None
            if city and not _SLUG.fullmatch(city):
                return None
            return cls(received_at.astimezone(UTC), number, city)
        except (ValueError, OverflowError):
            return None


_SLUG = re.compile(r"[-a-zA-Z0-9_]{1,50}")


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


def queue_places(
    project: Project, user: User, wanted: Wanted, at: datetime
) -> QuerySet[QueuePlace]:
    """The places that are wanted, each with its attempt; not ordered yet. Every condition
    but the age of those at risk is a column of the index that the list is read from."""
    shown = QueueFilter(wanted.shown)
    marker = user.pk if shown == QueueFilter.MINE else wanted.marker
    places = QueuePlace.objects.filter(LISTS[_LIST_OF.get(shown, shown.value)], project=project)
    places = places.of_marker(marker) if marker else places.of_everybody()
    if wanted.city:
        places = places.filter(city_slug=wanted.city)
    if shown not in _TELLS_NOTHING or wanted.marker:
        # Being in such a list would tell writers how far the marking of theirs is.
        places = places.filter(~was_in_team(user, "submission"))
    if shown == QueueFilter.AT_RISK:
        places = places.filter(received_at__lte=at - AT_RISK_AFTER)
    return places


def in_full(places: QuerySet[QueuePlace]) -> QuerySet[QueuePlace]:
    """With the attempts, whose texts are not read."""
    return places.select_related(
        "attempt__submission__edition",
        "attempt__submission__owner__user",
        "attempt__submission__owner__city",
        "attempt__owner__user",
        "attempt__owner__city",
    ).defer("attempt__sections", "attempt__submission__sections")


def order_of(order: str) -> list[str]:
    """The columns of an order: the last of the index."""
    if order == QueueOrder.CITY:
        return ["city_slug", "received_at", "submission_id"]
    sign = "-" if order == QueueOrder.NEWEST else ""
    return [f"{sign}received_at", f"{sign}submission_id"]


def queue_page(
    project: Project,
    user: User,
    *,
    wanted: Wanted,
    at: datetime,
    after: Place | None = None,
    before: Place | None = None,
) -> QueuePage:
    """One page of the queue. The same queries however long the queue is."""
    going_back = before is not None
    is_city = wanted.order == QueueOrder.CITY
    ascending = (wanted.order == QueueOrder.NEWEST) == going_back
    places = in_full(queue_places(project, user, wanted, at))
    start = before if going_back else after
    if start is not None:
        places = places.filter(_beyond(start, ascending=ascending, is_city=is_city))
    sign = "" if ascending else "-"
    columns = [f"{sign}{name.lstrip('-')}" for name in order_of(wanted.order)]
    # One more than a page tells whether there is another.
    found = list(places.order_by(*columns)[: PAGE + 1])
    has_more = len(found) > PAGE
    found = found[:PAGE]
    if going_back:
        found.reverse()
    rows = queue_rows([place.attempt for place in found], user)
    has_next = bool(rows) and (going_back or has_more)
    has_previous = bool(rows) and (has_more if going_back else after is not None)
    return QueuePage(
        rows=rows,
        next=_place_of(found[-1], is_city) if has_next else None,
        previous=_place_of(found[0], is_city) if has_previous else None,
    )


def queue_export(project: Project, user: User, wanted: Wanted, at: datetime) -> Iterator[QueueRow]:
    """Every row that is wanted, some hundreds at a time."""
    places = queue_places(project, user, wanted, at).order_by(*order_of(wanted.order))
    keys = list(places.values_list("pk", flat=True))
    for start in range(0, len(keys), 500):
        some = keys[start : start + 500]
        found = {
            place.pk: place.attempt for place in in_full(QueuePlace.objects.filter(pk__in=some))
        }
        yield from queue_rows([found[pk] for pk in some if pk in found], user)


def search_queue(project: Project, user: User, asked: str, *, by_name: bool) -> list[QueueRow]:
    """The first sixty of those found."""
    if not asked.strip():
        return []
    places = in_full(places_found(project, asked, by_name=by_name))
    ordered = places.order_by("received_at", "submission_id")[:FOUND_AT_MOST]
    return queue_rows([place.attempt for place in ordered], user)


def places_found(project: Project, asked: str, *, by_name: bool) -> QuerySet[QueuePlace]:
    """By the beginning of a receipt or, where names are not hidden, by a part of a writer's
    name, wherever the project stands. Both are read through: one edition's are few."""
    asked = asked.strip()
    found = Q(attempt__receipt__istartswith=asked)
    if by_name:
        named = TeamMember.objects.filter(
            submission=OuterRef("submission"), left_at=None, enrolment__user__name__icontains=asked
        )
        found |= Q(Exists(named))
    return QueuePlace.objects.of_everybody().filter(found, project=project)


def waiting_count(project: Project) -> CappedCount:
    """How many projects nobody has begun, counted up to a hundred."""
    waiting = QueuePlace.objects.of_everybody().filter(project=project, is_unmarked=True)
    count = waiting.order_by()[: COUNT_UP_TO + 1].count()
    return CappedCount(min(count, COUNT_UP_TO), count > COUNT_UP_TO)


def places_to_mark(project: Project, user: User, at: datetime) -> list[QuerySet[QueuePlace]]:
    """What `user` might begin next, the longest waiting first: allocated to them; then held
    by nobody; then waiting for a second marker. Never what somebody else has just taken."""
    places = QueuePlace.objects.filter(project=project)
    own = places.of_marker(user.pk).filter(is_unmarked=True)
    everybody = places.of_everybody()
    free = everybody.filter(is_free=True)
    second = everybody.filter(waits_for_second=True).exclude(
        Exists(Assessment.objects.active().filter(attempt=OuterRef("attempt"), marker=user))
    )
    fit = Exists(Submission.objects.filter(without_conflict(user), pk=OuterRef("submission")))
    return [
        found.filter(fit, ~leased_by_others(user, at)).order_by("received_at", "submission_id")
        for found in (own, free, second)
    ]


def next_to_mark(
    project: Project, user: User, *, other_than: int = 0, at: datetime | None = None
) -> Submission | None:
    """The project that `actions.leases.take_next` would give; nothing is taken."""
    for places in places_to_mark(project, user, at or clock.now()):
        place = places.exclude(submission=other_than).first()
        if place is not None:
            return Submission.objects.defer("sections").get(pk=place.submission_id)
    return None


def cities_in(project: Project) -> QuerySet[City]:
    """Those of whom there is something in the queue: one look into its index for each."""
    theirs = QueuePlace.objects.of_everybody().filter(project=project, city_slug=OuterRef("slug"))
    return City.objects.filter(Exists(theirs)).order_by("slug")


def _place_of(place: QueuePlace, is_city: bool) -> Place:
    return Place(place.received_at, place.submission_id, place.city_slug if is_city else "")


def _beyond(start: Place, *, ascending: bool, is_city: bool) -> Q:
    """Rows after `start`; the first condition lets the database begin there."""
    side, beyond = ("gte", "gt") if ascending else ("lte", "lt")
    begin = Q(**{f"received_at__{side}": start.received_at})
    further = Q(**{f"received_at__{beyond}": start.received_at})
    same = Q(received_at=start.received_at, **{f"submission_id__{beyond}": start.submission_id})
    later = begin & (further | same)
    if not is_city:
        return later
    of_city = Q(city_slug=start.city) & later
    return Q(**{f"city_slug__{side}": start.city}) & (
        Q(**{f"city_slug__{beyond}": start.city}) | of_city
    )


def queue_rows(attempts: list[Attempt], user: User) -> list[QueueRow]:
    """What the queue says of these attempts. The same queries for any number."""
    ids = [attempt.pk for attempt in attempts]
    assessments: dict[int, Assessment] = {}
    # The reader's own last, over the first marker's; that of another second marker not at all.
    for assessment in sorted(
        Assessment.objects.active()
        .filter(Q(role=MarkerRole.FIRST) | Q(marker=user), attempt__in=ids)
        .select_related("marker")
        .defer("overall"),
        key=lambda one: one.marker_id == user.pk,
    ):
        assessments[assessment.attempt_id] = assessment
    grades = {
        grade.submission_id: grade
        for grade in Grade.objects.filter(submission__in=[a.submission_id for a in attempts])
    }
    lateness = lateness_of_all(attempts)
    cities = cities_of(user)
    said = Submission.objects.filter(
        declared_against(user), pk__in=[attempt.submission_id for attempt in attempts]
    )
    declared = set(said.values_list("pk", flat=True))
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
            is_declared=attempt.submission_id in declared,
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
    is_declared: bool,
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
        has_conflict=is_own
        or is_declared
        or any(member.enrolment.city_id in cities for member in team),
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
            return _released_state(grade)
        case SubmissionStatus.SUBMITTED:
            return (_("Allocated"), "info") if assessment else (_("Not begun"), "attention")
    if assessment is None or assessment.status != AssessmentStatus.SUBMITTED:
        return _("In marking"), "info"
    return _grade_state(grade)


def _released_state(grade: Grade | None) -> tuple[str, str]:
    match grade.status if grade is not None else None:
        case GradeStatus.APPEALED:
            return _("Released, under appeal"), "attention"
        case GradeStatus.UPHELD:
            return _("Released, upheld on appeal"), "good"
        case GradeStatus.AMENDED:
            return _("Released, amended"), "good"
    return _("Released"), "good"


def _grade_state(grade: Grade | None) -> tuple[str, str]:
    if grade is None:
        return _("Marked"), "attention"
    if grade.needs_regrade:
        return _("Needs marking again"), "attention"
    if grade.status == GradeStatus.VOIDED:
        return _("Grade voided"), "neutral"
    words = {
        GradeStatus.PROVISIONAL: _("Marked, to be agreed"),
        GradeStatus.IN_MODERATION: _("In moderation"),
        GradeStatus.AGREED: _("Agreed, to be released"),
        GradeStatus.READY_FOR_RELEASE: _("Ready for release"),
    }
    return words.get(GradeStatus(grade.status), grade.get_status_display()), "attention"
