"""Carrying a release out, part by part, when the time to undo it is over: by the worker, by
the sweep, and in process where there is neither."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from assessments import tasks
from assessments.actions.grades import require_releasable, say_changed
from assessments.actions.queueing import places_kept_together
from assessments.actions.releasing import (
    ChangedSinceRehearsal,
    NothingToRelease,
    lock_release,
    move_release,
)
from assessments.actions.team_notices import tell_team
from assessments.enums import (
    GradeStatus,
    ReleaseItemOutcome,
    ReleaseStatus,
    SubmissionStatus,
)
from assessments.models import Grade, Release, ReleaseItem, Submission
from lms.accounts.models import User
from lms.core import audit, outbox
from lms.core.errors import DomainError
from lms.programme.models import Edition

LONGEST_REASON = 300  # characters that `ReleaseItem.reason` holds


@transaction.atomic
def begin_release(*, release: Release, by: None = None, at: datetime) -> Release:
    """The time to undo it is over: promise each part of it. Safe to repeat; undone, or
    before its time, nothing happens."""
    release = Release.objects.select_for_update(of=("self",)).get(pk=release.pk)
    if release.status != ReleaseStatus.SCHEDULED or release.takes_effect_at is None:
        return release
    if at < release.takes_effect_at:
        return release
    move_release(release, ReleaseStatus.RELEASING)
    release.save()
    audit.record(by=by, verb="release.begun", target=release, at=at)
    _promise_parts(release)
    return release


@transaction.atomic
def release_part(*, release: Release, part: int, by: None = None, at: datetime) -> None:
    """Show one part of a release to its participants, and promise their notices: all of it
    or, after a crash, nothing. Safe to repeat: what has its outcome is left alone.

    A grade that is not as it was rehearsed is left out, and says why.
    """
    items = release.items.filter(part=part).order_by("grade__submission_id")
    # As everybody else does: the projects first, in one order.
    ids = list(items.values_list("grade__submission_id", flat=True))
    locked = Submission.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    submissions = {submission.pk: submission for submission in locked.defer("sections")}
    grades = {
        grade.pk: grade
        for grade in Grade.objects.select_for_update(of=("self",))
        .filter(submission__in=ids)
        .select_related("attempt")
        .defer("attempt__sections")
        .order_by("pk")
    }
    release = Release.objects.select_related("made_by").get(pk=release.pk)
    if release.status != ReleaseStatus.RELEASING:
        return
    shown: list[Grade] = []
    settled = list(items.waiting())
    for item in settled:
        grade = grades[item.grade_id]
        try:
            _require_as_rehearsed(item, grade, submissions[grade.submission_id])
        except DomainError as refusal:
            item.outcome = ReleaseItemOutcome.LEFT_OUT
            item.reason = str(refusal.sentence)[:LONGEST_REASON]
        else:
            item.outcome = ReleaseItemOutcome.RELEASED
            shown.append(grade)
        item.settled_at = at
    _show(release, shown, submissions, at=at)
    ReleaseItem.objects.bulk_update(settled, ["outcome", "reason", "settled_at"])
    _finish(release, at=at)


@transaction.atomic
def stop_release(*, release: Release, by: None = None, at: datetime) -> Release:
    """Say openly that a release has not come to its end: its messages were given up."""
    release = Release.objects.select_for_update(of=("self",)).get(pk=release.pk)
    if release.status == ReleaseStatus.RELEASING:
        move_release(release, ReleaseStatus.FAILED)
        release.finished_at = at
        release.save()
        audit.record(by=by, verb="release.stopped", target=release, at=at)
    return release


def carry_on_where_nobody_sweeps(*, edition: Edition, at: datetime) -> None:
    """Without a broker (the embedded default) no worker and no sweep comes by when the time
    to undo a release is over, or after a part failed: whoever looks at the releases of the
    edition then carries on with what is due."""
    if not settings.CELERY_TASK_ALWAYS_EAGER:
        return
    going = Release.objects.filter(edition=edition)
    for release in going.filter(status=ReleaseStatus.SCHEDULED, takes_effect_at__lte=at):
        begin_release(release=release, at=at)
    for release in going.filter(status=ReleaseStatus.RELEASING):
        for message in outbox.due(tasks.release_part, release_id=release.pk):
            outbox.hand_over(message.pk)


def sweep_releases(*, at: datetime) -> int:
    """Find what was left behind: a release whose beginning was given up is begun, one whose
    parts were is said to have stopped. Returns how many."""
    found = 0
    due = Release.objects.filter(status=ReleaseStatus.SCHEDULED, takes_effect_at__lte=at)
    for release in due:
        if not outbox.waits(tasks.begin_release, release_id=release.pk):
            begin_release(release=release, at=at)
            found += 1
    for release in Release.objects.filter(status=ReleaseStatus.RELEASING):
        parts = release.items.waiting().values_list("part", flat=True).distinct()
        if not any(
            outbox.waits(tasks.release_part, release_id=release.pk, part=part) for part in parts
        ):
            stop_release(release=release, at=at)
            found += 1
    return found


@transaction.atomic
def retry_release(*, release: Release, base_version: int, by: User, at: datetime) -> Release:
    """Go on with a release that stopped; what was released stays so."""
    release = lock_release(release, base_version, by)
    if not release.items.waiting().exists():
        raise NothingToRelease(_("Nothing of this release is left to be tried again."))
    move_release(release, ReleaseStatus.RELEASING)
    release.finished_at = None
    release.save()
    audit.record(by=by, verb="release.tried_again", target=release, at=at)
    _promise_parts(release)
    return release


def _promise_parts(release: Release) -> None:
    parts = release.items.waiting().order_by("part").values_list("part", flat=True).distinct()
    for part in parts:
        outbox.enqueue(tasks.release_part, release_id=release.pk, part=part)


def _require_as_rehearsed(item: ReleaseItem, grade: Grade, submission: Submission) -> None:
    """Raise what says, in words for the staff, how it differs."""
    if submission.status != SubmissionStatus.LOCKED_FOR_MARKING:
        raise ChangedSinceRehearsal(
            _("The project has changed since the release was made: %(state)s.")
            % {"state": submission.get_status_display()}
        )
    if grade.needs_regrade or grade.attempt.number != submission.attempt:
        raise ChangedSinceRehearsal(
            _("A newer attempt or another rubric came after the release was made.")
        )
    if grade.version != item.grade_version or grade.current_id != item.revision_id:
        raise ChangedSinceRehearsal(
            _("The grade has changed since the release was made: %(state)s.")
            % {"state": grade.get_status_display()}
        )
    require_releasable(grade, submission)


def _show(
    release: Release,
    shown: Sequence[Grade],
    submissions: dict[int, Submission],
    *,
    at: datetime,
) -> None:
    ids = [grade.submission_id for grade in shown]
    with places_kept_together():
        Grade.objects.filter(pk__in=[grade.pk for grade in shown]).update(
            status=GradeStatus.RELEASED,
            released_at=at,
            released_by=release.made_by,
            version=F("version") + 1,
        )
        Submission.objects.filter(pk__in=ids).update(status=SubmissionStatus.FINALISED)
    events: list[tuple[str, Grade | Submission, dict[str, int]]] = []
    for grade in shown:
        events.append(("grade.released", grade, {"release": release.pk}))
        events.append(("project.finalised", submissions[grade.submission_id], {}))
    audit.record_all(by=release.made_by, at=at, events=events)
    for grade in shown:
        submission = submissions[grade.submission_id]
        tell_team(tasks.send_grade_released, submission, grade_id=grade.pk)
        say_changed(submission, at)


def _finish(release: Release, *, at: datetime) -> None:
    """Whoever settles the last grade closes the release."""
    release = Release.objects.select_for_update(of=("self",)).get(pk=release.pk)
    if release.status != ReleaseStatus.RELEASING or release.items.waiting().exists():
        return
    is_shown = release.items.filter(outcome=ReleaseItemOutcome.RELEASED).exists()
    move_release(release, ReleaseStatus.RELEASED if is_shown else ReleaseStatus.FAILED)
    release.finished_at = at
    release.save()
    audit.record(by=None, verb=f"release.{release.status}", target=release, at=at)
