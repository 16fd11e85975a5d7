"""Agreeing, releasing and amending; and that nothing is seen before the release."""

from string import digits
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.test import Client
from django.urls import reverse

from assessments.actions.grades import (
    MarksMissing,
    NeedsRegrade,
    NothingToConfirm,
    agree_grade,
    amend_grade,
    confirm_marks,
    moderate_grade,
    reopen_grade,
)
from assessments.actions.judging import ConflictOfInterest
from assessments.actions.marking import reopen_marking, submit_assessment
from assessments.actions.revising import return_for_revision
from assessments.actions.rubric import publish_rubric
from assessments.enums import GradeStatus, Outcome, SubmissionStatus
from assessments.models import Assessment, Grade, GradeRevision, RubricVersion, Submission
from assessments.selectors import visible_grade
from lms.accounts.models import User
from lms.core.errors import IllegalMove, InvalidInput, PermissionDenied, StaleVersion
from lms.core.models import AuditEvent
from lms.programme.models import Edition
from tests.factories.accounts import UserFactory
from tests.factories.marking import (
    MARKED_AT,
    agreed,
    provisional,
    release_now,
    released,
    rubric_content,
    submitted,
)
from tests.factories.programme import (
    EditionFactory,
    coordinator,
    enrol,
    instructor,
    moderator,
    participant,
)
from tests.races import at_once


def move(action: Any, grade: Grade, by: Any, **fields: Any) -> Any:
    grade.refresh_from_db()
    return action(grade=grade, base_version=grade.version, by=by, at=MARKED_AT, **fields)


def put_out(grade: Grade, by: Any) -> Grade:
    grade.refresh_from_db()
    return release_now(grade, by)


def test_agreeing_appends_a_revision_that_names_what_it_rests_on(edition: Edition) -> None:
    """Invariant 5."""
    attempt = submitted(edition)
    grade = provisional(attempt, instructor(edition))

    revision = move(agree_grade, grade, coordinator(edition))

    grade.refresh_from_db()
    handed_in = Assessment.objects.get().revisions.get()
    assert (grade.status, grade.current) == (GradeStatus.AGREED, revision)
    assert (revision.attempt, revision.rubric, list(revision.assessment_revisions.all())) == (
        attempt,
        attempt.rubric,
        [handed_in],
    )
    assert (str(revision.percent), revision.outcome) == ("66.67", Outcome.PASSED)


@pytest.mark.parametrize(
    ("levels", "outcome"),
    [
        ({"need": "strong", "measurement": "weak"}, Outcome.PASSED),
        ({"need": "weak", "measurement": "strong"}, Outcome.NOT_PASSED),
    ],
)
def test_the_rubric_says_what_passes(
    edition: Edition, levels: dict[str, str], outcome: Outcome
) -> None:
    grade = agreed(submitted(edition), instructor(edition), **levels)
    assert grade.current.outcome == outcome


def test_releasing_shows_the_grade_and_finishes_the_project(
    edition: Edition, django_capture_on_commit_callbacks: Any
) -> None:
    enrolment = enrol(UserFactory.create(name="Ana Silva"), edition)
    attempt = submitted(edition, enrolment=enrolment)
    grade = agreed(attempt, instructor(edition))
    assert visible_grade(attempt.submission) is None

    with django_capture_on_commit_callbacks(execute=True):
        put_out(grade, coordinator(edition))

    submission = Submission.objects.get()
    seen = visible_grade(submission)
    assert seen is not None
    assert (seen.is_passed, seen.revision, submission.status) == (
        True,
        grade.current,
        SubmissionStatus.FINALISED,
    )
    [message] = mail.outbox
    assert message.to == [attempt.owner.user.email]
    words, _, address = message.body.partition("http")
    assert not set(words) & set(digits)  # the grade waits behind the sign-in
    assert "66" not in address


def test_who_may_judge(edition: Edition) -> None:
    """Invariant 10, and nobody by being an administrator alone."""
    attempt = submitted(edition)
    grade = provisional(attempt, instructor(edition))
    of_the_city = coordinator(edition, is_superuser=True)
    enrol(of_the_city, edition, attempt.owner.city)

    with pytest.raises(ConflictOfInterest):
        move(agree_grade, grade, of_the_city)
    for outsider in (moderator(edition), participant(edition), attempt.owner.user):
        with pytest.raises(PermissionDenied):
            move(agree_grade, grade, outsider)


def in_moderation(edition: Edition, marker: User) -> Grade:
    grade = provisional(submitted(edition), marker)
    return move(moderate_grade, grade, marker)


def test_the_marker_does_not_moderate_their_own_marks(edition: Edition) -> None:
    """Invariant 10."""
    marker = instructor(edition)
    grade = in_moderation(edition, marker)

    with pytest.raises(ConflictOfInterest):
        move(agree_grade, grade, marker)
    move(agree_grade, grade, instructor(edition), reason="I read it too.")

    grade.refresh_from_db()
    assert (grade.status, grade.moderation_asked_by) == (GradeStatus.AGREED, marker)


def hand_in_again(assessment: Assessment, need: str) -> None:
    assessment.refresh_from_db()
    who: dict[str, Any] = {"assessment": assessment, "by": assessment.marker, "at": MARKED_AT}
    reopen_marking(base_version=assessment.version, **who)
    submit_assessment(base_version=assessment.version, marks={"need": {"level": need}}, **who)


def test_marks_handed_in_again_do_not_end_the_moderation(edition: Edition) -> None:
    """Invariant 10: not by changing the marks while a colleague is asked."""
    marker = instructor(edition)
    grade = in_moderation(edition, marker)

    hand_in_again(Assessment.objects.get(), "strong")

    grade.refresh_from_db()
    assert grade.status == GradeStatus.IN_MODERATION
    with pytest.raises(ConflictOfInterest):
        move(agree_grade, grade, marker)
    lead = coordinator(edition)
    assert move(agree_grade, grade, lead, reason="I read it too.").by == lead


def test_a_grade_that_is_not_agreed_is_not_reopened(edition: Edition) -> None:
    """Invariant 10: reopening is no way out of moderation."""
    marker = instructor(edition)
    grade = in_moderation(edition, marker)

    with pytest.raises(IllegalMove):
        move(reopen_grade, grade, marker, reason="I would rather decide alone.")


def test_what_a_colleague_agreed_the_marker_does_not_agree_anew_or_amend(
    edition: Edition,
) -> None:
    """Invariant 10, also after the colleague has agreed and after the release."""
    marker, colleague = instructor(edition), instructor(edition)
    grade = in_moderation(edition, marker)
    move(agree_grade, grade, colleague, reason="I read it too.")
    move(reopen_grade, grade, marker, reason="A typing error in a comment.")

    with pytest.raises(ConflictOfInterest):
        move(agree_grade, grade, marker)
    hand_in_again(Assessment.objects.get(), "strong")
    with pytest.raises(ConflictOfInterest):
        move(agree_grade, grade, marker)

    move(agree_grade, grade, colleague, reason="I read it too.")
    put_out(grade, marker)
    change: dict[str, Any] = {"marks": {"need": {"level": "weak"}}, "reason": "A slip."}
    with pytest.raises(ConflictOfInterest):
        move(amend_grade, grade, marker, **change)
    assert move(amend_grade, grade, colleague, **change).number == 3


def test_moderation_is_asked_by_somebody(edition: Edition) -> None:
    provisional(submitted(edition), instructor(edition))
    with pytest.raises(IntegrityError), transaction.atomic():
        Grade.objects.update(status=GradeStatus.IN_MODERATION)


def test_marks_being_changed_cannot_be_agreed(edition: Edition) -> None:
    marker = instructor(edition)
    grade = provisional(submitted(edition), marker)
    reopen_marking(
        assessment=Assessment.objects.get(),
        base_version=Assessment.objects.get().version,
        by=marker,
        at=MARKED_AT,
    )

    with pytest.raises(MarksMissing):
        move(agree_grade, grade, marker)


def test_an_old_page_cannot_agree(edition: Edition) -> None:
    """Invariant 3."""
    marker = instructor(edition)
    grade = provisional(submitted(edition), marker)

    with pytest.raises(StaleVersion):
        agree_grade(grade=grade, base_version=grade.version - 1, by=marker, at=MARKED_AT)


def test_an_agreed_grade_reopens_until_it_is_released(edition: Edition) -> None:
    marker = instructor(edition)
    grade = agreed(submitted(edition), marker)

    move(reopen_grade, grade, marker, reason="A typing error in a comment.")
    move(agree_grade, grade, marker)
    put_out(grade, marker)

    assert [r.reason for r in grade.revisions.all()] == ["Marked again (attempt 1).", ""]
    with pytest.raises(IllegalMove):
        move(reopen_grade, grade, marker, reason="Too late.")


def test_a_flagged_grade_is_not_released(edition: Edition) -> None:
    """Invariant 7."""
    marker = instructor(edition)
    grade = agreed(submitted(edition), marker)
    Grade.objects.update(needs_regrade=True)

    with pytest.raises(NeedsRegrade):
        put_out(grade, marker)
    grade.refresh_from_db()
    assert grade.status == GradeStatus.AGREED


def newer_rubric(grade: Grade) -> RubricVersion:
    content = rubric_content(pass_percent=80)
    return publish_rubric(
        rubric=grade.attempt.project.rubric, content=content, by=None, at=MARKED_AT
    )


def test_marks_on_an_older_rubric_wait_until_somebody_confirms_them(edition: Edition) -> None:
    """Invariant 7: handing the same marks in again is no look at the newer rubric; the
    attempt keeps its own (invariant 6)."""
    marker = instructor(edition)
    grade = provisional(submitted(edition), marker)
    newest = newer_rubric(grade)

    hand_in_again(Assessment.objects.get(), "sound")
    with pytest.raises(NeedsRegrade):
        move(agree_grade, grade, marker)
    with pytest.raises(InvalidInput):
        move(confirm_marks, grade, marker, reason=" ")
    move(confirm_marks, grade, marker, reason="The weights did not change.")
    hand_in_again(Assessment.objects.get(), "strong")
    revision = move(agree_grade, grade, marker)

    grade.refresh_from_db()
    assert (grade.rubric_confirmed, revision.rubric) == (newest, grade.attempt.rubric)
    assert AuditEvent.objects.get(verb="grade.confirmed").details["rubric"] == newest.number


def test_marks_handed_in_after_the_rubric_changed_wait_too(edition: Edition) -> None:
    """Invariant 7."""
    attempt = submitted(edition)
    publish_rubric(
        rubric=attempt.project.rubric, content=rubric_content(pass_percent=80), by=None,
        at=MARKED_AT,
    )  # fmt: skip
    marker = instructor(edition)
    grade = provisional(attempt, marker)

    assert grade.needs_regrade
    newer_yet = publish_rubric(
        rubric=attempt.project.rubric, content=rubric_content(pass_percent=90), by=None,
        at=MARKED_AT,
    )  # fmt: skip
    move(confirm_marks, grade, marker, reason="It would pass either way.")
    grade.refresh_from_db()
    assert (grade.needs_regrade, grade.rubric_confirmed) == (False, newer_yet)
    with pytest.raises(NothingToConfirm):
        move(confirm_marks, grade, marker, reason="Once more.")


def test_a_newer_attempt_is_not_confirmed_away(edition: Edition) -> None:
    """Invariant 7."""
    marker = instructor(edition)
    attempt = submitted(edition)
    grade = provisional(attempt, marker)
    Submission.objects.update(attempt=2)
    Grade.objects.update(needs_regrade=True)

    with pytest.raises(NeedsRegrade):
        move(confirm_marks, grade, marker, reason="It is much the same.")


def test_a_returned_project_is_not_released(edition: Edition) -> None:
    marker = instructor(edition)
    attempt = submitted(edition)
    grade = agreed(attempt, marker)
    return_for_revision(
        submission=attempt.submission,
        base_version=attempt.submission.version,
        reason="Say who pays.",
        by=marker,
        at=MARKED_AT,
    )

    with pytest.raises(IllegalMove):
        put_out(grade, marker)


def test_amending_appends_and_tells_the_participant(
    edition: Edition, django_capture_on_commit_callbacks: Any
) -> None:
    """Invariant 8: an actor, a reason, a notice; the first revision stays."""
    marker = instructor(edition)
    attempt = submitted(edition)
    grade = released(attempt, marker)
    first = grade.current

    with django_capture_on_commit_callbacks(execute=True):
        second = move(
            amend_grade,
            grade,
            marker,
            marks={"need": {"level": "weak"}},
            reason="We had read the wrong section.",
        )

    grade.refresh_from_db()
    assert (grade.status, grade.current, second.number) == (GradeStatus.AMENDED, second, 2)
    assert (str(second.percent), second.outcome) == ("26.67", Outcome.NOT_PASSED)
    assert second.marks[1] == first.marks[1]
    assert "We had read the wrong section." in mail.outbox[-1].body
    assert str(GradeRevision.objects.get(pk=first.pk).percent) == "66.67"


@pytest.mark.parametrize(
    "fields",
    [
        {"marks": {"need": {"level": "weak"}}, "reason": " "},
        {"marks": {"need": {"level": None}}, "reason": "Why"},
        {"marks": {"need": {"level": "sound"}}, "reason": "Why"},
        {"marks": {"need": {"level": "weak", "points": 1}}, "reason": "Why"},
    ],
)
def test_an_empty_or_faulty_amendment_is_refused(edition: Edition, fields: Any) -> None:
    marker = instructor(edition)
    grade = released(submitted(edition), marker)

    with pytest.raises(InvalidInput):
        move(amend_grade, grade, marker, **fields)


def test_decided_revisions_cannot_be_changed(edition: Edition) -> None:
    """Invariants 8 and 16."""
    grade = released(submitted(edition), instructor(edition))

    for change in (
        lambda: GradeRevision.objects.update(percent=100),
        lambda: GradeRevision.objects.all()._raw_delete("default"),
        lambda: grade.current.assessment_revisions.first().delete(),
    ):
        with pytest.raises((IntegrityError, ProtectedError)), transaction.atomic():
            change()


# --- Invariant 9: see also test_unreleased.py --------------------------------------

SECRETS = ("66.67", "A comment on need.", "An overall word from the marker.")


def test_a_participant_who_also_works_here_sees_no_unreleased_grade_of_their_own(
    edition: Edition, client: Client
) -> None:
    """Invariant 9."""
    colleague = instructor(edition)
    attempt = submitted(edition, enrolment=enrol(colleague, edition))
    grade = agreed(attempt, instructor(edition))
    client.force_login(colleague)

    queue = client.get(reverse("assessments:queue", args=[edition.slug]), {"show": "all"})
    completion = client.get(reverse("assessments:completion", args=[edition.slug]))

    agreed_ones = client.get(reverse("assessments:queue", args=[edition.slug]), {"show": "agreed"})
    # The words of the filter stand above the table.
    assert "Agreed" not in queue.content.decode().partition("<tbody>")[2]
    assert attempt.receipt not in agreed_ones.content.decode()
    assert "66.67" not in completion.content.decode()
    assert client.get(f"/api/v1/grades/{grade.pk}/").status_code == 404
    desk = reverse("assessments:desk", args=[edition.slug, attempt.submission_id])
    assert client.get(desk).status_code == 404


def test_a_released_grade_is_on_the_page_of_the_project(edition: Edition, client: Client) -> None:
    attempt = submitted(edition)
    grade = released(attempt, instructor(edition))
    client.force_login(attempt.owner.user)

    page = client.get(reverse("assessments:project", args=[edition.slug])).content.decode()
    answer = client.get(f"/api/v1/grades/{grade.pk}/").json()

    assert [secret for secret in SECRETS if secret not in page] == []
    assert (answer["percent"], answer["outcome"]) == ("66.67", "passed")


# --- Races -------------------------------------------------------------------------


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_graders_agree_and_one_is_told() -> None:
    edition = EditionFactory.create()
    grade = provisional(submitted(edition), instructor(edition))
    graders = [coordinator(edition) for _ in range(2)]

    results = at_once(
        *(
            lambda by=by: agree_grade(grade=grade, base_version=grade.version, by=by, at=MARKED_AT)
            for by in graders
        )
    )

    assert sorted(type(r).__name__ for r in results) == ["GradeRevision", "StaleVersion"]
    assert GradeRevision.objects.count() == 1
