"""“Submit my last complete draft at the deadline”: once, of what was there in time."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from assessments import tasks
from assessments.actions import publish_guidelines, save_draft, submit_project, withdraw_submission
from assessments.actions.at_deadline import (
    NoWish,
    ask_for_deadline_submission,
    call_off_deadline_submission,
    settle_deadline_submission,
)
from assessments.actions.drafts import NotADraft
from assessments.actions.extensions import grant_extension
from assessments.actions.guidelines import require_guidelines
from assessments.actions.revising import reopen_draft
from assessments.actions.submitting import DeadlinePassed
from assessments.enums import DeadlineSubmissionStatus
from assessments.models import Attempt, DeadlineSubmission, Submission
from assessments.selectors.deadlines import due_wishes
from lms.core.errors import InvalidInput, PermissionDenied
from lms.core.models import OutboxMessage
from lms.programme.enums import EnrolmentStatus
from lms.programme.models import Edition
from tests.factories.assessments import (
    DEADLINE,
    WRITTEN_AT,
    ask_for_time,
    attach,
    hand_in,
    publish,
    start,
    write,
)
from tests.factories.programme import EditionFactory, coordinator
from tests.races import at_once

Status = DeadlineSubmissionStatus
MINUTE = timedelta(minutes=1)
AFTER = DEADLINE + 2 * MINUTE


@pytest.fixture
def submission(edition: Edition) -> Submission:
    return write(start(edition))


def wish_for(submission: Submission, at: datetime = WRITTEN_AT) -> DeadlineSubmission:
    return ask_for_deadline_submission(submission=submission, by=submission.owner.user, at=at)


def settle(wish: DeadlineSubmission, at: datetime = AFTER) -> DeadlineSubmission:
    return settle_deadline_submission(wish=wish, at=at)


def test_without_a_wish_nothing_is_ever_handed_in(submission: Submission) -> None:
    assert due_wishes(AFTER) == []
    assert Attempt.objects.count() == 0


def test_the_complete_draft_is_handed_in_on_time_however_late_the_worker(
    submission: Submission,
) -> None:
    file = attach(submission)
    wish = wish_for(submission)

    settled = settle(wish, at=DEADLINE + timedelta(days=2))

    attempt = Attempt.objects.get()
    assert (settled.status, settled.attempt) == (Status.SUBMITTED, attempt)
    assert (attempt.received_at, attempt.is_late) == (DEADLINE, False)
    assert (settled.draft_version, settled.draft_saved_at) == (submission.version, WRITTEN_AT)
    assert attempt.sections["context"] == "<p>Our city on context.</p>"
    assert [row.file_id for row in attempt.files.all()] == [file.pk]
    submission.refresh_from_db()
    assert submission.status == "submitted"


def test_settled_again_and_again_it_is_one_receipt(submission: Submission) -> None:
    wish = wish_for(submission)

    for _ in range(3):
        settle(wish)

    assert Attempt.objects.count() == 1
    assert OutboxMessage.objects.filter(task__endswith="send_receipt").count() == 1


@pytest.mark.parametrize(
    ("after", "is_due"), [(timedelta(0), False), (MINUTE, False), (MINUTE * 1.5, True)]
)
def test_the_sweep_waits_a_minute_for_saves_under_way(
    submission: Submission, after: timedelta, is_due: bool
) -> None:
    wish = wish_for(submission)

    assert due_wishes(DEADLINE + after) == ([wish.pk] if is_due else [])


def test_at_the_deadline_itself_nothing_happens_yet(submission: Submission) -> None:
    assert settle(wish_for(submission), at=DEADLINE).status == Status.WAITING


def test_the_last_complete_draft_before_the_deadline_counts(submission: Submission) -> None:
    """Emptied a minute before, and filled with other words a minute after."""
    wish = wish_for(submission)
    complete = submission.version
    emptied = write(submission, at=DEADLINE - MINUTE, context="")
    write(emptied, at=DEADLINE + MINUTE, context="Too late.")

    settled = settle(wish)

    assert (settled.status, settled.draft_version) == (Status.SUBMITTED, complete)
    assert Attempt.objects.get().sections["context"] == "<p>Our city on context.</p>"
    submission.refresh_from_db()
    assert submission.sections["context"] == "<p>Too late.</p>"


def test_words_after_the_deadline_are_not_handed_in(submission: Submission) -> None:
    wish = wish_for(submission)
    write(submission, at=DEADLINE + MINUTE, context="Too late.")

    assert settle(wish).draft_version == submission.version
    assert Attempt.objects.get().sections["context"] == "<p>Our city on context.</p>"


def test_an_incomplete_draft_is_not_handed_in_and_its_writer_hears_what_was_missing(
    edition: Edition, django_capture_on_commit_callbacks: Any
) -> None:
    submission = start(edition)
    save_draft(
        submission=submission, values={"context": "Words."}, base_version=0,
        by=submission.owner.user, at=WRITTEN_AT,
    )  # fmt: skip
    wish = wish_for(submission)

    with django_capture_on_commit_callbacks(execute=True):
        settled = settle(wish)

    assert (settled.status, settled.note) == (Status.INCOMPLETE, "Still empty: “Objectives”.")
    assert Attempt.objects.count() == 0
    assert "Still empty: “Objectives”." in mail.outbox[-1].body
    assert settle(wish).status == Status.INCOMPLETE


def test_more_time_lets_it_wait_on(submission: Submission) -> None:
    wish = wish_for(submission)
    until = DEADLINE + timedelta(days=3)
    grant_extension(
        extension=ask_for_time(submission), reason="Granted.", by=coordinator(submission.edition),
        at=WRITTEN_AT,
    )  # fmt: skip

    assert due_wishes(AFTER) == []
    assert settle(wish).status == Status.WAITING
    assert due_wishes(until + 2 * MINUTE) == [wish.pk]
    assert settle(wish, until + MINUTE).attempt.received_at == until  # type: ignore[union-attr]


def test_handed_in_by_hand_the_wish_is_overtaken(submission: Submission) -> None:
    wish = wish_for(submission)
    attempt = hand_in(submission)

    assert settle(wish).status == Status.OVERTAKEN
    assert Attempt.objects.get() == attempt


def test_taken_back_a_project_is_not_handed_in_again(submission: Submission) -> None:
    wish = wish_for(submission)
    hand_in(submission)
    withdraw_submission(
        submission=submission,
        number=submission.attempt,
        by=submission.owner.user,
        at=DEADLINE - MINUTE,
    )

    assert settle(wish).status == Status.OVERTAKEN
    reopened = reopen_draft(submission=submission, by=submission.owner.user, at=DEADLINE - MINUTE)
    # The next attempt needs a wish of its own.
    again = wish_for(reopened, at=DEADLINE - MINUTE)
    assert (settle(again).status, Attempt.objects.count()) == (Status.SUBMITTED, 2)


@pytest.mark.parametrize("sat_for", [timedelta(0), timedelta(minutes=20)])
def test_what_a_reopened_project_held_is_its_first_complete_draft(
    submission: Submission, sat_for: timedelta
) -> None:
    """The same words were handed in with the attempt before."""
    owner = submission.owner.user
    hand_in(submission, at=DEADLINE - timedelta(hours=3))
    withdraw_submission(submission=submission, number=1, by=owner, at=DEADLINE - timedelta(hours=2))
    reopened = reopen_draft(submission=submission, by=owner, at=DEADLINE - timedelta(hours=1))
    wish = wish_for(reopened, at=DEADLINE - timedelta(hours=1))
    emptied = write(reopened, at=DEADLINE - timedelta(minutes=30), context="")
    write(emptied, at=DEADLINE - timedelta(minutes=30) + sat_for, context="", notes="More.")

    assert settle(wish).status == Status.SUBMITTED

    attempt = Attempt.objects.get(number=2)
    assert attempt.sections["context"] == "<p>Our city on context.</p>"


def test_no_key_that_a_client_has_sent_stands_in_the_way(submission: Submission) -> None:
    """The wish has a key as well (invariant 2); guessed and sent before, it would fail."""
    owner, wish = submission.owner.user, wish_for(submission)
    guessed = wish.pk + 1
    with pytest.raises(InvalidInput):
        submit_project(
            submission=submission, by=owner, at=WRITTEN_AT, base_version=submission.version,
            idempotency_key=f"at the deadline {guessed}",
        )  # fmt: skip
    submit_project(
        submission=submission, by=owner, at=WRITTEN_AT, base_version=submission.version,
        idempotency_key=f"at-the-deadline-{guessed}",
    )  # fmt: skip
    withdraw_submission(submission=submission, number=1, by=owner, at=WRITTEN_AT)
    again = wish_for(reopen_draft(submission=submission, by=owner, at=WRITTEN_AT))

    assert (again.pk, settle(again).status) == (guessed, Status.SUBMITTED)


def test_called_off_it_stays_a_draft(submission: Submission) -> None:
    wish = wish_for(submission)
    call_off_deadline_submission(submission=submission, by=submission.owner.user, at=WRITTEN_AT)

    assert settle(wish).status == Status.CALLED_OFF
    assert Attempt.objects.count() == 0
    with pytest.raises(NoWish):
        call_off_deadline_submission(submission=submission, by=submission.owner.user, at=WRITTEN_AT)


def test_wished_twice_it_is_one_wish_and_only_writers_wish(submission: Submission) -> None:
    other = start(submission.edition).owner.user

    assert wish_for(submission) == wish_for(submission)
    for action in (ask_for_deadline_submission, call_off_deadline_submission):
        with pytest.raises(PermissionDenied):
            action(submission=submission, by=other, at=WRITTEN_AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        DeadlineSubmission.objects.create(
            submission=submission, attempt_number=1, asked_at=WRITTEN_AT, asked_by=other
        )


def test_after_the_deadline_there_is_nothing_to_wish_for(submission: Submission) -> None:
    with pytest.raises(DeadlinePassed):
        wish_for(submission, at=DEADLINE + timedelta(microseconds=1))


def test_whoever_gave_up_their_place_hands_nothing_in(submission: Submission) -> None:
    wish = wish_for(submission)
    submission.owner.status = EnrolmentStatus.CANCELLED
    submission.owner.save()

    assert settle(wish).status == Status.INCOMPLETE


def test_a_draft_on_guidelines_that_no_longer_do_is_not_handed_in(submission: Submission) -> None:
    wish = wish_for(submission)
    publish(submission.project.guidelines_page, summary="New.")
    require_guidelines(
        project=submission.project, number=2, reason="New rules.",
        by=coordinator(submission.edition), at=WRITTEN_AT,
    )  # fmt: skip

    assert settle(wish).note == "The project has to follow version 2 of the guidelines first."


def test_the_sweep_finds_what_a_dead_worker_left(
    submission: Submission, django_capture_on_commit_callbacks: Any
) -> None:
    """Invariant 17: the task is run by the clock of today, years after the deadline."""
    wish = wish_for(submission)

    with django_capture_on_commit_callbacks(execute=True):
        assert tasks.settle_deadline_submissions() == 1

    wish.refresh_from_db()
    assert wish.status == Status.SUBMITTED
    assert tasks.settle_deadline_submissions() == 0
    [letter] = mail.outbox
    assert "It was handed in by itself at the deadline" in letter.body


def test_a_worker_that_is_late_makes_nobody_late(client: Client, submission: Submission) -> None:
    """Submitting by hand after the deadline, before the sweep: the wish comes first."""
    wish = wish_for(submission)
    client.force_login(submission.owner.user)

    answer = client.post(
        reverse("assessments:submit", args=[submission.edition.slug]),
        {"base_version": submission.version, "idempotency_key": "a-key-of-the-page"},
    )

    wish.refresh_from_db()
    attempt = Attempt.objects.get()
    assert answer["Location"] == reverse("assessments:receipt", args=[attempt.receipt])
    assert (wish.attempt, attempt.is_late) == (attempt, False)
    receipt = client.get(answer["Location"]).content.decode()
    assert "Handed in by itself" in receipt


def test_the_page_says_what_would_happen(client: Client, edition: Edition) -> None:
    submission = start(edition)
    project = submission.project
    project.deadline_wall = datetime.now(project.deadline_wall.tzinfo) + timedelta(days=10)
    project.save()
    client.force_login(submission.owner.user)
    address = reverse("assessments:project", args=[edition.slug])

    before = client.get(address).content.decode()
    client.post(reverse("assessments:at_deadline", args=[edition.slug]), {"wanted": "yes"})
    incomplete = client.get(address).content.decode()
    write(submission)
    complete = client.get(address).content.decode()
    client.post(reverse("assessments:at_deadline", args=[edition.slug]), {"wanted": "no"})
    after = client.get(address).content.decode()

    assert "If I forget to submit" in before
    assert "As it stands, nothing would be handed in." in incomplete
    assert "As it stands, what you see would be handed in" in complete
    assert "If I forget to submit" in after
    assert DeadlineSubmission.objects.get().status == Status.CALLED_OFF


class TestRaces:
    pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

    @pytest.fixture
    def wish(self, transactional_db: None) -> DeadlineSubmission:
        return wish_for(write(start(EditionFactory.create())))

    def test_two_workers_settle_once(self, wish: DeadlineSubmission) -> None:
        results = at_once(lambda: settle(wish), lambda: settle(wish))

        assert [result.status for result in results] == [Status.SUBMITTED, Status.SUBMITTED]
        assert Attempt.objects.count() == 1
        assert OutboxMessage.objects.filter(task__endswith="send_receipt").count() == 1

    def test_by_hand_and_by_itself_make_one_attempt(self, wish: DeadlineSubmission) -> None:
        submission = wish.submission
        by_hand, by_itself = at_once(
            lambda: submit_project(
                submission=submission, by=submission.owner.user, at=DEADLINE,
                base_version=submission.version, idempotency_key="a-key-of-the-page",
            ),
            lambda: settle(wish),
        )  # fmt: skip

        assert Attempt.objects.count() == 1
        assert (type(by_hand), by_itself.status) in [
            (Attempt, Status.OVERTAKEN),
            (NotADraft, Status.SUBMITTED),
        ]

    def test_called_off_or_handed_in_never_both(self, wish: DeadlineSubmission) -> None:
        submission = wish.submission
        _called_off, settled = at_once(
            lambda: call_off_deadline_submission(
                submission=submission, by=submission.owner.user, at=DEADLINE
            ),
            lambda: settle(wish),
        )

        wish.refresh_from_db()
        assert settled.status == wish.status
        assert Attempt.objects.count() == (1 if wish.status == Status.SUBMITTED else 0)

    def test_another_deadline_and_handing_in_do_not_block_each_other(
        self, wish: DeadlineSubmission
    ) -> None:
        """Publishing carries drafts along while an attempt refers to the project."""
        page = wish.submission.project.guidelines_page
        results = at_once(
            lambda: settle(wish), lambda: publish_guidelines(page=page, by=None, at=AFTER)
        )

        assert [result for result in results if isinstance(result, Exception)] == []
        assert Attempt.objects.count() == 1
