"""After handing in: withdrawing, locking, returning, writing another attempt."""

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from assessments.actions import (
    lock_for_marking,
    reopen_draft,
    return_for_revision,
    withdraw_submission,
)
from assessments.enums import SubmissionStatus
from assessments.models import Attempt, Project, RevisionRequest
from assessments.signals import submission_returned, submission_withdrawn
from lms.core.errors import IllegalMove, InvalidInput, PermissionDenied, StaleVersion
from lms.programme.models import Edition
from tests.factories.accounts import AdministratorFactory
from tests.factories.assessments import (
    DEADLINE,
    SUBMITTED_AT,
    hand_in,
    handed_in,
    start,
    write,
)
from tests.factories.programme import (
    EditionFactory,
    coordinator,
    enrol,
    instructor,
    participant,
)
from tests.races import at_once

REASON = "Say who will pay for it."


def test_withdrawn_and_opened_again_is_the_next_attempt_with_the_same_text(
    edition: Edition,
) -> None:
    first = handed_in(edition)
    owner = first.submitted_by

    withdrawn = withdraw_submission(
        submission=first.submission, number=first.submission.attempt, by=owner, at=SUBMITTED_AT
    )
    assert (withdrawn.status, withdrawn.attempt) == (SubmissionStatus.WITHDRAWN, 1)
    opened = reopen_draft(submission=withdrawn, by=owner, at=SUBMITTED_AT)
    assert (opened.status, opened.attempt) == (SubmissionStatus.DRAFT, 2)
    second = hand_in(write(opened, context="Better."))

    assert (second.number, second.sections["context"]) == (2, "<p>Better.</p>")
    first.refresh_from_db()
    assert first.sections["context"] == "<p>Our city on context.</p>"
    assert first.receipt != second.receipt


def test_what_is_being_marked_cannot_be_withdrawn(edition: Edition) -> None:
    attempt = handed_in(edition)
    lock_for_marking(submission=attempt.submission, by=instructor(edition), at=SUBMITTED_AT)

    with pytest.raises(IllegalMove):
        withdraw_submission(
            submission=attempt.submission,
            number=attempt.submission.attempt,
            by=attempt.submitted_by,
            at=SUBMITTED_AT,
        )


def test_a_project_comes_back_with_a_reason_and_a_new_date(
    edition: Edition, django_capture_on_commit_callbacks: Any
) -> None:
    attempt = handed_in(edition)
    marker = instructor(edition, name="Instructor 1")
    lock_for_marking(submission=attempt.submission, by=marker, at=SUBMITTED_AT)
    until = DEADLINE + timedelta(days=10)

    with django_capture_on_commit_callbacks(execute=True):
        returned = return_for_revision(
            submission=attempt.submission,
            base_version=attempt.submission.version,
            reason=REASON,
            until_at=until,
            by=marker,
            at=SUBMITTED_AT,
        )

    assert (returned.status, returned.attempt) == ("returned_for_revision", 1)
    assert RevisionRequest.objects.get().attempt == attempt
    message = next(m for m in mail.outbox if m.to == [attempt.submitted_by.email])
    assert REASON in message.body
    assert "22 December 2025, 23:59 Madrid time" in message.body

    opened = reopen_draft(submission=returned, by=attempt.submitted_by, at=SUBMITTED_AT)
    second = hand_in(opened, at=until)
    assert (second.number, second.is_late, second.effective_deadline_at) == (2, False, until)
    assert "returned for revision" in second.effective_reason


def test_without_a_new_date_the_deadline_stands(edition: Edition) -> None:
    attempt = handed_in(edition)
    marker = instructor(edition)
    lock_for_marking(submission=attempt.submission, by=marker, at=SUBMITTED_AT)
    return_for_revision(
        submission=attempt.submission,
        base_version=attempt.submission.version,
        reason=REASON,
        by=marker,
        at=SUBMITTED_AT,
    )
    opened = reopen_draft(submission=attempt.submission, by=attempt.submitted_by, at=SUBMITTED_AT)

    assert hand_in(opened, at=DEADLINE + timedelta(days=1)).is_late is True


def test_the_new_date_outlives_a_withdrawal(edition: Edition) -> None:
    attempt = handed_in(edition)
    submission, owner, marker = attempt.submission, attempt.submitted_by, instructor(edition)
    until = DEADLINE + timedelta(days=10)
    lock_for_marking(submission=submission, by=marker, at=SUBMITTED_AT)
    return_for_revision(
        submission=submission,
        base_version=submission.version,
        reason=REASON,
        until_at=until,
        by=marker,
        at=SUBMITTED_AT,
    )
    hand_in(reopen_draft(submission=submission, by=owner, at=SUBMITTED_AT))
    withdraw_submission(submission=submission, number=2, by=owner, at=SUBMITTED_AT)

    third = hand_in(reopen_draft(submission=submission, by=owner, at=SUBMITTED_AT), at=until)

    assert (third.number, third.is_late) == (3, False)


def test_returning_needs_a_reason_and_a_date_ahead(edition: Edition) -> None:
    attempt = handed_in(edition)
    marker = instructor(edition)
    lock_for_marking(submission=attempt.submission, by=marker, at=SUBMITTED_AT)

    end_of_time = datetime(9999, 12, 31, 23, 59, tzinfo=timezone(timedelta(hours=-12)))

    for changes in (
        {"reason": " \n"},
        {"reason": "a\x00b"},
        {"until_at": SUBMITTED_AT},
        {"until_at": end_of_time},
    ):
        with pytest.raises(InvalidInput):
            return_for_revision(
                **{
                    "submission": attempt.submission,
                    "base_version": attempt.submission.version,
                    "reason": REASON,
                    "by": marker,
                    "at": SUBMITTED_AT,
                    **changes,
                }
            )


def in_marking(edition: Edition, **project: Any) -> Attempt:
    attempt = handed_in(edition)
    if project:
        Project.objects.update(**project)
    lock_for_marking(submission=attempt.submission, by=instructor(edition), at=SUBMITTED_AT)
    return attempt


def test_nobody_is_asked_for_what_they_could_not_hand_in(edition: Edition) -> None:
    """Invariant 12: after a deadline that admits nothing late, a return sets a new date."""
    attempt = in_marking(edition, accepts_late=False)
    after = DEADLINE + timedelta(days=3)
    step: dict[str, Any] = {
        "submission": attempt.submission,
        "base_version": attempt.submission.version,
        "reason": REASON,
        "by": instructor(edition),
        "at": after,
    }

    with pytest.raises(InvalidInput) as refused:
        return_for_revision(**step)
    assert set(refused.value.errors) == {"until_at"}

    return_for_revision(**step, until_at=after + timedelta(days=7))
    opened = reopen_draft(submission=attempt.submission, by=attempt.submitted_by, at=after)
    assert hand_in(opened, at=after + timedelta(days=6)).is_late is False


@pytest.mark.parametrize(
    ("zone", "kept", "wall"),
    [
        ("", "Europe/Madrid", (22, 23, 59)),
        ("Pacific/Kiritimati", "Pacific/Kiritimati", (23, 12, 59)),
    ],
)
def test_an_extension_is_kept_as_it_was_read_off_the_clock(
    edition: Edition, zone: str, kept: str, wall: tuple[int, int, int]
) -> None:
    """Invariant 12: instant, zone and wall time."""
    attempt = in_marking(edition)
    until = DEADLINE + timedelta(days=10)

    return_for_revision(
        submission=attempt.submission,
        base_version=attempt.submission.version,
        reason=REASON,
        until_at=until,
        until_zone=zone,
        by=instructor(edition),
        at=SUBMITTED_AT,
    )

    asked = RevisionRequest.objects.get()
    at_the_wall = asked.until_wall
    assert at_the_wall is not None
    assert (asked.until_at, asked.until_zone) == (until, kept)
    assert (at_the_wall.day, at_the_wall.hour, at_the_wall.minute) == wall


def test_an_attempt_that_was_not_read_is_not_returned(edition: Edition) -> None:
    """Invariant 3: a page on which attempt 1 was read does not return attempt 2."""
    attempt = in_marking(edition)
    seen, marker = attempt.submission.version, instructor(edition)
    step: dict[str, Any] = {"submission": attempt.submission, "at": SUBMITTED_AT}
    return_for_revision(**step, base_version=seen, reason=REASON, by=marker)
    hand_in(reopen_draft(**step, by=attempt.submitted_by))
    lock_for_marking(**step, by=marker)

    with pytest.raises(StaleVersion):
        return_for_revision(**step, base_version=seen, reason=REASON, by=marker)


def test_who_may_do_what(edition: Edition) -> None:
    """Invariant 10: not one's own, not one's city's; and nobody acts for the participant."""
    attempt = handed_in(edition)
    submission, owner = attempt.submission, attempt.submitted_by
    of_the_city = instructor(edition)
    enrol(of_the_city, EditionFactory.create(), city=attempt.owner.city)

    for by in (instructor(edition), coordinator(edition), AdministratorFactory.create()):
        with pytest.raises(PermissionDenied):
            withdraw_submission(
                submission=submission, number=submission.attempt, by=by, at=SUBMITTED_AT
            )
    for by in (owner, participant(edition), AdministratorFactory.create()):
        with pytest.raises(PermissionDenied):
            lock_for_marking(submission=submission, by=by, at=SUBMITTED_AT)
    lock_for_marking(submission=submission, by=instructor(edition), at=SUBMITTED_AT)
    for by in (owner, coordinator(edition), of_the_city, AdministratorFactory.create()):
        with pytest.raises(PermissionDenied):
            return_for_revision(
                submission=submission,
                base_version=submission.version,
                reason=REASON,
                by=by,
                at=SUBMITTED_AT,
            )


def test_withdrawals_and_returns_are_announced(edition: Edition) -> None:
    heard: list[tuple[str, int]] = []

    def withdrawn(sender: Any, attempt_id: int, **kwargs: Any) -> None:
        heard.append(("withdrawn", attempt_id))

    def returned(sender: Any, attempt_id: int, **kwargs: Any) -> None:
        heard.append(("returned", attempt_id))

    submission_withdrawn.connect(withdrawn)
    submission_returned.connect(returned)
    try:
        first = handed_in(edition)
        withdraw_submission(
            submission=first.submission,
            number=first.submission.attempt,
            by=first.submitted_by,
            at=SUBMITTED_AT,
        )
        second, marker = handed_in(edition), instructor(edition)
        lock_for_marking(submission=second.submission, by=marker, at=SUBMITTED_AT)
        return_for_revision(
            submission=second.submission,
            base_version=second.submission.version,
            reason=REASON,
            by=marker,
            at=SUBMITTED_AT,
        )
    finally:
        submission_withdrawn.disconnect(withdrawn)
        submission_returned.disconnect(returned)

    assert heard == [("withdrawn", first.pk), ("returned", second.pk)]


def test_a_reason_once_given_stays(edition: Edition) -> None:
    """Invariant 16."""
    attempt = handed_in(edition)
    marker = instructor(edition)
    lock_for_marking(submission=attempt.submission, by=marker, at=SUBMITTED_AT)
    return_for_revision(
        submission=attempt.submission,
        base_version=attempt.submission.version,
        reason=REASON,
        by=marker,
        at=SUBMITTED_AT,
    )

    with pytest.raises(IntegrityError), transaction.atomic():
        RevisionRequest.objects.update(reason="Nothing.")


def test_the_participant_reads_the_reason_and_writes_on(client: Client, edition: Edition) -> None:
    attempt = handed_in(edition)
    marker = instructor(edition)
    lock_for_marking(submission=attempt.submission, by=marker, at=SUBMITTED_AT)
    client.force_login(marker)
    address = reverse("assessments:return", args=[edition.slug, attempt.submission_id])
    assert client.get(address).status_code == 200
    assert client.post(address, {"reason": "", "base_version": 1}).status_code == 422
    client.post(address, {"reason": REASON, "base_version": 1})

    client.force_login(attempt.submitted_by)
    page = reverse("assessments:project", args=[edition.slug])
    assert REASON in client.get(page).content.decode()
    opened = client.post(reverse("assessments:reopen", args=[edition.slug]))

    assert opened.status_code == 302
    text = client.get(page).content.decode()
    assert REASON in text
    assert "Our city on context." in text
    assert "This is attempt 2." in text


def test_the_return_form_is_for_instructors(client: Client, edition: Edition) -> None:
    attempt = handed_in(edition)
    address = reverse("assessments:return", args=[edition.slug, attempt.submission_id])

    answers = []
    for person in (attempt.submitted_by, coordinator(edition), participant(edition)):
        client.force_login(person)
        answers.append(client.get(address).status_code)

    assert answers == [403, 403, 404]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_withdrawal_and_a_marker_at_once(transactional_db: None) -> None:
    edition = EditionFactory.create()
    attempt: Attempt = hand_in(write(start(edition)))
    submission, marker = attempt.submission, instructor(edition)

    withdrawn, locked = at_once(
        lambda: withdraw_submission(
            submission=submission,
            number=submission.attempt,
            by=attempt.submitted_by,
            at=SUBMITTED_AT,
        ),
        lambda: lock_for_marking(submission=submission, by=marker, at=SUBMITTED_AT),
    )

    refusals = [r for r in (withdrawn, locked) if isinstance(r, IllegalMove)]
    submission.refresh_from_db()
    assert len(refusals) == 1
    assert submission.status == ("withdrawn" if refusals == [locked] else "locked_for_marking")
