"""Which languages people of an edition read and write."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import get_language_info

from assessments.models import LanguageProfile
from lms.accounts.models import User
from lms.programme.models import Edition

# The official languages of many cities; short enough for a list of boxes.
KNOWN = (
    "ar", "ca", "de", "el", "en", "es", "fa", "fr", "hi", "id", "it", "ja", "ko", "nl", "pl",
    "pt", "ru", "sw", "th", "tr", "uk", "vi", "zh-hans",
)  # fmt: skip


@dataclass(frozen=True)
class Languages:
    """ISO 639-1 codes. `writes`: of the own project."""

    reads: frozenset[str]
    writes: str


def known_languages() -> list[tuple[str, str]]:
    """(code, name in the language itself) of those that can be chosen, by code."""
    names = ((code, get_language_info(code)["name_local"]) for code in KNOWN)
    return [(code, name[:1].upper() + name[1:]) for code, name in names]


def languages_of_edition(edition: Edition) -> list[str]:
    """Those it is held in, the first one first: `Edition.languages` is a list with commas."""
    codes = [code.strip().lower() for code in edition.languages.replace(";", ",").split(",")]
    return [code for code in codes if code] or ["en"]


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
