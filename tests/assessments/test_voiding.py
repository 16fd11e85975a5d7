"""A grade that is declared void: by whom, until when, what its writers read, and for good."""

from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from assessments.actions.marking import reopen_marking
from assessments.actions.releasing import release_grade
from assessments.actions.revising import return_for_revision
from assessments.actions.second_marking import ask_second_marking
from assessments.actions.voiding import void_grade
from assessments.enums import AssessmentStatus, GradeStatus, MarkerRole
from assessments.models import Assessment, Grade
from assessments.selectors.desk import desk_of
from assessments.selectors.queue import QueueFilter, Wanted, queue_places
from assessments.selectors.releasing import Missing, rehearse
from lms.core.errors import IllegalMove, InvalidInput, PermissionDenied
from lms.core.models import AuditEvent
from lms.programme.models import Edition
from tests.factories.marking import (
    MARKED_AT,
    agreed,
    in_marking,
    marked,
    project_in,
    provisional,
    released,
    submitted,
)
from tests.factories.programme import coordinator, instructor

pytestmark = pytest.mark.django_db
WHY = "Two thirds of the text are another city’s report."


def void(grade: Grade, by: Any, reason: str = WHY) -> Grade:
    grade.refresh_from_db()
    return void_grade(grade=grade, base_version=grade.version, reason=reason, by=by, at=MARKED_AT)


def test_a_coordinator_voids_what_nobody_was_shown_and_its_writers_read_why(
    edition: Edition, client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    marker, boss = instructor(edition), coordinator(edition)
    grade = agreed(submitted(edition), marker)
    writer = grade.submission.owner.user
    with pytest.raises(PermissionDenied):
        void(grade, marker)
    with pytest.raises(InvalidInput):
        void(grade, boss, reason=" ")
    desk = reverse("assessments:desk", args=[edition.slug, grade.submission_id])
    client.force_login(boss)
    assert "Declare the grade void" in client.get(desk).content.decode()
    address = reverse("assessments:void_grade", args=[edition.slug, grade.submission_id])
    refused = client.post(address, {"base_version": grade.version})
    assert refused.status_code == 422

    with django_capture_on_commit_callbacks(execute=True):
        sent = client.post(address, {"base_version": grade.version, "reason": WHY})

    assert sent.status_code == 302
    grade.refresh_from_db()
    assert (grade.status, grade.voided_by, grade.voided_reason) == (GradeStatus.VOIDED, boss, WHY)
    assert AuditEvent.objects.get(verb="grade.voided").details["reason"] == WHY
    assert WHY in client.get(desk).content.decode()
    [letter] = mail.outbox
    assert letter.to == [writer.email]
    assert WHY in letter.body
    client.force_login(writer)
    page = client.get(reverse("assessments:project", args=[edition.slug])).content.decode()
    assert WHY in page
    assert "66.67" not in page + letter.body  # what was marked stays among the staff


def test_a_voided_grade_stays_so(edition: Edition) -> None:
    marker, boss = instructor(edition), coordinator(edition)
    grade = provisional(submitted(edition), marker)
    void(grade, boss)
    grade.refresh_from_db()
    submission = grade.submission

    with pytest.raises(IllegalMove):
        release_grade(grade=grade, base_version=grade.version, by=boss, at=MARKED_AT)
    with pytest.raises(IllegalMove, match="void"):
        return_for_revision(
            submission=submission, base_version=submission.version, reason="Again.", by=marker,
            at=MARKED_AT,
        )  # fmt: skip
    with pytest.raises(IllegalMove, match="void"):
        ask_second_marking(submission=submission, by=boss, at=MARKED_AT)
    may = {name for name, can in desk_of(submission, marker).can.items() if can}
    assert may <= {"see_own_marks", "record_presentation", "allocate"}
    missing = [one.why for one in rehearse(edition, boss).left_out]
    assert missing == [Missing.VOIDED]
    with pytest.raises(IntegrityError), transaction.atomic():
        Grade.objects.filter(pk=grade.pk).update(voided_reason="")

    shown = released(submitted(edition), marker)
    with pytest.raises(IllegalMove):
        void(shown, boss)


def test_the_queue_lists_what_is_marked_and_to_be_agreed(edition: Edition, client: Client) -> None:
    marker, boss = instructor(edition), coordinator(edition)
    waits = provisional(submitted(edition), marker)
    agreed(submitted(edition), marker)
    in_marking(submitted(edition), marker)
    late = provisional(submitted(edition), marker)

    def listed() -> set[int]:
        places = queue_places(project_in(edition), boss, Wanted(QueueFilter.TO_AGREE), MARKED_AT)
        return {place.submission_id for place in places}

    assert listed() == {waits.submission_id, late.submission_id}
    client.force_login(boss)
    page = client.get(reverse("assessments:queue", args=[edition.slug]), {"show": "to-agree"})
    assert waits.attempt.receipt in page.content.decode()
    [held] = Assessment.objects.filter(submission=late.submission)
    reopen_marking(assessment=held, base_version=held.version, by=marker, at=MARKED_AT)
    assert listed() == {waits.submission_id}  # marks that were taken back are not in
    void(waits, boss)
    assert listed() == set()


def test_a_return_closes_the_marking_that_was_under_way(edition: Edition) -> None:
    """Whoever has not handed in need not; what they gave stays with the attempt they saw."""
    marker, second, boss = instructor(edition), instructor(edition), coordinator(edition)
    attempt = submitted(edition)
    ask_second_marking(submission=attempt.submission, by=boss, at=MARKED_AT)
    begun = marked(in_marking(attempt, marker))
    waits = in_marking(attempt, second)
    submission = attempt.submission
    submission.refresh_from_db()

    return_for_revision(
        submission=submission, base_version=submission.version, reason="Say for whom.", by=marker,
        at=MARKED_AT,
    )  # fmt: skip

    for one in (begun, waits):
        one.refresh_from_db()
        assert one.status == AssessmentStatus.REASSIGNED
    assert begun.marks["need"]["level"]
    assert not Assessment.objects.active().filter(role=MarkerRole.FIRST).exists()
