"""The history of a draft as it grows: what is kept of it, and how much.

A draft has `version`, `writer_id` and `history_at` (when the version was kept that its
present sitting began with), and the relations `history` and `kept_texts` (models of
`lms.core.models.history`). Its texts are HTML or plain: the caller says how many words
one has.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from lms.core.rich_text import words_of

# What one person writes in this time is one version.
SITTING = timedelta(minutes=5)
# After so many versions the time doubles, and again: the history grows ever more slowly.
MANY_VERSIONS = 100


def keep_texts(
    draft: Any,
    texts: Mapping[str, str],
    *,
    kind: str,
    by: int,
    at: datetime,
    is_same_kept: bool = False,
    count: Callable[[str, str], int] = lambda key, text: words_of(text),
) -> Any:
    """Keep the texts (key → text) of a draft as its newest version. None where the version
    kept last is the same, unless it is kept all the same (`is_same_kept`). The caller
    holds the draft's lock."""
    last = draft.history.first()
    before = last.sections if last else {}
    # Words are counted anew only where the text is another.
    sections: dict[str, list[Any]] = {}
    for key, text in texts.items():
        if not text:
            continue
        digest = sha256(text.encode()).hexdigest()
        known = before.get(key)
        sections[key] = known if known and known[0] == digest else [digest, count(key, text)]
    changed = sorted(key for key in {*sections, *before} if sections.get(key) != before.get(key))
    if last and not changed and not is_same_kept:
        return None
    kept = draft.kept_texts
    kept.model.objects.bulk_create(
        [
            kept.model(**{kept.field.name: draft}, sha256=sections[key][0], text=texts[key])
            for key in changed
            if key in sections
        ],
        ignore_conflicts=True,
    )
    return draft.history.create(
        kind=kind,
        version=draft.version,
        sections=sections,
        changed=changed,
        saved_at=at,
        saved_by_id=by,
    )


def begins_new_sitting(draft: Any, *, by: int, at: datetime) -> bool:
    """Whether what `by` changes now is another version than what was written before."""
    if draft.history_at is None or draft.writer_id != by:
        return True
    length = at - draft.history_at
    if length < SITTING:
        return False
    return bool(length >= SITTING * 2 ** (draft.history.count() // MANY_VERSIONS))


def texts_kept_in(draft: Any, version: Any) -> dict[str, str]:
    """Section key → text, as it was kept in a version of the draft's history."""
    digests = {digest for digest, _words in version.sections.values()}
    rows = draft.kept_texts.filter(sha256__in=digests)
    texts = dict(rows.values_list("sha256", "text"))
    return {key: texts[digest] for key, (digest, _words) in version.sections.items()}


def changed_sections(version: Any, titles: Mapping[str, Any]) -> list[tuple[Any, int]]:
    """(title, words) of the sections that differ from the version kept before."""
    return [
        (titles.get(key, key), version.sections[key][1] if key in version.sections else 0)
        for key in version.changed
    ]
