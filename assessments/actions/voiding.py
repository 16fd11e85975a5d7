"""Declaring a grade void: the project gets none, and its writers are told why."""

from datetime import datetime

from django.db import transaction

from assessments import tasks
from assessments.actions.grades import lock_grade, move_grade
from assessments.actions.team_notices import tell_team
from assessments.enums import GradeStatus
from assessments.models import Grade
from lms.accounts.models import User
from lms.core import audit
from lms.core.text import clean_reason


@transaction.atomic
def void_grade(*, grade: Grade, base_version: int, reason: str, by: User, at: datetime) -> Grade:
    """Of a grade that nobody was shown; for good. What was marked stays in the history.

    Raises IllegalMove for one that was released (it is amended instead), StaleVersion,
    ConflictOfInterest, InvalidInput.
    """
    grade, submission = lock_grade(grade, base_version, "assessments.void_grade", by)
    reason = clean_reason(reason)
    move_grade(grade, GradeStatus.VOIDED)
    grade.voided_at, grade.voided_by, grade.voided_reason = at, by, reason
    grade.save()
    audit.record(by=by, verb="grade.voided", target=grade, at=at, reason=reason)
    tell_team(tasks.send_grade_voided, submission, grade_id=grade.pk)
    return grade
