"""What every judgement on a project has in common."""

from django.utils.translation import gettext as _

from assessments.enums import GradeStatus
from assessments.models import Grade, Submission
from assessments.selectors.marking import assessments_of, has_conflict, is_moderating_own
from assessments.selectors.team import has_written
from assessments.workflow import GRADE_MOVES
from lms.accounts.models import User
from lms.core.errors import PermissionDenied
from lms.core.transitions import require_move
from lms.programme.models import Enrolment


class ConflictOfInterest(PermissionDenied):
    """Nobody judges their own project or one of their own city (invariant 10)."""

    code = "conflict_of_interest"


def require_no_conflict(by: User, submission: Submission) -> None:
    """Raise ConflictOfInterest for whoever wrote the project, now or before, and for people
    of their city, whatever else they may do: administrators too (invariant 10)."""
    if submission.owner.user_id == by.pk or has_written(by, submission):
        raise ConflictOfInterest(_("This is your own project."))
    if has_conflict(by, submission):
        raise ConflictOfInterest(
            _(
                "You have worked for the city of this project, or declared a conflict of "
                "interest, so somebody else judges it."
            )
        )


def require_not_own(by: User, enrolment: Enrolment) -> None:
    """Raise ConflictOfInterest where a decision is about the one who takes it. The rules
    say so too, but an administrator holds every permission."""
    if enrolment.user_id == by.pk:
        raise ConflictOfInterest(_("This is about your own place, so somebody else decides."))


def require_moderator(grade: Grade, by: User) -> None:
    """Once moderation was asked, nobody who marked the attempt decides (invariant 10)."""
    if is_moderating_own(grade, assessments_of(grade.attempt).values(), by):
        raise ConflictOfInterest(
            _("You marked this project, and a colleague was asked to look: somebody else decides.")
        )


def make_provisional(grade: Grade) -> None:
    """Move a grade that is not released back to where its marks can change; not saved."""
    if grade.status == GradeStatus.READY_FOR_RELEASE:
        require_move(GRADE_MOVES, grade.status, GradeStatus.AGREED)
        grade.status = GradeStatus.AGREED
    if grade.status != GradeStatus.PROVISIONAL:
        require_move(GRADE_MOVES, grade.status, GradeStatus.PROVISIONAL)
        grade.status = GradeStatus.PROVISIONAL
