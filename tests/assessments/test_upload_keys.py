"""An upload that is announced again because its answer was lost is the same upload."""

from pathlib import Path
from typing import Any

import pytest

from assessments.actions import adopt_guidelines
from assessments.models import Submission, Upload
from lms.core import clock
from lms.programme.models import Edition
from tests.factories.assessments import WRITTEN_AT, hand_in, pdf, publish, start, write
from tests.factories.teams import mates, team
from tests.factories.uploads import TUS, Sender, upload_at

KEY = {"Idempotency-Key": "one-key-of-a-transfer"}
CONTENT = pdf(padding=5_000)
SIZE = len(CONTENT)


@pytest.fixture
def submission(edition: Edition) -> Submission:
    return start(edition)


@pytest.fixture
def sender(submission: Submission) -> Sender:
    return Sender(submission.owner.user)


@pytest.fixture(autouse=True)
def empty_disk(settings: Any, tmp_path: Path) -> None:
    settings.UPLOADS_ROOT = str(tmp_path / "uploads")


def test_a_lost_answer_takes_no_second_place(sender: Sender, submission: Submission) -> None:
    publish(submission.project.guidelines_page, max_files=1)
    adopt_guidelines(submission=submission, base_version=0, by=submission.owner.user, at=WRITTEN_AT)

    lost = sender.announce(submission, "a.pdf", SIZE, headers=KEY)
    again = sender.announce(submission, "a.pdf", SIZE, headers=KEY)
    sender.append(again["Location"], CONTENT, offset=0)
    late = sender.announce(submission, "a.pdf", SIZE, headers=KEY)

    assert [one.status_code for one in (lost, again, late)] == [201] * 3
    assert lost["Location"] == again["Location"] == late["Location"]
    assert (again["Upload-Offset"], late["Upload-Offset"]) == ("0", str(SIZE))
    assert (submission.uploads.count(), submission.files.count()) == (1, 1)


def test_the_first_piece_that_came_along_is_not_taken_twice(
    sender: Sender, submission: Submission
) -> None:
    piece = CONTENT[:3_000]
    first = sender.announce(submission, "a.pdf", SIZE, body=piece, headers=KEY)
    again = sender.announce(submission, "a.pdf", SIZE, body=piece, headers=KEY)

    assert (first["Location"], first["Upload-Offset"]) == (again["Location"], "3000")
    assert again["Upload-Offset"] == "3000"
    sender.append(again["Location"], CONTENT[3_000:], offset=3_000)
    assert submission.files.get().size == SIZE


def test_a_key_belongs_to_one_file_of_one_project(sender: Sender, submission: Submission) -> None:
    said = {"headers": KEY, "sha256": "a" * 64}
    sender.announce(submission, "a.pdf", SIZE, **said)

    others = [
        sender.announce(submission, "b.pdf", SIZE, **said),
        sender.announce(submission, "a.pdf", SIZE + 1, **said),
        sender.announce(submission, "a.pdf", SIZE, headers=KEY, sha256="b" * 64),
    ]
    short = sender.announce(submission, "a.pdf", SIZE, headers={"Idempotency-Key": "short"})
    elsewhere = start(submission.edition)
    theirs = Sender(elsewhere.owner.user).announce(elsewhere, "a.pdf", SIZE, **said)

    assert {(one.status_code, one.json()["code"]) for one in others} == {
        (409, "idempotency_key_used")
    }
    assert (short.status_code, theirs.status_code) == (422, 201)
    assert Upload.objects.count() == 2


def test_what_ended_is_said_and_what_expired_begins_anew(
    sender: Sender, submission: Submission
) -> None:
    """A transfer keeps its key for life: also when it is gone on with after two days."""
    first = sender.announce(submission, "a.pdf", SIZE, headers=KEY)
    Upload.objects.update(expires_at=clock.now())
    anew = sender.announce(submission, "a.pdf", SIZE, headers=KEY)
    sender.client.delete(anew["Location"], headers=TUS)
    cancelled = sender.announce(submission, "a.pdf", SIZE, headers=KEY)

    assert (anew.status_code, anew["Location"] != first["Location"]) == (201, True)
    assert upload_at(first["Location"]).status == "expired"
    assert (cancelled.status_code, cancelled.json()["code"]) == (410, "upload_gone")


def test_without_a_key_each_announcement_is_another(edition: Edition) -> None:
    submission = write(team(edition))
    ana, juma = (Sender(place.user) for place in mates(submission))
    assert (
        ana.announce(submission, "a.pdf", SIZE)["Location"]
        != (juma.announce(submission, "a.pdf", SIZE)["Location"])
    )
    hand_in(submission, without="all")
    refused = ana.announce(submission, "a.pdf", SIZE, headers=KEY)
    assert (refused.status_code, refused.json()["code"]) == (409, "not_a_draft")
