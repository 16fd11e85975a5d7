"""Files on their way in, and the window in which they may still arrive in time."""

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from assessments.models import Submission, SubmitIntent, Upload

if TYPE_CHECKING:
    from assessments.selectors.deadlines import EffectiveDeadline


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
    submission: Submission, deadline: "EffectiveDeadline", at: datetime
) -> "EffectiveDeadline":
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
