"""Writing an experience: the city's team, one version after the other."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lms.accounts.models import City, User
from lms.core import audit
from lms.core.errors import Conflict, InvalidInput, StaleVersion
from lms.core.permissions import require_perm
from lms.programme.models import Edition
from lms.programme.selectors import standing_of
from peer_exchange.actions.cleaning import EDITABLE, FACET_FIELDS, clean_line, clean_values
from peer_exchange.enums import ExperienceStatus
from peer_exchange.models import CityExperience, ExperienceAuthor
from peer_exchange.models.experience import TEXT_FIELDS, TITLE_MAX
from peer_exchange.normal_text import searchable

__all__ = ["EDITABLE", "name_author", "remove_author", "save_experience", "start_experience"]

PLAIN_FIELDS = (*TEXT_FIELDS, "visibility")


def locked(experience: CityExperience) -> CityExperience:
    """The row as it is now, held until the transaction ends: every write of an
    experience, and every response to it, competes for it."""
    return CityExperience.objects.select_for_update().get(pk=experience.pk)


def stored_values(experience: CityExperience) -> dict[str, Any]:
    """What a draft holds, in the shape `save_experience` takes: texts, and lists of
    slugs in the order in which the form offers them."""
    facets = list(experience.facets.all())
    values: dict[str, Any] = {name: getattr(experience, name) for name in PLAIN_FIELDS}
    values["themes"] = [theme.slug for theme in experience.themes.all()]
    for name, kind in FACET_FIELDS.items():
        values[name] = [facet.slug for facet in facets if facet.kind == kind]
    return values


@transaction.atomic
def start_experience(
    *, edition: Edition, city: City, title: str, by: User, at: datetime
) -> CityExperience:
    """Begin a draft for a city one writes for; the one who begins is its first author."""
    experience = CityExperience(
        edition=edition,
        city=city,
        title=clean_line(title, field="title", max_length=TITLE_MAX),
        created_at=at,
        created_by=by,
        saved_at=at,
        saved_by=by,
    )
    require_perm(by, "peer_exchange.write_experience", experience)
    experience.search_text = searchable(experience.title, city.name)
    experience.save()
    ExperienceAuthor.objects.create(experience=experience, user=by, added_at=at, added_by=by)
    audit.record(by=by, verb="experience.started", target=experience, at=at)
    return experience


@transaction.atomic
def save_experience(
    *,
    experience: CityExperience,
    base_version: int,
    values: Mapping[str, object],
    by: User,
    at: datetime,
) -> CityExperience:
    """Save some or all fields of a draft (`EDITABLE`), over the version one has seen.

    Raises StaleVersion with `version` and `stored` (all fields) when somebody
    saved meanwhile, Conflict with `stored` when the text is no draft any more (no
    version to save over: a client must not try again), InvalidInput, TooLarge.
    """
    experience = locked(experience)
    require_perm(by, "peer_exchange.write_experience", experience)
    if experience.status != ExperienceStatus.DRAFT:
        raise Conflict(
            _("This text has been handed in and cannot be changed now."),
            stored=stored_values(experience),
        )
    cleaned = clean_values(values)
    if base_version != experience.version:
        raise StaleVersion(version=experience.version, stored=stored_values(experience))

    changed = _apply(experience, cleaned)
    if not changed:
        return experience
    experience.version += 1
    experience.saved_at, experience.saved_by = at, by
    experience.search_text = searchable(*experience.texts.values(), experience.city.name)
    experience.save(update_fields=[*PLAIN_FIELDS, "version", "saved_at", "saved_by", "search_text"])
    audit.record(
        by=by,
        verb="experience.saved",
        target=experience,
        at=at,
        version=experience.version,
        fields=changed,
    )
    return experience


def _apply(experience: CityExperience, cleaned: Mapping[str, Any]) -> list[str]:
    """Put the values in place; the names of those that were different."""
    stored = stored_values(experience)
    changed = []
    for name, value in cleaned.items():
        if name in PLAIN_FIELDS:
            if stored[name] != value:
                setattr(experience, name, value)
                changed.append(name)
        elif set(stored[name]) != {row.slug for row in value}:
            _choose(experience, name, value)
            changed.append(name)
    return changed


def _choose(experience: CityExperience, name: str, rows: list[Any]) -> None:
    if name == "themes":
        experience.themes.set(rows)
        return
    others = experience.facets.exclude(kind=FACET_FIELDS[name])
    experience.facets.set([*others, *rows])


@transaction.atomic
def name_author(
    *, experience: CityExperience, user: User, by: User, at: datetime
) -> ExperienceAuthor:
    """Name a colleague of the same city as an author of the draft."""
    experience = _draft_to_sign(experience, by=by)
    if experience.city_id not in standing_of(user).team_cities(experience.edition_id):
        raise InvalidInput(errors={"user": [_("An author is somebody of the city’s team.")]})
    authorship, is_new = ExperienceAuthor.objects.get_or_create(
        experience=experience, user=user, defaults={"added_at": at, "added_by": by}
    )
    if is_new:
        audit.record(by=by, verb="experience.author_named", target=experience, at=at, user=user.pk)
    return authorship


@transaction.atomic
def remove_author(*, experience: CityExperience, user: User, by: User, at: datetime) -> None:
    """Take a name off the draft. The last one stays: a text has an author.

    Raises Conflict for the last one, and for somebody who is not an author.
    """
    experience = _draft_to_sign(experience, by=by)
    authors = experience.authorships.all()
    if not any(authorship.user_id == user.pk for authorship in authors):
        raise Conflict(_("This person is not an author of the text."))
    if len(authors) == 1:
        raise Conflict(_("A text has at least one author. Name another one first."))
    authors.filter(user=user).delete()
    audit.record(by=by, verb="experience.author_removed", target=experience, at=at, user=user.pk)


def _draft_to_sign(experience: CityExperience, *, by: User) -> CityExperience:
    experience = locked(experience)
    require_perm(by, "peer_exchange.write_experience", experience)
    if experience.status != ExperienceStatus.DRAFT:
        raise Conflict(_("The authors of a text change only while it is a draft."))
    return experience
