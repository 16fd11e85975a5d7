"""Two markers for one attempt: who may see whose marks, and how far they are apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import gcd
from typing import Any

from assessments.enums import AssessmentStatus, MarkerRole
from assessments.models import (
    AssessmentRevision,
    Attempt,
    MarkingPolicy,
    SecondMarking,
)
from assessments.scoring import CENT
from assessments.selectors.marking import assessments_of


def has_two_markers(attempt: Attempt) -> bool:
    """Whether two people mark this attempt, neither seeing what the other gives."""
    return SecondMarking.objects.filter(attempt=attempt).exists()


def is_blind(attempt: Attempt) -> bool:
    """Whether two people mark an attempt and one of them has not handed in. One's own marks
    are never kept from oneself."""
    return has_two_markers(attempt) and handed_in_of(attempt) is None


def handed_in_of(attempt: Attempt) -> list[AssessmentRevision] | None:
    """The latest marks a grade can rest on, the first marker's before the second's; None
    while somebody who is to mark has not handed in."""
    held = assessments_of(attempt)
    wanted = [MarkerRole.FIRST]
    if has_two_markers(attempt):
        wanted.append(MarkerRole.SECOND)
    marked = [held[role] for role in wanted if role in held]
    if len(marked) < len(wanted) or any(
        assessment.status != AssessmentStatus.SUBMITTED for assessment in marked
    ):
        return None
    revisions = AssessmentRevision.objects.filter(assessment__in=marked)
    latest = {
        revision.assessment_id: revision
        for revision in revisions.select_related("rubric", "assessment__marker").order_by("number")
    }
    return [latest[assessment.pk] for assessment in marked]


@dataclass(frozen=True)
class ComparedCriterion:
    """What two markers gave for one criterion: marks as in `MarksRecord`. `weights`: of all
    criteria together."""

    key: str
    title: str
    first: dict[str, Any]
    second: dict[str, Any]
    weights: Decimal

    @property
    def points(self) -> Decimal:
        """How far apart the two are, of the points of the criterion."""
        return abs(Decimal(self.first["points"]) - Decimal(self.second["points"]))

    @property
    def effect(self) -> Decimal:
        """By how many points of the percentage it moves the result, without a sign."""
        share = self.points / Decimal(self.first["max_points"]) * Decimal(self.first["weight"])
        return (100 * share / self.weights).quantize(CENT)

    @property
    def is_same(self) -> bool:
        return bool(self.first["level"] == self.second["level"])


@dataclass(frozen=True)
class Divergence:
    """How far two markers are apart. `points`: of the percentage, without a sign;
    `crosses_pass`: one of them passes the project and the other does not."""

    first: AssessmentRevision
    second: AssessmentRevision
    criteria: list[ComparedCriterion]
    points: Decimal
    crosses_pass: bool

    @property
    def same(self) -> int:
        """In how many criteria both chose the same level."""
        return sum(criterion.is_same for criterion in self.criteria)

    @property
    def is_same(self) -> bool:
        return self.same == len(self.criteria)

    def needs_moderator(self, policy: MarkingPolicy) -> bool:
        return self.crosses_pass or self.points >= policy.divergence_percent


def divergence_of(handed_in: Sequence[AssessmentRevision] | None) -> Divergence | None:
    """None where there are no two to compare."""
    if handed_in is None or len(handed_in) < 2:
        return None
    first, second = handed_in
    theirs = {mark["criterion"]: mark for mark in second.marks}
    passing = first.rubric.pass_percent
    weights = sum((Decimal(mark["weight"]) for mark in first.marks), Decimal(0))
    return Divergence(
        first=first,
        second=second,
        criteria=[
            ComparedCriterion(
                mark["criterion"], mark["title"], mark, theirs[mark["criterion"]], weights
            )
            for mark in first.marks
        ],
        points=abs(first.percent - second.percent),
        crosses_pass=(first.percent >= passing) != (second.percent >= passing),
    )


def block_of(percent: int) -> tuple[int, int]:
    """(of how many, how many): the smallest group in which a share is whole."""
    common = gcd(percent, 100)
    return 100 // common, percent // common
