"""The clock against those who write, submit and coordinate, at the same moment. On
PostgreSQL."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from assessments.actions import (
    adopt_guidelines,
    declare_intent,
    save_draft,
    set_deadline,
    submit_project,
)
from assessments.actions.at_deadline import (
    ask_for_deadline_submission,
    settle_deadline_submission,
)
from assessments.actions.drafts import NotADraft
from assessments.actions.extensions import AlreadyAsked, give_extension
from assessments.actions.lateness import rule_on_lateness
from assessments.actions.receiving import receive_bytes
from assessments.actions.submitting import DeadlinePassed
from assessments.actions.uploads import UploadGone, begin_upload
from assessments.enums import DeadlineSubmissionStatus
from assessments.models import Attempt, Extension, Project, Submission, Upload
from lms.core.errors import Conflict, StaleVersion
from tests.factories.assessments import (
    DEADLINE,
    WRITTEN_AT,
    ask_for_time,
    hand_in,
    pdf,
    publish,
    start,
    write,
)
from tests.factories.programme import EditionFactory, coordinator
from tests.races import at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
ROUNDS = 4
WINDOW = timedelta(minutes=30)
MICROSECOND = timedelta(microseconds=1)
CONTENT = pdf(padding=3000)
EARLIER = datetime(2025, 12, 10, 11, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def empty_disk(settings: Any, tmp_path: Any) -> None:
    settings.UPLOADS_ROOT = str(tmp_path / "uploads")


def submit(submission: Submission, at: datetime) -> Any:
    return lambda: submit_project(
        submission=submission,
        by=submission.owner.user,
        at=at,
        base_version=submission.version,
        without="all",
        idempotency_key=f"key-of-the-page-{submission.pk}",
    )


def running(submission: Submission) -> Upload:
    """All but the last byte has arrived."""
    upload = begin_upload(
        submission=submission, name="plan.pdf", size=len(CONTENT), by=submission.owner.user,
        at=DEADLINE - timedelta(minutes=1),
    )  # fmt: skip
    return arrive(upload, CONTENT[:-1], DEADLINE)


def arrive(upload: Upload, piece: bytes, at: datetime) -> Upload:
    pieces = iter([piece])
    return receive_bytes(
        upload=upload, read=lambda size: next(pieces, b""), length=len(piece),
        offset=upload.offset, by=upload.created_by, at=at,
    )  # fmt: skip


def test_a_deadline_moved_back_lets_the_submission_in_whole_or_not_at_all() -> None:
    """Where late projects are refused. Beside the one moved forward (test_team_races)."""
    for _ in range(ROUNDS):
        submission = write(start(EditionFactory.create()))
        staff = coordinator(submission.edition)
        at = EARLIER + timedelta(hours=1)

        handed_in, moved = at_once(
            submit(submission, at),
            lambda of=submission.project, by=staff, at=at: set_deadline(
                project=of, wall=EARLIER.replace(tzinfo=None), zone="UTC", grace_minutes=0,
                accepts_late=False, upload_window_minutes=5, by=by, at=at,
            ),
        )  # fmt: skip

        assert isinstance(moved, Project)
        if isinstance(handed_in, Attempt):
            assert (handed_in.effective_deadline_at, handed_in.is_late) == (DEADLINE, False)
        else:
            assert isinstance(handed_in, DeadlinePassed)
            assert not Attempt.objects.filter(submission=submission).exists()


def test_adopting_guidelines_meets_an_autosave() -> None:
    """One of the two came first; the other hears so with what is stored, and no word goes."""
    for _ in range(ROUNDS):
        submission = write(start(EditionFactory.create()))
        publish(submission.project.guidelines_page, summary=f"New for {submission.pk}.")
        version = submission.version

        adopted, saved = at_once(
            lambda of=submission, v=version: adopt_guidelines(
                submission=of, base_version=v, by=of.owner.user, at=WRITTEN_AT
            ),
            lambda of=submission, v=version: save_draft(
                submission=of, values={"context": "A last word."}, base_version=v,
                by=of.owner.user, at=WRITTEN_AT,
            ),
        )  # fmt: skip

        stored = Submission.objects.get(pk=submission.pk)
        won = [found for found in (adopted, saved) if isinstance(found, Submission)]
        [lost] = [found for found in (adopted, saved) if isinstance(found, StaleVersion)]
        assert len(won) == 1
        assert stored.version == version + 1 == lost.extra["version"]
        if won[0] is saved:
            assert (stored.guidelines.number, stored.sections["context"]) == (
                1, "<p>A last word.</p>",
            )  # fmt: skip
        else:
            assert (stored.guidelines.number, stored.sections["context"]) == (
                2, "<p>Our city on context.</p>",
            )  # fmt: skip
        assert lost.extra["stored"]["context"] in stored.sections["context"]


@pytest.mark.parametrize("after", [timedelta(0), MICROSECOND], ids=["closing", "closed"])
def test_submitting_at_the_end_of_the_window_meets_the_last_byte(after: timedelta) -> None:
    """The file is in the attempt or named as left out; on time to the microsecond."""
    for _ in range(ROUNDS):
        submission = write(start(EditionFactory.create()))
        upload = running(submission)
        declare_intent(
            submission=submission, base_version=submission.version, by=submission.owner.user,
            at=DEADLINE,
        )  # fmt: skip
        at = DEADLINE + WINDOW + after

        attempt, arrived = at_once(
            submit(submission, at), lambda of=upload, at=at: arrive(of, CONTENT[-1:], at)
        )

        assert isinstance(attempt, Attempt), attempt
        assert attempt.is_late is (after > timedelta(0))
        if isinstance(arrived, Upload):
            assert [file.name for file in attempt.files.all()] == ["plan.pdf"]
            assert not attempt.left_out.exists()
        else:
            assert isinstance(arrived, NotADraft | UploadGone)
            assert [file.name for file in attempt.left_out.all()] == ["plan.pdf"]
            assert not attempt.files.exists()


def test_the_window_closes_on_a_wish_while_the_last_byte_arrives_and_a_hand_presses() -> None:
    for _ in range(ROUNDS):
        submission = write(start(EditionFactory.create()))
        upload = running(submission)
        wish = ask_for_deadline_submission(
            submission=submission, by=submission.owner.user, at=WRITTEN_AT
        )
        at = DEADLINE + WINDOW + MICROSECOND

        settled, arrived, by_hand = at_once(
            lambda of=wish, at=at: settle_deadline_submission(wish=of, at=at),
            lambda of=upload, at=at: arrive(of, CONTENT[-1:], at - MICROSECOND),
            submit(submission, at),
        )

        [attempt] = Attempt.objects.filter(submission=submission)
        in_it = [file.name for file in attempt.files.all()]
        assert (in_it, isinstance(arrived, Upload)) in [(["plan.pdf"], True), ([], False)]
        assert attempt.left_out.count() == 1 - len(in_it)
        wish.refresh_from_db()
        if isinstance(by_hand, Attempt):
            # It may have waited for the file while the hand pressed.
            later = settle_deadline_submission(wish=wish, at=at)
            assert later.status == DeadlineSubmissionStatus.OVERTAKEN
        elif wish.status == DeadlineSubmissionStatus.SUBMITTED:
            assert (wish.attempt, attempt.is_late) == (attempt, False)
            assert isinstance(by_hand, NotADraft)
        assert settled.status == wish.status


def test_asked_and_given_at_once_there_is_one_that_counts() -> None:
    for _ in range(ROUNDS):
        submission = write(start(EditionFactory.create()))
        staff = coordinator(submission.edition)

        asked, given = at_once(
            lambda of=submission: ask_for_time(of, DEADLINE + timedelta(days=2)),
            lambda of=submission, by=staff: give_extension(
                submission=of, until_at=DEADLINE + timedelta(days=3), until_zone="UTC",
                reason="A storm.", by=by, at=WRITTEN_AT,
            ),
        )  # fmt: skip

        if isinstance(given, Extension):
            assert not isinstance(asked, Extension), "They have until then already."
        else:
            assert isinstance(given, AlreadyAsked)
            assert Extension.objects.get(submission=submission) == asked


def test_given_by_two_and_ruled_on_while_it_is_handed_in() -> None:
    """The receipt says what held when it came in; the ruling is of a late attempt alone."""
    for _ in range(ROUNDS):
        submission = write(start(EditionFactory.create()))
        staff = coordinator(submission.edition)
        late = DEADLINE + timedelta(hours=1)

        def give(of: Submission = submission, by: Any = staff, at: datetime = late) -> Extension:
            return give_extension(
                submission=of, until_at=at + timedelta(days=1), until_zone="UTC",
                reason="A storm.", by=by, at=at,
            )  # fmt: skip

        attempt, one, other = at_once(lambda of=submission, at=late: hand_in(of, at=at), give, give)

        assert isinstance(attempt, Attempt)
        assert (one == other) or any(isinstance(found, Conflict) for found in (one, other))
        assert Extension.objects.filter(submission=submission).count() <= 1
        if attempt.is_late:
            first, second = at_once(
                *2 * [
                    lambda of=attempt, by=staff, at=late: rule_on_lateness(
                        attempt=of, is_late=False, reason="A storm.", by=by, at=at
                    )
                ]
            )  # fmt: skip
            assert first == second == attempt.rulings.get()
        else:
            assert attempt.effective_deadline_at == late + timedelta(days=1)
