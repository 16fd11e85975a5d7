"""Who has which desk open, and who has taken what from the queue to begin it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from assessments.enums import SecondMarkingRule
from assessments.models import DeskVisit, MarkingLease, MarkingPolicy, Project
from lms.accounts.models import User
from lms.core.permissions import may_in_person

# The desk says every `BEAT` that it is open; who was silent this long has left.
BEAT = timedelta(seconds=45)
GONE_AFTER = timedelta(minutes=2)
LEASE = timedelta(minutes=5)


@dataclass(frozen=True)
class Company:
    """Who else is there. `names` are empty where they are hidden; `count` tells how many."""

    count: int = 0
    names: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """“Ana is looking at it too”; nothing where nobody is."""
        if not self.count:
            return ""
        if not self.names:
            return _("A colleague is looking at it too.")
        if self.count == 1:
            return _("%(person)s is looking at it too.") % {"person": self.names[0]}
        return _("%(people)s are looking at it too.") % {"people": ", ".join(self.names)}


def live_lease(attempt_id: int, at: datetime) -> MarkingLease | None:
    return (
        MarkingLease.objects.filter(attempt=attempt_id, expires_at__gt=at)
        .select_related("holder")
        .first()
    )


def leased_by_others(user: User, at: datetime, attempt: str = "attempt") -> Exists:
    """A condition: somebody else has taken the attempt of the outer query just now."""
    live = MarkingLease.objects.filter(attempt=OuterRef(attempt), expires_at__gt=at)
    return Exists(live.exclude(holder=user))


def company_on(
    submission_ids: Iterable[int], reader: User, project: Project, at: datetime
) -> dict[int, Company]:
    """Submission id → who else has its desk open now. Two queries for any number."""
    there: dict[int, list[str]] = defaultdict(list)
    visits = (
        DeskVisit.objects.filter(submission__in=list(submission_ids), seen_at__gt=at - GONE_AFTER)
        .exclude(user=reader)
        .select_related("user")
    )
    for visit in visits:
        there[visit.submission_id].append(str(visit.user))
    are_named = not there or not hides_colleagues(reader, project)
    return {
        submission: Company(len(names), tuple(names) if are_named else ())
        for submission, names in there.items()
    }


def hides_colleagues(reader: User, project: Project) -> bool:
    """Where two people mark a project and neither knows what the other gives, markers are
    not told who else reads it; coordinators are."""
    policy = MarkingPolicy.objects.filter(project=project).only("second_marking").first()
    is_double = policy is not None and policy.second_marking != SecondMarkingRule.NONE
    return is_double and not may_in_person(reader, "assessments.coordinate_marking", project)
