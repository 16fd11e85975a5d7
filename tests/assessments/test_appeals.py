"""Appealing a released grade, and how a colleague who had no part in it decides."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from assessments.actions.appeals import (
    AppealsClosed,
    assign_appeal,
    decide_appeal,
    make_appeal,
    save_appeal_marks,
)
from assessments.actions.certificates import issue_certificate
from assessments.actions.completion import review_completion
from assessments.actions.grades import (
    UnderAppeal,
    agree_grade,
    amend_grade,
    moderate_grade,
)
from assessments.actions.held import WrongAttempt
from assessments.actions.judging import ConflictOfInterest
from assessments.enums import AppealStatus, CertificateStatus, GradeStatus, MarkerRole
from assessments.models import Appeal, Assessment, Certificate, Grade, MarkingPolicy
from assessments.selectors import visible_grade
from assessments.selectors.appeals import appeal_markers_for, appeal_place_of
from assessments.selectors.grade_history import history_of, since_release
from lms.accounts.models import User
from lms.core.errors import IllegalMove, InvalidInput, PermissionDenied, StaleVersion
from lms.programme.models import Edition
from tests.factories.marking import (
    MARKED_AT,
    asking_only,
    project_in,
    provisional,
    release_now,
    released,
    submitted,
    team_mate_of,
)
from tests.factories.programme import coordinator, enrol, instructor, participant

REASON = "Section two answers what the comment misses."
NEXT_DAY = MARKED_AT + timedelta(days=1)


def appealed(edition: Edition, marker: User | None = None, **fields: Any) -> Appeal:
    attempt = submitted(edition)
    grade = released(attempt, marker or instructor(edition))
    return appeal_of(grade, attempt.owner.user, **fields)


def appeal_of(grade: Grade, by: User, at: datetime = NEXT_DAY, **fields: Any) -> Appeal:
    values = {"revision": grade.current.number if grade.current else 0, "reason": REASON} | fields
    return make_appeal(grade=grade, by=by, at=at, **values)


def assigned(appeal: Appeal, marker: User, by: User | None = None) -> Appeal:
    return assign_appeal(
        appeal=appeal, base_version=appeal.version, marker=marker, by=by or marker, at=NEXT_DAY
    )


def decided(appeal: Appeal, decision: AppealStatus, **fields: Any) -> Appeal:
    assert appeal.assessment is not None
    appeal.assessment.refresh_from_db()
    values: dict[str, Any] = {
        "base_version": appeal.assessment.version,
        "reason": "Read again from the beginning.",
        "by": appeal.assessment.marker,
        "at": NEXT_DAY,
    } | fields
    return decide_appeal(appeal=appeal, decision=decision, **values)


def test_a_participant_appeals_and_sees_where_it_stands(
    edition: Edition, django_capture_on_commit_callbacks: Any
) -> None:
    boss = coordinator(edition)
    attempt = submitted(edition)
    grade = released(attempt, instructor(edition))
    mail.outbox.clear()

    with django_capture_on_commit_callbacks(execute=True):
        appeal = appeal_of(grade, attempt.owner.user)

    grade.refresh_from_db()
    place = appeal_place_of(grade, attempt.owner.user, NEXT_DAY)
    assert (grade.status, appeal.revision, place.open, place.can_appeal) == (
        GradeStatus.APPEALED,
        grade.current,
        appeal,
        False,
    )
    assert visible_grade(attempt.submission) is not None
    assert [(message.to, REASON in message.body) for message in mail.outbox] == [
        ([boss.email], False)
    ]


@pytest.mark.parametrize(("days", "late"), [(14, False), (14, True), (0, False)])
def test_the_window_is_the_policys_to_the_last_instant(
    edition: Edition, days: int, late: bool
) -> None:
    MarkingPolicy.objects.create(project=project_in(edition), appeal_days=days)
    attempt = submitted(edition)
    grade = released(attempt, instructor(edition))
    at = MARKED_AT + timedelta(days=days, microseconds=int(late))

    if days and not late:
        assert appeal_of(grade, attempt.owner.user, at).status == AppealStatus.RECEIVED
    else:
        with pytest.raises(AppealsClosed):
            appeal_of(grade, attempt.owner.user, at)


def test_who_may_appeal(edition: Edition) -> None:
    """Those who wrote it, each of them; nobody else, not even an administrator."""
    attempt = submitted(edition)
    mate = team_mate_of(attempt)
    grade = released(attempt, instructor(edition))
    for outsider in (participant(edition), coordinator(edition, is_superuser=True)):
        with pytest.raises(PermissionDenied):
            appeal_of(grade, outsider)

    assert appeal_of(grade, mate.enrolment.user).appealed_by == mate.enrolment.user


def test_an_appeal_needs_a_reason_and_the_decision_it_is_about(edition: Edition) -> None:
    attempt = submitted(edition)
    grade = released(attempt, instructor(edition))
    for reason in (" ", "…", "a\x00b", "x " * 3000):
        with pytest.raises(InvalidInput):
            appeal_of(grade, attempt.owner.user, reason=reason)
    with pytest.raises(StaleVersion):
        appeal_of(grade, attempt.owner.user, revision=2)
    assert not Appeal.objects.exists()


def test_an_unreleased_grade_cannot_be_appealed(edition: Edition) -> None:
    attempt = submitted(edition)
    grade = provisional(attempt, instructor(edition))
    with pytest.raises(IllegalMove):
        appeal_of(grade, attempt.owner.user, revision=1)


def test_one_appeal_is_open_and_the_database_holds_to_it(edition: Edition) -> None:
    appeal = appealed(edition)
    with pytest.raises(IllegalMove):
        appeal_of(appeal.grade, appeal.appealed_by)
    with pytest.raises(IntegrityError), transaction.atomic():
        Appeal.objects.create(
            edition=edition, grade=appeal.grade, revision=appeal.revision, reason="Again.",
            appealed_at=NEXT_DAY, appealed_by=appeal.appealed_by,
        )  # fmt: skip


# --- Another marker (invariant 10) --------------------------------------------------------


def test_an_appeal_goes_to_nobody_who_had_a_part(edition: Edition) -> None:
    """Neither the marker, nor who agreed after moderation, nor anybody of the city."""
    marker, moderator = instructor(edition), instructor(edition)
    attempt = submitted(edition)
    grade = provisional(attempt, marker)
    moderate_grade(grade=grade, base_version=grade.version, by=marker, at=MARKED_AT)
    grade.refresh_from_db()
    agree_grade(
        grade=grade, base_version=grade.version, reason="The same.", by=moderator, at=MARKED_AT
    )
    grade.refresh_from_db()
    release_now(grade, coordinator(edition))
    appeal = appeal_of(grade, attempt.owner.user)
    of_the_city, free = instructor(edition), instructor(edition)
    enrol(of_the_city, edition, attempt.owner.city)
    boss = coordinator(edition)

    assert appeal_markers_for(appeal.grade) == [free.pk]
    for partial in (marker, moderator, of_the_city):
        with pytest.raises(ConflictOfInterest):
            assigned(appeal, partial, by=boss)
        with pytest.raises(ConflictOfInterest):
            assigned(appeal, partial)
    for outsider in (participant(edition), coordinator(edition)):
        with pytest.raises(InvalidInput):
            assigned(appeal, outsider, by=boss)
    with pytest.raises(PermissionDenied):
        assigned(appeal, free, by=instructor(edition))

    appeal = assigned(appeal, free, by=boss)
    assert appeal.assessment is not None
    assert (appeal.assessment.role, appeal.assessment.marker) == (MarkerRole.APPEAL, free)


def test_an_appeal_is_given_to_another_colleague(edition: Edition) -> None:
    first, second, boss = instructor(edition), instructor(edition), coordinator(edition)
    appeal = assigned(appealed(edition), first)

    appeal = assigned(appeal, second, by=boss)

    assert appeal.assessment is not None
    assert appeal.assessment.marker == second
    assert Assessment.objects.get(role=MarkerRole.APPEAL, marker=first).status == "reassigned"
    with pytest.raises(StaleVersion):
        assign_appeal(appeal=appeal, base_version=0, marker=first, by=boss, at=NEXT_DAY)
    with pytest.raises(PermissionDenied):
        decided(appeal, AppealStatus.UPHELD, by=first)


# --- The decision -------------------------------------------------------------------------


def test_upheld_the_grade_stands_with_a_reason(
    edition: Edition, django_capture_on_commit_callbacks: Any
) -> None:
    appeal = assigned(appealed(edition), instructor(edition))
    mail.outbox.clear()

    with django_capture_on_commit_callbacks(execute=True):
        appeal = decided(appeal, AppealStatus.UPHELD)

    grade = Grade.objects.get()
    assert (grade.status, grade.current, grade.revisions.count()) == (
        GradeStatus.UPHELD,
        appeal.revision,
        1,
    )
    assert appeal.assessment is not None
    assert appeal.assessment.revisions.get().percent == appeal.revision.percent
    [message] = mail.outbox
    assert message.to == [appeal.appealed_by.email]
    assert "Read again from the beginning." in message.body


def test_amended_by_a_revision_that_rests_on_the_colleagues_marks(
    edition: Edition, django_capture_on_commit_callbacks: Any
) -> None:
    """Invariants 5 and 8."""
    appeal = assigned(appealed(edition), instructor(edition))
    mail.outbox.clear()

    with django_capture_on_commit_callbacks(execute=True):
        appeal = decided(appeal, AppealStatus.AMENDED, marks={"need": {"level": "strong"}})

    grade = Grade.objects.get()
    revision = appeal.decided_as
    assert revision is not None
    assert appeal.assessment is not None
    assert (grade.status, grade.current, revision.number, str(revision.percent)) == (
        GradeStatus.AMENDED,
        revision,
        2,
        "86.67",
    )
    assert revision.assessment_revisions.get() == appeal.assessment.revisions.get()
    assert str(appeal.revision.percent) == "66.67"
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(
    ("decision", "marks"),
    [
        (AppealStatus.UPHELD, {"need": {"level": "weak"}}),
        (AppealStatus.AMENDED, {}),
        (AppealStatus.AMENDED, {"need": {"level": "sound"}}),
        (AppealStatus.AMENDED, {"need": {"level": None}}),
        (AppealStatus.AMENDED, {"charm": {"level": "sound"}}),
        (AppealStatus.AMENDED, {"need": {"points": 3}}),
    ],
)
def test_marks_that_say_something_else_than_the_decision_are_refused(
    edition: Edition, decision: AppealStatus, marks: Any
) -> None:
    appeal = assigned(appealed(edition), instructor(edition))
    with pytest.raises(InvalidInput):
        decided(appeal, decision, marks=marks)
    assert Grade.objects.get().status == GradeStatus.APPEALED


def test_a_decision_needs_a_reason_and_the_marks_it_saw(edition: Edition) -> None:
    appeal = assigned(appealed(edition), instructor(edition))
    assert appeal.assessment is not None
    marker = appeal.assessment.marker
    with pytest.raises(InvalidInput):
        decided(appeal, AppealStatus.UPHELD, reason=" ")
    save_appeal_marks(
        appeal=appeal, base_version=0, marks={"need": {"comment": "Seen."}}, by=marker, at=NEXT_DAY
    )
    with pytest.raises(StaleVersion):
        save_appeal_marks(
            appeal=appeal, base_version=0, marks={"need": {"comment": "No."}}, by=marker,
            at=NEXT_DAY,
        )  # fmt: skip
    with pytest.raises(StaleVersion):
        decided(appeal, AppealStatus.AMENDED, base_version=0)
    with pytest.raises(WrongAttempt):
        decided(appeal, AppealStatus.AMENDED, receipt="R-000000-1")


def test_under_appeal_nobody_amends_beside_it(edition: Edition) -> None:
    marker = instructor(edition)
    appeal = appealed(edition, marker)
    grade = Grade.objects.get()
    with pytest.raises(UnderAppeal):
        amend_grade(
            grade=grade, base_version=grade.version, marks={"need": {"level": "weak"}},
            reason="A slip.", by=marker, at=NEXT_DAY,
        )  # fmt: skip
    assert appeal.status == AppealStatus.RECEIVED


def test_what_was_decided_on_appeal_is_not_appealed_again(edition: Edition) -> None:
    appeal = assigned(appealed(edition), instructor(edition))
    decided(appeal, AppealStatus.AMENDED, marks={"need": {"level": "strong"}})
    with pytest.raises(AppealsClosed):
        appeal_of(Grade.objects.get(), appeal.appealed_by)


def test_a_grade_amended_to_a_fail_on_appeal_opens_a_review_of_the_certificate(
    edition: Edition, django_capture_on_commit_callbacks: Any
) -> None:
    """Invariant 14: nothing is revoked silently."""
    asking_only(edition, requires_project=True)
    attempt = submitted(edition)
    grade = released(attempt, instructor(edition))
    review_completion(enrolment=attempt.owner, at=MARKED_AT)
    issue_certificate(certificate=Certificate.objects.get(), at=MARKED_AT)
    appeal = assigned(appeal_of(grade, attempt.owner.user), instructor(edition))

    with django_capture_on_commit_callbacks(execute=True):
        decided(
            appeal,
            AppealStatus.AMENDED,
            marks={"need": {"level": "weak"}, "measurement": {"level": "weak"}},
        )

    assert Certificate.objects.get().status == CertificateStatus.UNDER_REVIEW


# --- The history ---------------------------------------------------------------------------


def test_the_history_says_who_when_from_what_to_what_and_why(edition: Edition) -> None:
    marker, boss = instructor(edition), coordinator(edition)
    appeal = assigned(appealed(edition, marker), instructor(edition), by=boss)
    appeal = decided(
        appeal,
        AppealStatus.AMENDED,
        marks={"need": {"level": "strong", "comment": "A comment on the whole need."}},
    )

    entries = history_of(Grade.objects.get(), boss)

    assert [entry.verb for entry in entries] == [
        "assessment.allocated",
        "assessment.started",
        "assessment.submitted",
        "grade.provisional",
        "grade.agreed",
        "grade.released",
        "grade.appealed",
        "assessment.allocated",
        "appeal.assigned",
        "assessment.started",
        "assessment.submitted",
        "grade.amended",
    ]
    amended = entries[-1]
    assert appeal.assessment is not None
    assert (amended.by, amended.before, amended.after, amended.why) == (
        str(appeal.assessment.marker),
        "66.67 %, Passed",
        "86.67 %, Passed",
        "Read again from the beginning.",
    )
    [change] = amended.changes
    assert (change.title, change.before, change.after) == ("Criterion need", "Sound", "Strong")
    assert "<ins>" in str(change.comment)
    assert next(entry.why for entry in entries if entry.verb == "grade.appealed") == REASON


def test_the_participants_view_begins_with_the_release_and_names_nobody(edition: Edition) -> None:
    """Invariant 9."""
    marker = instructor(edition)
    appeal = assigned(appealed(edition, marker), instructor(edition))
    decided(appeal, AppealStatus.AMENDED, marks={"need": {"level": "strong"}})

    entries = since_release(Grade.objects.get())

    assert [(entry.verb, entry.by) for entry in entries] == [
        ("grade.released", ""),
        ("grade.appealed", str(appeal.appealed_by)),
        ("grade.amended", ""),
    ]
    assert (entries[0].after, entries[-1].after) == ("66.67 %, Passed", "86.67 %, Passed")


def test_before_the_release_a_participant_has_no_history(edition: Edition) -> None:
    assert since_release(provisional(submitted(edition), instructor(edition))) == []
