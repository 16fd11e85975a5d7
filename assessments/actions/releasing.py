"""Releasing grades together: rehearsed, confirmed where the edition asks for it, undone
within the window; carried out by `carrying_out`. One grade on its own goes the same way."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments import tasks
from assessments.actions.grades import lock_grade, require_releasable
from assessments.actions.judging import ConflictOfInterest
from assessments.enums import AGREED_GRADE, ReleaseItemOutcome, ReleaseStatus
from assessments.models import Grade, Project, Release, ReleaseItem, Submission
from assessments.selectors.policy import policy_of
from assessments.selectors.releasing import (
    Ready,
    conflicts_of,
    content_now,
    rehearse,
    sha256_of,
    told,
)
from assessments.selectors.team import team_of
from assessments.workflow import RELEASE_MOVES
from lms.accounts.models import User
from lms.core import audit, outbox
from lms.core.errors import Conflict, StaleVersion
from lms.core.permissions import require_perm
from lms.core.transitions import require_move
from lms.programme.models import Edition

# Grades that are released in one transaction: so many are locked at a time.
PART = 50


class NothingToRelease(Conflict):
    """No grade is ready."""

    code = "nothing_to_release"


class AlreadyInRelease(Conflict):
    """The grade waits in a release already."""

    code = "already_in_release"


class ChangedSinceRehearsal(StaleVersion):
    """The grades are not those that were rehearsed."""

    code = "changed_since_rehearsal"
    sentence = gettext_lazy(
        "The grades have changed since you looked at them. Look at the rehearsal again."
    )


@transaction.atomic
def make_release(
    *,
    edition: Edition,
    sha256: str,
    only: Collection[int] | None = None,
    by: User,
    at: datetime,
) -> Release:
    """Decide to release what was rehearsed: `sha256` is the hash of that rehearsal.
    `only`: ids of the grades it was about, where it was not about all that are ready.

    Nothing is shown to anybody yet. Raises PermissionDenied, NothingToRelease,
    ChangedSinceRehearsal.
    """
    require_perm(by, "assessments.release_grades", edition)
    # Two releases at once, and what changes a grade meanwhile, come one after the other.
    ready = Submission.objects.filter(edition=edition, grade__status__in=AGREED_GRADE)
    list(ready.select_for_update(of=("self",)).order_by("pk").only("pk"))
    rehearsal = rehearse(edition, by, only=only)
    if not rehearsal.ready:
        raise NothingToRelease(_("No grade is ready to be released."))
    if rehearsal.sha256 != sha256:
        raise ChangedSinceRehearsal(sha256=rehearsal.sha256)
    return _make(edition, rehearsal.ready, sha256, by=by, at=at)


@transaction.atomic
def release_grade(*, grade: Grade, base_version: int, by: User, at: datetime) -> Release:
    """Decide to release one grade: by the same rules as many, with the same confirmation
    and the same time to undo it.

    Raises PermissionDenied, ConflictOfInterest, IllegalMove, StaleVersion, NeedsRegrade,
    AlreadyInRelease.
    """
    grade, submission = lock_grade(grade, base_version, "assessments.release_grade", by)
    require_releasable(grade, submission)
    if grade.release_items.waiting().exists():
        raise AlreadyInRelease(_("This grade waits in a release already."))
    assert grade.current is not None  # a grade is agreed with a revision
    ready = Ready(submission, grade, grade.current, told(team_of(submission)))
    edition = submission.edition
    return _make(edition, [ready], sha256_of(edition, [ready]), by=by, at=at)


@transaction.atomic
def confirm_release(
    *, release: Release, base_version: int, sha256: str, by: User, at: datetime
) -> Release:
    """Confirm, as somebody else than who made it, exactly what was rehearsed.

    Raises PermissionDenied, ConflictOfInterest, IllegalMove, StaleVersion,
    ChangedSinceRehearsal where a grade has changed meanwhile.
    """
    release = lock_release(release, base_version, by)
    if release.made_by_id == by.pk:
        raise ConflictOfInterest(_("You made this release, so somebody else confirms it."))
    submissions = release.items.values_list("grade__submission_id", flat=True)
    if conflicts_of(by, submissions):
        raise ConflictOfInterest(
            _(
                "You have a conflict of interest with one of these projects, so somebody else "
                "confirms it."
            )
        )
    if release.status != ReleaseStatus.AWAITING_CONFIRMATION:
        require_move(RELEASE_MOVES, release.status, ReleaseStatus.SCHEDULED)
        raise Conflict(_("This release needs no confirmation."))
    if sha256 != release.sha256 or content_now(release) != release.sha256:
        raise ChangedSinceRehearsal(
            _(
                "The grades have changed since this release was made. Undo it, and rehearse "
                "them again."
            )
        )
    release.confirmed_at, release.confirmed_by = at, by
    audit.record(by=by, verb="release.confirmed", target=release, at=at, sha256=sha256)
    _schedule(release, by=by, at=at)
    return release


@transaction.atomic
def undo_release(*, release: Release, base_version: int, by: User, at: datetime) -> Release:
    """Take a release back before it begins: nobody was told, nothing was shown.

    Any of the staff may. Raises PermissionDenied, IllegalMove once it has begun,
    StaleVersion.
    """
    release = lock_release(release, base_version, by)
    move_release(release, ReleaseStatus.UNDONE)
    release.undone_at, release.undone_by = at, by
    release.save()
    release.items.waiting().update(outcome=ReleaseItemOutcome.TAKEN_BACK, settled_at=at)
    audit.record(by=by, verb="release.undone", target=release, at=at)
    return release


def _make(
    edition: Edition, ready: Sequence[Ready], sha256: str, *, by: User, at: datetime
) -> Release:
    policy = policy_of(Project.objects.get(edition=edition))
    release = Release.objects.create(
        edition=edition,
        sha256=sha256,
        needs_confirmation=policy.confirm_release,
        undo_minutes=policy.undo_minutes,
        made_at=at,
        made_by=by,
    )
    ReleaseItem.objects.bulk_create(
        [
            ReleaseItem(
                release=release,
                grade=one.grade,
                grade_version=one.grade.version,
                revision=one.revision,
                part=number // PART,
            )
            for number, one in enumerate(sorted(ready, key=lambda one: one.submission.pk))
        ],
        batch_size=1000,
    )
    audit.record(
        by=by, verb="release.made", target=release, at=at, grades=len(ready), sha256=sha256
    )
    if policy.confirm_release:
        move_release(release, ReleaseStatus.AWAITING_CONFIRMATION)
        release.save()
        outbox.enqueue(tasks.send_release_to_confirm, release_id=release.pk)
    else:
        _schedule(release, by=by, at=at)
    return release


def _schedule(release: Release, *, by: User, at: datetime) -> None:
    wait = timedelta(minutes=release.undo_minutes)
    move_release(release, ReleaseStatus.SCHEDULED)
    release.takes_effect_at = at + wait
    release.save()
    audit.record(
        by=by, verb="release.scheduled", target=release, at=at,
        takes_effect_at=release.takes_effect_at.isoformat(),
    )  # fmt: skip
    outbox.enqueue(tasks.begin_release, delay=wait, release_id=release.pk)


def lock_release(release: Release, base_version: int, by: User) -> Release:
    locked = (
        Release.objects.select_for_update(of=("self",)).select_related("edition").get(pk=release.pk)
    )
    require_perm(by, "assessments.release_grades", locked.edition)
    if locked.version != base_version:
        raise StaleVersion(
            _("The release has changed since you opened this page. Look at it again."),
            version=locked.version,
            stored={"status": locked.status},
        )
    return locked


def move_release(release: Release, to: ReleaseStatus) -> None:
    """Not saved yet."""
    require_move(RELEASE_MOVES, release.status, to)
    release.status = to
    release.version += 1
