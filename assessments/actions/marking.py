"""Marking one attempt: who marks it, the marks being given, handing them in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from assessments.actions.judging import (
    ConflictOfInterest,
    make_provisional,
    require_no_conflict,
)
from assessments.actions.locking import lock_submission
from assessments.actions.marks import (
    MAX_COMMENT_BYTES,
    CleanMark,
    clean_marks,
    record_of_marks,
    stored_marks,
)
from assessments.actions.revising import lock_for_marking
from assessments.enums import AssessmentStatus, GradeStatus, SubmissionStatus
from assessments.models import (
    Assessment,
    AssessmentRevision,
    Attempt,
    CriterionMark,
    Grade,
    Submission,
)
from assessments.selectors.marking import attempt_in_hand, has_conflict, is_rubric_outdated
from assessments.workflow import ASSESSMENT_MOVES, GRADE_MOVES
from lms.accounts.models import User
from lms.core import audit
from lms.core.errors import Conflict, IllegalMove, InvalidInput, StaleVersion
from lms.core.permissions import may_in_person, require_in_person
from lms.core.text import clean_reason, clean_text
from lms.core.transitions import require_move

BEING_MARKED = (SubmissionStatus.SUBMITTED, SubmissionStatus.LOCKED_FOR_MARKING)


class AlreadyTaken(Conflict):
    """Another marker has this attempt."""

    code = "already_taken"


class NotInMarking(Conflict):
    """The marks rest: they are handed in, or the attempt is no longer in hand."""

    code = "not_in_marking"


@transaction.atomic
def allocate_marker(*, submission: Submission, marker: User, by: User, at: datetime) -> Assessment:
    """Give the attempt in hand to an instructor, in the place of whoever has it now.

    A coordinator allocates; a marker may hand over to a colleague. Raises
    ConflictOfInterest, AlreadyTaken when marks are handed in already, InvalidInput.
    """
    submission, attempt = _lock_attempt(submission)
    present = _active(attempt)
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
    if present is not None:
        if present.marker_id == marker.pk:
            return present
        if present.status == AssessmentStatus.SUBMITTED:
            raise AlreadyTaken(
                _("%(marker)s has handed in the marks already.") % {"marker": present.marker}
            )
        _move(present, AssessmentStatus.REASSIGNED)
        audit.record(by=by, verb="assessment.reassigned", target=present, at=at, to=marker.pk)
    return _allocate(submission, attempt, marker, by=by, at=at)


@transaction.atomic
def start_marking(*, submission: Submission, by: User, at: datetime) -> Assessment:
    """Take the attempt in hand and begin; from now on it cannot be withdrawn.

    Raises ConflictOfInterest, AlreadyTaken, IllegalMove, PermissionDenied.
    """
    # Two markers and a withdrawal compete for the submission row.
    submission, attempt = _lock_attempt(submission)
    require_no_conflict(by, submission)
    require_in_person(by, "assessments.mark_submission", submission)
    assessment = _active(attempt)
    if assessment is not None and assessment.marker_id != by.pk:
        raise AlreadyTaken(_("%(marker)s has this project.") % {"marker": assessment.marker})
    if assessment is not None and assessment.status == AssessmentStatus.IN_MARKING:
        return assessment
    if submission.status == SubmissionStatus.SUBMITTED:
        lock_for_marking(submission=submission, by=by, at=at)
    assessment = assessment or _allocate(submission, attempt, by, by=by, at=at)
    require_move(ASSESSMENT_MOVES, assessment.status, AssessmentStatus.IN_MARKING)
    assessment.started_at = at
    _move(assessment, AssessmentStatus.IN_MARKING, "started_at")
    audit.record(by=by, verb="assessment.started", target=assessment, at=at)
    return assessment


@transaction.atomic
def decline_marking(
    *, assessment: Assessment, base_version: int, reason: str, by: User, at: datetime
) -> Assessment:
    """Say no to an allocation that has not been begun; the attempt is free again.

    Somebody who has begun hands over to a colleague instead (`allocate_marker`).
    """
    held = _lock_own(assessment, by)
    _require_unchanged(held.assessment, base_version)
    if held.assessment.status != AssessmentStatus.ALLOCATED:
        raise IllegalMove(_("You have begun: hand the project over to a colleague instead."))
    reason = clean_reason(reason)
    _move(held.assessment, AssessmentStatus.DECLINED)
    audit.record(by=by, verb="assessment.declined", target=held.assessment, at=at, reason=reason)
    return held.assessment


@transaction.atomic
def save_marks(
    *,
    assessment: Assessment,
    base_version: int,
    marks: Mapping[str, Mapping[str, Any]],
    overall: str | None = None,
    by: User,
    at: datetime,
) -> Assessment:
    """Store what the marker has changed since `base_version`.

    `marks`: criterion key → {"level": level key or None, "comment": text}, either
    or both; what is not named stays. A request that changes nothing succeeds on
    any version, so that a repeated one does. Raises StaleVersion with what is
    stored under the same names, InvalidInput, NotInMarking.
    """
    held = _lock_own(assessment, by)
    _require_begun(held)
    _save(held, base_version, marks, overall, by=by, at=at)
    return held.assessment


@transaction.atomic
def submit_assessment(
    *,
    assessment: Assessment,
    base_version: int,
    marks: Mapping[str, Mapping[str, Any]] | None = None,
    overall: str | None = None,
    by: User,
    at: datetime,
) -> AssessmentRevision:
    """Hand in the marks as they were at `base_version`; the grade becomes provisional.
    `marks`, `overall`: what a form still carries, saved first (as in `save_marks`).

    The result is computed here and nowhere else (invariant 5). Raises InvalidInput
    naming every criterion without a level (invariant 6), StaleVersion; then nothing
    is saved.
    """
    held = _lock_own(assessment, by)
    _require_begun(held)
    if marks or overall is not None:
        _save(held, base_version, marks or {}, overall, by=by, at=at)
        given = stored_marks(held.assessment)
    else:
        _require_unchanged(held.assessment, base_version)
        given = stored_marks(held.assessment)
    record = record_of_marks(held.attempt.rubric_id, given)
    latest = held.assessment.revisions.first()
    revision = AssessmentRevision.objects.create(
        assessment=held.assessment,
        number=latest.number + 1 if latest else 1,
        overall=held.assessment.overall,
        at=at,
        by=by,
        **record,
    )
    held.assessment.submitted_at = at
    _move(held.assessment, AssessmentStatus.SUBMITTED, "submitted_at")
    audit.record(
        by=by, verb="assessment.submitted", target=held.assessment, at=at, revision=revision.number
    )
    _regrade(held, by=by, at=at)
    return revision


@transaction.atomic
def reopen_marking(
    *, assessment: Assessment, base_version: int, by: User, at: datetime
) -> Assessment:
    """Take handed-in marks back to change them, until the grade is agreed."""
    held = _lock_own(assessment, by)
    _require_unchanged(held.assessment, base_version)
    require_move(ASSESSMENT_MOVES, held.assessment.status, AssessmentStatus.IN_MARKING)
    _require_in_hand(held)
    grade = Grade.objects.filter(submission=held.submission).first()
    if grade is not None and grade.status not in (
        GradeStatus.PROVISIONAL,
        GradeStatus.IN_MODERATION,
    ):
        raise NotInMarking(_("The grade is agreed. Reopen the grade first."))
    _move(held.assessment, AssessmentStatus.IN_MARKING)
    audit.record(by=by, verb="assessment.reopened", target=held.assessment, at=at)
    return held.assessment


@dataclass(frozen=True)
class Held:
    """An assessment and its submission, both locked, in the hands of its marker."""

    submission: Submission
    attempt: Attempt
    assessment: Assessment


def _lock_own(assessment: Assessment, by: User) -> Held:
    # The submission first, as everybody else does: marking, a new attempt and the
    # release compete for it.
    submission = lock_submission(assessment.submission_id, "owner")
    locked = (
        Assessment.objects.select_for_update(of=("self",))
        .select_related("attempt", "submission__owner", "marker")
        .get(pk=assessment.pk)
    )
    require_no_conflict(by, submission)
    require_in_person(by, "assessments.mark_assessment", locked)
    return Held(submission, locked.attempt, locked)


def _require_begun(held: Held) -> None:
    if held.assessment.status != AssessmentStatus.IN_MARKING:
        raise NotInMarking(
            _("These marks are handed in. Reopen them to change them.")
            if held.assessment.status == AssessmentStatus.SUBMITTED
            else _("You are not marking this project now."),
            state=held.assessment.status,
        )
    _require_in_hand(held)


def _require_in_hand(held: Held) -> None:
    """Marks count for the attempt in hand; a newer one needs marks of its own (invariant 7)."""
    if (
        held.attempt.number != held.submission.attempt
        or held.submission.status != SubmissionStatus.LOCKED_FOR_MARKING
    ):
        raise NotInMarking(
            _("This attempt is not being marked any more: it was returned or replaced."),
            state=held.submission.status,
        )


def _save(
    held: Held,
    base_version: int,
    marks: Mapping[str, Mapping[str, Any]],
    overall: str | None,
    *,
    by: User,
    at: datetime,
) -> None:
    """Store what differs; nothing different is no conflict, whatever the version."""
    assessment = held.assessment
    clean = clean_marks(held.attempt.rubric_id, marks)
    given = stored_marks(assessment)
    text = None
    if overall is not None:
        text = clean_text(overall, field="overall", max_bytes=MAX_COMMENT_BYTES)
    changed = {key: mark for key, mark in clean.items() if mark.changes(given.get(key))}
    if not changed and (text is None or text == assessment.overall):
        return
    _require_version(assessment, base_version, clean, text is not None, given)

    for mark in changed.values():
        _store_mark(assessment, mark, given.get(mark.criterion.key))
    if text is not None:
        assessment.overall = text
    assessment.version += 1
    assessment.saved_at = at
    assessment.save(update_fields=["overall", "version", "saved_at"])
    audit.record(
        by=by, verb="assessment.saved", target=assessment, at=at, version=assessment.version,
        criteria=sorted(changed),
    )  # fmt: skip


def _lock_attempt(submission: Submission) -> tuple[Submission, Attempt]:
    locked = lock_submission(submission.pk, "owner")
    attempt = attempt_in_hand(locked)
    if attempt is None or locked.status not in BEING_MARKED:
        raise IllegalMove(
            _("There is nothing to mark now: the project is not submitted."), state=locked.status
        )
    return locked, attempt


def _active(attempt: Attempt) -> Assessment | None:
    return Assessment.objects.active().filter(attempt=attempt).select_related("marker").first()


def _allocate(
    submission: Submission, attempt: Attempt, marker: User, *, by: User, at: datetime
) -> Assessment:
    assessment = Assessment.objects.create(
        edition_id=submission.edition_id,
        submission=submission,
        attempt=attempt,
        marker=marker,
        received_at=attempt.received_at,
        allocated_at=at,
        allocated_by=by,
    )
    audit.record(by=by, verb="assessment.allocated", target=assessment, at=at, marker=marker.pk)
    return assessment


def _move(assessment: Assessment, to: AssessmentStatus, *fields: str) -> None:
    require_move(ASSESSMENT_MOVES, assessment.status, to)
    assessment.status = to
    assessment.save(update_fields=["status", *fields])


def _store_mark(assessment: Assessment, mark: CleanMark, row: CriterionMark | None) -> None:
    row = row or CriterionMark(assessment=assessment, criterion=mark.criterion)
    if mark.names_level:
        row.level = mark.level
    if mark.comment is not None:
        row.comment = mark.comment
    row.save()


def _require_unchanged(assessment: Assessment, base_version: int) -> None:
    """Raise StaleVersion when marks were saved since `base_version` (invariant 3)."""
    given = stored_marks(assessment)
    _require_version(assessment, base_version, given, True, given)


def _require_version(
    assessment: Assessment,
    base_version: int,
    named: Mapping[str, Any],
    names_overall: bool,
    given: Mapping[str, CriterionMark],
) -> None:
    if assessment.version == base_version:
        return
    stored: dict[str, Any] = {
        "marks": {
            key: {
                "level": row.level.key if row and row.level else None,
                "comment": row.comment if row else "",
            }
            for key in named
            for row in [given.get(key)]
        }
    }
    if names_overall:
        stored["overall"] = assessment.overall
    raise StaleVersion(version=assessment.version, stored=stored)


def _regrade(held: Held, *, by: User, at: datetime) -> None:
    grade = Grade.objects.select_for_update(of=("self",)).filter(submission=held.submission).first()
    if grade is None:
        grade = Grade(
            edition_id=held.submission.edition_id, submission=held.submission, created_at=at
        )
    make_provisional(grade)
    if grade.moderation_asked_at is not None:
        # Other marks do not answer the question; the colleague is still asked (invariant 10).
        require_move(GRADE_MOVES, grade.status, GradeStatus.IN_MODERATION)
        grade.status = GradeStatus.IN_MODERATION
    grade.attempt = held.attempt
    grade.needs_regrade = is_rubric_outdated(grade)
    grade.version += 1
    grade.save()
    audit.record(by=by, verb=f"grade.{grade.status}", target=grade, at=at)
