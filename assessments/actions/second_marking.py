"""A second marker: drawn by the edition's policy or asked for; then the grade that both
sets of marks lead to."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from assessments.actions.judging import make_provisional
from assessments.actions.locking import lock_submission
from assessments.actions.marks import clean_marks, record
from assessments.enums import AGREED_GRADE, BEING_MARKED, GradeStatus, MarkerRole, SecondMarkingRule
from assessments.models import (
    Assessment,
    AssessmentRevision,
    Attempt,
    Grade,
    MarkingPolicy,
    SecondMarking,
    Submission,
)
from assessments.selectors.agreeing import together
from assessments.selectors.marking import attempt_in_hand, criteria_of, is_rubric_outdated
from assessments.selectors.policy import policy_of
from assessments.selectors.second_marking import (
    block_of,
    divergence_of,
    handed_in_of,
)
from assessments.workflow import GRADE_MOVES
from lms.accounts.models import User
from lms.core import audit
from lms.core.errors import Conflict, IllegalMove, InvalidInput, Sentence
from lms.core.permissions import require_in_person
from lms.core.transitions import require_move


class AlreadyAgreed(Conflict):
    """The grade is decided: a second marker would come too late."""

    code = "already_agreed"


@transaction.atomic
def ask_second_marking(*, submission: Submission, by: User, at: datetime) -> SecondMarking:
    """Have a second person mark the attempt in hand without seeing the first marks, until
    the grade is agreed. Asked for twice, it is asked for once.

    Raises IllegalMove, AlreadyAgreed, PermissionDenied, ConflictOfInterest.
    """
    submission = lock_submission(submission.pk, "owner")
    require_in_person(by, "assessments.ask_second_marking", submission)
    attempt = attempt_in_hand(submission)
    if attempt is None or submission.status not in BEING_MARKED:
        raise IllegalMove(_("There is nothing to mark now: the project is not submitted."))
    grade = Grade.objects.filter(submission=submission, attempt=attempt).first()
    if grade is not None and grade.status in AGREED_GRADE:
        raise AlreadyAgreed(_("The grade is agreed. Reopen the grade first."))
    if grade is not None and grade.status == GradeStatus.VOIDED:
        raise IllegalMove(_("The grade of this project was declared void."))
    asked, is_new = SecondMarking.objects.get_or_create(
        attempt=attempt, defaults={"asked_at": at, "asked_by": by}
    )
    if is_new:
        audit.record(by=by, verb="second_marking.asked", target=attempt, at=at)
    return asked


def draw_second_marking(attempt: Attempt, *, at: datetime) -> None:
    """What the policy of the edition says when the marking of an attempt begins.

    A sample is drawn in groups: at 20 per cent exactly one of every five projects that
    are begun, and nobody knows beforehand which.
    """
    # Two projects begun at once count one after the other.
    policy = MarkingPolicy.objects.select_for_update().filter(project=attempt.project_id).first()
    if policy is None or policy.second_marking == SecondMarkingRule.NONE:
        return
    if policy.second_marking == SecondMarkingRule.SAMPLE and not _is_drawn(attempt, policy):
        return
    _asked, is_new = SecondMarking.objects.get_or_create(
        attempt=attempt, defaults={"asked_at": at, "asked_by": None}
    )
    if is_new:
        audit.record(by=None, verb="second_marking.drawn", target=attempt, at=at)


def _is_drawn(attempt: Attempt, policy: MarkingPolicy) -> bool:
    size, wanted = block_of(policy.sample_percent)
    begun = (
        Assessment.objects.filter(
            attempt__project=attempt.project_id, role=MarkerRole.FIRST, started_at__isnull=False
        )
        .exclude(attempt=attempt)
        .order_by()
    )
    place = begun.values("attempt").distinct().count() % size
    latest = list(begun.order_by("-started_at", "-pk").values_list("attempt", flat=True)[:place])
    drawn = SecondMarking.objects.filter(attempt__in=latest, asked_by=None).count()
    return secrets.randbelow(size - place) < wanted - drawn


def settle_grade(submission: Submission, attempt: Attempt, *, by: User, at: datetime) -> None:
    """The grade after marks were handed in: provisional once everybody who marks the
    attempt has, or with a moderator where two markers are far apart. Not decided here."""
    handed_in = handed_in_of(attempt)
    if handed_in is None:
        return
    grade = Grade.objects.select_for_update(of=("self",)).filter(submission=submission).first()
    if grade is None:
        grade = Grade(edition_id=submission.edition_id, submission=submission, created_at=at)
    make_provisional(grade)
    divergence = divergence_of(handed_in)
    is_far = divergence is not None and divergence.needs_moderator(policy_of(submission.project))
    if is_far and grade.moderation_asked_at is None:
        grade.moderation_asked_at, grade.moderation_asked_by = at, by
    if grade.moderation_asked_at is not None:
        # Other marks do not answer the question; the colleague is still asked (invariant 10).
        require_move(GRADE_MOVES, grade.status, GradeStatus.IN_MODERATION)
        grade.status = GradeStatus.IN_MODERATION
    grade.attempt = attempt
    grade.needs_regrade = is_rubric_outdated(grade)
    grade.version += 1
    grade.save()
    audit.record(
        by=by, verb=f"grade.{grade.status}", target=grade, at=at,
        **({"apart": str(divergence.points)} if divergence is not None else {}),
    )  # fmt: skip


def settled_marks(
    handed_in: Sequence[AssessmentRevision], chosen: Mapping[str, Mapping[str, Any]]
) -> tuple[dict[str, Any], bool]:
    """The marks a grade is agreed on, and whether they are what every marker gave.

    Where the markers chose the same level it stands; where they differ `chosen` names
    one (as in `save_marks`), and may name others elsewhere. Comments of both stand one
    below the other unless `chosen` has another. InvalidInput names what is undecided.
    """
    rubric_id = handed_in[0].rubric_id
    criteria = criteria_of(rubric_id)
    clean = clean_marks(rubric_id, chosen)
    given = [{mark["criterion"]: mark for mark in one.marks} for one in handed_in]
    levels, comments, undecided = {}, {}, {}
    is_as_given = True
    for key, criterion in criteria.items():
        theirs = {marks[key]["level"] for marks in given}
        change = clean.get(key)
        if change is not None and change.names_level:
            level = change.level
        else:
            by_key = {level.key: level for level in criterion.levels.all()}
            level = by_key[theirs.pop()] if len(theirs) == 1 else None
        if level is None:
            undecided[key] = [_undecided(criterion.title)]
            continue
        levels[key] = level
        is_as_given &= all(marks[key]["level"] == level.key for marks in given)
        comments[key] = (
            change.comment
            if change is not None and change.comment is not None
            else together(marks[key]["comment"] for marks in given)
        )
    if undecided:
        raise InvalidInput(_("The markers differ: choose a level."), errors=undecided)
    return record(rubric_id, criteria, levels, comments), is_as_given


def _undecided(title: str) -> Sentence:
    return _("The markers differ on “%(criterion)s”: choose a level.") % {"criterion": title}
