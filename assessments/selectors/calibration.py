"""Markers compare themselves on a sample before marking starts."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from assessments.models import CalibrationMarks, CalibrationRound, Criterion, Level
from assessments.scoring import Score, Weighed, score
from lms.accounts.models import User
from lms.programme.enums import Role
from lms.programme.models import RoleAssignment


def open_round(project_id: int) -> CalibrationRound | None:
    return CalibrationRound.objects.filter(project=project_id, closed_at=None).first()


def owes_calibration(user: User, project_id: int) -> bool:
    """Whether a required round is open for which `user` has not handed in marks."""
    waiting = CalibrationRound.objects.filter(
        project=project_id, closed_at=None, is_required=True
    ).exclude(
        pk__in=CalibrationMarks.objects.filter(marker=user, submitted_at__isnull=False).values(
            "round"
        )
    )
    return waiting.exists()


@dataclass(frozen=True)
class Given:
    """One marker's choice for a criterion of the sample."""

    marker: User
    level: Level
    comment: str


@dataclass(frozen=True)
class LevelCount:
    """Who chose a level: names, not a percentage of a handful."""

    level: Level
    given: list[Given]


@dataclass(frozen=True)
class CalibratedCriterion:
    criterion: Criterion
    levels: list[LevelCount]

    @property
    def is_compared(self) -> bool:
        """One marker alone neither agrees nor differs."""
        return sum(len(level.given) for level in self.levels) > 1

    @property
    def is_unanimous(self) -> bool:
        return sum(bool(level.given) for level in self.levels) == 1


@dataclass(frozen=True)
class Comparison:
    """What the markers gave the sample, side by side. `results`: marker and score, the
    lowest first; `span`: between the lowest and the highest, in points of the percentage."""

    criteria: list[CalibratedCriterion]
    results: list[tuple[User, Score]]
    waiting_for: list[User]

    @property
    def span(self) -> Decimal | None:
        if len(self.results) < 2:
            return None
        return self.results[-1][1].percent - self.results[0][1].percent


def may_compare(calibration: CalibrationRound, user: User, *, coordinates: bool) -> bool:
    """After one's own marks are handed in, or the round is closed. Coordinators who do
    not mark the sample see who has handed in, and the marks when it is closed."""
    if calibration.closed_at is not None:
        return True
    own = calibration.marks.filter(marker=user).first()
    return (own is not None and own.submitted_at is not None) or (coordinates and own is None)


def comparison_of(calibration: CalibrationRound) -> Comparison:
    """Six queries, however many markers."""
    criteria = list(
        Criterion.objects.filter(version=calibration.rubric_id).prefetch_related("levels")
    )
    handed_in = list(
        calibration.marks.filter(submitted_at__isnull=False)
        .select_related("marker")
        .order_by("marker")
    )
    rows = []
    for criterion in criteria:
        chosen: dict[str, list[Given]] = {level.key: [] for level in criterion.levels.all()}
        by_key = {level.key: level for level in criterion.levels.all()}
        for one in handed_in:
            mark = one.marks[criterion.key]
            chosen[mark["level"]].append(
                Given(one.marker, by_key[mark["level"]], mark.get("comment", ""))
            )
        rows.append(
            CalibratedCriterion(
                criterion,
                [LevelCount(level, chosen[level.key]) for level in criterion.levels.all()],
            )
        )
    results = [(one.marker, _result(criteria, one.marks)) for one in handed_in]
    return Comparison(
        criteria=rows,
        results=sorted(results, key=lambda pair: (pair[1].percent, pair[0].pk)),
        waiting_for=_waiting_for(calibration, {one.marker_id for one in handed_in}),
    )


def comparison_rows(comparison: Comparison) -> Iterator[list[object]]:
    """A table for a spreadsheet: one line for each marker and criterion."""
    yield [_("Criterion"), _("Marker"), _("Level"), _("Points"), _("Comment")]
    for row in comparison.criteria:
        for count in row.levels:
            for given in count.given:
                yield [
                    row.criterion.title,
                    str(given.marker),
                    given.level.title,
                    given.level.points,
                    given.comment,
                ]


def _result(criteria: list[Criterion], marks: dict[str, Any]) -> Score:
    weighed = []
    for criterion in criteria:
        levels = list(criterion.levels.all())
        level = next(one for one in levels if one.key == marks[criterion.key]["level"])
        weighed.append(Weighed(level.points, max(one.points for one in levels), criterion.weight))
    return score(weighed)


def _waiting_for(calibration: CalibrationRound, done: set[int]) -> list[User]:
    """Instructors of the edition who have not handed in."""
    instructors = RoleAssignment.objects.filter(
        edition=calibration.project.edition_id, role=Role.INSTRUCTOR, user__is_active=True
    ).values("user")
    return list(User.objects.filter(pk__in=instructors).exclude(pk__in=done).order_by("pk"))
