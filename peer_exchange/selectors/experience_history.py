"""What the draft of an experience was before, for those who write it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from lms.accounts.models import User
from lms.core.draft_history import changed_sections, texts_kept_in
from lms.core.rich_text import html_from_text
from lms.core.word_diff import Difference, difference_of
from peer_exchange.enums import Part
from peer_exchange.models import CityExperience, ExperienceVersion
from peer_exchange.models.experience import TEXT_FIELDS

FIELD_LABELS: dict[str, Any] = {
    "title": _("Title"),
    "summary": _("Summary"),
    **dict(Part.choices),
    "links": _("Links to evidence"),
    "contact_name": _("Who to ask"),
    "contact_office": _("Their office"),
    "contact_email": _("Their email address"),
}


@dataclass(frozen=True)
class HistoryRow:
    """`changed`: (label, words) of the fields that differ from the version before."""

    version: ExperienceVersion
    changed: list[tuple[Any, int]]


@dataclass(frozen=True)
class Compared:
    """One field in two wordings: what comes with the second, what goes."""

    name: str
    label: Any
    difference: Difference


def history_of(experience: CityExperience, user: User) -> QuerySet[ExperienceVersion]:
    versions = ExperienceVersion.objects.visible_to(user)
    return versions.filter(experience=experience).select_related("saved_by")


def rows_of(versions: Iterable[ExperienceVersion]) -> list[HistoryRow]:
    return [HistoryRow(one, changed_sections(one, FIELD_LABELS)) for one in versions]


def texts_of_version(version: ExperienceVersion) -> dict[str, str]:
    """Field → text, as it was kept."""
    return texts_kept_in(CityExperience(pk=version.experience_id), version)


def compared_with_now(experience: CityExperience, version: ExperienceVersion) -> list[Compared]:
    """What bringing the version back would change."""
    return compared(texts_in(experience), texts_of_version(version))


def texts_in(experience: CityExperience) -> dict[str, str]:
    return {name: getattr(experience, name) for name in TEXT_FIELDS}


def compared(before: dict[str, str], after: dict[str, str]) -> list[Compared]:
    """The fields that differ between two sets of texts (field → HTML or plain text)."""
    both = [
        Compared(name, FIELD_LABELS[name], difference_of(_html(name, before), _html(name, after)))
        for name in TEXT_FIELDS
    ]
    return [one for one in both if not one.difference.is_none]


def _html(name: str, texts: dict[str, str]) -> str:
    text = texts.get(name, "")
    return text if name in Part.values else html_from_text(text)
