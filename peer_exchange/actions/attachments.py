"""Pictures and files beside the text of an experience."""

from datetime import datetime
from typing import Any

from django.core.files.base import ContentFile, File
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lms.accounts.models import User
from lms.core import audit
from lms.core.errors import Conflict, InvalidInput
from lms.core.file_checks import check_content, check_size, whole_name
from lms.core.file_types import FileType
from lms.core.permissions import require_perm
from lms.core.pictures import MEDIA_TYPE, DrawnPicture, redraw
from lms.core.storage import StorageAway, sha256_of, store_by_content
from peer_exchange.actions.cleaning import clean_line
from peer_exchange.actions.drafts import draft_to_write
from peer_exchange.enums import Attachment
from peer_exchange.models import CityExperience, ExperienceFile
from peer_exchange.models.experience_file import ALT_MAX, CAPTION_MAX

MOST = {Attachment.PICTURE: 12, Attachment.FILE: 10}
MAX_MB = {Attachment.PICTURE: 15, Attachment.FILE: 25}
# Those taken off stay stored: attaching and removing in turn must not fill the disk.
MOST_STORED = 60
FILE_TYPES = [
    FileType.PDF, FileType.DOCX, FileType.PPTX, FileType.XLSX, FileType.ODT, FileType.ODP,
]  # fmt: skip
PICTURE_EXTENSIONS = ".jpg,.jpeg,.png,.webp"


class TooManyAttached(Conflict):
    code = "too_many_files"


def attach(
    *,
    experience: CityExperience,
    kind: str,
    upload: File,
    by: User,
    at: datetime,
    alt: str = "",
    caption: str = "",
) -> ExperienceFile:
    """Attach a picture or a file to a draft; the same one again is the same attachment.

    Looking at it and storing it takes a while: nobody's save waits for it behind a lock.
    Raises InvalidInput, TooLarge, TooManyAttached, StorageAway, Conflict for what is no
    draft.
    """
    if kind not in Attachment.values:
        raise InvalidInput(errors={"kind": [_("Attach a picture or a file.")]})
    kind = Attachment(kind)
    require_perm(by, "peer_exchange.write_experience", experience)
    name = whole_name(upload.name or "")
    said = {
        "alt": clean_line(alt, field="alt", max_length=ALT_MAX),
        "caption": clean_line(caption, field="caption", max_length=CAPTION_MAX),
    }
    check_size(upload.size, MAX_MB[kind])
    _require_room(experience, kind)
    sent = sha256_of(upload)
    try:
        stored = _picture(upload) if kind == Attachment.PICTURE else _file(upload, name, sent)
    except OSError as error:
        raise StorageAway from error
    return _attach_stored(
        experience, by=by, at=at, name=name, kind=kind, sent_sha256=sent, **said, **stored
    )


@transaction.atomic
def _attach_stored(
    experience: CityExperience, *, by: User, at: datetime, kind: Attachment, **stored: Any
) -> ExperienceFile:
    experience = draft_to_write(experience, by=by)
    same = {"kind": kind, "name": stored["name"], "sent_sha256": stored["sent_sha256"]}
    again = experience.files.attached().filter(**same).first()
    if again is not None:
        return again
    _require_room(experience, kind)
    file = ExperienceFile.objects.create(
        experience=experience, kind=kind, uploaded_at=at, uploaded_by=by, **stored
    )
    audit.record(
        by=by, verb="experience.file_attached", target=experience, at=at, file=str(file.pk),
        sha256=file.sha256,
    )  # fmt: skip
    return file


@transaction.atomic
def remove_attachment(*, file: ExperienceFile, by: User, at: datetime) -> ExperienceFile:
    """Take a picture or file off the draft; it can be put back."""
    experience = draft_to_write(file.experience, by=by)
    file = ExperienceFile.objects.get(pk=file.pk)
    if file.removed_at is not None:
        return file
    file.removed_at, file.removed_by = at, by
    file.save(update_fields=["removed_at", "removed_by"])
    audit.record(by=by, verb="experience.file_removed", target=experience, at=at, file=str(file.pk))
    return file


@transaction.atomic
def restore_attachment(*, file: ExperienceFile, by: User, at: datetime) -> ExperienceFile:
    """Undo `remove_attachment`."""
    experience = draft_to_write(file.experience, by=by)
    file = ExperienceFile.objects.get(pk=file.pk)
    if file.removed_at is None:
        return file
    _require_room(experience, Attachment(file.kind))
    file.removed_at = file.removed_by = None
    file.save(update_fields=["removed_at", "removed_by"])
    audit.record(
        by=by, verb="experience.file_restored", target=experience, at=at, file=str(file.pk)
    )
    return file


def _picture(upload: File) -> dict[str, Any]:
    drawn = redraw(upload.file if upload.file is not None else upload)
    sizes = [_stored_size(one) for one in drawn]
    widest = sizes[-1]
    return {
        "sizes": sizes,
        "stored_as": widest["stored_as"],
        "sha256": widest["stored_as"].rpartition("/")[2],
        "size": widest["bytes"],
        "media_type": MEDIA_TYPE,
    }


def _stored_size(drawn: DrawnPicture) -> dict[str, Any]:
    stored_as, _digest = store_by_content(ContentFile(drawn.content))
    return {
        "width": drawn.width,
        "height": drawn.height,
        "stored_as": stored_as,
        "bytes": len(drawn.content),
    }


def _file(upload: File, name: str, digest: str) -> dict[str, Any]:
    kind = check_content(upload, name=name, allowed=[one.value for one in FILE_TYPES])
    stored_as, digest = store_by_content(upload, digest)
    return {
        "stored_as": stored_as,
        "sha256": digest,
        "size": upload.size,
        "media_type": kind.media_type,
    }


def _require_room(experience: CityExperience, kind: Attachment) -> None:
    most = MOST[kind]
    if experience.files.attached().filter(kind=kind).count() >= most:
        raise TooManyAttached(
            ngettext(
                "A text has at most %(count)d of these. Remove one first.",
                "A text has at most %(count)d of these. Remove one first.",
                most,
            )
            % {"count": most}
        )
    if experience.files.count() >= MOST_STORED:
        raise TooManyAttached(
            _("You have attached %(count)d files in all. Put back one that you removed.")
            % {"count": MOST_STORED}
        )
