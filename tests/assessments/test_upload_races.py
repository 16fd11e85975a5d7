"""Uploads that two tabs, a colleague or the sweep attend to at the same moment."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from assessments.actions.submitting import StillArriving
from assessments.actions.sweeping import sweep_uploads
from assessments.models import Attempt, AttemptLeftOut, Submission
from lms.core import clock
from lms.core.partial_files import PartialFile
from tests.assessments.test_uploads import blocked_store, stored
from tests.factories.assessments import attach, hand_in, pdf, pdf_upload, start, write
from tests.factories.programme import EditionFactory
from tests.factories.uploads import TUS, Sender, upload_at
from tests.races import at_once


@pytest.fixture(autouse=True)
def empty_disk(settings: Any, tmp_path: Path) -> None:
    settings.UPLOADS_ROOT = str(tmp_path / "uploads")


def two_tabs(calls: int) -> tuple[Submission, str, bytes, list[Any]]:
    submission = start(EditionFactory.create())
    content = pdf(padding=400_000)
    sender = Sender(submission.owner.user)
    address = sender.begin(submission, "a.pdf", content)
    sender.append(address, content[:100_000], offset=0)
    tabs = [Sender(submission.owner.user) for _ in range(calls)]
    answers = at_once(
        *(lambda tab=tab: tab.append(address, content[100_000:], offset=100_000) for tab in tabs)
    )
    return submission, address, content, answers


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_tabs_that_send_the_same_piece_one_is_told_so() -> None:
    submission, _, content, answers = two_tabs(4)

    assert sorted(answer.status_code for answer in answers) == [204, 409, 409, 409]
    assert stored(submission.files.get()) == content


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_piece_and_a_cancellation_leave_one_of_both() -> None:
    submission = start(EditionFactory.create())
    content = pdf(padding=300_000)
    one, other = Sender(submission.owner.user), Sender(submission.owner.user)
    address = one.begin(submission, "a.pdf", content)

    answers = at_once(
        lambda: one.append(address, content, offset=0),
        lambda: other.client.delete(address, headers=TUS),
    )

    codes = [answer.status_code for answer in answers]
    ended = upload_at(address)
    assert (codes, ended.status, submission.files.count()) in [
        ([204, 409], "finished", 1), ([410, 204], "cancelled", 0), ([409, 204], "cancelled", 0),
    ]  # fmt: skip
    assert not PartialFile(ended.pk).path.exists()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_the_last_place_goes_to_one_of_two_uploads() -> None:
    submission = start(EditionFactory.create())
    for number in range(2):
        attach(submission, pdf_upload(f"{number}.pdf"))
    tabs = [Sender(submission.owner.user) for _ in range(3)]

    answers = at_once(
        *(lambda tab=tab, n=n: tab.announce(submission, f"x{n}.pdf", 1000)
          for n, tab in enumerate(tabs))
    )  # fmt: skip

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_an_upload_that_ends_while_the_project_is_submitted_is_in_it_or_is_refused() -> None:
    submission = write(start(EditionFactory.create()))
    content = pdf(padding=200_000)
    sender = Sender(submission.owner.user)
    address = sender.begin(submission, "a.pdf", content)

    answer, attempt = at_once(
        lambda: sender.append(address, content, offset=0),
        lambda: hand_in(submission, without="all"),
    )

    in_it = attempt.files.count()
    assert (answer.status_code, in_it) in {(204, 1), (409, 0)}
    assert submission.files.count() == in_it


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_an_upload_that_begins_while_the_project_is_submitted_is_not_left_out_unasked() -> None:
    """Between what the page asked and the lock, a team-mate chooses a file."""
    edition = EditionFactory.create()
    seen = set()
    for _ in range(6):
        submission = write(start(edition))
        sender = Sender(submission.owner.user)

        begun, attempt = at_once(
            lambda of=submission, by=sender: by.announce(of, "a.pdf", 1000),
            lambda of=submission: hand_in(of),
        )

        seen.add((begun.status_code, type(attempt)))
        assert not AttemptLeftOut.objects.exists()
    assert seen <= {(201, StillArriving), (409, Attempt)}


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_repeated_announcement_that_crosses_the_first_is_one_upload() -> None:
    submission = start(EditionFactory.create())
    tries = [Sender(submission.owner.user) for _ in range(4)]
    key = {"Idempotency-Key": "one-key-of-a-transfer"}

    answers = at_once(
        *(lambda one=one: one.announce(submission, "a.pdf", 1000, headers=key) for one in tries)
    )

    assert [answer.status_code for answer in answers] == [201] * 4
    assert len({answer["Location"] for answer in answers}) == 1
    assert submission.uploads.count() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_who_finish_the_same_upload_attach_one_file(settings: Any, tmp_path: Path) -> None:
    submission = start(EditionFactory.create())
    content = pdf(padding=300_000)
    stores = settings.STORAGES
    blocked_store(settings, tmp_path)
    sender = Sender(submission.owner.user)
    address = sender.begin(submission, "a.pdf", content)
    assert sender.append(address, content, offset=0).status_code == 503
    settings.STORAGES = stores

    other = Sender(submission.owner.user)
    answers = at_once(
        lambda: sender.client.post(f"{address}finish/"),
        lambda: other.client.post(f"{address}finish/"),
        lambda: sweep_uploads(at=clock.now() + timedelta(minutes=3)),
    )

    assert [answer.status_code for answer in answers[:2]] == [200, 200]
    assert stored(submission.files.get()) == content
