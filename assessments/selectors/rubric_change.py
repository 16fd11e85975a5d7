"""What publishing a rubric would mean for projects that are marked already; nothing is
written (invariants 6 and 7).

A project keeps the version it was handed in under and the marks it has. What its levels
would come to on the new version is computed here to be looked at, and for nothing else.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.enums import (
    UNDECIDED_GRADE,
    VISIBLE_TO_PARTICIPANT,
    AssessmentStatus,
)
from assessments.models import Assessment, Grade, Rubric, Submission
from assessments.models.marking import is_blind
from assessments.models.team import was_in_team
from assessments.rubric_content import content_of
from assessments.scoring import Weighed, score
from assessments.selectors.anonymity import code_of, hides_names_in
from lms.accounts.models import User


@dataclass(frozen=True)
class Given:
    """The marks of one project as they stand: the level of each criterion.

    `name`: its receipt, or its code where names are hidden from the reader. `state`:
    released, undecided (agreed or not, not released) or in_marking.
    """

    submission: int
    name: str
    state: str
    levels: Mapping[str, str]
    percent: Decimal | None
    pass_percent: Decimal

    @property
    def words(self) -> str:
        return {
            "released": _("Released: stays"),
            "undecided": _("Marked, not released"),
            "in_marking": _("Being marked"),
        }[self.state]


@dataclass
class CriterionChange:
    """What becomes of one criterion's marks. `state`: kept, changed (other points or
    another weight), new or gone."""

    key: str
    title: str
    state: str
    weight: str = ""
    weight_before: str = ""
    kept: int = 0
    level_gone: int = 0
    unmarked: int = 0

    @property
    def words(self) -> str:
        return {
            "kept": _("As before"),
            "changed": _("Counts otherwise"),
            "new": _("New: nobody is marked on it yet"),
            "gone": _("Gone: its marks stay with the projects that have them"),
        }[self.state]


@dataclass(frozen=True)
class Result:
    """One project: what its marks come to now, and what the same levels would come to.
    `after` is None where a level would have to be chosen anew."""

    given: Given
    after: Decimal | None
    to_choose: int
    passes_before: bool | None
    passes_after: bool | None

    @property
    def by(self) -> Decimal | None:
        before = self.given.percent
        return None if self.after is None or before is None else self.after - before

    @property
    def crosses(self) -> bool:
        both = (self.passes_before, self.passes_after)
        return None not in both and self.passes_before != self.passes_after


@dataclass(frozen=True)
class RubricChange:
    """`criteria` in the order of the new version, those that go last."""

    criteria: list[CriterionChange]
    results: list[Result]
    flagged: int
    pass_percent: Decimal
    pass_percent_before: Decimal | None
    left_out: int = 0

    @property
    def marked(self) -> int:
        return len(self.results)

    @cached_property
    def computed(self) -> list[Result]:
        return [result for result in self.results if result.by is not None]

    @property
    def to_choose(self) -> int:
        """Projects for which a level would have to be chosen."""
        return sum(1 for result in self.results if result.to_choose)

    @property
    def lower(self) -> int:
        return sum(1 for result in self.computed if (result.by or 0) < 0)

    @property
    def higher(self) -> int:
        return sum(1 for result in self.computed if (result.by or 0) > 0)

    @property
    def same(self) -> int:
        return len(self.computed) - self.lower - self.higher

    @property
    def least(self) -> Decimal:
        return min((result.by or Decimal(0) for result in self.computed), default=Decimal(0))

    @property
    def most(self) -> Decimal:
        return max((result.by or Decimal(0) for result in self.computed), default=Decimal(0))

    @cached_property
    def crossing(self) -> list[Result]:
        return [result for result in self.results if result.crosses]

    @property
    def falling(self) -> int:
        return sum(1 for result in self.crossing if not result.passes_after)

    @property
    def rising(self) -> int:
        return len(self.crossing) - self.falling

    def count(self, state: str) -> int:
        return sum(1 for result in self.results if result.given.state == state)

    @property
    def sentences(self) -> list[str]:
        """What publishing does, before what it would come to."""
        said = [
            _(
                "Publishing changes no mark: each project keeps the version it was handed in "
                "under. Projects that are handed in from now on are marked on the new one."
            )
        ]
        if self.flagged:
            said.append(
                ngettext(
                    "%(count)d grade that is not released yet is marked “needs another look” and "
                    "waits until somebody confirms its marks.",
                    "%(count)d grades that are not released yet are marked “needs another look” "
                    "and wait until somebody confirms their marks.",
                    self.flagged,
                )
                % {"count": self.flagged}
            )
        if released := self.count("released"):
            said.append(
                ngettext(
                    "%(count)d released grade stays as it is.",
                    "%(count)d released grades stay as they are.",
                    released,
                )
                % {"count": released}
            )
        return said


def rubric_change(
    rubric: Rubric, content: Mapping[str, Any], before: Mapping[str, Any] | None, *, reader: User
) -> RubricChange:
    """What publishing `content` (clean) would mean; `before` is the version in force. Some
    queries, the same for any number of projects. Projects the reader has a hand in are left out."""
    given = list(_given(rubric, reader))
    changes = _criteria(content, before)
    by_key = {change.key: change for change in changes}
    passing = Decimal(content["pass_percent"])
    new = _scale_of(content)
    results = []
    for one in given:
        to_choose = 0
        for key, criterion in new.items():
            chosen = one.levels.get(key)
            if chosen is None:
                by_key[key].unmarked += 1
                to_choose += 1
            elif chosen in criterion.points:
                by_key[key].kept += 1
            else:
                by_key[key].level_gone += 1
                to_choose += 1
        for key in one.levels:
            if key not in new and key in by_key:
                by_key[key].kept += 1
        after = None if to_choose else _percent(new, one.levels)
        results.append(
            Result(
                given=one,
                after=after,
                to_choose=to_choose,
                passes_before=None if one.percent is None else one.percent >= one.pass_percent,
                passes_after=None if after is None else after >= passing,
            )
        )
    undecided = Grade.objects.filter(
        attempt__rubric__rubric=rubric, status__in=UNDECIDED_GRADE, needs_regrade=False
    )
    return RubricChange(
        criteria=changes,
        results=sorted(results, key=_by_weight_of_news),
        flagged=undecided.filter(~was_in_team(reader, "submission")).count(),
        pass_percent=passing,
        pass_percent_before=Decimal(before["pass_percent"]) if before else None,
        left_out=_own(rubric, reader),
    )


def _by_weight_of_news(result: Result) -> tuple[bool, Decimal, str]:
    return (not result.crosses, -abs(result.by or Decimal(0)), result.given.name)


def _criteria(
    content: Mapping[str, Any], before: Mapping[str, Any] | None
) -> list[CriterionChange]:
    old = {criterion["key"]: criterion for criterion in (before or {}).get("criteria", ())}
    changes = []
    for criterion in content["criteria"]:
        was = old.pop(criterion["key"], None)
        state = (
            "new" if was is None else "kept" if _counts(was) == _counts(criterion) else "changed"
        )
        changes.append(
            CriterionChange(
                key=criterion["key"],
                title=criterion["title"],
                state=state,
                weight=criterion["weight"],
                weight_before=was["weight"] if was else "",
            )
        )
    gone = [
        CriterionChange(key, was["title"], "gone", weight_before=was["weight"])
        for key, was in old.items()
    ]
    return changes + gone


def _counts(criterion: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """What the result depends on."""
    return criterion["weight"], {level["key"]: level["points"] for level in criterion["levels"]}


@dataclass(frozen=True)
class Scale:
    """What a criterion counts, and the points of its levels."""

    weight: Decimal
    points: Mapping[str, Decimal]
    most: Decimal


def _scale_of(content: Mapping[str, Any]) -> dict[str, Scale]:
    scales = {}
    for criterion in content["criteria"]:
        points = {level["key"]: Decimal(level["points"]) for level in criterion["levels"]}
        weight = Decimal(criterion["weight"])
        scales[criterion["key"]] = Scale(weight, points, max(points.values()))
    return scales


def _percent(scales: Mapping[str, Scale], levels: Mapping[str, str]) -> Decimal | None:
    """None while a criterion has no level (invariant 6)."""
    if any(levels.get(key) not in scale.points for key, scale in scales.items()):
        return None
    return score(
        Weighed(scale.points[levels[key]], scale.most, scale.weight)
        for key, scale in scales.items()
    ).percent


def _given(rubric: Rubric, reader: User) -> Iterator[Given]:
    """The marks of every project that is marked on a version of the rubric: as they were
    decided, else as the (first) marker handed them in or has saved them."""
    hides = hides_names_in(rubric.edition_id, reader)
    decided = Grade.objects.filter(
        ~was_in_team(reader, "submission"),
        Q(status__in=VISIBLE_TO_PARTICIPANT) | ~is_blind("attempt"),
        attempt__rubric__rubric=rubric,
        current__isnull=False,
    )
    for submission, receipt, status, marks, percent, passing in decided.order_by().values_list(
        "submission", "attempt__receipt", "status", "current__marks", "current__percent",
        "attempt__rubric__pass_percent",
    ):  # fmt: skip
        state = "released" if status in VISIBLE_TO_PARTICIPANT else "undecided"
        is_hidden = hides and state != "released"
        name = code_of(submission) if is_hidden else receipt
        yield Given(submission, name, state, _levels_of(marks), percent, passing)
    # Of two who mark one project, neither learns here what the other gives.
    assessments = (
        Assessment.objects.active()
        .filter(~was_in_team(reader, "submission"), attempt__rubric__rubric=rubric)
        .filter(Q(marker=reader) | ~is_blind("attempt"))
        .exclude(status=AssessmentStatus.ALLOCATED)
        .exclude(submission__in=decided.values("submission"))
        .order_by("submission", "-attempt__number", "pk")
    )
    waiting: dict[int, tuple[str, str, int, dict[str, str]]] = {}
    for submission, status, receipt, version, given in assessments.values_list(
        "submission", "status", "attempt__receipt", "attempt__rubric", "marks"
    ):
        levels = {key: mark["level"] for key, mark in given.items() if mark["level"]}
        waiting.setdefault(submission, (status, receipt, version, levels))
    scales = {
        version.pk: (_scale_of(content_of(version)), version.pass_percent)
        for version in rubric.versions.prefetch_related("criteria__levels")
    }
    for submission, (status, receipt, version, chosen) in waiting.items():
        if chosen:
            scale, passing = scales[version]
            state = "undecided" if status == AssessmentStatus.SUBMITTED else "in_marking"
            name = code_of(submission) if hides else receipt
            yield Given(submission, name, state, chosen, _percent(scale, chosen), passing)


def _levels_of(marks: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    return {mark["criterion"]: mark["level"] for mark in marks}


def _own(rubric: Rubric, reader: User) -> int:
    return (
        Submission.objects.filter(was_in_team(reader), attempts__rubric__rubric=rubric)
        .distinct()
        .count()
    )
