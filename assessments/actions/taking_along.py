"""Texts of sections that newer guidelines no longer have."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from assessments.actions.drafts import change_draft, draft_for_change, require_version
from assessments.models import Submission
from assessments.selectors.sections import set_aside_of
from lms.accounts.models import User
from lms.core import audit
from lms.core.errors import InvalidInput


@transaction.atomic
def take_along(
    *, submission: Submission, key: str, into: str, base_version: int, by: User, at: datetime
) -> Submission:
    """Put a text that was set aside under what stands in a section. What was there before
    is in the history.

    Raises StaleVersion, NotADraft, InvalidInput.
    """
    submission = draft_for_change(submission, by=by)
    require_version(submission, base_version)
    errors = {}
    if key not in set_aside_of(submission):
        errors["key"] = [_("No such text is set aside.")]
    if into not in submission.guidelines.section_keys:
        errors["into"] = [_("The guidelines have no such section.")]
    if errors:
        raise InvalidInput(errors=errors)
    joined = submission.sections.get(into, "") + submission.sections[key]
    change_draft(submission, {into: joined, key: ""}, by=by, at=at, keeps_before=True)
    audit.record(
        by=by, verb="project.taken_along", target=submission, at=at, section=key, into=into,
        version=submission.version,
    )  # fmt: skip
    return submission
