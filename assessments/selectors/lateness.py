"""How an attempt counts: by its receipt, and by what was decided since."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from assessments.models import Attempt, LatenessRuling, Submission
from assessments.selectors.deadlines import EffectiveDeadline, effective_deadline_of
from lms.accounts.models import User


@dataclass(frozen=True)
class Lateness:
    """`ruling`: the newest, None where nobody has decided anything."""

    attempt: Attempt
    ruling: LatenessRuling | None

    @property
    def counts_as_late(self) -> bool:
        return self.attempt.is_late if self.ruling is None else self.ruling.is_late

    @property
    def is_forgiven(self) -> bool:
        """Came late, and counts as on time."""
        return self.attempt.is_late and not self.counts_as_late

    @property
    def late_by(self) -> timedelta:
        return self.attempt.received_at - self.attempt.effective_deadline_at

    @property
    def needed_more_time(self) -> bool:
        """On time, though after the deadline that everybody reads."""
        return not self.attempt.is_late and self.attempt.received_at > self.attempt.deadline_at


def lateness_of(attempt: Attempt) -> Lateness:
    return lateness_of_all([attempt])[attempt.pk]


def lateness_of_all(attempts: Iterable[Attempt]) -> dict[int, Lateness]:
    """One query for any number: id of the attempt → how it counts."""
    by_id = {attempt.pk: attempt for attempt in attempts}
    newest = {
        ruling.attempt_id: ruling
        for ruling in LatenessRuling.objects.filter(attempt__in=by_id)
        .select_related("ruled_by")
        .order_by("id")
    }
    return {key: Lateness(attempt, newest.get(key)) for key, attempt in by_id.items()}


def counting(attempts: QuerySet[Attempt]) -> QuerySet[Attempt]:
    """The same attempts, each with `counts_as_late`, in their own query."""
    newest = LatenessRuling.objects.filter(attempt=OuterRef("pk")).order_by("-id")
    return attempts.annotate(
        counts_as_late=Coalesce(Subquery(newest.values("is_late")[:1]), F("is_late"))
    )


@dataclass(frozen=True)
class RulingBasis:
    """What a ruling may rest on. `deadline`: that of the project as it is now."""

    lateness: Lateness
    deadline: EffectiveDeadline

    @property
    def reaches(self) -> bool:
        """The time there is now covers when the attempt came."""
        return self.lateness.attempt.received_at <= self.deadline.at


def ruling_basis(attempt: Attempt, submission: Submission) -> RulingBasis:
    deadline = effective_deadline_of(submission.project, submission)
    return RulingBasis(lateness_of(attempt), deadline)


def may_rule_on(user: User, attempt: Attempt) -> bool:
    """Whether the user decides how a late attempt counts."""
    return attempt.is_late and user.has_perm("assessments.decide_extension", attempt.submission)
