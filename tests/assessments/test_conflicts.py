"""Declared conflicts of interest count wherever somebody judges."""

from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from assessments.actions.appeals import assign_appeal, make_appeal, save_appeal_marks
from assessments.actions.conflicts import AlreadyTakenBack, declare_conflict, take_back_conflict
from assessments.actions.grades import agree_grade, moderate_grade
from assessments.actions.held import NotInMarking
from assessments.actions.judging import ConflictOfInterest
from assessments.actions.leases import take_next
from assessments.actions.marking import allocate_marker, save_marks, start_marking
from assessments.enums import AssessmentStatus
from assessments.models import Appeal, Assessment, DeclaredConflict, Grade, QueuePlace
from assessments.selectors.desk import markers_for
from lms.accounts.models import User
from lms.core.errors import Conflict, InvalidInput, PermissionDenied
from lms.programme.models import Edition
from tests.factories.accounts import UserFactory
from tests.factories.marking import (
    MARKED_AT,
    in_marking,
    project_in,
    provisional,
    released,
    submitted,
)
from tests.factories.programme import coordinator, instructor, participant


def declared(edition: Edition, person: User, by: User | None = None, **what: Any) -> Any:
    return declare_conflict(
        edition=edition, person=person, reason="We wrote a book.", by=by or person, at=MARKED_AT,
        **what,
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["submission", "other", "city"])
def test_it_counts_everywhere_and_until_it_is_taken_back(edition: Edition, kind: str) -> None:
    marker, boss = instructor(edition), coordinator(edition)
    attempt = submitted(edition)
    submission = attempt.submission
    what = {
        "submission": submission, "other": attempt.owner.user, "city": attempt.owner.city,
    }[kind]  # fmt: skip
    conflict = declared(edition, marker, **{kind: what})
    grade = provisional(submitted(edition), instructor(edition))

    assert markers_for(submission) == [grade.submission.assessments.get().marker_id]
    assert take_next(project=project_in(edition), by=marker, at=MARKED_AT) is None
    with pytest.raises(ConflictOfInterest):
        start_marking(submission=submission, by=marker, at=MARKED_AT)
    with pytest.raises(ConflictOfInterest):
        allocate_marker(submission=submission, marker=marker, by=boss, at=MARKED_AT)
    judged = provisional(attempt, instructor(edition))
    for judge in (agree_grade, moderate_grade):
        with pytest.raises(ConflictOfInterest):
            judge(grade=judged, base_version=judged.version, by=marker, at=MARKED_AT)

    take_back_conflict(conflict=conflict, reason="A namesake.", by=boss, at=MARKED_AT)
    moderate_grade(grade=judged, base_version=judged.version, by=marker, at=MARKED_AT)


def test_declared_while_marking_it_hands_the_project_back(
    edition: Edition, django_capture_on_commit_callbacks: Any
) -> None:
    marker = instructor(edition)
    boss = coordinator(edition)
    allocated, begun, done = (submitted(edition) for _ in range(3))
    allocate_marker(submission=allocated.submission, marker=marker, by=boss, at=MARKED_AT)
    assessment = in_marking(begun, marker)
    grade = provisional(done, marker)

    with django_capture_on_commit_callbacks(execute=True):
        for attempt in (allocated, begun, done):
            declared(edition, marker, submission=attempt.submission)

    assessment.refresh_from_db()
    assert assessment.status == AssessmentStatus.DECLINED
    with pytest.raises(NotInMarking):
        save_marks(
            assessment=assessment, base_version=0, marks={}, overall="x", by=marker, at=MARKED_AT
        )
    free = QueuePlace.objects.of_everybody().filter(is_free=True)
    assert set(free.values_list("submission_id", flat=True)) == {
        allocated.submission_id, begun.submission_id,
    }  # fmt: skip
    assert Grade.objects.get(pk=grade.pk).needs_regrade
    told = [message.to for message in mail.outbox if "conflict of interest" in message.subject]
    assert told == [[boss.email]] * 3
    start_marking(submission=begun.submission, by=instructor(edition), at=MARKED_AT)


def test_who_declares_for_whom_and_who_takes_it_back(edition: Edition) -> None:
    marker, boss, other = instructor(edition), coordinator(edition), coordinator(edition)
    writer = submitted(edition).owner.user
    with pytest.raises(PermissionDenied):
        declared(edition, boss, by=marker, other=writer)
    with pytest.raises(PermissionDenied):
        declared(edition, participant(edition), other=writer)
    with pytest.raises(InvalidInput):
        declared(edition, marker, other=UserFactory.create())
    with pytest.raises(InvalidInput):
        declared(edition, marker)
    with pytest.raises(InvalidInput):
        declared(edition, marker, other=writer, city=city_of(writer))

    of_boss = declared(edition, boss, other=writer)
    assert declared(edition, boss, other=writer) == of_boss
    back = {"conflict": of_boss, "reason": "A mistake.", "at": MARKED_AT}
    for nobody in (marker, boss):
        with pytest.raises(PermissionDenied):
            take_back_conflict(by=nobody, **back)
    take_back_conflict(by=other, **back)
    with pytest.raises(AlreadyTakenBack):
        take_back_conflict(by=other, **back)
    assert declared(edition, boss, other=writer) != of_boss


def city_of(user: User) -> Any:
    return user.enrolments.get().city


def test_the_pages_declare_list_and_take_back(edition: Edition, client: Client) -> None:
    marker, boss = instructor(edition, name="Ana"), coordinator(edition)
    attempt = submitted(edition)
    client.force_login(marker)
    desk = reverse("assessments:declare_conflict", args=[edition.slug, attempt.submission_id])
    assert client.post(desk, {"reason": ""}).status_code == 422
    assert client.post(desk, {"reason": "My sister."}).status_code == 302
    page = reverse("assessments:conflicts", args=[edition.slug])
    client.post(page, {"city": attempt.owner.city_id, "reason": "I worked there."})
    assert client.post(page, {"reason": "Nothing."}).status_code == 422

    client.force_login(boss)
    listed = client.get(page).content.decode()
    table = client.get(reverse("assessments:conflicts_csv", args=[edition.slug]))
    first = DeclaredConflict.objects.earliest("pk")
    back = reverse("assessments:take_back_conflict", args=[edition.slug, first.pk])
    client.post(back, {"reason": "A namesake."})

    assert ("My sister." in listed, "I worked there." in listed) == (True, True)
    assert len(table.content.decode().splitlines()) == 3
    first.refresh_from_db()
    assert (first.withdrawn_by, first.withdrawn_reason) == (boss, "A namesake.")


def test_an_appeal_in_hand_goes_to_somebody_else(edition: Edition) -> None:
    attempt, boss = submitted(edition), coordinator(edition)
    grade = released(attempt, instructor(edition))
    appeal = make_appeal(
        grade=grade, revision=1, reason="It misses a page.", by=attempt.owner.user, at=MARKED_AT
    )
    first, second = instructor(edition), instructor(edition)

    def give(marker: User) -> Appeal:
        return assign_appeal(
            appeal=appeal, base_version=Appeal.objects.get().version, marker=marker, by=boss,
            at=MARKED_AT,
        )  # fmt: skip

    def write(marker: User) -> Assessment:
        marks = {"need": {"comment": "Looked at again."}}
        return save_appeal_marks(
            appeal=appeal, base_version=0, marks=marks, by=marker, at=MARKED_AT
        )

    give(first)
    write(first)
    conflict = declared(edition, first, submission=attempt.submission)
    take_back_conflict(conflict=conflict, reason="A namesake.", by=boss, at=MARKED_AT)
    with pytest.raises(Conflict, match="handed this appeal back"):
        write(first)

    assert give(second).assessment.marker == second
    assert write(second).version == 1
