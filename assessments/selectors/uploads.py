"""Files on their way in, and the window in which they may still arrive in time."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _

from assessments.enums import UNFINISHED_UPLOAD, UploadStatus
from assessments.models import ProjectFile, Submission, SubmitIntent, Upload
from assessments.selectors.deadlines import (
    EffectiveDeadline,
    effective_deadline_of,
    waiting_wish,
)
from assessments.selectors.last_complete import last_complete_draft


def unfinished_uploads(submission: Submission, at: datetime) -> list[Upload]:
    """What has begun and is not attached, of everybody who writes."""
    return list(submission.uploads.unfinished(at).select_related("created_by"))


def latest_intent(submission: Submission) -> SubmitIntent | None:
    """The last time somebody pressed “submit” on the text as it is now, while uploads
    were running."""
    return submission.submit_intents.filter(
        attempt=submission.attempt, version=submission.version
    ).last()


def intent_in_force(submission: Submission, at: datetime) -> SubmitIntent | None:
    """The latest one, until its window closes."""
    intent = latest_intent(submission)
    return intent if intent and at <= intent.until_at else None


def within_upload_window(
    submission: Submission, deadline: EffectiveDeadline, at: datetime
) -> EffectiveDeadline:
    """The deadline that applies at `at`: moved to the end of the window where somebody
    pressed “submit” before it, the text is as it was then, and no file has come since but
    those that were on their way."""
    if not deadline.is_passed(at):
        return deadline
    intent = intent_in_force(submission, at)
    if intent is None or intent.declared_at > deadline.at:
        return deadline
    came_later = submission.files.attached().filter(uploaded_at__gt=deadline.at)
    if came_later.exclude(uploads__in=intent.uploads.all()).exists():
        return deadline
    return replace(
        deadline,
        at=intent.until_at,
        reason=_("“Submit” was pressed before the deadline, while files were still arriving."),
    )


@dataclass(frozen=True)
class FilesAtDeadline:
    """What a project that hands itself in takes along. `arriving`: still worth waiting for;
    `left_out`: on its way at the deadline, and not among the files (yet): also what was
    refused, expired or came too late since."""

    files: list[ProjectFile]
    arriving: list[Upload]
    left_out: list[Upload]


def files_at_deadline(
    submission: Submission, deadline: EffectiveDeadline, at: datetime
) -> FilesAtDeadline:
    """As the draft stood at the deadline, with what was on its way then and arrived before
    the window of the project closed: the wish counts as a press of “submit” at the deadline.

    What has arrived whole and only waits for our own store is waited for until it expires:
    that it takes longer is not its sender's fault.
    """
    until = window_of(submission, deadline)
    kept_for = timedelta(hours=settings.UPLOAD_EXPIRES_HOURS)  # after the last piece
    begun = submission.uploads.filter(created_at__lte=deadline.at)
    in_time = Q(expires_at__lte=until + kept_for)
    brought = begun.filter(in_time, status=UploadStatus.FINISHED).values("file")
    there = Q(uploaded_at__lte=deadline.at) | Q(pk__in=brought)
    kept = Q(removed_at=None) | Q(removed_at__gt=deadline.at)
    lost = begun.filter(
        Q(status__in=(*UNFINISHED_UPLOAD, UploadStatus.EXPIRED), expires_at__gt=deadline.at)
        | Q(status=UploadStatus.REFUSED, expires_at__gt=deadline.at + kept_for)
        | Q(~in_time, status=UploadStatus.FINISHED)
    )
    files = list(submission.files.filter(there, kept))
    left_out = [upload for upload in lost if upload.file_id not in {file.pk for file in files}]
    return FilesAtDeadline(
        files=files,
        arriving=[
            upload
            for upload in left_out
            if upload.status in UNFINISHED_UPLOAD
            and upload.expires_at > at
            and (
                at <= until
                or (
                    upload.status == UploadStatus.RECEIVED and upload.expires_at <= until + kept_for
                )
            )
        ],
        left_out=left_out,
    )


def window_of(submission: Submission, deadline: EffectiveDeadline) -> datetime:
    """Until when uploads that were running at the deadline may arrive: what is set for the
    project, or what was promised when somebody pressed “submit”."""
    until = deadline.at + timedelta(minutes=submission.project.upload_window_minutes)
    promised = submission.submit_intents.filter(
        attempt=submission.attempt, deadline_at=deadline.at
    ).last()
    return max(until, promised.until_at) if promised else until


def hands_itself_in_by(submission: Submission, at: datetime) -> datetime | None:
    """After the deadline: until when a project that hands itself in waits for files; None
    where it does not."""
    deadline = effective_deadline_of(submission.project, submission)
    if not deadline.is_passed(at):
        return None
    wish = waiting_wish(submission)
    if wish is None or wish.attempt_number != submission.attempt:
        return None
    if last_complete_draft(submission, deadline.at) is None:
        return None
    return window_of(submission, deadline)
