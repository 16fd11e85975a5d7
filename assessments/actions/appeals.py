"""Appeals: somebody asks that a released grade be looked at again; a colleague who had no
part in it decides (invariant 10)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from assessments import tasks
from assessments.actions.grades import decide, say_changed
from assessments.actions.held import Held, require_attempt
from assessments.actions.judging import ConflictOfInterest, require_no_conflict
from assessments.actions.locking import lock_submission
from assessments.actions.marking import move_assessment, require_unchanged, store_marks
from assessments.actions.marks import record_of_marks
from assessments.actions.team_notices import tell_team
from assessments.enums import (
    ACTIVE_ASSESSMENT,
    AppealStatus,
    AssessmentStatus,
    GradeStatus,
    MarkerRole,
)
from assessments.models import (
    Appeal,
    Assessment,
    AssessmentRevision,
    Grade,
    GradeRevision,
    Submission,
)
from assessments.selectors.appeals import appeal_until, had_a_part_in
from assessments.selectors.marking import has_conflict
from assessments.workflow import APPEAL_MOVES, GRADE_MOVES
from lms.accounts.models import User
from lms.core import audit, outbox
from lms.core.errors import Conflict, InvalidInput, StaleVersion
from lms.core.permissions import may_in_person, require_in_person
from lms.core.text import clean_reason
from lms.core.transitions import require_move

LONGEST_REASON = 5000


class AppealsClosed(Conflict):
    """The time to appeal is over, or the edition takes no appeals."""

    code = "appeals_closed"


@transaction.atomic
def make_appeal(*, grade: Grade, revision: int, reason: str, by: User, at: datetime) -> Appeal:
    """Ask that the decision with this number be looked at again, and say why.

    Raises PermissionDenied, AppealsClosed, StaleVersion where the grade was amended
    meanwhile, IllegalMove where an appeal is open already, InvalidInput.
    """
    # Two members of a team, and an amendment, compete for the submission row.
    submission = lock_submission(grade.submission_id, "owner")
    grade = (
        Grade.objects.select_for_update(of=("self",))
        .select_related("current", "edition")
        .get(pk=grade.pk)
    )
    require_in_person(by, "assessments.appeal_grade", submission)
    reason = clean_reason(reason, longest=LONGEST_REASON)
    require_move(GRADE_MOVES, grade.status, GradeStatus.APPEALED)
    assert grade.current is not None  # a constraint: released grades have a revision
    until = appeal_until(grade)
    if until is None:
        raise AppealsClosed(_("This grade cannot be appealed."))
    if at > until:
        raise AppealsClosed(_("The time to appeal is over."), until=until.isoformat())
    if grade.current.number != revision:
        raise StaleVersion(
            _("The grade was changed since you opened this page. Look at it again."),
            version=grade.current.number,
        )
    grade.status = GradeStatus.APPEALED
    grade.version += 1
    grade.save(update_fields=["status", "version"])
    appeal = Appeal.objects.create(
        edition_id=grade.edition_id,
        grade=grade,
        revision=grade.current,
        reason=reason,
        appealed_at=at,
        appealed_by=by,
    )
    audit.record(by=by, verb="grade.appealed", target=grade, at=at, appeal=appeal.pk)
    outbox.enqueue(tasks.send_appeal_received, appeal_id=appeal.pk)
    return appeal


@transaction.atomic
def assign_appeal(
    *, appeal: Appeal, base_version: int, marker: User, by: User, at: datetime
) -> Appeal:
    """Give an appeal to an instructor who had no part in the grade, in the place of whoever
    has it; or take it oneself, where nobody has.

    Raises PermissionDenied, ConflictOfInterest, StaleVersion, IllegalMove, InvalidInput.
    """
    appeal, grade, submission = _lock(appeal)
    takes_it = by.pk == marker.pk and appeal.status == AppealStatus.RECEIVED
    perm = "assessments.mark_in_edition" if takes_it else "assessments.assign_appeal"
    require_in_person(by, perm, submission)
    if takes_it:
        require_no_conflict(by, submission)
    _require_version(appeal, base_version)
    require_move(APPEAL_MOVES, appeal.status, AppealStatus.ASSIGNED)
    if not takes_it and has_conflict(marker, submission):
        raise ConflictOfInterest(
            _("%(marker)s has worked for the city of this project.") % {"marker": marker}
        )
    if marker.pk in had_a_part_in(grade):
        raise ConflictOfInterest(
            _("%(marker)s had a part in this grade: an appeal goes to somebody else.")
            % {"marker": marker}
        )
    marker.forget_roles()
    if not may_in_person(marker, "assessments.mark_in_edition", submission):
        raise InvalidInput(errors={"marker": [_("Choose an instructor of this edition.")]})
    # Whoever declared a conflict meanwhile has handed it back already.
    if appeal.assessment is not None and appeal.assessment.status in ACTIVE_ASSESSMENT:
        if appeal.assessment.marker_id == marker.pk:
            return appeal
        move_assessment(appeal.assessment, AssessmentStatus.REASSIGNED)
        audit.record(
            by=by, verb="assessment.reassigned", target=appeal.assessment, at=at, to=marker.pk
        )
    attempt = appeal.revision.attempt
    appeal.assessment = Assessment.objects.create(
        edition_id=submission.edition_id,
        submission=submission,
        attempt=attempt,
        marker=marker,
        role=MarkerRole.APPEAL,
        received_at=attempt.received_at,
        allocated_at=at,
        allocated_by=by,
    )
    appeal.assigned_at, appeal.assigned_by = at, by
    _move(appeal, AppealStatus.ASSIGNED)
    appeal.save()
    audit.record(
        by=by, verb="assessment.allocated", target=appeal.assessment, at=at, marker=marker.pk,
        role=MarkerRole.APPEAL,
    )  # fmt: skip
    audit.record(by=by, verb="appeal.assigned", target=appeal, at=at, marker=marker.pk)
    if by.pk != marker.pk:
        outbox.enqueue(tasks.send_appeal_assigned, appeal_id=appeal.pk)
    return appeal


@transaction.atomic
def save_appeal_marks(
    *,
    appeal: Appeal,
    base_version: int,
    marks: Mapping[str, Mapping[str, Any]],
    overall: str | None = None,
    receipt: str | None = None,
    by: User,
    at: datetime,
) -> Assessment:
    """Store what whoever looks at an appeal has changed, as `save_marks` does. They begin
    with the levels and comments of the decision that is appealed."""
    appeal, _grade, submission = _lock(appeal)
    held = _hold(appeal, submission, by=by, at=at, receipt=receipt)
    store_marks(held, base_version, marks, overall, by=by, at=at)
    return held.assessment


@transaction.atomic
def decide_appeal(
    *,
    appeal: Appeal,
    base_version: int,
    decision: AppealStatus,
    reason: str,
    marks: Mapping[str, Mapping[str, Any]] | None = None,
    overall: str | None = None,
    receipt: str | None = None,
    by: User,
    at: datetime,
) -> Appeal:
    """Uphold the grade, or amend it by a new revision that rests on one's own marks; with
    the reason, which those who wrote the project read (invariant 8).

    `base_version`: of the marks; `marks`, `overall`: what a form still carries, saved first.
    Raises PermissionDenied, ConflictOfInterest, StaleVersion, IllegalMove, InvalidInput
    where the marks say something else than the decision.
    """
    appeal, grade, submission = _lock(appeal)
    held = _hold(appeal, submission, by=by, at=at, receipt=receipt)
    reason = clean_reason(reason)
    require_move(APPEAL_MOVES, appeal.status, decision)
    is_amended = decision == AppealStatus.AMENDED
    require_move(
        GRADE_MOVES, grade.status, GradeStatus.AMENDED if is_amended else GradeStatus.UPHELD
    )
    if marks or overall is not None:
        store_marks(held, base_version, marks or {}, overall, by=by, at=at)
    else:
        require_unchanged(held.assessment, base_version)
    fields = record_of_marks(held.attempt.rubric_id, held.assessment.marks)
    _require_fits(decision, fields, held.assessment.overall, appeal.revision)

    latest = held.assessment.revisions.first()
    handed_in = AssessmentRevision.objects.create(
        assessment=held.assessment,
        number=latest.number + 1 if latest else 1,
        overall=held.assessment.overall,
        # What stands beside the text was no matter of the appeal.
        annotations=appeal.revision.annotations,
        at=at,
        by=by,
        **fields,
    )
    held.assessment.submitted_at = at
    move_assessment(held.assessment, AssessmentStatus.SUBMITTED, "submitted_at")
    audit.record(
        by=by, verb="assessment.submitted", target=held.assessment, at=at,
        revision=handed_in.number,
    )  # fmt: skip
    if is_amended:
        overall_text = held.assessment.overall
        appeal.decided_as = decide(
            grade, [handed_in], fields, overall=overall_text, reason=reason, by=by, at=at
        )
    grade.status = GradeStatus.AMENDED if is_amended else GradeStatus.UPHELD
    grade.version += 1
    grade.save()
    appeal.decided_at, appeal.decided_by, appeal.decision = at, by, reason
    _move(appeal, decision)
    appeal.save()
    audit.record(
        by=by, verb=f"grade.{grade.status}", target=grade, at=at, appeal=appeal.pk, reason=reason,
        **({"revision": appeal.decided_as.number} if appeal.decided_as else {}),
    )  # fmt: skip
    tell_team(tasks.send_appeal_decided, submission, appeal_id=appeal.pk)
    if is_amended:
        say_changed(submission, at)
    return appeal


def _lock(appeal: Appeal) -> tuple[Appeal, Grade, Submission]:
    submission = lock_submission(appeal.grade.submission_id, "owner")
    grade = (
        Grade.objects.select_for_update(of=("self",))
        .select_related("attempt", "current")
        .get(pk=appeal.grade_id)
    )
    locked = (
        Appeal.objects.select_for_update(of=("self",))
        .select_related("assessment__attempt", "assessment__marker", "revision__attempt")
        .get(pk=appeal.pk)
    )
    return locked, grade, submission


def _hold(
    appeal: Appeal, submission: Submission, *, by: User, at: datetime, receipt: str | None
) -> Held:
    """The appeal in the hands of its marker, begun."""
    require_no_conflict(by, submission)
    if appeal.assessment is None:
        raise Conflict(_("Nobody has this appeal yet."))
    require_in_person(by, "assessments.decide_appeal", appeal.assessment)
    if appeal.status != AppealStatus.ASSIGNED:
        raise Conflict(_("This appeal is decided."), state=appeal.status)
    if appeal.assessment.status not in ACTIVE_ASSESSMENT:
        raise Conflict(_("You have handed this appeal back: a coordinator gives it anew."))
    assessment = appeal.assessment
    require_attempt(assessment.attempt, receipt)
    if assessment.status == AssessmentStatus.ALLOCATED:
        assessment.started_at = at
        # The colleague begins with the marks that were appealed against.
        assessment.overall = appeal.revision.overall
        assessment.marks = {
            mark["criterion"]: {"level": mark["level"], "comment": mark["comment"]}
            for mark in appeal.revision.marks
        }
        assessment.save(update_fields=["marks", "overall"])
        move_assessment(assessment, AssessmentStatus.IN_MARKING, "started_at")
        audit.record(by=by, verb="assessment.started", target=assessment, at=at)
    return Held(submission, assessment.attempt, assessment)


def _require_fits(
    decision: AppealStatus, fields: Mapping[str, Any], overall: str, appealed: GradeRevision
) -> None:
    """Raise InvalidInput for marks that say something else than the decision."""
    before = {mark["criterion"]: mark["level"] for mark in appealed.marks}
    changed = [mark for mark in fields["marks"] if mark["level"] != before[mark["criterion"]]]
    if decision == AppealStatus.UPHELD and changed:
        raise InvalidInput(
            _("You chose other levels: amend the grade, or choose the levels it has."),
            errors={
                mark["criterion"]: [_("Another level than that of the grade.")] for mark in changed
            },
        )
    if (
        decision == AppealStatus.AMENDED
        and fields["marks"] == appealed.marks
        and overall == appealed.overall
    ):
        raise InvalidInput(_("Nothing would change: choose another level or write a comment."))


def _require_version(appeal: Appeal, base_version: int) -> None:
    if appeal.version != base_version:
        raise StaleVersion(
            _("The appeal has changed since you opened this page. Look at it again."),
            version=appeal.version,
            stored={"status": appeal.status},
        )


def _move(appeal: Appeal, to: AppealStatus) -> None:
    """Not saved yet."""
    require_move(APPEAL_MOVES, appeal.status, to)
    appeal.status = to
    appeal.version += 1
