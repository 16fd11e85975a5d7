"""What of marking waits for somebody in an edition, counted for its staff."""

from dataclasses import dataclass

from django.db.models import Q

from assessments.enums import AppealStatus, ReleaseStatus
from assessments.models import Appeal, QueuePlace, Release
from assessments.models.team import was_in_team
from lms.accounts.models import User
from lms.programme.models import Edition


@dataclass(frozen=True)
class MarkingWork:
    """`to_agree`: marks are in, nobody has agreed. `to_release`: agreed, and held.
    `to_confirm`: releases that a colleague decided. `appeals`: nobody looks at them yet.
    `own_appeals`: the reader looks at them."""

    unmarked: int
    to_agree: int
    to_release: int
    to_confirm: int
    appeals: int
    own_appeals: int


def marking_work_of(edition: Edition, user: User) -> MarkingWork:
    """Nothing of what the reader wrote is counted (invariant 9)."""
    places = QueuePlace.objects.of_everybody().filter(
        ~was_in_team(user, "submission"), submission__edition=edition
    )
    appeals = Appeal.objects.filter(~was_in_team(user, "grade__submission"), edition=edition)
    return MarkingWork(
        unmarked=places.filter(is_unmarked=True).count(),
        to_agree=places.filter(is_to_agree=True).count(),
        to_release=places.filter(is_agreed=True).count(),
        to_confirm=Release.objects.filter(
            ~Q(made_by=user), edition=edition, status=ReleaseStatus.AWAITING_CONFIRMATION
        ).count(),
        appeals=appeals.filter(status=AppealStatus.RECEIVED).count(),
        own_appeals=appeals.filter(status=AppealStatus.ASSIGNED, assessment__marker=user).count(),
    )
