"""The history of a draft as it grows."""

from collections.abc import Mapping
from datetime import datetime

from lms.core.draft_history import begins_new_sitting, keep_texts
from lms.core.rich_text import words_of
from lms.core.text import count_words
from peer_exchange.enums import Part, VersionKind
from peer_exchange.models import CityExperience, ExperienceVersion
from peer_exchange.models.experience import TEXT_FIELDS

__all__ = ["begins_new_sitting", "keep_version"]


def keep_version(
    experience: CityExperience,
    *,
    kind: VersionKind,
    by: int,
    at: datetime,
    instead: Mapping[str, str] | None = None,
) -> ExperienceVersion | None:
    """Keep the texts of a locked draft as they stand, `instead` in the place of its own.
    None where the version kept last is the same."""
    texts = {name: getattr(experience, name) for name in TEXT_FIELDS}
    kept: ExperienceVersion | None = keep_texts(
        experience,
        {**texts, **(instead or {})},
        kind=kind,
        by=by,
        at=at,
        is_same_kept=kind not in (VersionKind.WRITING, VersionKind.SUBMIT),
        count=_words_of_field,
    )
    return kept


def _words_of_field(name: str, text: str) -> int:
    return words_of(text) if name in Part.values else count_words(text)
