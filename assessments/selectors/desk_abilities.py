"""What the reader of a desk may do: the rules that the actions ask, and the state of things."""

from assessments.enums import (
    AGREED_GRADE,
    BEING_MARKED,
    TO_BE_AGREED,
    AssessmentStatus,
    GradeStatus,
    MarkerRole,
    SubmissionStatus,
)
from assessments.models import Assessment, Grade, Submission
from assessments.selectors.marking import is_moderating_own
from assessments.selectors.releasing import waiting_release_of
from lms.accounts.models import User
from lms.core.permissions import may_in_person


def desk_abilities(
    user: User,
    submission: Submission,
    held: dict[MarkerRole, Assessment],
    grade: Grade | None,
    *,
    has_two: bool,
    is_blind: bool,
    has_conflict: bool,
) -> dict[str, bool]:
    """What the reader may do with the project in its present state."""
    own = next((one for one in held.values() if one.marker_id == user.pk), None)
    first = held.get(MarkerRole.FIRST)
    assessment = own or first
    is_mine = own is not None
    status = assessment.status if assessment else None
    may = _rules_asked(user, submission, own)
    judges, releases = may["judge"], may["release"] and not has_conflict
    is_open = submission.status in BEING_MARKED
    is_locked = submission.status == SubmissionStatus.LOCKED_FOR_MARKING
    is_begun = is_mine and status == AssessmentStatus.IN_MARKING
    is_handed_in = status == AssessmentStatus.SUBMITTED
    all_handed_in = is_handed_in and not is_blind
    is_free = first is None or (has_two and MarkerRole.SECOND not in held)
    stage = grade.status if grade else None
    is_current = grade is not None and not grade.needs_regrade
    to_be_agreed = stage in TO_BE_AGREED
    moderates = grade is None or not is_moderating_own(grade, held.values(), user)
    is_agreed = stage in AGREED_GRADE
    is_void = stage == GradeStatus.VOIDED
    is_on_its_way = is_agreed and waiting_release_of(grade) is not None
    return {
        "see_own_marks": is_mine,
        "start": may["mark"]
        and is_open
        and (is_free if own is None else status == AssessmentStatus.ALLOCATED),
        "decline": may["hold"] and status == AssessmentStatus.ALLOCATED,
        "mark": may["hold"] and is_begun and is_locked,
        "allocate": is_open and not is_handed_in and (may["allocate"] or may["hand_over"]),
        "allocate_second": is_open
        and has_two
        and may["allocate"]
        and (
            MarkerRole.SECOND not in held
            or held[MarkerRole.SECOND].status != AssessmentStatus.SUBMITTED
        ),
        "ask_second": may["ask_second"] and is_open and not has_two and not (is_agreed or is_void),
        "reopen_marks": may["hold"]
        and is_handed_in
        and is_locked
        and (to_be_agreed or grade is None),
        "agree": judges
        and is_locked
        and all_handed_in
        and to_be_agreed
        and is_current
        and moderates,
        "moderate": judges and is_locked and all_handed_in and stage == GradeStatus.PROVISIONAL,
        "reopen_grade": judges and is_locked and is_agreed,
        "confirm_marks": judges
        and is_locked
        and assessment is not None
        and all_handed_in
        and grade is not None
        and grade.needs_regrade
        and grade.attempt_id == assessment.attempt_id,
        "prepare_release": releases
        and is_locked
        and stage == GradeStatus.AGREED
        and is_current
        and not is_on_its_way,
        "release": releases and is_locked and is_agreed and is_current and not is_on_its_way,
        "amend": judges
        and grade is not None
        and grade.is_visible_to_participant
        and stage != GradeStatus.APPEALED
        and moderates,
        "void": may["void"] and (to_be_agreed or is_agreed),
        "return_for_revision": may["return"] and is_locked and not is_void,
        "record_presentation": may["present"],
    }


def _rules_asked(user: User, submission: Submission, own: Assessment | None) -> dict[str, bool]:
    """What `rules` says of the reader and this project, by the very permissions that the
    actions ask: a rule that changes changes the buttons. `own`: the reader's assessment."""
    of_project = {
        "mark": "assessments.mark_submission",
        "allocate": "assessments.allocate_marker",
        "judge": "assessments.judge_grade",
        "ask_second": "assessments.ask_second_marking",
        "void": "assessments.void_grade",
        "return": "assessments.return_for_revision",
    }
    of_marking = {
        "hold": "assessments.mark_assessment",
        "hand_over": "assessments.hand_over_assessment",
    }
    return {
        **{name: may_in_person(user, perm, submission) for name, perm in of_project.items()},
        **{
            name: own is not None and may_in_person(user, perm, own)
            for name, perm in of_marking.items()
        },
        # What an administrator may do as well.
        "release": user.has_perm("assessments.release_grade", submission),
        "present": user.has_perm("assessments.record_presentation", submission.owner),
    }
