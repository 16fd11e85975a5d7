"""Taking the next project from the queue, and being seen at a desk.

A lease only advises (invariant 4): it keeps two markers from opening the same project, and
whoever begins first has it, lease or not (`start_marking`). Nothing of it is evidence: rows
come and go and leave no event.
"""

from datetime import datetime

from django.db import connection, transaction

from assessments.models import (
    Assessment,
    Attempt,
    DeskVisit,
    MarkingLease,
    Project,
    QueuePlace,
    Submission,
)
from assessments.selectors.presence import LEASE
from assessments.selectors.queue import places_to_mark
from lms.accounts.models import User
from lms.core.permissions import may_in_person, require_perm

TRIES = 8


@transaction.atomic
def take_next(
    *, project: Project, other_than: int = 0, by: User, at: datetime
) -> Submission | None:
    """The project that waits longest for `by`: allocated to them, or that nobody holds or
    has just taken; with a lease on it. Two who ask at the same moment get two. A reader
    who marks nothing gets no lease.

    `other_than`: the project they come from, which is not offered again.
    """
    require_perm(by, "assessments.view_marking", project)
    takes = may_in_person(by, "assessments.mark_in_edition", project)
    passed = {other_than}
    for _try in range(TRIES):
        place = _first(project, by, passed, at, is_locked=takes)
        if place is None:
            return None
        if not takes or _take(place.attempt_id, by, at):
            return Submission.objects.defer("sections").get(pk=place.submission_id)
        # Somebody was quicker between the look and the lease.
        passed.add(place.submission_id)
    return None


@transaction.atomic
def be_at_desk(*, submission: Submission, attempt: Attempt, by: User, at: datetime) -> None:
    """The desk is open: be seen there, and keep the lease on what one might begin, or take
    it where nobody has one."""
    require_perm(by, "assessments.view_marking", submission)
    seen = DeskVisit.objects.filter(submission=submission, user=by).update(seen_at=at)
    if not seen:
        DeskVisit.objects.bulk_create(
            [DeskVisit(submission=submission, user=by, came_at=at, seen_at=at)],
            ignore_conflicts=True,
        )
    waits = QueuePlace.objects.of_everybody().filter(submission=submission, is_unmarked=True)
    others = Assessment.objects.active().filter(attempt=attempt).exclude(marker=by)
    if (
        waits.exists()
        and not others.exists()
        and may_in_person(by, "assessments.mark_submission", submission)
    ):
        _take(attempt.pk, by, at)


@transaction.atomic
def leave_desk(*, submission: Submission, by: User, at: datetime) -> None:
    """The desk is closed: what was taken is free again, before its time is over. `at` is
    asked of every action and needed by none of this."""
    require_perm(by, "assessments.view_marking", submission)
    DeskVisit.objects.filter(submission=submission, user=by).delete()
    MarkingLease.objects.filter(attempt__submission=submission, holder=by).delete()


@transaction.atomic
def sweep_leases(*, by: None = None, at: datetime) -> int:
    """Throw away what a browser that died left behind, a day later. Returns how many."""
    old = at - 24 * 12 * LEASE
    visits, _ = DeskVisit.objects.filter(seen_at__lt=old).delete()
    leases, _ = MarkingLease.objects.filter(expires_at__lt=old).delete()
    return visits + leases


def _first(
    project: Project, by: User, passed: set[int], at: datetime, *, is_locked: bool
) -> QueuePlace | None:
    for places in places_to_mark(project, by, at):
        found = places.exclude(submission__in=passed)
        if is_locked and connection.features.has_select_for_update_skip_locked:
            # Those whom others look at in this instant are passed over, not waited for.
            found = found.select_for_update(of=("self",), skip_locked=True)
        place = found.first()
        if place is not None:
            return place
    return None


def _take(attempt_id: int, by: User, at: datetime) -> bool:
    """One's own lease is kept, an expired one is taken over; a live one of another is not.
    Each step compares and sets in one statement."""
    until = {"seen_at": at, "expires_at": at + LEASE}
    own = MarkingLease.objects.filter(attempt=attempt_id, holder=by)
    if own.update(**until):
        return True
    expired = MarkingLease.objects.filter(attempt=attempt_id, expires_at__lte=at)
    if expired.update(holder=by, taken_at=at, **until):
        return True
    MarkingLease.objects.bulk_create(
        [MarkingLease(attempt_id=attempt_id, holder=by, taken_at=at, **until)],
        ignore_conflicts=True,
    )
    return own.exists()
