"""The draft's history as it grows: what is kept of it, and how much."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from assessments.enums import DraftVersionKind
from assessments.models import DraftText, DraftVersion, Submission
from lms.accounts.models import User
from lms.core.rich_text import words_of

# What one person writes in this time is one version.
SITTING = timedelta(minutes=5)
# After so many versions the time doubles, and again: the history grows ever more slowly.
MANY_VERSIONS = 100


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
    texts = {**submission.sections, **(instead or {})}
    texts = {key: text for key, text in texts.items() if text}
    last = submission.history.first()
    before = last.sections if last else {}
    # Words are counted anew only where the text is another.
    sections: dict[str, list[Any]] = {}
    for key, text in texts.items():
        digest = sha256(text.encode()).hexdigest()
        known = before.get(key)
        sections[key] = known if known and known[0] == digest else [digest, words_of(text)]
    changed = sorted(key for key in {*sections, *before} if sections.get(key) != before.get(key))
    if last and not changed and kind == DraftVersionKind.WRITING and not though_same:
        return None
    DraftText.objects.bulk_create(
        [
            DraftText(submission=submission, sha256=sections[key][0], text=texts[key])
            for key in changed
            if key in sections
        ],
        ignore_conflicts=True,
    )
    return DraftVersion.objects.create(
        submission=submission,
        kind=kind,
        version=submission.version,
        sections=sections,
        changed=changed,
        saved_at=at,
        saved_by_id=by if isinstance(by, int) else by.pk,
    )


def begins_sitting(submission: Submission, *, by: User, at: datetime) -> bool:
    """Whether what `by` changes now is another version than what was written before."""
    if submission.history_at is None or submission.writer_id != by.pk:
        return True
    length = at - submission.history_at
    if length < SITTING:
        return False
    return length >= SITTING * 2 ** (submission.history.count() // MANY_VERSIONS)
