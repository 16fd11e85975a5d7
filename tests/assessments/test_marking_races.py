"""Markers who start, save and hand in at the same moment (PostgreSQL)."""

import pytest

from assessments.actions.marking import save_marks, start_marking, submit_assessment
from assessments.actions.revising import withdraw_submission
from assessments.models import Assessment, AssessmentRevision
from lms.core.errors import IllegalMove
from tests.factories.marking import MARKED_AT, in_marking, marked, submitted
from tests.factories.programme import EditionFactory, instructor
from tests.races import at_once


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_markers_start_and_one_has_the_project() -> None:
    edition = EditionFactory.create()
    attempt = submitted(edition)
    markers = [instructor(edition) for _ in range(2)]

    results = at_once(
        *(
            lambda marker=marker: start_marking(
                submission=attempt.submission, by=marker, at=MARKED_AT
            )
            for marker in markers
        )
    )

    assert sorted(type(result).__name__ for result in results) == ["AlreadyTaken", "Assessment"]
    assert Assessment.objects.count() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_tabs_save_and_one_is_told() -> None:
    edition = EditionFactory.create()
    assessment = in_marking(submitted(edition), instructor(edition))

    results = at_once(
        *(
            lambda text=text: save_marks(
                assessment=assessment,
                base_version=0,
                marks={},
                overall=text,
                by=assessment.marker,
                at=MARKED_AT,
            )
            for text in ("One.", "Two.")
        )
    )

    assert sorted(type(result).__name__ for result in results) == ["Assessment", "StaleVersion"]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_withdrawal_and_a_start_do_not_both_succeed() -> None:
    edition = EditionFactory.create()
    attempt = submitted(edition)
    marker = instructor(edition)

    results = at_once(
        lambda: start_marking(submission=attempt.submission, by=marker, at=MARKED_AT),
        lambda: withdraw_submission(
            submission=attempt.submission,
            number=attempt.submission.attempt,
            by=attempt.owner.user,
            at=MARKED_AT,
        ),
    )

    assert [isinstance(result, IllegalMove) for result in results].count(True) == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_marks_handed_in_twice_count_once() -> None:
    edition = EditionFactory.create()
    assessment = marked(in_marking(submitted(edition), instructor(edition)))

    results = at_once(
        *(
            lambda: submit_assessment(
                assessment=assessment, base_version=1, by=assessment.marker, at=MARKED_AT
            )
            for _ in range(2)
        )
    )

    assert sorted(type(r).__name__ for r in results) == ["AssessmentRevision", "NotInMarking"]
    assert AssessmentRevision.objects.count() == 1
