"""Marking one attempt: who marks it, the marks being given, handing them in."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from assessments.actions.held import (
    Held,
    NotInMarking,
    lock_own,
    lock_own_to_save,
    require_attempt,
    require_begun,
    require_in_hand,
)
from assessments.actions.judging import ConflictOfInterest, require_no_conflict
from assessments.actions.keeping import SITTING
from assessments.actions.locking import lock_submission
from assessments.actions.marks import (
    MAX_COMMENT_BYTES,
    clean_marks,
    record_of_marks,
    stale_marks,
    with_marks,
)
from assessments.actions.revising import lock_for_marking
from assessments.actions.second_marking import draw_second_marking, settle_grade
from assessments.enums import (
    BEING_MARKED,
    TO_BE_AGREED,
    AssessmentStatus,
    MarkerRole,
    SubmissionStatus,
)
from assessments.models import (
    Assessment,
    AssessmentRevision,
    Attempt,
    Grade,
    Submission,
)
from assessments.selectors.annotations import annotations_record
from assessments.selectors.calibration import owes_calibration
from assessments.selectors.marking import assessments_of, attempt_in_hand, has_conflict
from assessments.selectors.second_marking import has_two_markers
from assessments.workflow import ASSESSMENT_MOVES
from lms.accounts.models import User
from lms.core import audit
from lms.core.errors import Conflict, IllegalMove, InvalidInput
from lms.core.permissions import may_in_person, require_in_person
from lms.core.text import clean_reason, clean_text
from lms.core.transitions import require_move


class AlreadyTaken(Conflict):
    """Another marker has this attempt."""

    code = "already_taken"


class CalibrationFirst(Conflict):
    """A calibration round is open, and this marker has not handed in marks for its sample."""

    code = "calibration_first"


@transaction.atomic
def allocate_marker(
    *,
    submission: Submission,
    marker: User,
    role: MarkerRole = MarkerRole.FIRST,
    by: User,
    at: datetime,
) -> Assessment:
    """Give the attempt in hand to an instructor, in the place of whoever has it now.
    `role`: the first marker, or the second of an attempt that two people mark.

    A coordinator allocates; a marker may hand over to a colleague. Raises
    ConflictOfInterest, AlreadyTaken when marks are handed in already, InvalidInput.
    """
    submission, attempt = _lock_attempt(submission)
    held = assessments_of(attempt)
    present = held.get(role)
    if present is None or present.marker_id != by.pk:
        require_in_person(by, "assessments.allocate_marker", submission)
    else:
        require_in_person(by, "assessments.hand_over_assessment", present)
    if has_conflict(marker, submission):
        raise ConflictOfInterest(
            _("%(marker)s cannot mark a project of their own city.") % {"marker": marker}
        )
    marker.forget_roles()
    if not may_in_person(marker, "assessments.mark_submission", submission):
        raise InvalidInput(errors={"marker": [_("Choose an instructor of this edition.")]})
    if role == MarkerRole.SECOND and not has_two_markers(attempt):
        raise InvalidInput(_("This project has one marker. Ask for a second one first."))
    if any(one.marker_id == marker.pk and one.role != role for one in held.values()):
        raise InvalidInput(
            errors={"marker": [_("The two markers of a project are different people.")]}
        )
    if present is not None:
        if present.marker_id == marker.pk:
            return present
        if present.status == AssessmentStatus.SUBMITTED:
            raise AlreadyTaken(
                _("%(marker)s has handed in the marks already.") % {"marker": present.marker}
            )
        move_assessment(present, AssessmentStatus.REASSIGNED)
        audit.record(by=by, verb="assessment.reassigned", target=present, at=at, to=marker.pk)
    return _allocate(submission, attempt, marker, role, by=by, at=at)


@transaction.atomic
def start_marking(
    *, submission: Submission, receipt: str | None = None, by: User, at: datetime
) -> Assessment:
    """Take the attempt in hand and begin; from now on it cannot be withdrawn. Where two
    people mark it and one has begun, begin as the other.

    Raises ConflictOfInterest, AlreadyTaken, CalibrationFirst, IllegalMove, PermissionDenied.
    """
    # Two markers and a withdrawal compete for the submission row.
    submission, attempt = _lock_attempt(submission)
    require_no_conflict(by, submission)
    require_in_person(by, "assessments.mark_submission", submission)
    require_attempt(attempt, receipt)
    role, assessment = _own_part(attempt, by)
    if assessment is not None and assessment.status == AssessmentStatus.IN_MARKING:
        return assessment
    if owes_calibration(by, submission.project_id):
        raise CalibrationFirst(
            _("A calibration round is open: mark its sample before you begin a project.")
        )
    if submission.status == SubmissionStatus.SUBMITTED:
        lock_for_marking(submission=submission, by=by, at=at)
        draw_second_marking(attempt, at=at)
    assessment = assessment or _allocate(submission, attempt, by, role, by=by, at=at)
    require_move(ASSESSMENT_MOVES, assessment.status, AssessmentStatus.IN_MARKING)
    assessment.started_at = at
    move_assessment(assessment, AssessmentStatus.IN_MARKING, "started_at")
    audit.record(by=by, verb="assessment.started", target=assessment, at=at)
    return assessment


@transaction.atomic
def decline_marking(
    *,
    assessment: Assessment,
    base_version: int,
    reason: str,
    receipt: str | None = None,
    by: User,
    at: datetime,
) -> Assessment:
    """Say no to an allocation that has not been begun; the attempt is free again.

    Somebody who has begun hands over to a colleague instead (`allocate_marker`).
    """
    held = lock_own(assessment, by, receipt)
    require_unchanged(held.assessment, base_version)
    if held.assessment.status != AssessmentStatus.ALLOCATED:
        raise IllegalMove(_("You have begun: hand the project over to a colleague instead."))
    reason = clean_reason(reason)
    move_assessment(held.assessment, AssessmentStatus.DECLINED)
    audit.record(by=by, verb="assessment.declined", target=held.assessment, at=at, reason=reason)
    return held.assessment


@transaction.atomic
def save_marks(
    *,
    assessment: Assessment,
    base_version: int,
    marks: Mapping[str, Mapping[str, Any]],
    overall: str | None = None,
    receipt: str | None = None,
    by: User,
    at: datetime,
) -> Assessment:
    """Store what the marker has changed since `base_version`.

    `marks`: criterion key → {"level": level key or None, "comment": text}, either
    or both; what is not named stays. A request that changes nothing succeeds on
    any version, so that a repeated one does. Raises StaleVersion with what is
    stored under the same names, InvalidInput, NotInMarking.
    """
    held = lock_own_to_save(assessment, by, receipt)
    require_begun(held)
    store_marks(held, base_version, marks, overall, by=by, at=at)
    return held.assessment


@transaction.atomic
def submit_assessment(
    *,
    assessment: Assessment,
    base_version: int,
    marks: Mapping[str, Mapping[str, Any]] | None = None,
    overall: str | None = None,
    receipt: str | None = None,
    by: User,
    at: datetime,
) -> AssessmentRevision:
    """Hand in the marks as they were at `base_version`; the grade becomes provisional.
    `marks`, `overall`: what a form still carries, saved first (as in `save_marks`).

    The result is computed here and nowhere else (invariant 5). Raises InvalidInput
    naming every criterion without a level (invariant 6), StaleVersion; then nothing
    is saved.
    """
    held = lock_own(assessment, by, receipt)
    require_begun(held)
    if marks or overall is not None:
        store_marks(held, base_version, marks or {}, overall, by=by, at=at)
    else:
        require_unchanged(held.assessment, base_version)
    record = record_of_marks(held.attempt.rubric_id, held.assessment.marks)
    latest = held.assessment.revisions.first()
    revision = AssessmentRevision.objects.create(
        assessment=held.assessment,
        number=latest.number + 1 if latest else 1,
        overall=held.assessment.overall,
        annotations=annotations_record(held.assessment),
        at=at,
        by=by,
        **record,
    )
    held.assessment.submitted_at = at
    move_assessment(held.assessment, AssessmentStatus.SUBMITTED, "submitted_at")
    audit.record(
        by=by, verb="assessment.submitted", target=held.assessment, at=at, revision=revision.number
    )
    settle_grade(held.submission, held.attempt, by=by, at=at)
    return revision


@transaction.atomic
def reopen_marking(
    *, assessment: Assessment, base_version: int, receipt: str | None = None, by: User, at: datetime
) -> Assessment:
    """Take handed-in marks back to change them, until the grade is agreed."""
    held = lock_own(assessment, by, receipt)
    require_unchanged(held.assessment, base_version)
    require_move(ASSESSMENT_MOVES, held.assessment.status, AssessmentStatus.IN_MARKING)
    require_in_hand(held)
    grade = Grade.objects.filter(submission=held.submission).first()
    if grade is not None and grade.status not in TO_BE_AGREED:
        raise NotInMarking(_("The grade is agreed. Reopen the grade first."))
    move_assessment(held.assessment, AssessmentStatus.IN_MARKING)
    audit.record(by=by, verb="assessment.reopened", target=held.assessment, at=at)
    return held.assessment


def store_marks(
    held: Held,
    base_version: int,
    marks: Mapping[str, Mapping[str, Any]],
    overall: str | None,
    *,
    by: User,
    at: datetime,
) -> None:
    """Store what differs; nothing different is no conflict, whatever the version. An event
    is recorded for each sitting of the marker, not for each pause of theirs, as with a draft.
    """
    assessment = held.assessment
    clean = clean_marks(held.attempt.rubric_id, marks)
    text = None
    if overall is not None:
        text = clean_text(overall, field="overall", max_bytes=MAX_COMMENT_BYTES)
    after = with_marks(assessment.marks, clean.values())
    if after == assessment.marks and (text is None or text == assessment.overall):
        return
    if assessment.version != base_version:
        more = {} if text is None else {"overall": assessment.overall}
        raise stale_marks(assessment.version, assessment.marks, clean, **more)

    changed = sorted(key for key in after if after[key] != assessment.marks.get(key))
    assessment.marks = after
    begins_sitting = assessment.saved_at is None or at - assessment.saved_at >= SITTING
    if text is not None:
        assessment.overall = text
    assessment.version += 1
    assessment.saved_at = at
    assessment.save(update_fields=["marks", "overall", "version", "saved_at"])
    if begins_sitting:
        audit.record(
            by=by, verb="assessment.saved", target=assessment, at=at, version=assessment.version,
            criteria=changed,
        )  # fmt: skip


def _lock_attempt(submission: Submission) -> tuple[Submission, Attempt]:
    locked = lock_submission(submission.pk, "owner")
    attempt = attempt_in_hand(locked)
    if attempt is None or locked.status not in BEING_MARKED:
        raise IllegalMove(
            _("There is nothing to mark now: the project is not submitted."), state=locked.status
        )
    return locked, attempt


def _own_part(attempt: Attempt, by: User) -> tuple[MarkerRole, Assessment | None]:
    """The role in which `by` marks an attempt, and what they hold of it already."""
    held = assessments_of(attempt)
    for role, assessment in held.items():
        if assessment.marker_id == by.pk:
            return role, assessment
    first = held.get(MarkerRole.FIRST)
    if first is None:
        return MarkerRole.FIRST, None
    if MarkerRole.SECOND not in held and has_two_markers(attempt):
        return MarkerRole.SECOND, None
    raise AlreadyTaken(_("%(marker)s has this project.") % {"marker": first.marker})


def _allocate(
    submission: Submission,
    attempt: Attempt,
    marker: User,
    role: MarkerRole,
    *,
    by: User,
    at: datetime,
) -> Assessment:
    assessment = Assessment.objects.create(
        edition_id=submission.edition_id,
        submission=submission,
        attempt=attempt,
        marker=marker,
        role=role,
        received_at=attempt.received_at,
        allocated_at=at,
        allocated_by=by,
    )
    audit.record(
        by=by, verb="assessment.allocated", target=assessment, at=at, marker=marker.pk, role=role
    )
    return assessment


def move_assessment(assessment: Assessment, to: AssessmentStatus, *fields: str) -> None:
    require_move(ASSESSMENT_MOVES, assessment.status, to)
    assessment.status = to
    assessment.save(update_fields=["status", *fields])


def require_unchanged(assessment: Assessment, base_version: int) -> None:
    """Raise StaleVersion when marks were saved since `base_version` (invariant 3)."""
    if assessment.version != base_version:
        raise stale_marks(
            assessment.version, assessment.marks, assessment.marks, overall=assessment.overall
        )
