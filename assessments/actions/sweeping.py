"""Uploads that nobody attends to: finished where they are whole, forgotten after a while."""

from datetime import datetime, timedelta

from assessments.actions.uploads import end_upload, expiry_from, finish_upload
from assessments.enums import UNFINISHED_UPLOAD, UploadStatus
from assessments.models import Upload
from lms.core.errors import DomainError
from lms.core.partial_files import (
    PartialFile,
    forget_pieces,
    forget_unknown,
    partial_files,
)

# An upload is left alone to which a request may just be attending.
LEFT_BEHIND_AFTER = timedelta(minutes=2)


def sweep_uploads(*, at: datetime) -> tuple[int, int]:
    """Finish what has arrived and was left behind, whoever sent it and has left since;
    forget what waited too long. Returns how many of each."""
    finished = expired = 0
    rows = Upload.objects.select_related("submission")
    waiting = rows.unfinished(at).filter(
        status=UploadStatus.RECEIVED, expires_at__lte=expiry_from(at) - LEFT_BEHIND_AFTER
    )
    for upload in waiting:
        try:
            finish_upload(upload=upload, by=None, at=at)
            finished += 1
        except DomainError:
            continue  # waits for the next sweep, or was refused: its row says why
    for upload in rows.filter(status__in=UNFINISHED_UPLOAD, expires_at__lte=at):
        try:
            end_upload(upload=upload, status=UploadStatus.EXPIRED, by=None, at=at)
        except DomainError:
            continue  # somebody was quicker
        PartialFile(upload.pk).discard()
        expired += 1
    forget_pieces()
    forget_ended()
    return finished, expired


def forget_ended() -> None:
    """Drop the bytes of uploads that have come to their end: a worker that died between
    saying so and doing so has left them."""
    there = set(partial_files())
    known = dict(Upload.objects.filter(pk__in=there).values_list("pk", "status"))
    for key, status in known.items():
        if status not in UNFINISHED_UPLOAD:
            PartialFile(key).discard()
    forget_unknown(there - known.keys())
