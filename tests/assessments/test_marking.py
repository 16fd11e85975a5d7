"""Marking one attempt: who may, what is kept, what is refused."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from assessments.actions.grades import agree_grade
from assessments.actions.judging import ConflictOfInterest
from assessments.actions.marking import (
    AlreadyTaken,
    NotInMarking,
    allocate_marker,
    decline_marking,
    reopen_marking,
    save_marks,
    submit_assessment,
)
from assessments.actions.revising import (
    reopen_draft,
    return_for_revision,
    withdraw_submission,
)
from assessments.actions.rubric import publish_rubric
from assessments.enums import AssessmentStatus, GradeStatus, SubmissionStatus
from assessments.models import Assessment, AssessmentRevision, Grade, Submission
from assessments.signals import attempt_submitted
from lms.core.errors import IllegalMove, InvalidInput, PermissionDenied, StaleVersion
from lms.programme.enums import Role
from lms.programme.models import Edition, RoleAssignment
from tests.factories.accounts import AdministratorFactory, CityFactory, UserFactory
from tests.factories.marking import (
    MARKED_AT,
    attempt_of,
    criterion,
    in_marking,
    level,
    marked,
    provisional,
    rubric_content,
    submitted,
)
from tests.factories.programme import (
    RoleAssignmentFactory,
    city_team_member,
    coordinator,
    enrol,
    instructor,
)


def save(assessment: Assessment, base_version: int | None = None, **fields: Any) -> Assessment:
    return save_marks(
        assessment=assessment,
        base_version=assessment.version if base_version is None else base_version,
        by=assessment.marker,
        at=MARKED_AT,
        **{"marks": {}, **fields},
    )


# --- Who ------------------------------------------------------------------------


def test_starting_locks_the_project_and_makes_the_marker_its_holder(edition: Edition) -> None:
    attempt = submitted(edition)
    marker = instructor(edition)

    assessment = in_marking(attempt, marker)

    attempt.submission.refresh_from_db()
    assert attempt.submission.status == SubmissionStatus.LOCKED_FOR_MARKING
    assert (assessment.status, assessment.marker) == (AssessmentStatus.IN_MARKING, marker)
    assert in_marking(attempt, marker) == assessment


def test_a_second_marker_is_told_who_has_the_project(edition: Edition) -> None:
    attempt = submitted(edition)
    in_marking(attempt, instructor(edition, name="Instructor 1"))

    with pytest.raises(AlreadyTaken, match="Instructor 1"):
        in_marking(attempt, instructor(edition))


@pytest.mark.parametrize("how", ["enrolled", "enrolled elsewhere", "in the city's team"])
def test_nobody_marks_their_own_city_not_even_an_administrator(edition: Edition, how: str) -> None:
    """Invariant 10."""
    nairobi = CityFactory.create(name="Nairobi")
    marker = instructor(edition, is_superuser=True)
    if how == "enrolled":
        enrol(marker, edition, nairobi)
    elif how == "enrolled elsewhere":
        enrol(marker, RoleAssignmentFactory.create().edition, nairobi)
    else:
        RoleAssignmentFactory.create(
            edition=edition, user=marker, role=Role.CITY_TEAM, city=nairobi
        )

    with pytest.raises(ConflictOfInterest):
        in_marking(submitted(edition, nairobi), marker)
    assert in_marking(submitted(edition), marker)


def test_nobody_marks_their_own_project(edition: Edition) -> None:
    """Invariant 10."""
    marker = instructor(edition)
    attempt = submitted(edition, enrolment=enrol(marker, edition))

    with pytest.raises(ConflictOfInterest):
        in_marking(attempt, marker)


def test_marking_takes_an_instructor_of_the_edition(edition: Edition) -> None:
    attempt = submitted(edition)
    elsewhere = instructor(RoleAssignmentFactory.create().edition)

    for outsider in (coordinator(edition), elsewhere, AdministratorFactory.create()):
        with pytest.raises(PermissionDenied):
            in_marking(attempt, outsider)


def test_a_coordinator_allocates_and_reallocates(edition: Edition, at: datetime) -> None:
    attempt = submitted(edition)
    first, second, boss = instructor(edition), instructor(edition), coordinator(edition)

    one = allocate_marker(submission=attempt.submission, marker=first, by=boss, at=at)
    two = allocate_marker(submission=attempt.submission, marker=second, by=boss, at=at)

    one.refresh_from_db()
    assert (one.status, two.status) == (AssessmentStatus.REASSIGNED, AssessmentStatus.ALLOCATED)
    assert Submission.objects.get().status == SubmissionStatus.SUBMITTED


def test_nobody_of_the_city_is_allocated(edition: Edition, at: datetime) -> None:
    """Invariant 10."""
    attempt = submitted(edition)
    of_the_city = city_team_member(edition, attempt.owner.city)
    RoleAssignment.objects.create(edition=edition, user=of_the_city, role=Role.INSTRUCTOR)

    with pytest.raises(ConflictOfInterest):
        allocate_marker(
            submission=attempt.submission, marker=of_the_city, by=coordinator(edition), at=at
        )
    with pytest.raises(InvalidInput):
        allocate_marker(
            submission=attempt.submission,
            marker=UserFactory.create(),
            by=coordinator(edition),
            at=at,
        )


def test_a_marker_hands_over_what_they_have_begun(edition: Edition, at: datetime) -> None:
    attempt = submitted(edition)
    begun = in_marking(attempt, instructor(edition))
    colleague = instructor(edition)

    allocate_marker(submission=attempt.submission, marker=colleague, by=begun.marker, at=at)

    assert in_marking(attempt, colleague).status == AssessmentStatus.IN_MARKING
    with pytest.raises(NotInMarking):
        save(begun, overall="Too late.")


def test_declining_frees_an_allocation(edition: Edition, at: datetime) -> None:
    attempt = submitted(edition)
    marker = instructor(edition)
    allocated = allocate_marker(
        submission=attempt.submission, marker=marker, by=coordinator(edition), at=at
    )

    decline_marking(
        assessment=allocated,
        base_version=allocated.version,
        reason="I know the author.",
        by=marker,
        at=at,
    )

    assert in_marking(attempt, instructor(edition))


def test_withdrawing_frees_an_allocation(edition: Edition, at: datetime) -> None:
    attempt = submitted(edition)
    allocated = allocate_marker(
        submission=attempt.submission, marker=instructor(edition), by=coordinator(edition), at=at
    )

    withdraw_submission(
        submission=attempt.submission,
        number=attempt.submission.attempt,
        by=attempt.owner.user,
        at=at,
    )

    allocated.refresh_from_db()
    assert allocated.status == AssessmentStatus.REASSIGNED
    with pytest.raises(IllegalMove):
        in_marking(attempt, allocated.marker)


def test_a_role_taken_away_while_marking_stops_the_marker(edition: Edition) -> None:
    assessment = in_marking(submitted(edition), instructor(edition))
    RoleAssignment.objects.all().delete()

    with pytest.raises(PermissionDenied):
        save(assessment, overall="Still here?")


def test_marks_are_given_in_ones_own_name(edition: Edition) -> None:
    assessment = in_marking(submitted(edition), instructor(edition))

    for other in (instructor(edition), instructor(edition, is_superuser=True)):
        with pytest.raises(PermissionDenied):
            save_marks(
                assessment=assessment,
                base_version=0,
                marks={},
                overall="Not mine.",
                by=other,
                at=MARKED_AT,
            )


# --- What ------------------------------------------------------------------------


def test_what_is_not_named_stays(edition: Edition) -> None:
    assessment = marked(in_marking(submitted(edition), instructor(edition)))

    saved = save(assessment, marks={"need": {"comment": "Sharper now."}})

    assert saved.marks["need"] == {"level": "sound", "comment": "Sharper now."}
    assert saved.marks["measurement"]["level"] == "sound"
    assert saved.version == 2


def test_a_level_can_be_taken_back(edition: Edition) -> None:
    assessment = marked(in_marking(submitted(edition), instructor(edition)))

    saved = save(assessment, marks={"need": {"level": None}})

    assert saved.marks["need"]["level"] is None


def test_an_old_page_gets_what_is_stored(edition: Edition) -> None:
    """Invariant 3."""
    assessment = marked(in_marking(submitted(edition), instructor(edition)))

    with pytest.raises(StaleVersion) as stale:
        save(assessment, 0, marks={"need": {"level": "strong"}}, overall="Mine.")

    assert stale.value.extra == {
        "version": 1,
        "stored": {
            "marks": {"need": {"level": "sound", "comment": "A comment on need."}},
            "overall": "An overall word from the marker.",
        },
    }
    assessment.refresh_from_db()
    assert assessment.marks["need"]["level"] == "sound"


def test_a_repeated_save_is_no_conflict(edition: Edition) -> None:
    assessment = in_marking(submitted(edition), instructor(edition))
    change: dict[str, Any] = {"marks": {"need": {"level": "weak"}}, "overall": "Once."}

    first = save(assessment, 0, **change)
    again = save(assessment, 0, **change)

    assert first.version == again.version == 1


@pytest.mark.parametrize(
    ("marks", "field"),
    [
        ({"need": {"level": "excellent"}}, "need"),
        ({"need": {"level": "NaN"}}, "need"),
        ({"need": {"level": float("nan")}}, "need"),
        ({"need": {"level": float("inf")}}, "need"),
        ({"need": {"level": -1}}, "need"),
        ({"need": {"level": 4}}, "need"),
        ({"need": {"level": "2,5"}}, "need"),
        ({"need": {"level": True}}, "need"),
        ({"need": {"level": ["sound"]}}, "need"),
        ({"need": {"level": "sound", "points": 3}}, "need.points"),
        ({"need": {"total": 100}}, "need.total"),
        ({"charm": {"level": "sound"}}, "charm"),
        ({"total": 100}, "total"),
        ({"need": "sound"}, "need"),
        ({"need": {"comment": "half \ud800"}}, "need.comment"),
        ({"need": {"comment": "nul \x00"}}, "need.comment"),
    ],
)
def test_only_levels_of_the_pinned_rubric_are_marks(
    edition: Edition, marks: dict[str, Any], field: str
) -> None:
    """Invariants 5 and 6: no numbers, no totals, no levels from elsewhere."""
    assessment = in_marking(submitted(edition), instructor(edition))

    with pytest.raises(InvalidInput) as refusal:
        save(assessment, marks={"measurement": {"level": "sound"}, **marks})

    assert list(refusal.value.errors) == [field]
    assessment.refresh_from_db()
    assert assessment.marks == {}


def test_a_level_of_another_rubric_version_is_refused(edition: Edition) -> None:
    """Invariant 6: the attempt stays with the rubric it was handed in under."""
    attempt = submitted(edition)
    newer = rubric_content(
        criteria=[criterion("need", 100, [level("superb", 9), level("sound", 2)])]
    )
    publish_rubric(rubric=attempt.project.rubric, content=newer, by=None, at=MARKED_AT)
    assessment = in_marking(attempt, instructor(edition))

    with pytest.raises(InvalidInput):
        save(assessment, marks={"need": {"level": "superb"}})


# --- Handing in --------------------------------------------------------------------


def test_handing_in_computes_the_result_and_makes_the_grade_provisional(
    edition: Edition,
) -> None:
    """Invariant 5: 60 % × 2/3 + 40 % × 3/3 = 80."""
    assessment = marked(in_marking(submitted(edition), instructor(edition)), measurement="strong")

    revision = submit_assessment(
        assessment=assessment, base_version=1, by=assessment.marker, at=MARKED_AT
    )

    grade = Grade.objects.get()
    assert (str(revision.percent), str(revision.total), str(revision.maximum)) == (
        "80.00",
        "5.00",
        "6.00",
    )
    assert [mark["level"] for mark in revision.marks] == ["sound", "strong"]
    assert (grade.status, grade.current) == (GradeStatus.PROVISIONAL, None)


def test_a_missing_mark_is_not_zero(edition: Edition) -> None:
    """Invariant 6."""
    assessment = save(
        in_marking(submitted(edition), instructor(edition)), marks={"need": {"level": "weak"}}
    )

    with pytest.raises(InvalidInput) as refusal:
        submit_assessment(assessment=assessment, base_version=1, by=assessment.marker, at=MARKED_AT)

    assert list(refusal.value.errors) == ["measurement"]
    assert not AssessmentRevision.objects.exists()


def test_reopened_marks_are_handed_in_as_the_next_revision(edition: Edition) -> None:
    grade = provisional(submitted(edition), instructor(edition))
    assessment = Assessment.objects.get()

    reopen_marking(
        assessment=assessment, base_version=assessment.version, by=assessment.marker, at=MARKED_AT
    )
    assessment.refresh_from_db()
    save(assessment, marks={"need": {"level": "strong"}})
    assessment.refresh_from_db()
    submit_assessment(
        assessment=assessment,
        base_version=assessment.version,
        by=assessment.marker,
        at=MARKED_AT,
    )

    percents = [str(r.percent) for r in assessment.revisions.order_by("number")]
    grade.refresh_from_db()
    assert percents == ["66.67", "86.67"]
    assert grade.status == GradeStatus.PROVISIONAL


def test_marks_rest_once_the_grade_is_agreed(edition: Edition) -> None:
    grade = provisional(submitted(edition), instructor(edition))
    assessment = Assessment.objects.get()
    agree_grade(grade=grade, base_version=grade.version, by=assessment.marker, at=MARKED_AT)

    with pytest.raises(NotInMarking):
        reopen_marking(
            assessment=assessment,
            base_version=assessment.version,
            by=assessment.marker,
            at=MARKED_AT,
        )


def test_marks_of_a_returned_attempt_rest_and_the_new_attempt_needs_its_own(
    edition: Edition,
) -> None:
    """Invariant 7."""
    attempt = submitted(edition)
    marker = instructor(edition)
    grade = provisional(attempt, marker)
    submission = attempt.submission
    return_for_revision(
        submission=submission,
        base_version=submission.version,
        reason="Say who pays.",
        by=marker,
        at=MARKED_AT,
    )
    reopen_draft(submission=submission, by=attempt.owner.user, at=MARKED_AT)
    submission.refresh_from_db()

    second = resubmit(submission)

    grade.refresh_from_db()
    old = Assessment.objects.get(attempt=attempt)
    assert grade.needs_regrade
    with pytest.raises(NotInMarking):
        reopen_marking(assessment=old, base_version=old.version, by=marker, at=MARKED_AT)
    assert provisional(second, marker, "strong").attempt == second
    grade.refresh_from_db()
    assert not grade.needs_regrade
    assert old.revisions.get().percent != 0


def resubmit(submission: Submission) -> Any:
    """As `submit_project` does it."""
    at = MARKED_AT + timedelta(days=1)
    submission.status = SubmissionStatus.SUBMITTED
    submission.submitted_at = at
    submission.save()
    attempt = attempt_of(submission, at=at)
    attempt_submitted.send(None, submission_id=submission.pk, attempt_id=attempt.pk, at=at)
    return attempt
