"""Who may judge what, and what a participant may see of it."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from django.db.models import Exists, OuterRef, Q

from assessments.enums import GradeStatus, MarkerRole, ReleaseItemOutcome
from assessments.models import (
    Assessment,
    Attempt,
    Criterion,
    Grade,
    GradeRevision,
    Level,
    ReleaseItem,
    RubricVersion,
    Submission,
    TeamMember,
)
from assessments.scoring import Score, Weighed, score
from assessments.selectors.conflicts import (
    declared_against,
    declared_by,
)
from lms.accounts.models import User
from lms.core.kept import Kept
from lms.programme.models import Enrolment, RoleAssignment

_conflicts_known: ContextVar[dict[tuple[int, int], bool] | None] = ContextVar(
    "conflicts_known", default=None
)


def cities_of(user: User) -> frozenset[int]:
    """Every city somebody has represented or worked for, in any edition (invariant 10), and
    those with which they have declared a conflict."""
    return _own_cities_of(user) | declared_by(user).cities


def _own_cities_of(user: User) -> frozenset[int]:
    """One query: it is asked wherever somebody judges."""
    places = Enrolment.objects.filter(user=user).order_by()
    cities = places.values_list("city_id").union(
        places.values_list("organisation__city_id"),
        RoleAssignment.objects.filter(user=user).order_by().values_list("city_id"),
    )
    return frozenset(city for (city,) in cities if city is not None)


@contextmanager
def conflicts_asked_once() -> Iterator[None]:
    """Inside, `has_conflict` looks once for each person and project: for a page that asks
    several rules about one. Never around a write."""
    token = _conflicts_known.set({})
    try:
        yield
    finally:
        _conflicts_known.reset(token)


def has_conflict(user: User, submission: Submission) -> bool:
    """Whether somebody wrote on a project, now or before, is of the city of any who did, or
    has declared a conflict of interest (invariant 10)."""
    known = _conflicts_known.get()
    if known is None:
        return _has_conflict(user, submission)
    key = (user.pk, submission.pk)
    if key not in known:
        known[key] = _has_conflict(user, submission)
    return known[key]


def _has_conflict(user: User, submission: Submission) -> bool:
    owner = submission.owner
    declared = declared_by(user)
    people = declared.people | {user.pk}
    cities = _own_cities_of(user) | declared.cities
    if owner.user_id in people or owner.city_id in cities:
        return True
    if submission.pk in declared.submissions:
        return True
    return any(
        writer in people or city in cities
        for writer, city in submission.members.values_list(
            "enrolment__user_id", "enrolment__city_id"
        )
    )


def without_conflict(user: User) -> Q:
    """The same as a condition on submissions."""
    partial = TeamMember.objects.filter(
        Q(enrolment__user=user) | Q(enrolment__city__in=cities_of(user)),
        submission=OuterRef("pk"),
    )
    return ~Q(Exists(partial)) & ~Q(owner__user=user) & ~Q(declared_against(user))


def rubric_in_force(rubric_id: int) -> RubricVersion | None:
    """The newest version, with its criteria and levels."""
    return (
        RubricVersion.objects.filter(rubric=rubric_id)
        .prefetch_related("criteria__levels")
        .order_by("-number")
        .first()
    )


def newest_rubric_of(attempt: Attempt) -> RubricVersion:
    """The version in force of the rubric that an attempt is marked on."""
    return RubricVersion.objects.filter(rubric__versions=attempt.rubric_id).latest("number")


def is_rubric_outdated(grade: Grade) -> bool:
    """Whether a newer rubric than the attempt's own is in force and nobody has confirmed
    the marks against it (invariant 7)."""
    newest = newest_rubric_of(grade.attempt)
    return newest.pk not in (grade.attempt.rubric_id, grade.rubric_confirmed_id)


def attempt_in_hand(submission: Submission) -> Attempt | None:
    """The attempt that marking is about: the one the submission counts now."""
    return submission.attempts.filter(number=submission.attempt).first()


def assessments_of(attempt: Attempt) -> dict[MarkerRole, Assessment]:
    """Those who mark an attempt, by their role: the first marker's before the second's."""
    held = Assessment.objects.active().filter(attempt=attempt).select_related("marker")
    by_role = {MarkerRole(assessment.role): assessment for assessment in held}
    return {role: by_role[role] for role in MarkerRole if role in by_role}


def assessment_of(attempt: Attempt) -> Assessment | None:
    """The first marker's."""
    return assessments_of(attempt).get(MarkerRole.FIRST)


def own_assessment_of(attempt: Attempt, user: User) -> Assessment | None:
    """What `user` marks of an attempt, in whichever role."""
    held = assessments_of(attempt).values()
    return next((one for one in held if one.marker_id == user.pk), None)


def is_moderating_own(grade: Grade, assessments: Iterable[Assessment], user: User) -> bool:
    """Whether moderation was asked and the one who would decide is a marker (invariant 10)."""
    return grade.moderation_asked_at is not None and any(
        assessment.marker_id == user.pk for assessment in assessments
    )


@dataclass(frozen=True)
class VisibleGrade:
    """A released grade as its participant reads it. `marks`: see `MarksRecord`."""

    grade: Grade
    revision: GradeRevision
    is_amended: bool

    @property
    def marks(self) -> list[dict[str, Any]]:
        return list(self.revision.marks)

    @property
    def is_passed(self) -> bool:
        return self.revision.outcome == "passed"


def visible_grade(submission: Submission | None) -> VisibleGrade | None:
    """The grade as its participant may see it; None before the release (invariant 9)."""
    if submission is None:
        return None
    grade = (
        Grade.objects.filter(submission=submission)
        .select_related("current__rubric", "current__attempt")
        .first()
    )
    if grade is None or not grade.is_visible_to_participant or grade.current is None:
        return None
    first = released_revision(grade)
    return VisibleGrade(
        grade,
        grade.current,
        is_amended=first is not None and grade.current.number > first.number,
    )


def voided_grade(submission: Submission) -> Grade | None:
    """With the reason, which is for those who wrote the project; nothing of the marks is."""
    found = Grade.objects.filter(submission=submission, status=GradeStatus.VOIDED)
    return found.select_related("voided_by").defer("current").first()


def released_revision(grade: Grade) -> GradeRevision | None:
    """The decision that was released: what its participants saw first. What led to it,
    decided and reopened before, is not theirs to know (invariant 9)."""
    items = ReleaseItem.objects.filter(grade=grade, outcome=ReleaseItemOutcome.RELEASED)
    item = items.select_related("revision").first()
    if item is not None:
        return item.revision
    # Released before there were releases of many.
    return grade.revisions.filter(at__lte=grade.released_at).first() or grade.revisions.last()


@dataclass(frozen=True)
class DeskCriterion:
    """A criterion on the marking desk with what its marker has chosen so far."""

    criterion: Criterion
    level: Level | None
    comment: str

    @property
    def level_key(self) -> str:
        return self.level.key if self.level else ""

    @property
    def level_title(self) -> str:
        return self.level.title if self.level else ""

    @property
    def best_points(self) -> Decimal:
        return max(level.points for level in self.criterion.levels.all())


NO_MARK: Final[Mapping[str, Any]] = MappingProxyType({"level": None, "comment": ""})
_criteria: Kept[dict[str, Criterion]] = Kept(64)


def criteria_of(rubric_id: int) -> Mapping[str, Criterion]:
    """Criterion key → criterion of a rubric version, in order, with levels. A version never
    changes, so it is read once."""

    def read() -> dict[str, Criterion]:
        criteria = Criterion.objects.filter(version=rubric_id).prefetch_related("levels")
        return {criterion.key: criterion for criterion in criteria}

    return _criteria.get(rubric_id, read)


def desk_criteria(attempt: Attempt, assessment: Assessment | None) -> list[DeskCriterion]:
    """The pinned rubric's criteria in order."""
    return _with_marks(attempt.rubric_id, assessment.marks if assessment else {})


def result_of(criteria: list[DeskCriterion]) -> Score | None:
    """What the stored marks come to; None while one is missing (invariant 6)."""
    if not criteria or any(row.level is None for row in criteria):
        return None
    return score(
        Weighed(row.level.points, row.best_points, row.criterion.weight)
        for row in criteria
        if row.level is not None
    )


def criteria_with_marks(revision: GradeRevision) -> list[DeskCriterion]:
    """The criteria of a decided grade with its levels and comments."""
    return _with_marks(revision.rubric_id, {mark["criterion"]: mark for mark in revision.marks})


def _with_marks(rubric_id: int, marks: Mapping[str, Mapping[str, Any]]) -> list[DeskCriterion]:
    return [
        DeskCriterion(
            criterion,
            level=criterion.level_of(mark["level"]) if mark["level"] else None,
            comment=mark["comment"],
        )
        for key, criterion in criteria_of(rubric_id).items()
        for mark in [marks.get(key, NO_MARK)]
    ]
