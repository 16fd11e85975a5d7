"""Allocating projects to markers by rule: what would be given to whom, and what to nobody.

The loads are levelled: nobody has two more than another to whom one of them could be
given. The plan is the same for the same rule and the same rows, whoever computes it.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Q
from django.utils.translation import gettext as _

from assessments.enums import AssessmentStatus, MarkerRole
from assessments.models import (
    AllocationRun,
    Assessment,
    DeclaredConflict,
    Project,
    QueuePlace,
    TeamMember,
)
from assessments.models.team import was_in_team
from assessments.selectors.languages import languages_in
from assessments.selectors.marking import cities_of
from lms.accounts.models import User
from lms.core.canonical import hash_of
from lms.programme.enums import Role
from lms.programme.selectors import people_with_role

AT_ONCE = 2000
# Held: allocated or being marked, not handed in.
_HELD = (AssessmentStatus.ALLOCATED, AssessmentStatus.IN_MARKING)


@dataclass(frozen=True)
class Rule:
    """`markers`: ids; `match_language`: only projects in a language the marker reads;
    `most`: what nobody shall hold more than; `again`: ids of markers whose projects that
    are not begun are allocated anew, too."""

    markers: tuple[int, ...]
    match_language: bool = True
    most: int | None = None
    again: tuple[int, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "markers": sorted(self.markers),
            "match_language": self.match_language,
            "most": self.most,
            "again": sorted(self.again),
        }


@dataclass(frozen=True)
class Item:
    """A project to be given. `before`: who has it now; `fit`: ids of the chosen markers who
    may have it."""

    place: QueuePlace
    language: str
    before: int | None
    fit: frozenset[int]
    reason: str = ""


@dataclass(frozen=True)
class Load:
    """What one marker holds now, would be given, and would hold then."""

    marker: User
    reads: tuple[str, ...]
    held: int
    given: int
    taken: int

    @property
    def then(self) -> int:
        return self.held + self.given - self.taken


@dataclass(frozen=True)
class Plan:
    """`given`: item → marker id, the ones that change alone; `kept`: how many stay with
    whom they are; `left`: what stays with nobody, and why."""

    rule: Rule
    number: int
    loads: list[Load]
    given: list[tuple[Item, int]]
    kept: int
    left: list[Item]
    has_more: bool = False

    def allocations(self) -> list[dict[str, Any]]:
        return [
            {"attempt": item.place.attempt_id, "marker": marker, "before": item.before}
            for item, marker in self.given
        ]

    @property
    def digest(self) -> str:
        """What exactly was shown, and after how many allocations."""
        shown = [[row["attempt"], row["marker"], row["before"]] for row in self.allocations()]
        held = [[load.marker.pk, load.held] for load in self.loads]
        return hash_of([self.number, self.rule.as_json(), held, sorted(shown)])


@dataclass
class _Levels:
    """Projects that the same markers may have are alike: `counts` of each kind by marker."""

    loads: dict[int, int]
    counts: dict[frozenset[int], dict[int, int]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(int))
    )

    def put(self, fit: frozenset[int], marker: int) -> None:
        self.counts[fit][marker] += 1
        self.loads[marker] += 1

    def level(self) -> None:
        """Hand projects along, from marker to marker, as long as that makes two more even."""
        while path := self._path():
            for giver, taker, fit in path:
                self.counts[fit][giver] -= 1
                self.counts[fit][taker] += 1
            self.loads[path[0][0]] -= 1
            self.loads[path[-1][1]] += 1

    def _path(self) -> list[tuple[int, int, frozenset[int]]]:
        """From somebody to whoever has at least two fewer, by projects that were put."""
        for start in sorted(self.loads, key=lambda m: (-self.loads[m], m)):
            came: dict[int, tuple[int, frozenset[int]]] = {}
            row = [start]
            while row:
                here = row.pop(0)
                for fit, by_marker in self.counts.items():
                    if by_marker.get(here, 0) < 1:
                        continue
                    for there in sorted(fit, key=lambda m: (self.loads[m], m)):
                        if there == start or there in came:
                            continue
                        came[there] = (here, fit)
                        row.append(there)
            ends = [m for m in came if self.loads[m] <= self.loads[start] - 2]
            if ends:
                end = min(ends, key=lambda m: (self.loads[m], m))
                path = []
                while end != start:
                    giver, fit = came[end]
                    path.append((giver, end, fit))
                    end = giver
                return path[::-1]
        return []


def markers_of(project: Project) -> list[User]:
    return list(people_with_role(project.edition, Role.INSTRUCTOR).order_by("name", "pk"))


def plan_allocation(project: Project, rule: Rule, *, by: User | None = None) -> Plan:
    """What the rule would do now. The same queries for any number of projects and a few
    for each chosen marker. What `by` has had a hand in somebody else allocates."""
    markers = [marker for marker in markers_of(project) if marker.pk in rule.markers]
    places = list(_places(project, rule, by)[: AT_ONCE + 1])
    has_more = len(places) > AT_ONCE
    items = _items(project, rule, markers, places[:AT_ONCE])
    held = _held_by(project, markers)
    levels = _Levels(dict(held))
    for item in items:
        if item.fit and item.before in levels.loads:
            levels.loads[item.before] -= 1  # given anew, perhaps to the same
    fitting = [item for item in items if item.fit]
    left = [item for item in items if not item.fit]
    for item in sorted(fitting, key=lambda one: (len(one.fit), _key(one))):
        levels.put(item.fit, min(item.fit, key=lambda m: (levels.loads[m], m)))
    levels.level()
    given = _hand_out(fitting, levels)
    given, over = _within(given, levels, rule)
    left += over
    changes = [(item, marker) for item, marker in given if marker != item.before]
    changes.sort(key=lambda pair: _key(pair[0]))
    return Plan(
        rule=rule,
        number=AllocationRun.objects.filter(project=project).count(),
        loads=_loads(project, markers, held, changes),
        given=changes,
        kept=len(given) - len(changes),
        left=sorted(left, key=_key),
        has_more=has_more,
    )


def _key(item: Item) -> tuple[datetime, int]:
    return (item.place.received_at, item.place.submission_id)


def _places(project: Project, rule: Rule, by: User | None) -> Any:
    """Free ones, and those of `again` that are not begun, the longest waiting first."""
    everybody = QueuePlace.objects.of_everybody().filter(project=project)
    if by is not None:
        everybody = everybody.filter(~was_in_team(by, "submission"))
    again = Assessment.objects.filter(
        edition=project.edition_id,
        marker__in=rule.again,
        role=MarkerRole.FIRST,
        status=AssessmentStatus.ALLOCATED,
    )
    return (
        everybody.filter(Q(is_free=True) | Q(attempt__in=again.values("attempt")))
        .select_related(
            "attempt", "submission__owner__user", "submission__owner__city", "submission__edition"
        )
        .defer("attempt__sections", "submission__sections")
        .order_by("received_at", "submission_id")
    )


def _items(
    project: Project, rule: Rule, markers: Sequence[User], places: Sequence[QueuePlace]
) -> list[Item]:
    holders = dict(
        Assessment.objects.active()
        .filter(attempt__in=[place.attempt_id for place in places], role=MarkerRole.FIRST)
        .values_list("attempt_id", "marker_id")
    )
    owners = [place.submission.owner.user_id for place in places]
    languages = languages_in(project.edition, {*owners, *(marker.pk for marker in markers)})
    partial = _partial(markers, places)
    items = []
    for place in places:
        language = languages[place.submission.owner.user_id].writes
        free = [m.pk for m in markers if m.pk not in partial[place.submission_id]]
        reading = [pk for pk in free if language in languages[pk].reads]
        fit = frozenset(reading if rule.match_language else free)
        reason = "" if fit else _why(free, language)
        before = holders.get(place.attempt_id)
        items.append(Item(place, language, before, fit, reason))
    return items


def _why(free: list[int], language: str) -> str:
    if not free:
        return _("Everybody chosen is of its city, wrote on it or has a conflict of interest.")
    return _("Nobody chosen who may mark it reads “%(language)s”.") % {"language": language}


def _partial(markers: Sequence[User], places: Sequence[QueuePlace]) -> dict[int, set[int]]:
    """Submission id → markers who may not judge it (invariant 10), as `has_conflict` says."""
    ids = [place.submission_id for place in places]
    people: dict[int, set[int]] = defaultdict(set)
    cities: dict[int, set[int]] = defaultdict(set)
    for submission, user, city in TeamMember.objects.filter(submission__in=ids).values_list(
        "submission_id", "enrolment__user_id", "enrolment__city_id"
    ):
        people[submission].add(user)
        cities[submission].add(city)
    for place in places:
        people[place.submission_id].add(place.submission.owner.user_id)
        cities[place.submission_id].add(place.city_id)
    own_cities = {marker.pk: cities_of(marker) for marker in markers}
    declared: dict[int, tuple[set[int], set[int]]] = defaultdict(lambda: (set(), set()))
    for person, submission, other in (
        DeclaredConflict.objects.standing()
        .filter(person__in=[marker.pk for marker in markers])
        .values_list("person_id", "submission_id", "other_id")
    ):
        declared[person][0].add(submission)
        declared[person][1].add(other)
    return {
        submission: {
            marker.pk
            for marker in markers
            if marker.pk in people[submission]
            or own_cities[marker.pk] & cities[submission]
            or submission in declared[marker.pk][0]
            or people[submission] & declared[marker.pk][1]
        }
        for submission in ids
    }


def _held_by(project: Project, markers: Collection[User]) -> dict[int, int]:
    """Marker → how much they hold; not what they had begun of an attempt that was returned."""
    held = Assessment.objects.filter(
        edition=project.edition_id,
        marker__in=[marker.pk for marker in markers],
        status__in=_HELD,
        attempt__number=F("submission__attempt"),
    )
    counted = held.order_by().values_list("marker").annotate(count=Count("pk"))
    return dict.fromkeys((marker.pk for marker in markers), 0) | dict(counted)


def _hand_out(items: list[Item], levels: _Levels) -> list[tuple[Item, int]]:
    """Each project to one of those whom its kind was put to: to whoever has it, first."""
    counts = {fit: dict(by_marker) for fit, by_marker in levels.counts.items()}
    given, rest = [], []
    for item in sorted(items, key=_key):
        if item.before is not None and counts[item.fit].get(item.before, 0) > 0:
            counts[item.fit][item.before] -= 1
            given.append((item, item.before))
        else:
            rest.append(item)
    for item in rest:
        # Those with the most left to get, the first of them.
        _count, marker = min((-count, m) for m, count in counts[item.fit].items() if count > 0)
        counts[item.fit][marker] -= 1
        given.append((item, marker))
    return given


def _within(
    given: list[tuple[Item, int]], levels: _Levels, rule: Rule
) -> tuple[list[tuple[Item, int]], list[Item]]:
    """Without the last to come of whoever would hold more than `most`."""
    if rule.most is None:
        return given, []
    loads, kept, over = dict(levels.loads), [], []
    for item, marker in sorted(given, key=lambda pair: _key(pair[0]), reverse=True):
        if loads[marker] > rule.most and item.before != marker:
            loads[marker] -= 1
            if item.before is None:
                over.append(_left_over(item))
        else:
            kept.append((item, marker))
    return kept, over


def _left_over(item: Item) -> Item:
    reason = _("Whoever may mark it would hold more than the most you allow.")
    return Item(item.place, item.language, item.before, item.fit, reason)


def _loads(
    project: Project,
    markers: Sequence[User],
    held: dict[int, int],
    changes: Sequence[tuple[Item, int]],
) -> list[Load]:
    given: dict[int, int] = defaultdict(int)
    taken: dict[int, int] = defaultdict(int)
    for item, marker in changes:
        given[marker] += 1
        if item.before is not None:
            taken[item.before] += 1
    languages = languages_in(project.edition, [marker.pk for marker in markers])
    return [
        Load(
            marker,
            tuple(sorted(languages[marker.pk].reads)),
            held[marker.pk],
            given[marker.pk],
            taken[marker.pk],
        )
        for marker in markers
    ]
