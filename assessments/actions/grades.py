"""From handed-in marks to a released grade, and amending it afterwards."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from assessments import tasks
from assessments.actions.judging import (
    make_provisional,
    require_moderator,
    require_no_conflict,
)
from assessments.actions.locking import lock_submission
from assessments.actions.marks import MAX_COMMENT_BYTES, clean_marks, criteria_of, record
from assessments.actions.team_notices import tell_team
from assessments.enums import AssessmentStatus, GradeStatus, Outcome, SubmissionStatus
from assessments.models import (
    Assessment,
    AssessmentRevision,
    Grade,
    GradeBasis,
    GradeRevision,
    Submission,
)
from assessments.selectors.marking import assessment_of, newest_rubric_of
from assessments.signals import grade_changed
from assessments.workflow import GRADE_MOVES, SUBMISSION_MOVES
from lms.accounts.models import User
from lms.core import audit
from lms.core.errors import Conflict, IllegalMove, InvalidInput, StaleVersion
from lms.core.permissions import require_in_person, require_perm
from lms.core.text import clean_reason, clean_text
from lms.core.transitions import require_move


class NeedsRegrade(Conflict):
    """A newer attempt or another rubric came after the marks (invariant 7)."""

    code = "needs_regrade"


class NothingToConfirm(Conflict):
    """The marks answer the attempt and the rubric as they are."""

    code = "nothing_to_confirm"


class MarksMissing(Conflict):
    """There are no handed-in marks that a grade could rest on."""

    code = "marks_missing"


@transaction.atomic
def moderate_grade(*, grade: Grade, base_version: int, by: User, at: datetime) -> Grade:
    """Ask for a second pair of eyes: from now on the marker does not decide (invariant 10)."""
    grade, _submission = _lock(grade, base_version, "assessments.judge_grade", by)
    _move(grade, GradeStatus.IN_MODERATION)
    if grade.moderation_asked_at is None:
        grade.moderation_asked_at, grade.moderation_asked_by = at, by
    grade.save()
    audit.record(by=by, verb="grade.in_moderation", target=grade, at=at)
    return grade


@transaction.atomic
def agree_grade(
    *, grade: Grade, base_version: int, reason: str = "", by: User, at: datetime
) -> GradeRevision:
    """Decide: the marks handed in last become the grade; the participant sees nothing yet.

    Once moderation was asked, somebody other than the marker agrees, also after the
    grade or the marks were reopened (invariant 10). Raises NeedsRegrade,
    MarksMissing, StaleVersion, IllegalMove, ConflictOfInterest.
    """
    grade, submission = _lock(grade, base_version, "assessments.judge_grade", by)
    _move(grade, GradeStatus.AGREED)
    _require_in_hand(grade, submission)
    assessment = _require_handed_in(grade)
    require_moderator(grade, assessment, by)

    handed_in = assessment.revisions.select_related("rubric").latest("number")
    earlier = grade.revisions.first()
    if earlier is not None and not reason.strip():
        reason = _("Marked again (attempt %(number)d).") % {"number": grade.attempt.number}
    revision = _decide(
        grade,
        [handed_in],
        {
            "rubric_id": handed_in.rubric_id,
            "marks": handed_in.marks,
            "total": handed_in.total,
            "maximum": handed_in.maximum,
            "percent": handed_in.percent,
        },
        overall=handed_in.overall,
        reason=clean_reason(reason) if reason else "",
        by=by,
        at=at,
    )
    grade.save()
    audit.record(by=by, verb="grade.agreed", target=grade, at=at, revision=revision.number)
    return revision


@transaction.atomic
def confirm_marks(*, grade: Grade, base_version: int, reason: str, by: User, at: datetime) -> Grade:
    """Leave marks standing after a newer rubric was published: the attempt keeps the
    version it was handed in under, and somebody says so (invariant 7).

    A newer attempt is no matter of confirming: it needs marks of its own (NeedsRegrade).
    Raises NothingToConfirm, MarksMissing, StaleVersion, ConflictOfInterest, InvalidInput.
    """
    grade, submission = _lock(grade, base_version, "assessments.judge_grade", by)
    reason = clean_reason(reason)
    if not grade.needs_regrade:
        raise NothingToConfirm(_("Nothing came after these marks."))
    if grade.attempt.number != submission.attempt:
        raise NeedsRegrade(_("A newer attempt came after these marks: mark it."))
    _require_handed_in(grade)
    newest = newest_rubric_of(grade.attempt)
    grade.needs_regrade, grade.rubric_confirmed = False, newest
    grade.version += 1
    grade.save()
    audit.record(
        by=by, verb="grade.confirmed", target=grade, at=at, rubric=newest.number, reason=reason
    )
    return grade


@transaction.atomic
def reopen_grade(*, grade: Grade, base_version: int, reason: str, by: User, at: datetime) -> Grade:
    """Take an agreed grade that is not released back to provisional. Raises IllegalMove
    for one that is not agreed: marks are reopened, and moderation stays asked."""
    grade, _submission = _lock(grade, base_version, "assessments.judge_grade", by)
    reason = clean_reason(reason)
    if grade.status not in (GradeStatus.AGREED, GradeStatus.READY_FOR_RELEASE):
        raise IllegalMove(_("Only an agreed grade can be reopened."), current=grade.status)
    make_provisional(grade)
    grade.version += 1
    grade.save()
    audit.record(by=by, verb="grade.reopened", target=grade, at=at, reason=reason)
    return grade


@transaction.atomic
def prepare_release(*, grade: Grade, base_version: int, by: User, at: datetime) -> Grade:
    """Put an agreed grade among those to be released."""
    grade, submission = _lock(grade, base_version, "assessments.release_grade", by)
    _prepare(grade, submission, by=by, at=at)
    return grade


@transaction.atomic
def release_grade(*, grade: Grade, base_version: int, by: User, at: datetime) -> Grade:
    """Show a grade that is ready to its participant; the project is final.

    Raises PermissionDenied, IllegalMove, StaleVersion, NeedsRegrade.
    """
    grade, submission = _lock(grade, base_version, "assessments.release_grade", by)
    _release(grade, submission, by=by, at=at)
    return grade


@transaction.atomic
def release_agreed_grade(*, grade: Grade, base_version: int, by: User, at: datetime) -> Grade:
    """Prepare and release in one go, for a programme that releases one by one."""
    grade, submission = _lock(grade, base_version, "assessments.release_grade", by)
    _prepare(grade, submission, by=by, at=at)
    _release(grade, submission, by=by, at=at)
    return grade


@transaction.atomic
def amend_grade(
    *,
    grade: Grade,
    base_version: int,
    marks: Mapping[str, Mapping[str, Any]],
    overall: str | None = None,
    reason: str,
    by: User,
    at: datetime,
) -> GradeRevision:
    """Change a released grade by a new revision; the participant is told (invariant 8).

    `marks`: as in `save_marks`; criteria that are not named keep theirs. Raises
    InvalidInput when nothing would change or a level is taken away. What was
    moderated its marker does not amend alone (invariant 10): ConflictOfInterest.
    """
    grade, submission = _lock(grade, base_version, "assessments.judge_grade", by)
    reason = clean_reason(reason)
    _move(grade, GradeStatus.AMENDED)
    require_moderator(grade, assessment_of(grade.attempt), by)
    before = grade.current
    assert before is not None  # a constraint: released grades have a revision
    fields = _amended(before, marks)
    text = (
        before.overall
        if overall is None
        else clean_text(overall, field="overall", max_bytes=MAX_COMMENT_BYTES)
    )
    if fields["marks"] == before.marks and text == before.overall:
        raise InvalidInput(_("Nothing would change: choose another level or write a comment."))
    revision = _decide(
        grade,
        list(before.assessment_revisions.all()),
        fields,
        overall=text,
        reason=reason,
        by=by,
        at=at,
    )
    grade.save()
    audit.record(
        by=by, verb="grade.amended", target=grade, at=at, revision=revision.number, reason=reason
    )
    tell_team(tasks.send_grade_amended, submission, grade_id=grade.pk, revision=revision.number)
    _say_changed(submission, at)
    return revision


def _prepare(grade: Grade, submission: Submission, *, by: User, at: datetime) -> None:
    _move(grade, GradeStatus.READY_FOR_RELEASE)
    _require_in_hand(grade, submission)
    grade.save()
    audit.record(by=by, verb="grade.ready_for_release", target=grade, at=at)


def _release(grade: Grade, submission: Submission, *, by: User, at: datetime) -> None:
    _move(grade, GradeStatus.RELEASED)
    _require_in_hand(grade, submission)
    require_move(SUBMISSION_MOVES, submission.status, SubmissionStatus.FINALISED)

    grade.released_by, grade.released_at = by, at
    grade.save()
    submission.status = SubmissionStatus.FINALISED
    submission.save(update_fields=["status"])
    audit.record(by=by, verb="grade.released", target=grade, at=at)
    audit.record(by=by, verb="project.finalised", target=submission, at=at)
    tell_team(tasks.send_grade_released, submission, grade_id=grade.pk)
    _say_changed(submission, at)


def _say_changed(submission: Submission, at: datetime) -> None:
    """A grade is of each member of the team (D15c)."""
    for enrolment_id in submission.members.present().values_list("enrolment_id", flat=True):
        grade_changed.send(Grade, enrolment_id=enrolment_id, at=at)


def _amended(before: GradeRevision, marks: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The earlier marks with those of `marks` in their place, counted anew."""
    criteria = criteria_of(before.rubric_id)
    clean = clean_marks(before.rubric_id, marks)
    levels, comments = {}, {}
    for mark in before.marks:
        key = mark["criterion"]
        by_key = {level.key: level for level in criteria[key].levels.all()}
        levels[key], comments[key] = by_key[mark["level"]], mark["comment"]
    for key, change in clean.items():
        if change.names_level:
            if change.level is None:
                raise InvalidInput(errors={key: [_("An amended grade keeps a level here.")]})
            levels[key] = change.level
        if change.comment is not None:
            comments[key] = change.comment
    return record(before.rubric_id, criteria, levels, comments)


def _decide(
    grade: Grade,
    rests_on: list[AssessmentRevision],
    fields: dict[str, Any],
    *,
    overall: str,
    reason: str,
    by: User,
    at: datetime,
) -> GradeRevision:
    """Append the next revision and put it in force; the grade is not saved yet."""
    latest = grade.revisions.first()
    passing = rests_on[0].rubric.pass_percent
    revision = GradeRevision.objects.create(
        grade=grade,
        attempt=grade.attempt,
        number=latest.number + 1 if latest else 1,
        overall=overall,
        outcome=Outcome.PASSED if fields["percent"] >= passing else Outcome.NOT_PASSED,
        reason=reason,
        at=at,
        by=by,
        **fields,
    )
    GradeBasis.objects.bulk_create(
        GradeBasis(revision=revision, assessment_revision=handed_in) for handed_in in rests_on
    )
    grade.current = revision
    return revision


def _lock(grade: Grade, base_version: int, perm: str, by: User) -> tuple[Grade, Submission]:
    """Judging is done in one's own name; releasing an administrator may do as well."""
    # Release, amendment and a new attempt all compete for the submission row.
    submission = lock_submission(grade.submission_id, "owner")
    locked = (
        Grade.objects.select_for_update(of=("self",))
        .select_related("attempt", "submission__owner", "current")
        .get(pk=grade.pk)
    )
    require_no_conflict(by, submission)
    (require_perm if perm == "assessments.release_grade" else require_in_person)(by, perm, locked)
    if locked.version != base_version:
        raise StaleVersion(
            _("The grade changed since you opened this page. Look at it again."),
            version=locked.version,
            stored={"status": locked.status},
        )
    return locked, submission


def _move(grade: Grade, to: GradeStatus) -> None:
    """Not saved yet."""
    require_move(GRADE_MOVES, grade.status, to)
    grade.status = to
    grade.version += 1


def _require_handed_in(grade: Grade) -> Assessment:
    assessment = assessment_of(grade.attempt)
    if assessment is None or assessment.status != AssessmentStatus.SUBMITTED:
        raise MarksMissing(_("The marks are not handed in."))
    return assessment


def _require_in_hand(grade: Grade, submission: Submission) -> None:
    if grade.needs_regrade or grade.attempt.number != submission.attempt:
        raise NeedsRegrade(
            _(
                "A newer attempt or another rubric came after these marks: "
                "mark the attempt, or confirm the marks."
            )
        )
