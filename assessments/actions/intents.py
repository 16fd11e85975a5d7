"""Submitting while files are still on their way."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from assessments.actions.drafts import draft_for_change, require_version
from assessments.actions.submitting import DeadlinePassed
from assessments.models import Submission, SubmitIntent, SubmitIntentUpload
from assessments.selectors.project import effective_deadline_of
from assessments.selectors.uploads import latest_intent, unfinished_uploads
from lms.accounts.models import User
from lms.core import audit
from lms.core.errors import Conflict


class NothingArriving(Conflict):
    """No upload is running: the project can be submitted at once."""

    code = "nothing_arriving"


@transaction.atomic
def declare_intent(
    *, submission: Submission, base_version: int, by: User, at: datetime
) -> SubmitIntent:
    """Note, at or before the deadline, that the draft is to be submitted with the uploads
    that are running; these may finish until the project's window closes. Said twice of the
    same, it is the same.

    Raises NotADraft, StaleVersion, DeadlinePassed, NothingArriving.
    """
    submission = draft_for_change(submission, by=by)
    require_version(submission, base_version)
    deadline = effective_deadline_of(submission.project, submission)
    uploads = unfinished_uploads(submission, at)
    earlier = latest_intent(submission)
    if (
        earlier is not None
        and earlier.deadline_at == deadline.at
        and set(uploads) <= set(earlier.uploads.all())
    ):
        return earlier
    if deadline.is_passed(at):
        raise DeadlinePassed(
            _("The deadline has passed."), effective_deadline_at=deadline.at.isoformat()
        )
    if not uploads:
        raise NothingArriving(_("No upload is running. You can submit now."))
    intent = SubmitIntent.objects.create(
        submission=submission,
        attempt=submission.attempt,
        version=submission.version,
        deadline_at=deadline.at,
        until_at=deadline.at + timedelta(minutes=submission.project.upload_window_minutes),
        declared_at=at,
        declared_by=by,
    )
    SubmitIntentUpload.objects.bulk_create(
        SubmitIntentUpload(intent=intent, upload=upload) for upload in uploads
    )
    audit.record(
        by=by, verb="project.submit_intended", target=submission, at=at, intent=intent.pk,
        version=intent.version, until_at=intent.until_at.isoformat(),
        uploads=[str(upload.pk) for upload in uploads],
    )  # fmt: skip
    return intent
