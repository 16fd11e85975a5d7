"""“Submit my last complete draft at the deadline”: the wish, and its fulfilment.

The wish is a row; it is settled once, under the lock of the project that handing in by
hand competes for as well. What is handed in is the last draft that was complete and saved
at or before the effective deadline, and it counts as received at that deadline, also
where the worker was down and comes later.

The wish counts as pressing “submit” at the deadline: files that are on their way then have
the project's window to arrive in. It waits for them, not longer, and then hands in without
those that have not arrived; the receipt names them.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from assessments import tasks
from assessments.actions.drafts import draft_for_change
from assessments.actions.locking import lock_submission
from assessments.actions.submitting import (
    DeadlinePassed,
    Without,
    may_go_without,
    record_attempt,
)
from assessments.actions.team_notices import tell_team
from assessments.enums import DeadlineSubmissionStatus, SubmissionStatus
from assessments.models import DeadlineSubmission, Submission
from assessments.selectors.deadlines import (
    EffectiveDeadline,
    effective_deadline_of,
    waiting_wish,
)
from assessments.selectors.last_complete import last_complete_draft, what_is_missing
from assessments.selectors.misfits import misfits_of, said_of_misfits
from assessments.selectors.uploads import files_at_deadline, unfinished_uploads
from assessments.workflow import DEADLINE_SUBMISSION_MOVES, SUBMISSION_MOVES
from lms.accounts.models import User
from lms.core import audit
from lms.core.canonical import hash_of
from lms.core.errors import Conflict
from lms.core.permissions import may_in_person, require_in_person
from lms.core.transitions import require_move

Status = DeadlineSubmissionStatus


class NoWish(Conflict):
    """Nothing waits for the deadline."""

    code = "nothing_waits"


@transaction.atomic
def ask_for_deadline_submission(
    *, submission: Submission, by: User, at: datetime
) -> DeadlineSubmission:
    """Have the last complete draft handed in at the deadline; asked again, the same wish.

    Raises NotADraft, DeadlinePassed.
    """
    submission = draft_for_change(submission, by=by)
    waiting = waiting_wish(submission)
    if waiting is not None and waiting.attempt_number == submission.attempt:
        return waiting
    deadline = effective_deadline_of(submission.project, submission)
    if deadline.is_passed(at):
        raise DeadlinePassed(
            _("The deadline has passed: submit the project by hand."),
            effective_deadline_at=deadline.at.isoformat(),
        )
    if waiting is not None:
        _settle(waiting, Status.OVERTAKEN, at=at)
    wish = DeadlineSubmission.objects.create(
        submission=submission, attempt_number=submission.attempt, asked_at=at, asked_by=by
    )
    audit.record(
        by=by, verb="project.deadline_submission_asked", target=submission, at=at,
        attempt=submission.attempt,
    )  # fmt: skip
    return wish


@transaction.atomic
def call_off_deadline_submission(
    *, submission: Submission, by: User, at: datetime
) -> DeadlineSubmission:
    """Any writer may take the wish back until it is settled. Raises NoWish."""
    submission = _locked(submission)
    require_in_person(by, "assessments.write_submission", submission)
    wish = waiting_wish(submission)
    if wish is None:
        raise NoWish(_("Nothing waits for the deadline."))
    _settle(wish, Status.CALLED_OFF, at=at)
    audit.record(
        by=by, verb="project.deadline_submission_called_off", target=submission, at=at,
        attempt=wish.attempt_number,
    )  # fmt: skip
    return wish


@transaction.atomic
def settle_deadline_submission(
    *,
    wish: DeadlineSubmission,
    by: User | None = None,
    at: datetime,
    without: Without | None = None,
) -> DeadlineSubmission:
    """Do what was wished, if its deadline is over; safe to repeat. `by` None: the system,
    which is the ordinary way.

    More time that was given meanwhile lets it wait on, and so do files that are still on
    their way. `without`: a writer presses “submit” and says what may stay behind; then it
    waits for all the others, also after their window. A project that
    was handed in by hand, or was taken back since, is left alone.
    """
    submission = _locked(wish.submission)
    wish = DeadlineSubmission.objects.select_related("asked_by").get(pk=wish.pk)
    if wish.status != Status.WAITING:
        return wish
    if submission.status != SubmissionStatus.DRAFT or submission.attempt != wish.attempt_number:
        return _settle(wish, Status.OVERTAKEN, at=at)
    deadline = effective_deadline_of(submission.project, submission)
    if not deadline.is_passed(at):
        return wish
    return _hand_in(wish, submission, deadline, at, without=without)


def settle_if_due(
    submission: Submission, *, at: datetime, without: Without
) -> DeadlineSubmission | None:
    """Before somebody hands in by hand after the deadline: what was wished for the deadline
    comes first, so that a worker that is late makes nobody late. Their press says what is
    not to be waited for."""
    if at <= submission.project.deadline_at:
        return None
    wish = waiting_wish(submission)
    if wish is None:
        return None
    return settle_deadline_submission(wish=wish, at=at, without=without)


def _hand_in(
    wish: DeadlineSubmission,
    submission: Submission,
    deadline: EffectiveDeadline,
    at: datetime,
    *,
    without: Without | None,
) -> DeadlineSubmission:
    draft = last_complete_draft(submission, deadline.at)
    in_whose_name = _in_whose_name(wish, submission)
    if in_whose_name is None:
        nobody = _("Nobody who may submit this project takes part any more.")
        return _give_up(wish, submission, nobody, at)
    if draft is None:
        why = what_is_missing(submission) or _("What is there now was saved later.")
        return _give_up(wish, submission, why, at)
    files = files_at_deadline(submission, deadline, at)
    waited_for = files.arriving if without is None else unfinished_uploads(submission, at)
    if not all(may_go_without(upload, without or ()) for upload in waited_for):
        return wish
    if misfits := misfits_of(files.files, submission.guidelines):
        return _give_up(wish, submission, said_of_misfits(misfits), at)
    require_move(SUBMISSION_MOVES, submission.status, SubmissionStatus.SUBMITTED)
    # With a space: no client can have sent this one before (invariant 2).
    key = f"at the deadline {wish.pk}"
    wish.attempt = record_attempt(
        submission,
        sections=draft.sections,
        files=files.files,
        left_out=files.left_out,
        deadline=deadline,
        by=in_whose_name,
        at=deadline.at,
        idempotency_key=key,
        request_sha256=hash_of({"submission": submission.pk, "wish": wish.pk}),
    )
    wish.draft_version, wish.draft_saved_at = draft.version, draft.saved_at
    return _settle(wish, Status.SUBMITTED, "attempt", "draft_version", "draft_saved_at", at=at)


def _give_up(
    wish: DeadlineSubmission, submission: Submission, why: str, at: datetime
) -> DeadlineSubmission:
    wish.note = why
    _settle(wish, Status.INCOMPLETE, "note", at=at)
    audit.record(
        by=None, verb="project.deadline_submission_incomplete", target=submission, at=at,
        attempt=wish.attempt_number,
    )  # fmt: skip
    tell_team(tasks.send_deadline_submission_incomplete, submission, wish_id=wish.pk)
    return wish


def _in_whose_name(wish: DeadlineSubmission, submission: Submission) -> User | None:
    """Whoever wished it; where they have left since, the member who answers for it."""
    for person in (wish.asked_by, submission.owner.user):
        if may_in_person(person, "assessments.write_submission", submission):
            return person
    return None


def _settle(
    wish: DeadlineSubmission, to: DeadlineSubmissionStatus, *fields: str, at: datetime
) -> DeadlineSubmission:
    require_move(DEADLINE_SUBMISSION_MOVES, wish.status, to)
    wish.status, wish.settled_at = to, at
    wish.save(update_fields=["status", "settled_at", *fields])
    return wish


def _locked(submission: Submission) -> Submission:
    return lock_submission(
        submission.pk,
        "owner__user",
        "guidelines",
        "project__edition",
        "project__required_guidelines",
    )
