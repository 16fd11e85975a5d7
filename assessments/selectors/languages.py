"""Which languages people of an edition read and write."""

from collections.abc import Iterable
from dataclasses import dataclass

from assessments.models import LanguageProfile
from lms.accounts.models import User
from lms.core.languages import codes_in, known_languages
from lms.programme.models import Edition

__all__ = ["Languages", "known_languages", "languages_in", "languages_of_edition", "profile_of"]


@dataclass(frozen=True)
class Languages:
    """ISO 639-1 codes. `writes`: of the own project."""

    reads: frozenset[str]
    writes: str


def languages_of_edition(edition: Edition) -> list[str]:
    """Those it is held in, the first one first."""
    return codes_in(edition.languages)


def languages_in(edition: Edition, user_ids: Iterable[int]) -> dict[int, Languages]:
    """User id → what they read and write; who said nothing does as the edition. One query."""
    held_in = languages_of_edition(edition)
    ids = list(user_ids)
    found = dict.fromkeys(ids, Languages(frozenset(held_in), held_in[0]))
    for profile in LanguageProfile.objects.filter(edition=edition, user__in=ids):
        found[profile.user_id] = Languages(
            frozenset(profile.reads or held_in), profile.writes or held_in[0]
        )
    return found


def profile_of(edition: Edition, user: User) -> LanguageProfile:
    """As it is stored, or an unsaved one that says nothing."""
    found = LanguageProfile.objects.filter(edition=edition, user=user).first()
    return found or LanguageProfile(edition=edition, user=user, reads=[], writes="")
