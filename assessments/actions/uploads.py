"""Uploads that survive whatever happens: begun, finished, cancelled. Their bytes come by
`receiving`.

Order of locks: submission, then upload. `by` None: the system (`sweeping`).
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from assessments.actions.drafts import draft_for_change
from assessments.actions.files import (
    attach_stored,
    require_room,
    require_storage,
    store_file,
)
from assessments.enums import UNFINISHED_UPLOAD, UploadStatus
from assessments.models import Submission, Upload
from assessments.workflow import UPLOAD_MOVES
from lms.accounts.models import User
from lms.core import audit
from lms.core.errors import Conflict, DomainError, InvalidInput, TooLarge
from lms.core.file_checks import check_name, check_size, whole_name
from lms.core.idempotency import key_used, require_key
from lms.core.partial_files import PartialFile
from lms.core.permissions import require_in_person
from lms.core.storage import StorageAway, sha256_of
from lms.core.transitions import require_move


class UploadGone(DomainError):
    """The upload was refused, cancelled, or waited too long; its bytes are gone."""

    code = "upload_gone"
    status = 410
    sentence = lazy("This upload has ended. Begin it again.")


class NotWhole(Conflict):
    """Some of the file has not arrived yet."""

    code = "not_whole"
    sentence = lazy("Some of the file has not arrived yet.")


@transaction.atomic
def begin_upload(
    *,
    submission: Submission,
    name: str,
    size: int,
    by: User,
    at: datetime,
    sha256: str = "",
    idempotency_key: str = "",
) -> Upload:
    """Announce a file of `size` bytes. What is plainly refused is refused now. Said again
    with the same key, it is the same upload, unless that has expired.

    Raises InvalidInput, TooLarge, TooManyFiles, NotADraft, KeyUsed, UploadGone.
    """
    submission = draft_for_change(submission, by=by)
    rules = submission.guidelines.content["files"]
    name = whole_name(name)
    check_size(size, rules["max_mb"])
    check_name(name, allowed=rules["types"])
    if not re.fullmatch(r"(?:[0-9a-f]{64})?", sha256):
        raise InvalidInput(errors={"sha256": [_("Send a SHA-256 in hexadecimal digits.")]})
    begun = _begun_with(idempotency_key, submission, at)
    if begun is not None:
        if (begun.name, begun.size) != (name, size) or sha256 not in ("", begun.sha256):
            raise key_used()
        return begun
    require_room(submission, arriving=submission.uploads.unfinished(at).count())
    require_storage(submission)
    upload = Upload.objects.create(
        submission=submission,
        name=name,
        size=size,
        sha256=sha256,
        created_at=at,
        created_by=by,
        idempotency_key=idempotency_key,
        expires_at=expiry_from(at),
    )
    audit.record(
        by=by, verb="project.upload_begun", target=submission, at=at, upload=str(upload.pk),
        name=name, size=size,
    )  # fmt: skip
    return upload


def finish_upload(
    *,
    upload: Upload,
    by: User | None,
    at: datetime,
    digest_of: Callable[[File], str] = sha256_of,
) -> Upload:
    """Attach a file that has arrived whole: by the request that brought its end, by a
    later try, or by the sweep, in the name of its sender, who may have left since. A file
    that is refused is forgotten, with its reason; while the store is away, the project is
    no draft or has no room, it waits.

    Raises NotWhole, UploadGone, and what attaching a file raises.
    """
    upload = stored_upload(upload=upload, by=by, at=at)
    if upload.status == UploadStatus.FINISHED:
        return upload
    if upload.status == UploadStatus.RECEIVING:
        raise NotWhole(offset=upload.offset)
    partial = PartialFile(upload.pk)
    try:
        with partial.opened() as content:
            stored = store_file(
                submission=upload.submission,
                upload=content,
                name=upload.name,
                by=by,
                at=at,
                expected_sha256=upload.sha256,
                sent_by=by or upload.created_by,
                digest_of=digest_of,
            )
    except FileNotFoundError:
        # Another request has finished it meanwhile, or cancelled it.
        return stored_upload(upload=upload, by=by, at=at)
    except StorageAway:
        # Its bytes may be gone because it was cancelled meanwhile: then that is the answer.
        stored_upload(upload=upload, by=by, at=at)
        raise
    except (InvalidInput, TooLarge) as error:
        refuse_upload(upload=upload, because=" ".join(error.sentences), by=by, at=at)
        partial.discard()
        raise
    with transaction.atomic():
        file = attach_stored(submission=upload.submission, file=stored, by=by, at=at)
        upload = locked_upload(upload, by)
        if upload.status != UploadStatus.FINISHED:
            move_upload(upload, UploadStatus.FINISHED)
            upload.file, upload.sha256 = file, file.sha256
            upload.save(update_fields=["status", "file", "sha256"])
    partial.discard()
    return upload


def cancel_upload(*, upload: Upload, by: User, at: datetime) -> Upload:
    """Forget an upload and its bytes. Raises UploadGone, IllegalMove once it is attached."""
    upload = end_upload(upload=upload, status=UploadStatus.CANCELLED, by=by, at=at)
    PartialFile(upload.pk).discard()
    return upload


def stored_upload(*, upload: Upload, by: User | None, at: datetime) -> Upload:
    """The upload as it stands, its offset being what is really on disk. Raises UploadGone,
    PermissionDenied for who does not write the project, or no longer."""
    upload = Upload.objects.select_related(
        "submission__owner", "submission__guidelines", "created_by"
    ).get(pk=upload.pk)
    if by is not None:
        require_in_person(by, "assessments.write_submission", upload.submission)
    if upload.status == UploadStatus.FINISHED:
        return upload
    require_alive(upload, at)
    if _on_disk(upload) < upload.offset:
        return rewind_upload(upload=upload, by=by, at=at)
    return upload


@transaction.atomic
def rewind_upload(*, upload: Upload, by: User | None, at: datetime) -> Upload:
    """The disk has lost bytes: go on from what is left."""
    upload = locked_upload(upload, by)
    left = _on_disk(upload)
    if upload.status not in UNFINISHED_UPLOAD or left >= upload.offset:
        return upload
    if upload.status == UploadStatus.RECEIVED:
        move_upload(upload, UploadStatus.RECEIVING)
    audit.record(
        by=by, verb="project.upload_rewound", target=upload.submission, at=at,
        upload=str(upload.pk), before=upload.offset, after=left,
    )  # fmt: skip
    upload.offset = left
    upload.save(update_fields=["status", "offset"])
    return upload


@transaction.atomic
def refuse_upload(*, upload: Upload, because: str, by: User | None, at: datetime) -> Upload:
    upload = locked_upload(upload, by)
    move_upload(upload, UploadStatus.REFUSED)
    upload.refused_because = because[:500]
    upload.save(update_fields=["status", "refused_because"])
    audit.record(
        by=by, verb="project.upload_refused", target=upload.submission, at=at,
        upload=str(upload.pk), because=because,
    )  # fmt: skip
    return upload


@transaction.atomic
def end_upload(*, upload: Upload, status: UploadStatus, by: User | None, at: datetime) -> Upload:
    """Cancelled by its sender, or expired (`by` nobody) if it still is."""
    upload = locked_upload(upload, by)
    if by is None and upload.expires_at > at:
        raise Conflict
    if by is not None and upload.status != UploadStatus.FINISHED:
        require_alive(upload, at)
    move_upload(upload, status)
    upload.save(update_fields=["status"])
    audit.record(
        by=by, verb=f"project.upload_{status}", target=upload.submission, at=at,
        upload=str(upload.pk), offset=upload.offset,
    )  # fmt: skip
    return upload


def _begun_with(key: str, submission: Submission, at: datetime) -> Upload | None:
    """What an earlier request with this key has begun; the caller holds the draft's lock."""
    if not key:
        return None
    require_key(key)
    begun = (
        submission.uploads.filter(idempotency_key=key).exclude(status=UploadStatus.EXPIRED).first()
    )
    if begun is None or begun.status == UploadStatus.FINISHED:
        return begun
    if begun.status in UNFINISHED_UPLOAD and begun.expires_at <= at:
        end_upload(upload=begun, status=UploadStatus.EXPIRED, by=None, at=at)
        return None
    require_alive(begun, at)
    return begun


def _on_disk(upload: Upload) -> int:
    try:
        return PartialFile(upload.pk).size
    except OSError as error:
        raise storage_away(upload) from error


def storage_away(upload: Upload) -> StorageAway:
    return StorageAway(
        _("This part could not be stored, and nothing of it was kept. It is sent again."),
        offset=upload.offset,
    )


def locked_upload(upload: Upload, by: User | None) -> Upload:
    upload = (
        Upload.objects.select_for_update(of=("self",))
        .select_related("submission__owner", "submission__guidelines")
        .get(pk=upload.pk)
    )
    if by is not None:
        require_in_person(by, "assessments.write_submission", upload.submission)
    return upload


def require_alive(upload: Upload, at: datetime) -> None:
    if upload.status not in UNFINISHED_UPLOAD or upload.expires_at <= at:
        raise UploadGone(upload.refused_because or None, state=upload.status)


def move_upload(upload: Upload, to: UploadStatus) -> None:
    require_move(UPLOAD_MOVES, upload.status, to)
    upload.status = to


def expiry_from(at: datetime) -> datetime:
    return at + timedelta(hours=settings.UPLOAD_EXPIRES_HOURS)
