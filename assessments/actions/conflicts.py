"""Declaring a conflict of interest, and taking it back."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from assessments import tasks
from assessments.actions.locking import lock_submission
from assessments.actions.marking import move_assessment
from assessments.enums import VISIBLE_TO_PARTICIPANT, AssessmentStatus
from assessments.models import Assessment, DeclaredConflict, Grade, Submission, TeamMember
from lms.accounts.models import City, User
from lms.core import audit, outbox
from lms.core.errors import Conflict, InvalidInput, PermissionDenied
from lms.core.permissions import require_in_person, require_perm
from lms.core.text import clean_reason
from lms.programme.models import Edition, Enrolment
from lms.programme.selectors import standing_of


class AlreadyTakenBack(Conflict):
    """The declaration does not stand any more."""

    code = "already_taken_back"


@transaction.atomic
def declare_conflict(
    *,
    edition: Edition,
    person: User,
    submission: Submission | None = None,
    other: User | None = None,
    city: City | None = None,
    reason: str,
    by: User,
    at: datetime,
) -> DeclaredConflict:
    """From now on `person` judges neither the project, nor what `other` writes, nor anything
    of `city`. What they are to mark of it is free again; marks they have handed in stay, but
    need another look unless they are released.

    One says so of oneself, a coordinator of anybody. The same said twice is one declaration.
    """
    require_perm(by, "assessments.declare_conflict", edition)
    if person.pk != by.pk:
        require_in_person(by, "assessments.coordinate_marking", edition)
    reason = clean_reason(reason)
    _require_one_thing(edition, person, submission, other, city)
    with_what = {"submission": submission, "other": other, "city": city}
    standing = DeclaredConflict.objects.standing().filter(person=person, **with_what).first()
    if standing is not None:
        return standing
    try:
        with transaction.atomic():
            declared = DeclaredConflict.objects.create(
                edition=edition, person=person, reason=reason, declared_at=at, declared_by=by,
                **with_what,
            )  # fmt: skip
    except IntegrityError:
        # Declared in another window in this instant: the constraint has decided.
        return DeclaredConflict.objects.standing().get(person=person, **with_what)
    audit.record(
        by=by, verb="conflict.declared", target=declared, at=at, person=person.pk,
        submission=submission.pk if submission else None, other=other.pk if other else None,
        city=city.pk if city else None,
    )  # fmt: skip
    handed_back = [
        pk
        for submission_id in _theirs(declared)
        for pk in _hand_back(submission_id, declared, by=by, at=at)
    ]
    outbox.enqueue(
        tasks.send_conflict_declared, conflict_id=declared.pk, handed_back=len(handed_back)
    )
    return declared


@transaction.atomic
def take_back_conflict(
    *, conflict: DeclaredConflict, reason: str, by: User, at: datetime
) -> DeclaredConflict:
    """It was a mistake or has passed: a coordinator says so, never of themselves."""
    locked = DeclaredConflict.objects.select_for_update(of=("self",)).get(pk=conflict.pk)
    require_in_person(by, "assessments.coordinate_marking", locked.edition)
    if locked.person_id == by.pk:
        raise PermissionDenied(_("Another coordinator takes back what is about you."))
    reason = clean_reason(reason)
    if locked.withdrawn_at is not None:
        raise AlreadyTakenBack(_("This was taken back already."))
    locked.withdrawn_at, locked.withdrawn_by, locked.withdrawn_reason = at, by, reason
    locked.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_reason"])
    audit.record(by=by, verb="conflict.taken_back", target=locked, at=at, reason=reason)
    return locked


def _require_one_thing(
    edition: Edition,
    person: User,
    submission: Submission | None,
    other: User | None,
    city: City | None,
) -> None:
    if sum(thing is not None for thing in (submission, other, city)) != 1:
        raise InvalidInput(_("Name one thing: a project, a person or a city."))
    person.forget_roles()
    if edition.pk not in standing_of(person).edition_ids:
        raise InvalidInput(errors={"person": [_("Choose somebody who marks here.")]})
    if submission is not None and submission.edition_id != edition.pk:
        raise InvalidInput(errors={"submission": [_("This project is of another edition.")]})
    if other is not None and other.pk == person.pk:
        raise InvalidInput(errors={"other": [_("Everybody knows themselves: name another.")]})
    # The answer says their name: not that of everybody who has an account.
    if other is not None and not Enrolment.objects.filter(edition=edition, user=other).exists():
        raise InvalidInput(errors={"other": [_("Choose somebody who takes part here.")]})


def _theirs(declared: DeclaredConflict) -> list[int]:
    """Submissions that the person has in hand and shall not have, in the order of locking."""
    wrote = TeamMember.objects.filter(enrolment__user=declared.other_id)
    matches = Q(pk__in=[])
    if declared.submission_id:
        matches = Q(submission=declared.submission_id)
    elif declared.other_id:
        matches = Q(submission__in=wrote.values("submission"))
    elif declared.city_id:
        matches = Q(submission__members__enrolment__city=declared.city_id)
    held = Assessment.objects.active().filter(matches, marker=declared.person_id)
    return sorted(set(held.values_list("submission_id", flat=True)))


def _hand_back(
    submission_id: int, declared: DeclaredConflict, *, by: User, at: datetime
) -> list[int]:
    submission = lock_submission(submission_id)
    held = Assessment.objects.active().filter(submission=submission, marker=declared.person_id)
    back = []
    for assessment in held.select_for_update(of=("self",)):
        if assessment.status == AssessmentStatus.SUBMITTED:
            _ask_for_another_look(submission, declared, at=at, by=by)
            continue
        move_assessment(assessment, AssessmentStatus.DECLINED)
        audit.record(
            by=by, verb="assessment.declined", target=assessment, at=at, conflict=declared.pk
        )
        back.append(assessment.pk)
    return back


def _ask_for_another_look(
    submission: Submission, declared: DeclaredConflict, *, by: User, at: datetime
) -> None:
    grade = Grade.objects.select_for_update(of=("self",)).filter(submission=submission).first()
    if grade is None or grade.needs_regrade or grade.status in VISIBLE_TO_PARTICIPANT:
        return
    grade.needs_regrade = True
    grade.version += 1
    grade.save(update_fields=["needs_regrade", "version"])
    audit.record(by=by, verb="grade.needs_regrade", target=grade, at=at, conflict=declared.pk)
