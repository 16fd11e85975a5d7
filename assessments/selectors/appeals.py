"""Appeals: until when, who may look at one, where they stand."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, F, QuerySet, When

from assessments.enums import (
    ACTIVE_ASSESSMENT,
    DECIDED_APPEAL,
    OPEN_APPEAL,
    AppealStatus,
    GradeStatus,
    MarkerRole,
)
from assessments.models import Appeal, Assessment, Grade, GradeRevision, Project
from assessments.models.team import was_in_team
from assessments.selectors.desk import markers_for
from assessments.selectors.marking import has_conflict
from assessments.selectors.policy import policy_of
from assessments.workflow import GRADE_MOVES
from lms.accounts.models import User
from lms.core import clock
from lms.core.clock import days_later
from lms.core.permissions import may_in_person
from lms.programme.models import Edition


def appeal_until(grade: Grade) -> datetime | None:
    """The last instant at which the decision in force can be appealed: so many days after
    its participants could first see it. None where the edition takes no appeals, or the
    grade was looked at on appeal already."""
    if grade.released_at is None or grade.current is None:
        return None
    days = policy_of(Project.objects.get(edition=grade.edition_id)).appeal_days
    if not days or grade.appeals.filter(status__in=DECIDED_APPEAL).exists():
        return None
    since = max(grade.released_at, grade.current.at)
    return days_later(since, days, grade.edition.time_zone)


@dataclass(frozen=True)
class AppealPlace:
    """What a participant sees of appeals about their grade. `until` is passed where
    `can_appeal` says no and nothing else does."""

    appeals: list[Appeal]
    until: datetime | None
    can_appeal: bool

    @property
    def open(self) -> Appeal | None:
        return next((one for one in self.appeals if one.status in OPEN_APPEAL), None)


def can_appeal(grade: Grade, user: User) -> bool:
    return appeal_place_of(grade, user, clock.now()).can_appeal


def appeal_place_of(grade: Grade, user: User, at: datetime) -> AppealPlace:
    until = appeal_until(grade)
    return AppealPlace(
        appeals=list(grade.appeals.order_by("pk")),
        until=until,
        can_appeal=until is not None
        and at <= until
        and GRADE_MOVES.allows(grade.status, GradeStatus.APPEALED)
        and may_in_person(user, "assessments.appeal_grade", grade.submission),
    )


def had_a_part_in(grade: Grade) -> set[int]:
    """Everybody who marked the project, or decided its grade: none of them looks at its
    appeal (invariant 10)."""
    submission = grade.submission_id
    marked = Assessment.objects.filter(submission=submission).exclude(role=MarkerRole.APPEAL)
    held = marked.filter(status__in=ACTIVE_ASSESSMENT).values_list("marker_id", flat=True)
    handed_in = marked.filter(revisions__isnull=False).values_list("marker_id", flat=True)
    decided = GradeRevision.objects.filter(grade=grade).values_list("by_id", flat=True)
    return {*held, *handed_in, *decided}


def appeal_markers_for(grade: Grade) -> list[int]:
    """Instructors of the edition who had no part in the grade, nor are of the city."""
    return sorted(set(markers_for(grade.submission)) - had_a_part_in(grade))


def appeals_of(edition: Edition, user: User) -> QuerySet[Appeal]:
    """Those of an edition, the newest first; nothing of one's own project."""
    return (
        Appeal.objects.filter(edition=edition)
        .filter(~was_in_team(user, "grade__submission"))
        .select_related(
            "grade__submission__owner__user", "grade__submission__owner__city", "appealed_by",
            "assessment__marker", "decided_by", "revision", "decided_as", "edition",
        )
        .defer(
            "grade__submission__sections", "revision__marks", "revision__overall",
            "decided_as__marks", "decided_as__overall",
        )
    )  # fmt: skip


def waiting_first(appeals: QuerySet[Appeal]) -> QuerySet[Appeal]:
    """Those that wait, the longest waiting first; then those decided, the latest first."""
    is_decided = Case(When(status__in=OPEN_APPEAL, then=0), default=1)
    return appeals.order_by(is_decided, F("decided_at").desc(), "appealed_at", "pk")


def appeal_abilities(appeal: Appeal, user: User) -> dict[str, bool]:
    """What the reader may do with it in its present state."""
    submission = appeal.grade.submission
    is_open = appeal.status in OPEN_APPEAL
    decides = (
        appeal.status == AppealStatus.ASSIGNED
        and appeal.assessment is not None
        and may_in_person(user, "assessments.decide_appeal", appeal.assessment)
    )
    return {
        "assign": is_open and may_in_person(user, "assessments.assign_appeal", submission),
        "take": appeal.status == AppealStatus.RECEIVED
        and user.pk in appeal_markers_for(appeal.grade),
        "decide": decides and not has_conflict(user, submission),
    }
