"""Handing in: the receipt, the clock, and everything that happens twice."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from assessments.actions import save_draft, submit_project, withdraw_submission
from assessments.actions.drafts import NotADraft
from assessments.actions.receipt_numbers import SIGNS, is_receipt_number, new_receipt_number
from assessments.actions.submitting import (
    DeadlinePassed,
    NotOpenYet,
    SectionsMissing,
    content_hash,
)
from assessments.enums import SubmissionStatus
from assessments.models import Attempt, AttemptFile, Rubric, Submission
from assessments.signals import attempt_submitted
from lms.core import audit
from lms.core.errors import IllegalMove, InvalidInput, PermissionDenied, StaleVersion
from lms.core.idempotency import KeyUsed
from lms.core.models import OutboxMessage
from lms.programme.models import Edition
from tests.factories.accounts import AdministratorFactory
from tests.factories.assessments import (
    DEADLINE,
    SUBMITTED_AT,
    attach,
    hand_in,
    handed_in,
    project_in,
    start,
    write,
)
from tests.factories.programme import EditionFactory, instructor, participant
from tests.races import at_once

MICROSECOND = timedelta(microseconds=1)
KEY = "a-key-of-the-page"


def submit(submission: Submission, **changes: Any) -> Attempt:
    fields = {
        "submission": submission,
        "by": submission.owner.user,
        "at": SUBMITTED_AT,
        "base_version": submission.version,
        "idempotency_key": KEY,
    }
    return submit_project(**(fields | changes))


def test_a_submission_takes_everything_along(edition: Edition) -> None:
    submission = write(start(edition), notes="")
    file = attach(submission)

    attempt = submit(submission)

    submission.refresh_from_db()
    assert (submission.status, submission.submitted_at) == ("submitted", SUBMITTED_AT)
    assert attempt.sections == {"notes": "", **submission.sections}
    assert attempt.content_sha256 == content_hash(attempt.sections, [file])
    assert (attempt.number, attempt.guidelines.number, attempt.rubric.number) == (1, 1, 1)
    assert (attempt.received_at, attempt.is_late) == (SUBMITTED_AT, False)
    assert (attempt.deadline_at, attempt.deadline_zone) == (DEADLINE, "Europe/Madrid")
    assert (attempt.effective_deadline_at, attempt.effective_reason) == (DEADLINE, "")
    kept = attempt.files.get()
    assert (kept.file, kept.name, kept.sha256, kept.size) == (
        file, file.name, file.sha256, file.size,
    )  # fmt: skip
    assert "project.submitted" in {event.verb for event in audit.events_of(submission)}


def test_a_submission_is_announced_inside_its_transaction(edition: Edition) -> None:
    heard: list[Any] = []

    def listen(sender: Any, **kwargs: Any) -> None:
        heard.append((transaction.get_connection().in_atomic_block, kwargs))

    attempt_submitted.connect(listen)
    try:
        attempt = handed_in(edition)
    finally:
        attempt_submitted.disconnect(listen)

    [(inside, said)] = heard
    assert inside
    assert (said["submission_id"], said["attempt_id"]) == (attempt.submission_id, attempt.pk)


def test_the_receipt_comes_by_mail(
    edition: Edition, django_capture_on_commit_callbacks: Any
) -> None:
    submission = write(start(edition))
    file = attach(submission)
    submission.owner.user.time_zone = "America/Montevideo"
    submission.owner.user.save()

    with django_capture_on_commit_callbacks(execute=True):
        attempt = submit(submission)

    [message] = mail.outbox
    assert message.to == [submission.owner.user.email]
    assert attempt.receipt in message.subject
    for words in (
        "5 December 2025, 06:00 Montevideo time (10:00 in Madrid)",
        "12 December 2025, 19:59 Montevideo time (23:59 in Madrid)",
        "It was received on time.",
        file.sha256,
        attempt.guidelines.sha256,
        f"/receipts/{attempt.receipt}/",
    ):
        assert words in message.body.replace("\n", " ")


# --- The same request twice (invariant 2) -----------------------------------------


def test_a_repeated_request_has_the_same_receipt(edition: Edition) -> None:
    submission = write(start(edition))

    first = submit(submission)
    again = submit(submission, at=SUBMITTED_AT + timedelta(minutes=5))

    assert again == first
    assert (Attempt.objects.count(), OutboxMessage.objects.count()) == (1, 1)


def test_a_key_belongs_to_one_request(edition: Edition) -> None:
    submission = write(start(edition))
    first = submit(submission)

    with pytest.raises(KeyUsed) as refused:
        submit(submission, base_version=submission.version + 1)

    assert refused.value.extra == {"receipt": first.receipt}


def test_the_key_is_answered_even_when_the_project_has_moved_on(edition: Edition) -> None:
    submission = write(start(edition))
    first = submit(submission)
    withdraw_submission(
        submission=submission, number=submission.attempt, by=submission.owner.user, at=SUBMITTED_AT
    )

    assert submit(submission) == first


def test_a_second_submission_under_another_key_is_refused(edition: Edition) -> None:
    submission = write(start(edition))
    submit(submission)

    with pytest.raises(NotADraft):
        submit(submission, idempotency_key="another-key")

    assert Attempt.objects.count() == 1


@pytest.mark.parametrize("key", ["", "short", "x" * 81, "with space", "ключ-ключ", "a\nbcdefgh"])
def test_a_key_is_short_and_plain(edition: Edition, key: str) -> None:
    with pytest.raises(InvalidInput):
        submit(write(start(edition)), idempotency_key=key)


def test_keys_of_two_people_never_meet(edition: Edition) -> None:
    assert submit(write(start(edition))) != submit(write(start(edition)))


# --- What stands in the way ----------------------------------------------------------


def test_missing_sections_are_named(edition: Edition) -> None:
    submission = write(start(edition), context=" \n ", notes="")

    with pytest.raises(SectionsMissing) as refused:
        submit(submission)

    assert list(refused.value.errors) == ["context"]
    assert Attempt.objects.count() == 0


def test_a_draft_saved_meanwhile_is_stale(edition: Edition) -> None:
    """Invariant 3: what is handed in is what its writer saw."""
    submission = write(start(edition))
    write(submission, context="Changed in another tab.")

    with pytest.raises(StaleVersion) as stale:
        submit(submission)

    assert stale.value.extra["stored"]["context"] == "Changed in another tab."


def test_only_the_owner_hands_in(edition: Edition) -> None:
    submission = write(start(edition))

    for by in (participant(edition), instructor(edition), AdministratorFactory.create()):
        with pytest.raises(PermissionDenied):
            submit(submission, by=by)


def test_without_a_rubric_nothing_is_handed_in(edition: Edition) -> None:
    submission = write(start(edition))
    project = submission.project
    project.rubric = Rubric.objects.create(edition=edition, title="Not published")
    project.save()

    with pytest.raises(NotOpenYet):
        submit(submission)

    submission.refresh_from_db()
    assert submission.status == SubmissionStatus.DRAFT


# --- The clock (invariant 12) -----------------------------------------------------------


@pytest.mark.parametrize(
    ("received", "is_late"),
    [(DEADLINE - MICROSECOND, False), (DEADLINE, False), (DEADLINE + MICROSECOND, True)],
    ids=["before", "exactly", "after"],
)
def test_the_deadline_itself_is_on_time(
    edition: Edition, received: datetime, is_late: bool
) -> None:
    assert submit(write(start(edition)), at=received).is_late is is_late


@pytest.mark.parametrize(("microseconds", "is_late"), [(0, False), (1, True)])
def test_grace_is_on_time_too(edition: Edition, microseconds: int, is_late: bool) -> None:
    project_in(edition, grace_minutes=90)
    end = DEADLINE + timedelta(minutes=90)

    attempt = submit(write(start(edition)), at=end + timedelta(microseconds=microseconds))

    assert (attempt.deadline_at, attempt.effective_deadline_at) == (DEADLINE, end)
    assert attempt.effective_reason == "Official deadline plus 90 minutes of grace."
    assert attempt.is_late is is_late


def test_late_projects_are_refused_where_they_are_not_accepted(edition: Edition) -> None:
    project_in(edition, accepts_late=False)
    submission = write(start(edition))

    with pytest.raises(DeadlinePassed):
        submit(submission, at=DEADLINE + MICROSECOND)

    assert submit(submission, at=DEADLINE).is_late is False


@pytest.mark.parametrize(
    ("wall", "zone", "instant"),
    [
        (datetime(2025, 12, 12, 23, 59), "Pacific/Kiritimati", datetime(2025, 12, 12, 9, 59)),
        (datetime(2025, 12, 12, 23, 59), "Etc/GMT+12", datetime(2025, 12, 13, 11, 59)),
        # The hour that the clocks repeat on 26 October: the later reading.
        (datetime(2025, 10, 26, 2, 30), "Europe/Madrid", datetime(2025, 10, 26, 1, 30)),
        # The hour that they skip on 29 March: after the gap.
        (datetime(2026, 3, 29, 2, 30), "Europe/Madrid", datetime(2026, 3, 29, 1, 30)),
    ],
    ids=["UTC+14", "UTC-12", "fold", "gap"],
)
def test_a_deadline_is_the_instant_of_its_wall_time(
    edition: Edition, wall: datetime, zone: str, instant: datetime
) -> None:
    project = project_in(edition, deadline_wall=wall.replace(tzinfo=UTC), deadline_zone=zone)
    submission = write(start(edition), at=datetime(2025, 10, 1, tzinfo=UTC))

    assert project.deadline_at == instant.replace(tzinfo=UTC)
    assert submit(submission, at=instant.replace(tzinfo=UTC)).is_late is False


def test_a_changed_deadline_does_not_touch_what_was_received(edition: Edition) -> None:
    """Invariants 1 and 12."""
    attempt = handed_in(edition)
    project = attempt.project
    project.deadline_wall = datetime(2025, 12, 1, 12, 0, tzinfo=UTC)
    project.save()

    attempt.refresh_from_db()
    assert (attempt.deadline_at, attempt.is_late) == (DEADLINE, False)


def test_an_attempt_never_changes(edition: Edition) -> None:
    """Invariants 1 and 16."""
    submission = write(start(edition))
    attach(submission)
    attempt = hand_in(submission)

    for rows in (
        Attempt.objects.filter(pk=attempt.pk),
        AttemptFile.objects.filter(attempt=attempt),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**({"is_late": True} if rows.model is Attempt else {"sha256": "0" * 64}))
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.delete()


# --- Receipt numbers ---------------------------------------------------------------------


def test_a_receipt_number_carries_the_year_of_the_programme(edition: Edition) -> None:
    project_in(edition)
    new_year_in_madrid = datetime(2025, 12, 31, 23, 30, tzinfo=UTC)

    attempt = submit(write(start(edition)), at=new_year_in_madrid)

    assert attempt.receipt.startswith("RB-2026-")
    assert is_receipt_number(attempt.receipt)


@given(body=st.text(SIGNS, min_size=5, max_size=5), data=st.data())
def test_a_slip_of_the_pen_never_gives_another_receipt_number(body: str, data: Any) -> None:
    signs = iter(body)
    number = new_receipt_number(2025, choose=lambda _: next(signs))
    place = data.draw(st.sampled_from([3, 4, 5, 6, 8, 9, 10, 11, 12, 13]))
    wrong = data.draw(st.sampled_from("0123456789" if place < 8 else SIGNS))
    slipped = number[:place] + wrong + number[place + 1 :]
    swapped = number[:8] + number[9] + number[8] + number[10:]

    assert is_receipt_number(number)
    assert is_receipt_number(slipped) == (slipped == number)
    assert is_receipt_number(swapped) == (swapped == number)


# --- At the same time -----------------------------------------------------------------------

pg = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def written(transactional_db: None) -> Submission:
    return write(start(EditionFactory.create()))


class TestRaces:
    pytestmark = pg

    def test_a_double_click_is_one_submission(self, written: Submission) -> None:
        first, second = at_once(lambda: submit(written), lambda: submit(written))

        assert first == second == Attempt.objects.get()

    def test_two_windows_hand_in_once(self, written: Submission) -> None:
        results = at_once(
            lambda: submit(written, idempotency_key="first-window"),
            lambda: submit(written, idempotency_key="second-window"),
        )

        assert sorted(type(result).__name__ for result in results) == ["Attempt", "NotADraft"]
        assert Attempt.objects.count() == 1

    def test_an_autosave_comes_before_or_after_never_into_a_submission(
        self, written: Submission
    ) -> None:
        saved, handed = at_once(
            lambda: save_draft(
                submission=written,
                values={"context": "The last thought."},
                base_version=written.version,
                by=written.owner.user,
                at=SUBMITTED_AT,
            ),
            lambda: submit(written),
        )

        written.refresh_from_db()
        if isinstance(handed, Attempt):
            assert isinstance(saved, NotADraft)
            assert handed.sections == written.sections
        else:
            assert isinstance(handed, StaleVersion)
            assert isinstance(saved, Submission)
            assert written.sections["context"] == "<p>The last thought.</p>"
            assert Attempt.objects.count() == 0

    def test_a_withdrawal_meets_a_submission_or_nothing(self, written: Submission) -> None:
        handed, withdrawn = at_once(
            lambda: submit(written),
            lambda: withdraw_submission(
                submission=written, number=written.attempt, by=written.owner.user, at=SUBMITTED_AT
            ),
        )

        written.refresh_from_db()
        assert handed == Attempt.objects.get()
        if isinstance(withdrawn, IllegalMove):
            assert written.status == SubmissionStatus.SUBMITTED
        else:
            assert written.status == SubmissionStatus.WITHDRAWN
