"""What a draft was before: keeping it, and bringing it back."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from assessments.actions.drafts import change_draft, draft_for_change, require_version
from assessments.actions.keeping import keep_version
from assessments.enums import DraftVersionKind
from assessments.models import DraftVersion, Submission
from assessments.selectors.history import texts_of
from lms.accounts.models import User
from lms.core import audit
from lms.core.errors import InvalidInput


@transaction.atomic
def restore_version(
    *,
    submission: Submission,
    version: DraftVersion,
    sections: Collection[str] | None = None,
    base_version: int,
    by: User,
    at: datetime,
) -> Submission:
    """Bring sections of a kept version back (without `sections`: all that the guidelines
    have now). What they replace is kept as well, so that this can be undone the same way.

    Raises StaleVersion, NotADraft, InvalidInput.
    """
    submission = draft_for_change(submission, by=by)
    require_version(submission, base_version)
    known = submission.guidelines.section_keys
    unknown = set(sections or ()) - set(known)
    if version.submission_id != submission.pk or unknown:
        raise InvalidInput(errors={"sections": [_("This version has no such section.")]})

    kept = texts_of(version)
    texts = {key: kept.get(key, "") for key in known if sections is None or key in sections}
    changed = change_draft(submission, texts, by=by, at=at, keeps_before=True)
    if changed:
        keep_version(submission, kind=DraftVersionKind.RESTORE, by=by, at=at)
        audit.record(
            by=by, verb="project.restored", target=submission, at=at,
            version=submission.version, from_version=version.version, sections=sorted(changed),
        )  # fmt: skip
    return submission
