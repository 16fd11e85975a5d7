"""From handed-in marks to an agreed grade, and amending a released one (see releasing.py)."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from assessments import tasks
from assessments.actions.held import require_attempt
from assessments.actions.judging import (
    make_provisional,
    require_moderator,
    require_no_conflict,
)
from assessments.actions.locking import lock_submission
from assessments.actions.marks import MAX_COMMENT_BYTES, clean_marks, record
from assessments.actions.second_marking import settled_marks
from assessments.actions.team_notices import tell_team
from assessments.enums import GradeStatus, Outcome, SubmissionStatus
from assessments.models import (
    AssessmentRevision,
    Grade,
    GradeBasis,
    GradeRevision,
    Submission,
)
from assessments.selectors.agreeing import together
from assessments.selectors.marking import criteria_of, newest_rubric_of
from assessments.selectors.second_marking import handed_in_of
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


class UnderAppeal(Conflict):
    """The grade is changed, or not, by the answer to its appeal."""

    code = "under_appeal"


@transaction.atomic
def moderate_grade(*, grade: Grade, base_version: int, by: User, at: datetime) -> Grade:
    """Ask for a second pair of eyes: from now on the marker does not decide (invariant 10)."""
    grade, _submission = lock_grade(grade, base_version, "assessments.judge_grade", by)
    move_grade(grade, GradeStatus.IN_MODERATION)
    if grade.moderation_asked_at is None:
        grade.moderation_asked_at, grade.moderation_asked_by = at, by
    grade.save()
    audit.record(by=by, verb="grade.in_moderation", target=grade, at=at)
    return grade


@transaction.atomic
def agree_grade(
    *,
    grade: Grade,
    base_version: int,
    marks: Mapping[str, Mapping[str, Any]] | None = None,
    overall: str | None = None,
    reason: str = "",
    comments_of: Collection[int] | None = None,
    receipt: str | None = None,
    by: User,
    at: datetime,
) -> GradeRevision:
    """Decide: the marks handed in last become the grade; the participant sees nothing yet.

    `marks`, `overall`: what is decided in another way than it was marked, as in
    `save_marks`; it needs a reason, and where two markers differ it is needed.
    `comments_of`: the assessments whose comments in the text go with the grade; those of
    every marker where it is not said.
    `receipt`: of the attempt that the one who decides has before them, where they say so.
    Once moderation was asked, somebody other than the markers agrees, also after the
    grade or the marks were reopened (invariant 10). Raises NeedsRegrade,
    MarksMissing, StaleVersion, WrongAttempt, IllegalMove, ConflictOfInterest, InvalidInput.
    """
    grade, submission = lock_grade(grade, base_version, "assessments.judge_grade", by)
    require_attempt(grade.attempt, receipt)
    move_grade(grade, GradeStatus.AGREED)
    require_grade_in_hand(grade, submission)
    handed_in = _require_handed_in(grade)
    require_moderator(grade, by)

    fields, is_as_given = settled_marks(handed_in, marks or {})
    if not reason.strip():
        if not is_as_given:
            raise InvalidInput(
                errors={"reason": [_("Say why: the grade differs from what a marker gave.")]}
            )
        if grade.moderation_asked_at is not None:
            raise InvalidInput(
                errors={"reason": [_("A colleague was asked to look: say why you agree.")]}
            )
    earlier = grade.revisions.first()
    if earlier is not None and not reason.strip():
        reason = _("Marked again (attempt %(number)d).") % {"number": grade.attempt.number}
    revision = decide(
        grade,
        handed_in,
        fields,
        annotations=_comments_of(handed_in, comments_of),
        overall=together(one.overall for one in handed_in)
        if overall is None
        else clean_text(overall, field="overall", max_bytes=MAX_COMMENT_BYTES),
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
    grade, submission = lock_grade(grade, base_version, "assessments.judge_grade", by)
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
    grade, _submission = lock_grade(grade, base_version, "assessments.judge_grade", by)
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
    grade, submission = lock_grade(grade, base_version, "assessments.release_grade", by)
    _prepare(grade, submission, by=by, at=at)
    return grade


@transaction.atomic
def amend_grade(
    *,
    grade: Grade,
    base_version: int,
    marks: Mapping[str, Mapping[str, Any]],
    overall: str | None = None,
    reason: str,
    receipt: str | None = None,
    by: User,
    at: datetime,
) -> GradeRevision:
    """Change a released grade by a new revision; the participant is told (invariant 8).

    `marks`, `receipt`: as in `agree_grade`; criteria that are not named keep theirs.
    Raises InvalidInput when nothing would change or a level is taken away. What was
    moderated its marker does not amend alone (invariant 10): ConflictOfInterest.
    """
    grade, submission = lock_grade(grade, base_version, "assessments.judge_grade", by)
    require_attempt(grade.attempt, receipt)
    reason = clean_reason(reason)
    if grade.status == GradeStatus.APPEALED:
        raise UnderAppeal(_("The grade is appealed: whoever looks at the appeal decides."))
    move_grade(grade, GradeStatus.AMENDED)
    require_moderator(grade, by)
    before = grade.current
    assert before is not None  # a constraint: released grades have a revision
    fields = amended_fields(before, marks)
    text = (
        before.overall
        if overall is None
        else clean_text(overall, field="overall", max_bytes=MAX_COMMENT_BYTES)
    )
    if fields["marks"] == before.marks and text == before.overall:
        raise InvalidInput(_("Nothing would change: choose another level or write a comment."))
    revision = decide(
        grade,
        list(before.assessment_revisions.all()),
        fields,
        annotations=before.annotations,
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
    say_changed(submission, at)
    return revision


def _prepare(grade: Grade, submission: Submission, *, by: User, at: datetime) -> None:
    move_grade(grade, GradeStatus.READY_FOR_RELEASE)
    require_grade_in_hand(grade, submission)
    grade.save()
    audit.record(by=by, verb="grade.ready_for_release", target=grade, at=at)


def require_releasable(grade: Grade, submission: Submission) -> None:
    """Raise unless an agreed grade can be shown to its participants now: IllegalMove,
    NeedsRegrade."""
    if grade.status != GradeStatus.READY_FOR_RELEASE:
        require_move(GRADE_MOVES, grade.status, GradeStatus.READY_FOR_RELEASE)
    require_move(GRADE_MOVES, GradeStatus.READY_FOR_RELEASE, GradeStatus.RELEASED)
    require_grade_in_hand(grade, submission)
    require_move(SUBMISSION_MOVES, submission.status, SubmissionStatus.FINALISED)


def say_changed(submission: Submission, at: datetime) -> None:
    """A grade is of each member of the team (D15c)."""
    for enrolment_id in submission.members.present().values_list("enrolment_id", flat=True):
        grade_changed.send(Grade, enrolment_id=enrolment_id, at=at)


def amended_fields(before: GradeRevision, marks: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
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


def decide(
    grade: Grade,
    rests_on: list[AssessmentRevision],
    fields: dict[str, Any],
    *,
    overall: str,
    reason: str,
    annotations: list[Any] | None = None,
    by: User,
    at: datetime,
) -> GradeRevision:
    """Append the next revision and put it in force; the grade is not saved yet.
    `annotations`: comments in the text that go with it; without it, all it rests on."""
    latest = grade.revisions.first()
    passing = rests_on[0].rubric.pass_percent
    revision = GradeRevision.objects.create(
        grade=grade,
        attempt=grade.attempt,
        number=latest.number + 1 if latest else 1,
        overall=overall,
        annotations=_comments_of(rests_on) if annotations is None else annotations,
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


def _comments_of(
    handed_in: list[AssessmentRevision], assessments: Collection[int] | None = None
) -> list[Any]:
    """What was handed in beside the text, for the grade it leads to."""
    known = {one.assessment_id for one in handed_in}
    if assessments is not None and not known.issuperset(assessments):
        raise InvalidInput(errors={"comments_of": [_("Choose among the markers of this project.")]})
    chosen = known if assessments is None else known.intersection(assessments)
    return [note for one in handed_in if one.assessment_id in chosen for note in one.annotations]


def lock_grade(grade: Grade, base_version: int, perm: str, by: User) -> tuple[Grade, Submission]:
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


def move_grade(grade: Grade, to: GradeStatus) -> None:
    """Not saved yet."""
    require_move(GRADE_MOVES, grade.status, to)
    grade.status = to
    grade.version += 1


def _require_handed_in(grade: Grade) -> list[AssessmentRevision]:
    handed_in = handed_in_of(grade.attempt)
    if handed_in is None:
        raise MarksMissing(_("The marks are not handed in."))
    return handed_in


def require_grade_in_hand(grade: Grade, submission: Submission) -> None:
    if grade.needs_regrade or grade.attempt.number != submission.attempt:
        raise NeedsRegrade(
            _(
                "A newer attempt or another rubric came after these marks: "
                "mark the attempt, or confirm the marks."
            )
        )
