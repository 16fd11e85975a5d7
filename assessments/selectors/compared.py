"""How far apart two markers are, over the projects that two people mark. Few projects are
shown one by one; nothing is averaged over a handful."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from statistics import median

from django.utils.translation import gettext as _

from assessments.enums import AssessmentStatus, MarkerRole
from assessments.models import Assessment, AssessmentRevision, Project, SecondMarking
from assessments.selectors.anonymity import ShownAs, shown_names
from assessments.selectors.second_marking import Divergence, divergence_of
from lms.accounts.models import User

# Below this a median says less than the projects themselves.
ENOUGH_FOR_A_MEDIAN = 8


@dataclass(frozen=True)
class ComparedProject:
    submission_id: int
    receipt: str
    shown: ShownAs
    divergence: Divergence


@dataclass(frozen=True)
class ComparedProjects:
    """`rows`: what both have handed in, the furthest apart first. `waiting`: projects with
    two markers of which one is still to hand in. `criteria`: title, in how many of the
    projects both chose the same level."""

    rows: list[ComparedProject]
    waiting: int
    criteria: list[tuple[str, int]]

    @property
    def median(self) -> Decimal | None:
        if len(self.rows) < ENOUGH_FOR_A_MEDIAN:
            return None
        return median(row.divergence.points for row in self.rows)

    @property
    def crossing(self) -> int:
        return sum(row.divergence.crosses_pass for row in self.rows)


def compared_projects(project: Project, user: User) -> ComparedProjects:
    """Seven queries, however many projects. Without those one has had a hand in."""
    asked = SecondMarking.objects.filter(attempt__project=project)
    assessments = (
        Assessment.objects.visible_to(user)
        .active()
        .filter(attempt__in=asked.values("attempt"))
        .exclude(role=MarkerRole.APPEAL)
        .select_related("marker", "attempt", "submission__owner__user", "submission__owner__city")
        .defer("attempt__sections", "submission__sections")
    )
    by_attempt: dict[int, dict[str, Assessment]] = {}
    for one in assessments:
        by_attempt.setdefault(one.attempt_id, {})[one.role] = one
    latest: dict[int, AssessmentRevision] = {}
    for revision in (
        AssessmentRevision.objects.filter(
            assessment__in=[one.pk for held in by_attempt.values() for one in held.values()]
        )
        .select_related("rubric", "assessment__marker")
        .order_by("number")
    ):
        latest[revision.assessment_id] = revision
    pairs = [
        held
        for held in by_attempt.values()
        if len(held) == 2 and all(one.status == AssessmentStatus.SUBMITTED for one in held.values())
    ]
    names = shown_names([held[MarkerRole.FIRST].submission for held in pairs], user)
    rows = []
    for held in pairs:
        first, second = held[MarkerRole.FIRST], held[MarkerRole.SECOND]
        divergence = divergence_of([latest[first.pk], latest[second.pk]])
        assert divergence is not None  # there are two
        rows.append(
            ComparedProject(
                first.submission_id,
                first.attempt.receipt,
                names[first.submission_id],
                divergence,
            )
        )
    same: Counter[str] = Counter()
    for row in rows:
        for criterion in row.divergence.criteria:
            same[criterion.title] += criterion.is_same
    return ComparedProjects(
        rows=sorted(rows, key=lambda row: (-row.divergence.points, row.receipt)),
        waiting=asked.count() - len(rows),
        criteria=list(same.items()),
    )


def compared_table(compared: ComparedProjects) -> Iterator[list[object]]:
    """For a spreadsheet: one line a project."""
    yield [
        _("Receipt"),
        _("First marker"),
        _("Result"),
        _("Second marker"),
        _("Result"),
        _("Apart"),
        _("Criteria alike"),
        _("Criteria"),
        _("On both sides of the pass mark"),
    ]
    for row in compared.rows:
        apart = row.divergence
        yield [
            row.receipt,
            str(apart.first.assessment.marker),
            apart.first.percent,
            str(apart.second.assessment.marker),
            apart.second.percent,
            apart.points,
            apart.same,
            len(apart.criteria),
            _("yes") if apart.crosses_pass else _("no"),
        ]
