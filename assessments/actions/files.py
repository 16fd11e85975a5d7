"""Files beside the text of a project: checked by their content, stored by their hash."""

from datetime import datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.actions.drafts import draft_for_change, require_draft
from assessments.actions.file_checks import check_content
from assessments.models import ProjectFile, Submission
from lms.accounts.models import User
from lms.core import audit
from lms.core.errors import Conflict, DomainError, InvalidInput, TooLarge
from lms.core.permissions import require_in_person
from lms.core.storage import sha256_of, store_by_content
from lms.core.text import clean_text

MEGABYTE = 1024 * 1024
MAX_NAME = 255
# Of one project, with those taken off again: each version of each file a few times over.
MAX_STORED = 60


class StorageAway(DomainError):
    """The file store did not take the file; nothing of it was kept."""

    code = "storage_away"
    status = 503


class TooManyFiles(Conflict):
    """The guidelines allow no further file."""

    code = "too_many_files"


def attach_file(
    *, submission: Submission, upload: UploadedFile, by: User, at: datetime
) -> ProjectFile:
    """Attach a file to a draft. The same file under the same name again is the
    same attachment. Raises InvalidInput, TooLarge, TooManyFiles, NotADraft."""
    submission = Submission.objects.select_related("owner", "guidelines").get(pk=submission.pk)
    require_in_person(by, "assessments.write_submission", submission)
    require_draft(submission)
    rules = submission.guidelines.content["files"]
    name = _whole_name(upload.name or "")
    _check_size(upload, rules["max_mb"])
    # Reading and storing a large file takes a while: nobody's save waits for it behind a
    # lock. A row never names content that is not there; content without a row harms nothing.
    kind = check_content(upload, name=name, allowed=rules["types"])
    if _same(submission, name=name, sha256=sha256_of(upload)) is None:
        _require_room(submission)
        _require_storage(submission)
    try:
        stored_as, digest = store_by_content(upload)
    except OSError as error:
        raise StorageAway(
            _("The file could not be stored, and nothing of it was kept. Try again in a minute.")
        ) from error
    return _attach(
        submission,
        ProjectFile(
            name=name,
            stored_as=stored_as,
            sha256=digest,
            size=upload.size or 0,
            media_type=kind.media_type,
            uploaded_at=at,
            uploaded_by=by,
        ),
        by=by,
        at=at,
    )


@transaction.atomic
def _attach(submission: Submission, file: ProjectFile, *, by: User, at: datetime) -> ProjectFile:
    submission = draft_for_change(submission, by=by)
    again = _same(submission, name=file.name, sha256=file.sha256)
    if again is not None:
        return again
    _require_room(submission)
    _require_storage(submission)
    file.submission = submission
    file.save(force_insert=True)
    audit.record(
        by=by, verb="project.file_attached", target=submission, at=at, file=str(file.pk),
        sha256=file.sha256,
    )  # fmt: skip
    return file


@transaction.atomic
def remove_file(*, file: ProjectFile, by: User, at: datetime) -> ProjectFile:
    """Take a file off the draft. Its row and content stay: earlier attempts may hold it."""
    submission = draft_for_change(file.submission, by=by)
    file = ProjectFile.objects.get(pk=file.pk)
    if file.removed_at is not None:
        return file
    file.removed_at, file.removed_by = at, by
    file.save(update_fields=["removed_at", "removed_by"])
    audit.record(by=by, verb="project.file_removed", target=submission, at=at, file=str(file.pk))
    return file


@transaction.atomic
def restore_file(*, file: ProjectFile, by: User, at: datetime) -> ProjectFile:
    """Undo a removal."""
    submission = draft_for_change(file.submission, by=by)
    file = ProjectFile.objects.get(pk=file.pk)
    if file.removed_at is None:
        return file
    _require_room(submission)
    file.removed_at = file.removed_by = None
    file.save(update_fields=["removed_at", "removed_by"])
    audit.record(by=by, verb="project.file_restored", target=submission, at=at, file=str(file.pk))
    return file


def _whole_name(given: str) -> str:
    """The file's own name without the folders a client may send before it."""
    name = clean_text(given, field="file").replace("\\", "/").rsplit("/", 1)[-1].strip()
    if name in {"", ".", ".."}:
        raise InvalidInput(errors={"file": [_("The file has no name.")]})
    if len(name) > MAX_NAME:
        raise InvalidInput(
            errors={"file": [_("The name of the file is longer than 255 characters.")]}
        )
    return name


def _check_size(upload: UploadedFile, max_mb: int) -> None:
    if not upload.size:
        raise InvalidInput(errors={"file": [_("The file is empty.")]})
    if upload.size > max_mb * MEGABYTE:
        raise TooLarge(
            _("The file is larger than %(limit)d MB. Nothing of it was kept.") % {"limit": max_mb},
            field="file",
        )


def _require_room(submission: Submission) -> None:
    max_count = submission.guidelines.content["files"]["max_count"]
    if submission.files.attached().count() >= max_count:
        raise TooManyFiles(
            ngettext(
                "You can attach %(count)d file. Remove one first.",
                "You can attach %(count)d files. Remove one first.",
                max_count,
            )
            % {"count": max_count}
        )


def _require_storage(submission: Submission) -> None:
    """Files taken off stay as evidence, so they count as well: attaching and removing in
    turn must not fill the disk."""
    if submission.files.count() >= MAX_STORED:
        raise TooManyFiles(
            _("You have attached %(count)d files in all. Put back one that you removed.")
            % {"count": MAX_STORED}
        )


def _same(submission: Submission, *, name: str, sha256: str) -> ProjectFile | None:
    return submission.files.attached().filter(name=name, sha256=sha256).first()
