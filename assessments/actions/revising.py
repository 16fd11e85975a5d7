"""After handing in: withdrawing, marking locks, returning, opening again."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from assessments import tasks
from assessments.actions.keeping import keep_version
from assessments.actions.locking import lock_submission
from assessments.actions.submitting import DeadlinePassed
from assessments.actions.team_notices import tell_team
from assessments.enums import DraftVersionKind, GradeStatus, SubmissionStatus
from assessments.models import Attempt, Grade, RevisionRequest, Submission
from assessments.selectors.deadlines import effective_deadline_of, withdrawing_is_final
from assessments.signals import submission_returned, submission_withdrawn
from assessments.workflow import SUBMISSION_MOVES
from lms.accounts.models import User
from lms.core import audit
from lms.core.clock import validate_zone
from lms.core.errors import IllegalMove, InvalidInput, StaleVersion
from lms.core.permissions import require_in_person
from lms.core.text import clean_reason
from lms.core.transitions import require_move

MAX_REASON = 5_000
# The last day there is, 31 December 9999, is over already in some zones.
LAST_YEAR = 9998


@transaction.atomic
def withdraw_submission(
    *, submission: Submission, number: int, by: User, at: datetime
) -> Submission:
    """Take a submitted project back before marking begins. Its attempt stays as evidence.
    `number`: of the attempt that is meant.

    Not where it could never be handed in again: after the effective deadline, where late
    projects are refused. Raises StaleVersion when another attempt is in hand, DeadlinePassed,
    IllegalMove, PermissionDenied.
    """
    submission = _locked(submission, "assessments.write_submission", by)
    if submission.attempt != number:
        raise StaleVersion(
            _("Another attempt has been handed in meanwhile. Look at it before you withdraw it."),
            attempt=submission.attempt,
        )
    require_move(SUBMISSION_MOVES, submission.status, SubmissionStatus.WITHDRAWN)
    if withdrawing_is_final(submission, at):
        raise DeadlinePassed(
            _(
                "The deadline has passed and late projects are not accepted: you could not "
                "submit again what you withdraw. Your project stays submitted."
            ),
            effective_deadline_at=effective_deadline_of(
                submission.project, submission
            ).at.isoformat(),
        )
    _move(submission, SubmissionStatus.WITHDRAWN)
    attempt = _attempt_in_hand(submission)
    audit.record(by=by, verb="project.withdrawn", target=submission, at=at, receipt=attempt.receipt)
    tell_team(
        tasks.send_team_news, submission, but=by, submission_id=submission.pk, news="withdrawn",
        about_id=by.pk, reason="",
    )  # fmt: skip
    submission_withdrawn.send(Attempt, submission_id=submission.pk, attempt_id=attempt.pk, at=at)
    return submission


@transaction.atomic
def reopen_draft(*, submission: Submission, by: User, at: datetime) -> Submission:
    """Write on after a withdrawal or a return: the next attempt, with the same text."""
    submission = _locked(submission, "assessments.write_submission", by)
    # The draft moves on: what was judged before it was opened again is out of date.
    submission.attempt += 1
    submission.version += 1
    _move(submission, SubmissionStatus.DRAFT, "attempt", "version")
    # The first draft of this attempt: what has been written since may be less complete.
    keep_version(submission, kind=DraftVersionKind.WRITING, by=by, at=at, though_same=True)
    audit.record(
        by=by, verb="project.reopened", target=submission, at=at, attempt=submission.attempt
    )
    return submission


@transaction.atomic
def lock_for_marking(*, submission: Submission, by: User, at: datetime) -> Submission:
    """Marking begins: from now on the project cannot be withdrawn."""
    submission = _locked(submission, "assessments.lock_for_marking", by)
    _move(submission, SubmissionStatus.LOCKED_FOR_MARKING)
    audit.record(by=by, verb="project.locked", target=submission, at=at)
    return submission


@transaction.atomic
def return_for_revision(
    *,
    submission: Submission,
    base_version: int,
    reason: str,
    until_at: datetime | None = None,
    until_zone: str = "",
    by: User,
    at: datetime,
) -> Submission:
    """Hand a project back to be improved. `reason` is for the participant; until
    `until_at` the new attempt is on time, whatever the project's deadline.
    `until_zone`: where that time was read off the clock; the deadline's zone without it.

    An extension is needed where the deadline is over and late projects are refused:
    nobody is asked for what they could not hand in (invariant 12). Raises
    StaleVersion when a newer attempt came since `base_version` (invariant 3),
    InvalidInput, IllegalMove, PermissionDenied.
    """
    submission = _locked(submission, "assessments.return_for_revision", by)
    if submission.version != base_version:
        raise StaleVersion(
            _("A newer attempt has arrived. Read it before you return the project."),
            version=submission.version,
        )
    if Grade.objects.filter(submission=submission, status=GradeStatus.VOIDED).exists():
        raise IllegalMove(_("The grade of this project was declared void: it gets no other."))
    reason = clean_reason(reason, longest=MAX_REASON)
    project = submission.project
    if until_at is None and not project.accepts_late and at > project.effective_deadline_at:
        raise InvalidInput(
            errors={
                "until_at": [
                    _("The deadline is over and late projects are refused: choose a new date.")
                ]
            }
        )
    if until_at is not None and until_at <= at:
        raise InvalidInput(errors={"until_at": [_("Choose a date that lies ahead.")]})
    if until_at is not None and until_at.year > LAST_YEAR:
        raise InvalidInput(errors={"until_at": [_("Choose an earlier date.")]})
    zone = until_zone or project.deadline_zone
    try:
        validate_zone(zone)
    except ValidationError as error:
        raise InvalidInput(errors={"until_zone": list(error.messages)}) from error
    _move(submission, SubmissionStatus.RETURNED_FOR_REVISION)
    attempt = _attempt_in_hand(submission)
    request = RevisionRequest.objects.create(
        attempt=attempt,
        reason=reason,
        until_at=until_at,
        until_wall=until_at.astimezone(ZoneInfo(zone)).replace(tzinfo=UTC) if until_at else None,
        until_zone=zone if until_at else "",
        requested_by=by,
        requested_at=at,
    )
    audit.record(
        by=by, verb="project.returned", target=submission, at=at, receipt=attempt.receipt,
        until_at=until_at.isoformat() if until_at else None, until_zone=request.until_zone,
    )  # fmt: skip
    tell_team(tasks.send_returned, submission, revision_request_id=request.pk)
    submission_returned.send(Attempt, submission_id=submission.pk, attempt_id=attempt.pk, at=at)
    return submission


def _locked(submission: Submission, perm: str, by: User) -> Submission:
    submission = lock_submission(submission.pk, "owner", "project")
    require_in_person(by, perm, submission)
    return submission


def _move(submission: Submission, to: SubmissionStatus, *fields: str) -> None:
    require_move(SUBMISSION_MOVES, submission.status, to)
    submission.status = to
    submission.save(update_fields=["status", *fields])


def _attempt_in_hand(submission: Submission) -> Attempt:
    return submission.attempts.get(number=submission.attempt)
