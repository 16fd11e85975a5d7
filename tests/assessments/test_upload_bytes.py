"""The bytes of an upload: what is stored and its hash are what was sent, whoever sends at
the same time, and whatever breaks half-way."""

import os
import threading
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from assessments.actions.receiving import Interrupted, OffsetConflict, receive_bytes
from assessments.actions.uploads import (
    UploadGone,
    begin_upload,
    cancel_upload,
    stored_upload,
)
from assessments.enums import UploadStatus
from assessments.models import Submission, Upload
from lms.core.errors import InvalidInput
from lms.core.hashing import Hashing
from lms.core.partial_files import PartialFile
from lms.core.storage import StorageAway
from lms.programme.models import Edition
from tests.assessments.test_uploads import kept, stored
from tests.factories.assessments import WRITTEN_AT, pdf, start

CONTENT = pdf(padding=50_000)
SIZE = len(CONTENT)
Read = Callable[[int], bytes]


@pytest.fixture
def submission(edition: Edition) -> Submission:
    return start(edition)


@pytest.fixture(autouse=True)
def small_measures(settings: Any, tmp_path: Path, monkeypatch: Any) -> None:
    """Several buffers and several steps of each request."""
    settings.UPLOADS_ROOT = str(tmp_path / "uploads")
    monkeypatch.setattr("lms.core.partial_files.BUFFER", 1_000)
    monkeypatch.setattr("lms.core.hashing.BUFFER", 700)
    monkeypatch.setattr("assessments.actions.receiving.STEP_BYTES", 8_000)


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    yield
    assert not hashing_threads()


def hashing_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "hashing"]


def begun(submission: Submission, content: bytes = CONTENT, **said: Any) -> Upload:
    return begin_upload(
        submission=submission, name="a.pdf", size=len(content), by=submission.owner.user,
        at=WRITTEN_AT, **said,
    )  # fmt: skip


def reading(content: bytes, *, at: int = 0, then: Callable[[], None] | None = None) -> Read:
    """A connection that brings these bytes; when `at` of them have come, `then` happens."""
    place = 0

    def read(size: int) -> bytes:
        nonlocal place, then
        if then is not None and place >= at:
            now, then = then, None
            now()
        came = content[place : place + size]
        place += len(came)
        return came

    return read


def send(
    upload: Upload, offset: int, content: bytes, *, read: Read | None = None, length: int = 0
) -> Upload:
    return receive_bytes(
        upload=upload, read=read or reading(content), length=length or len(content),
        offset=offset, by=upload.submission.owner.user, at=WRITTEN_AT,
    )  # fmt: skip


def expect_attached(submission: Submission, content: bytes) -> None:
    file = submission.files.get()
    assert (file.sha256, stored(file)) == (sha256(content).hexdigest(), content)
    assert submission.uploads.get().sha256 == file.sha256
    assert kept() == []


@pytest.mark.parametrize("cuts", [[], [1], [SIZE - 1], [9_000, 9_001, 30_000], [20_000, 40_000]])
def test_however_it_comes_the_hash_is_that_of_what_is_stored(
    submission: Submission, cuts: list[int]
) -> None:
    """The hash is taken in a thread, by the request that brings the end."""
    upload = begun(submission, sha256=sha256(CONTENT).hexdigest())
    seen = []
    for begin, end in zip([0, *cuts], [*cuts, SIZE], strict=True):
        middle = (end - begin) // 2
        read = reading(
            CONTENT[begin:end], at=middle, then=lambda: seen.append(len(hashing_threads()))
        )
        upload = send(upload, begin, CONTENT[begin:end], read=read)

    assert seen == [0] * len(cuts) + [1]
    expect_attached(submission, CONTENT)


def test_a_request_that_ends_early_keeps_what_came_and_the_next_one_hashes_it_all(
    submission: Submission,
) -> None:
    upload = begun(submission)
    send(upload, 0, CONTENT[:5_000])
    with pytest.raises(Interrupted) as error:
        send(upload, 5_000, b"", read=reading(CONTENT[5_000:25_500]), length=SIZE - 5_000)

    assert error.value.extra["offset"] == 25_500
    assert hashing_threads() == []
    send(upload, 25_500, CONTENT[25_500:])
    expect_attached(submission, CONTENT)


def test_a_request_that_dies_half_way_leaves_nothing_among_the_bytes_that_count(
    submission: Submission,
) -> None:
    upload = begun(submission)
    send(upload, 0, CONTENT[:5_000])

    def die() -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        send(
            upload, 5_000, b"", read=reading(b"?" * SIZE, at=12_300, then=die), length=SIZE - 5_000
        )

    # A whole step of them had been put safe.
    assert hashing_threads() == []
    safe = stored_upload(upload=upload, by=None, at=WRITTEN_AT).offset
    assert safe == 13_000
    assert PartialFile(upload.pk).path.read_bytes()[:safe] == CONTENT[:5_000] + b"?" * 8_000
    assert PartialFile(upload.pk).size > safe
    send(upload, safe, CONTENT[safe:])
    expect_attached(submission, CONTENT[:5_000] + b"?" * 8_000 + CONTENT[safe:])


@pytest.mark.parametrize("more", [11_000, SIZE])
@pytest.mark.parametrize("first", [0, 5_000])
def test_a_newer_request_takes_over_from_one_that_hangs(
    submission: Submission, first: int, more: int
) -> None:
    """While one connection hangs with half of its bytes written, another brings others. The
    file is what was counted, and the older request is told so, whenever it wakes up."""
    upload = begun(submission)
    other = CONTENT.replace(b"0", b"1")
    if first:
        send(upload, 0, CONTENT[:first])
    until = min(first + more, SIZE)

    def take_over() -> None:
        send(upload, first, other[first:until])

    older = reading(CONTENT[first:], at=3_500, then=take_over)
    with pytest.raises(OffsetConflict) as error:
        send(upload, first, CONTENT[first:], read=older)

    assert error.value.extra["offset"] == until
    if until < SIZE:
        send(upload, until, other[until:])
    expect_attached(submission, CONTENT[:first] + other[first:])


def test_the_older_of_two_requests_goes_on_when_the_newer_one_breaks(
    submission: Submission,
) -> None:
    upload = begun(submission)
    send(upload, 0, CONTENT[:5_000])

    def break_off() -> None:
        with pytest.raises(Interrupted):
            send(upload, 5_000, b"", length=SIZE - 5_000, read=reading(b""))

    older = reading(CONTENT[5_000:], at=3_000, then=break_off)
    send(upload, 5_000, CONTENT[5_000:], read=older)
    expect_attached(submission, CONTENT)


@pytest.mark.parametrize("left", [0, 7_000])
def test_bytes_that_the_disk_lost_are_sent_again_differently_while_an_older_request_hashes(
    submission: Submission, left: int
) -> None:
    upload = begun(submission)
    send(upload, 0, CONTENT[:20_000])
    other, path = CONTENT.replace(b"0", b"1"), PartialFile(upload.pk).path

    def lose_and_send_again() -> None:
        if left:
            os.truncate(path, left)
        else:
            path.unlink()
        assert stored_upload(upload=upload, by=None, at=WRITTEN_AT).offset == left
        send(upload, left, other[left:20_000])
        assert stored_upload(upload=upload, by=None, at=WRITTEN_AT).offset == 20_000

    older = reading(CONTENT[20_000:], at=3_000, then=lose_and_send_again)
    with pytest.raises(StorageAway):
        send(upload, 20_000, CONTENT[20_000:], read=older)

    assert stored_upload(upload=upload, by=None, at=WRITTEN_AT).offset == 20_000
    send(upload, 20_000, other[20_000:])
    expect_attached(submission, CONTENT[:left] + other[left:])


def test_bytes_that_the_disk_lost_under_a_request_are_no_hole(submission: Submission) -> None:
    upload = begun(submission)
    send(upload, 0, CONTENT[:20_000])

    def lose() -> None:
        os.truncate(PartialFile(upload.pk).path, 7_000)

    with pytest.raises(StorageAway):
        send(upload, 20_000, b"", length=SIZE - 20_000,
             read=reading(CONTENT[20_000:], at=3_000, then=lose))  # fmt: skip

    left = stored_upload(upload=upload, by=None, at=WRITTEN_AT).offset
    send(upload, left, CONTENT[left:])
    expect_attached(submission, CONTENT)


def test_a_refused_file_leaves_neither_bytes_nor_a_thread(submission: Submission) -> None:
    upload = begun(submission, sha256="0" * 64)
    with pytest.raises(InvalidInput):
        send(upload, 0, CONTENT)
    broken = begun(submission)
    with pytest.raises(InvalidInput):
        send(broken, 0, b"%PDF-1.7 nothing".ljust(SIZE))

    upload.refresh_from_db()
    assert upload.status == UploadStatus.REFUSED
    assert (hashing_threads(), kept(), submission.files.count()) == ([], [], 0)


def test_an_upload_cancelled_while_its_end_comes_is_gone(submission: Submission) -> None:
    upload = begun(submission)
    send(upload, 0, CONTENT[:20_000])

    def cancel() -> None:
        cancel_upload(upload=upload, by=submission.owner.user, at=WRITTEN_AT)

    with pytest.raises(UploadGone):
        send(upload, 20_000, CONTENT[20_000:],
             read=reading(CONTENT[20_000:], at=9_000, then=cancel))  # fmt: skip

    assert (kept(), submission.files.count()) == ([], 0)


def test_bytes_and_the_name_of_their_file_are_on_the_disk_before_they_count(
    submission: Submission, monkeypatch: Any
) -> None:
    upload = begun(submission)
    partial = PartialFile(upload.pk)
    synced: dict[int, int] = {}
    real = os.fsync

    def fsync(descriptor: int) -> None:
        real(descriptor)
        stat = os.fstat(descriptor)
        synced[stat.st_ino] = stat.st_size

    monkeypatch.setattr(os, "fsync", fsync)
    folders = {partial.path.parent.stat().st_ino, partial.path.parent.parent.stat().st_ino}
    counted = []

    def look() -> None:
        counted.append(Upload.objects.get(pk=upload.pk).offset)
        assert synced[partial.path.stat().st_ino] >= counted[-1]
        assert folders <= synced.keys()

    send(upload, 0, CONTENT[:30_000], read=reading(CONTENT[:30_000], at=20_000, then=look))
    look()
    assert counted == [16_000, 30_000]


def test_the_hash_of_another_or_a_changed_file_is_taken_anew(tmp_path: Path) -> None:
    path, other = tmp_path / "a", tmp_path / "b"
    path.write_bytes(CONTENT)
    other.write_bytes(b"?" * SIZE)

    def digest(of: Path, there: int = SIZE, change: Callable[[], Any] = lambda: None) -> str:
        with path.open("rb") as ours, Hashing(ours.fileno()) as hashing, of.open("rb") as theirs:
            hashing.reach(there)
            change()
            return hashing.digest_of(theirs)

    assert digest(path) == sha256(CONTENT).hexdigest()
    assert digest(path, there=SIZE - 1) == sha256(CONTENT).hexdigest()
    assert digest(path, there=SIZE + 1) == sha256(CONTENT).hexdigest()
    assert digest(other) == sha256(b"?" * SIZE).hexdigest()
    shorter = sha256(CONTENT[:9_000]).hexdigest()
    assert digest(path, change=lambda: os.truncate(path, 9_000)) == shorter
