"""Files beside the text of a project: checked by their content, stored by their hash."""

from collections.abc import Callable
from datetime import datetime

from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.actions.drafts import draft_for_change, require_draft
from assessments.models import ProjectFile, Submission
from lms.accounts.models import User
from lms.core import audit
from lms.core.errors import Conflict, InvalidInput
from lms.core.file_checks import check_content, check_size, whole_name
from lms.core.permissions import require_in_person
from lms.core.storage import StorageAway, sha256_of, store_by_content

# Of one project, with those taken off again: each version of each file a few times over.
MAX_STORED = 60


class TooManyFiles(Conflict):
    """The guidelines allow no further file."""

    code = "too_many_files"


def attach_file(*, submission: Submission, upload: File, by: User, at: datetime) -> ProjectFile:
    """Attach a file to a draft. The same file under the same name again is the
    same attachment. Raises InvalidInput, TooLarge, TooManyFiles, NotADraft."""
    stored = store_file(submission=submission, upload=upload, name=upload.name or "", by=by, at=at)
    return attach_stored(submission=submission, file=stored, by=by, at=at)


def store_file(
    *,
    submission: Submission,
    upload: File,
    name: str,
    by: User | None,
    at: datetime,
    expected_sha256: str = "",
    sent_by: User | None = None,
    digest_of: Callable[[File], str] = sha256_of,
) -> ProjectFile:
    """Look at a file and store its content; the row comes with `attach_stored`. `by` None:
    the system ends what `sent_by` began as a writer. `digest_of`: the SHA-256 in hex, by
    who has begun to take it already.

    Reading and storing a large file takes a while: nobody's save waits for it behind a
    lock. A row never names content that is not there; content without a row harms nothing.
    """
    submission = Submission.objects.select_related("owner", "guidelines").get(pk=submission.pk)
    if by is not None:
        require_in_person(by, "assessments.write_submission", submission)
    require_draft(submission)
    rules = submission.guidelines.content["files"]
    name = whole_name(name)
    check_size(upload.size, rules["max_mb"])
    kind = check_content(upload, name=name, allowed=rules["types"])
    digest = digest_of(upload)
    if expected_sha256 and digest != expected_sha256:
        raise InvalidInput(
            errors={"file": [_("What arrived is not the file that was sent. Send it again.")]}
        )
    if _same(submission, name=name, sha256=digest) is None:
        require_room(submission)
        require_storage(submission)
    try:
        stored_as, digest = store_by_content(upload, digest)
    except OSError as error:
        raise StorageAway from error
    return ProjectFile(
        name=name,
        stored_as=stored_as,
        sha256=digest,
        size=upload.size,
        media_type=kind.media_type,
        uploaded_at=at,
        uploaded_by=sent_by or by,
    )


@transaction.atomic
def attach_stored(
    *, submission: Submission, file: ProjectFile, by: User | None, at: datetime
) -> ProjectFile:
    """Write the row of a file whose content `store_file` has stored, `by` the same."""
    submission = draft_for_change(submission, by=by)
    again = _same(submission, name=file.name, sha256=file.sha256)
    if again is not None:
        return again
    require_room(submission)
    require_storage(submission)
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
    require_room(submission)
    file.removed_at = file.removed_by = None
    file.save(update_fields=["removed_at", "removed_by"])
    audit.record(by=by, verb="project.file_restored", target=submission, at=at, file=str(file.pk))
    return file


def require_room(submission: Submission, *, arriving: int = 0) -> None:
    """`arriving`: uploads that have begun and want a place as well."""
    max_count = submission.guidelines.content["files"]["max_count"]
    if submission.files.attached().count() + arriving >= max_count:
        raise TooManyFiles(
            ngettext(
                "You can attach %(count)d file. Remove one first.",
                "You can attach %(count)d files. Remove one first.",
                max_count,
            )
            % {"count": max_count}
        )


def require_storage(submission: Submission) -> None:
    """Files taken off stay as evidence, so they count as well: attaching and removing in
    turn must not fill the disk."""
    if submission.files.count() >= MAX_STORED:
        raise TooManyFiles(
            _("You have attached %(count)d files in all. Put back one that you removed.")
            % {"count": MAX_STORED}
        )


def _same(submission: Submission, *, name: str, sha256: str) -> ProjectFile | None:
    return submission.files.attached().filter(name=name, sha256=sha256).first()
