"""An attempt in the hands of its marker: locked, and the one that was meant."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.actions.judging import require_no_conflict
from assessments.enums import AssessmentStatus, MarkerRole, SubmissionStatus
from assessments.models import Assessment, Attempt, Submission
from assessments.models.marking import AssessmentQuerySet
from lms.accounts.models import User
from lms.core.errors import Conflict
from lms.core.permissions import require_in_person


class NotInMarking(Conflict):
    """The marks rest: they are handed in, or the attempt is no longer in hand."""

    code = "not_in_marking"


class WrongAttempt(Conflict):
    """Marks or comments that were written on the page of another learner or attempt."""

    code = "wrong_attempt"
    sentence = gettext_lazy(
        "This was written for another project or attempt than the one it was sent to. "
        "Nothing of it was stored there."
    )


@dataclass(frozen=True)
class Held:
    """An assessment and its submission, both locked, in the hands of its marker."""

    submission: Submission
    attempt: Attempt
    assessment: Assessment


def lock_own(assessment: Assessment, by: User, receipt: str | None = None) -> Held:
    """`receipt`: of the attempt that the one who writes has before them, where they say so.
    Raises ConflictOfInterest, PermissionDenied, WrongAttempt."""
    related = ("submission__owner", "attempt", "marker")
    locked = _locked(_both().select_related(*related), assessment.pk)
    # Together they say what `mark_assessment` says, and ask once for the cities.
    require_no_conflict(by, locked.submission)
    require_in_person(by, "assessments.hold_assessment", locked)
    require_attempt(locked.attempt, receipt)
    return Held(locked.submission, locked.attempt, locked)


def lock_own_to_save(assessment: Assessment, by: User, receipt: str | None = None) -> Held:
    """As `lock_own`, for what is only kept while marking: it comes every few seconds.
    Whether somebody may judge this project is asked when they begin and when they hand in.
    Raises PermissionDenied, WrongAttempt."""
    rows = _both().saying_who_instructs().select_related("submission", "attempt")
    locked = _locked(rows.only(*_NEEDED_TO_SAVE), assessment.pk)
    require_in_person(by, "assessments.save_marks", locked)
    require_attempt(locked.attempt, receipt)
    return Held(locked.submission, locked.attempt, locked)


# Not the text of the project, which is long.
_NEEDED_TO_SAVE = (
    "edition", "marker", "role", "status", "version", "marks", "overall", "saved_at",
    "submission__status", "submission__attempt",
    "attempt__number", "attempt__receipt", "attempt__rubric",
)  # fmt: skip


def _both() -> AssessmentQuerySet:
    """Locks the assessment and its submission. The submission first, as everybody else does:
    marking, a new attempt and the release compete for it."""
    return Assessment.objects.select_for_update(of=("submission", "self")).order_by()


def _locked(rows: AssessmentQuerySet, pk: int) -> Assessment:
    """One of them, or Assessment.DoesNotExist."""
    while True:
        # Nothing is found where a row was changed while one waited (`lock_submission`).
        found = next(iter(rows.filter(pk=pk)), None)
        if found is not None:
            return found
        if not Assessment.objects.filter(pk=pk).exists():
            raise Assessment.DoesNotExist("There is no such assessment.")


def require_attempt(attempt: Attempt, receipt: str | None) -> None:
    """Raise WrongAttempt for what was written on the page of another learner or attempt,
    whatever address it was sent to."""
    if receipt is not None and receipt != attempt.receipt:
        raise WrongAttempt(attempt=attempt.receipt)


def require_begun(held: Held) -> None:
    if held.assessment.status != AssessmentStatus.IN_MARKING:
        raise NotInMarking(
            _("These marks are handed in. Reopen them to change them.")
            if held.assessment.status == AssessmentStatus.SUBMITTED
            else _("You are not marking this project now."),
            state=held.assessment.status,
        )
    require_in_hand(held)


def require_in_hand(held: Held) -> None:
    """Marks count for the attempt in hand; a newer one needs marks of its own (invariant 7).
    Those of an appeal are about a project that is final: `actions.appeals`."""
    if held.assessment.role == MarkerRole.APPEAL:
        raise NotInMarking(_("An appeal is decided on its own page."), state=held.submission.status)
    if (
        held.attempt.number != held.submission.attempt
        or held.submission.status != SubmissionStatus.LOCKED_FOR_MARKING
    ):
        raise NotInMarking(
            _("This attempt is not being marked any more: it was returned or replaced."),
            state=held.submission.status,
        )
