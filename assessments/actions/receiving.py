"""The bytes of uploads, as they come.

The offset of an upload's row is decided under its lock; the bytes are on disk before the
row says so. They are hashed beside their arriving, in the request that brings the last.
"""

import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from assessments.actions.uploads import (
    expiry_from,
    finish_upload,
    locked_upload,
    move_upload,
    refuse_upload,
    require_alive,
    storage_away,
    stored_upload,
)
from assessments.enums import UploadStatus
from assessments.models import Upload
from lms.accounts.models import User
from lms.core.errors import Conflict, DomainError, InvalidInput, TooLarge
from lms.core.file_checks import check_beginning
from lms.core.hashing import Hashing
from lms.core.partial_files import Arrival, PartialFile

# Of a request that brings more, so much is put safe at a time, or what came so quickly.
STEP_BYTES = 32 * 1024 * 1024
STEP_SECONDS = 3.0
# A file is known by its first bytes; a piece with fewer says nothing yet.
BEGINNING_BYTES = 2048
ALGORITHMS = ("sha256", "sha1")


class OffsetConflict(Conflict):
    """The piece does not follow what has arrived; `offset` says where to go on."""

    code = "offset_conflict"
    sentence = lazy("Some of this has arrived already, or something before it is missing.")


class ChecksumMismatch(DomainError):
    """The piece is not what its checksum says; nothing of it was kept."""

    code = "checksum_mismatch"
    status = 460  # of tus
    sentence = lazy("A part of the file was damaged on its way. Nothing of it was kept.")


class Interrupted(DomainError):
    """Fewer bytes came than the request had announced."""

    code = "interrupted"
    status = 400
    sentence = lazy("The connection broke. What has arrived is kept.")


@dataclass(frozen=True)
class Checksum:
    """What a sender says about one piece; `algorithm` is one of ALGORITHMS."""

    algorithm: str
    digest: bytes


def receive_bytes(
    *,
    upload: Upload,
    read: Callable[[int], bytes],
    length: int,
    offset: int,
    checksum: Checksum | None = None,
    by: User,
    at: datetime,
) -> Upload:
    """Take the next `length` bytes from `read`, put them safe, and attach the file when
    it is whole. Never holds more than a buffer of them, nor a lock while they come.

    Raises OffsetConflict, TooLarge, ChecksumMismatch, Interrupted, UploadGone, StorageAway,
    and what attaching a file raises.
    """
    upload = stored_upload(upload=upload, by=by, at=at)
    if offset != upload.offset:
        raise OffsetConflict(offset=upload.offset)
    if offset + length > upload.size:
        raise TooLarge(_("This is more than the file was said to have."), field="file")
    if not length:
        is_whole = upload.status == UploadStatus.RECEIVED
        return finish_upload(upload=upload, by=by, at=at) if is_whole else upload
    end = offset + length
    with ExitStack() as request:
        arrival = _begin(upload, request, by, at)
        whole = sealed = None
        if end == upload.size:
            whole = request.enter_context(Hashing(arrival.descriptor))
            whole.reach(arrival.end)
        if checksum:
            piece = Hashing(arrival.descriptor, offset, checksum.algorithm)
            sealed = request.enter_context(piece), checksum.digest
        while upload.offset < end:
            try:
                is_complete = _fill(arrival, read, end, whole, sealed)
                upload = _put_safe(upload, arrival, by, at)
            except OSError as error:
                raise storage_away(upload) from error
            if not is_complete:
                raise Interrupted(offset=upload.offset)
        if whole is not None:
            return finish_upload(upload=upload, by=by, at=at, digest_of=whole.digest_of)
    return upload


def _begin(upload: Upload, request: ExitStack, by: User, at: datetime) -> Arrival:
    """A place for what comes, as long as the request lasts. The lock tells that nobody is
    about to move the offset whose place we take."""
    try:
        with transaction.atomic():
            _require_next(locked_upload(upload, by), upload.offset, at)
            arrival = PartialFile(upload.pk).continued(upload.offset)
            request.enter_context(closing(arrival))
        arrival.copy_what_counts()
    except OSError as error:
        raise storage_away(upload) from error
    return arrival


def _fill(
    arrival: Arrival,
    read: Callable[[int], bytes],
    end: int,
    whole: Hashing | None,
    sealed: tuple[Hashing, bytes] | None,
) -> bool:
    """One step of what comes; all of it, when it has a checksum, which is of it all. False
    when the sender stops before."""
    until = end if sealed else min(end, arrival.end + STEP_BYTES)
    beside = [hashing for hashing in (whole, sealed and sealed[0]) if hashing]
    began = time.monotonic()
    while arrival.end < until:
        came = arrival.take(read, until - arrival.end)
        if not came:
            break
        for hashing in beside:
            hashing.reach(arrival.end)
        if not sealed and time.monotonic() - began > STEP_SECONDS:
            return True
    is_complete = arrival.end == until
    if sealed and (not is_complete or sealed[0].digest() != sealed[1]):
        raise ChecksumMismatch(offset=arrival.offset)
    return is_complete


def _put_safe(upload: Upload, arrival: Arrival, by: User, at: datetime) -> Upload:
    if arrival.end == arrival.offset:
        return upload
    if arrival.offset == 0:
        _check_beginning(upload, arrival, by, at)
    arrival.put_on_disk()
    return append_bytes(upload=upload, arrival=arrival, by=by, at=at)


@transaction.atomic
def append_bytes(*, upload: Upload, arrival: Arrival, by: User, at: datetime) -> Upload:
    """Count what has come and lies on the disk, if it follows what has been counted."""
    upload = locked_upload(upload, by)
    _require_next(upload, arrival.offset, at)
    arrival.place()
    upload.offset = arrival.offset
    upload.expires_at = expiry_from(at)
    if upload.offset == upload.size:
        move_upload(upload, UploadStatus.RECEIVED)
    upload.save(update_fields=["offset", "expires_at", "status"])
    return upload


def _require_next(upload: Upload, offset: int, at: datetime) -> None:
    if upload.status != UploadStatus.FINISHED:
        require_alive(upload, at)
    if upload.status != UploadStatus.RECEIVING or upload.offset != offset:
        raise OffsetConflict(offset=upload.offset)


def _check_beginning(upload: Upload, arrival: Arrival, by: User, at: datetime) -> None:
    beginning = arrival.beginning(BEGINNING_BYTES)
    if len(beginning) < min(BEGINNING_BYTES, upload.size):
        return
    allowed = upload.submission.guidelines.content["files"]["types"]
    try:
        check_beginning(beginning, allowed=allowed)
    except InvalidInput as error:
        refuse_upload(upload=upload, because=" ".join(error.sentences), by=by, at=at)
        raise
