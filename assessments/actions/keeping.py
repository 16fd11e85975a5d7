"""The history of a project's draft as it grows."""

from collections.abc import Mapping
from datetime import datetime

from assessments.enums import DraftVersionKind
from assessments.models import DraftVersion, Submission
from lms.accounts.models import User
from lms.core.draft_history import SITTING, begins_new_sitting, keep_texts

__all__ = ["SITTING", "begins_sitting", "keep_version"]


def keep_version(
    submission: Submission,
    *,
    kind: DraftVersionKind,
    by: User | int,
    at: datetime,
    instead: Mapping[str, str] | None = None,
    though_same: bool = False,
) -> DraftVersion | None:
    """Keep the draft as it stands, with the texts `instead` of its own where given.
    None where the version kept last is the same, unless it is kept `though_same`. The
    caller holds the draft's lock."""
    kept: DraftVersion | None = keep_texts(
        submission,
        {**submission.sections, **(instead or {})},
        kind=kind,
        by=by if isinstance(by, int) else by.pk,
        at=at,
        is_same_kept=though_same or kind != DraftVersionKind.WRITING,
    )
    return kept


def begins_sitting(submission: Submission, *, by: User, at: datetime) -> bool:
    """Whether what `by` changes now is another version than what was written before."""
    return begins_new_sitting(submission, by=by.pk, at=at)
