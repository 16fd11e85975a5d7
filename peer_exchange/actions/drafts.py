"""Writing an experience: the city's team, one version after the other."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lms.accounts.models import City, User
from lms.core import audit
from lms.core.errors import Conflict, InvalidInput, StaleVersion
from lms.core.languages import codes_in
from lms.core.permissions import require_perm
from lms.core.rich_fields import TextFormat
from lms.core.rich_text import text_of
from lms.programme.models import Edition
from lms.programme.selectors import standing_of
from peer_exchange.actions.cleaning import (
    DESCRIBED,
    EDITABLE,
    FACET_FIELDS,
    clean_line,
    clean_values,
)
from peer_exchange.actions.indexing import index_experience
from peer_exchange.actions.keeping import begins_new_sitting, keep_version
from peer_exchange.enums import ExperienceStatus, Part, VersionKind
from peer_exchange.models import CityExperience, ExperienceAuthor
from peer_exchange.models.experience import TEXT_FIELDS, TITLE_MAX, YEAR_FIELDS

__all__ = ["EDITABLE", "name_author", "remove_author", "save_experience", "start_experience"]

PLAIN_FIELDS = (*TEXT_FIELDS, *YEAR_FIELDS, "language", "visibility")

MOST_DRAFTS = 30  # of one city in an edition


def locked(experience: CityExperience) -> CityExperience:
    """The row as it is now, held until the transaction ends: every write of an
    experience, and every response to it, competes for it. Of a new version, the text
    that it revises is held first: one order for all."""
    if experience.revises_id:
        CityExperience.objects.select_for_update().only("pk").get(pk=experience.revises_id)
    return CityExperience.objects.select_for_update().get(pk=experience.pk)


def draft_to_write(experience: CityExperience, *, by: User) -> CityExperience:
    """The locked draft, when `by` may write it; Conflict with `stored` when it is no draft
    any more (no version to save over: a client must not try again)."""
    experience = locked(experience)
    require_perm(by, "peer_exchange.write_experience", experience)
    if experience.given_up_at:
        raise Conflict(_("This new version was given up. Take it up again to change it."))
    if experience.status != ExperienceStatus.DRAFT:
        raise Conflict(
            _("This text has been handed in and cannot be changed now."),
            stored=stored_values(experience),
        )
    return experience


def require_version(
    experience: CityExperience, base_version: int, *, text_format: str = "text"
) -> None:
    """Raise StaleVersion, with all that is stored, unless nothing was saved since
    `base_version` (invariant 3)."""
    if base_version != experience.version:
        raise StaleVersion(
            version=experience.version, stored=stored_values(experience, text_format=text_format)
        )


def stored_values(experience: CityExperience, *, text_format: str = "text") -> dict[str, Any]:
    """What a draft holds, in the shape `save_experience` takes: texts (the parts in the
    format that is asked for), years as they are typed, lists of slugs in the order in which
    the form offers them, and what is said of each picture and file."""
    facets = list(experience.facets.all())
    values: dict[str, Any] = {name: getattr(experience, name) for name in PLAIN_FIELDS}
    values |= {name: _year_typed(values[name]) for name in YEAR_FIELDS}
    if text_format != TextFormat.HTML:
        values |= {part: text_of(values[part]) for part in Part.values}
    values["themes"] = [theme.slug for theme in experience.themes.all()]
    for name, kind in FACET_FIELDS.items():
        values[name] = [facet.slug for facet in facets if facet.kind == kind]
    for file in experience.files.attached():
        values |= {f"{name}:{file.pk}": getattr(file, name) for name in DESCRIBED}
    return values


@transaction.atomic
def start_experience(
    *, edition: Edition, city: City, title: str, by: User, at: datetime
) -> CityExperience:
    """Begin a draft for a city one writes for; the one who begins is its first author.

    Raises Conflict when the city has left as many unfinished as nobody finishes: each may
    hold sixty files.
    """
    experience = CityExperience(
        edition=edition,
        city=city,
        title=clean_line(title, field="title", max_length=TITLE_MAX),
        language=codes_in(edition.languages)[0],
        created_at=at,
        created_by=by,
        saved_at=at,
        saved_by=by,
    )
    require_perm(by, "peer_exchange.write_experience", experience)
    # Two colleagues who begin at once are counted one after the other.
    City.objects.select_for_update(no_key=True).get(pk=city.pk)
    drafts = CityExperience.objects.filter(
        edition=edition, city=city, status=ExperienceStatus.DRAFT, revises__isnull=True
    )
    if drafts.count() >= MOST_DRAFTS:
        raise Conflict(_("Your city has many unfinished texts. Finish one of them first."))
    experience.save()
    index_experience(experience)
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
    text_format: str = "text",
    set_aside: Mapping[str, object] | None = None,
    keeps_before: bool = False,
) -> CityExperience:
    """Save some or all fields of a draft (`EDITABLE`, and “alt:” or “caption:” with the id
    of a picture or file), over the version one has seen.

    `text_format`: how the parts are written, "text" or "html". `set_aside`: texts that the
    writer decided against when two of them met; they go to the history, as does what is
    replaced with `keeps_before` or when another sitting begins.

    Raises StaleVersion with `version` and `stored` (all fields) when somebody saved
    meanwhile, Conflict with `stored` when the text is no draft any more, InvalidInput,
    TooLarge.
    """
    experience = draft_to_write(experience, by=by)
    cleaned = clean_values(experience, values, text_format=text_format)
    aside = clean_values(experience, set_aside or {}, text_format=text_format)
    require_version(experience, base_version, text_format=text_format)
    decided_against = {name: text for name, text in aside.items() if name in TEXT_FIELDS}
    if decided_against:
        keep_version(
            experience, kind=VersionKind.CONFLICT, by=by.pk, at=at, instead=decided_against
        )
    change_texts(experience, cleaned, by=by, at=at, keeps_before=keeps_before)
    return experience


def change_texts(
    experience: CityExperience,
    cleaned: Mapping[str, Any],
    *,
    by: User,
    at: datetime,
    keeps_before: bool = False,
) -> list[str]:
    """Put cleaned values into a locked draft; the names of those that were different."""
    stored = stored_values(experience, text_format=TextFormat.HTML)
    changed = [name for name, value in cleaned.items() if _differs(stored, name, value)]
    if not changed:
        return []
    begins = begins_new_sitting(experience, by=by.pk, at=at)
    empties = any(name in TEXT_FIELDS and stored[name] and not cleaned[name] for name in changed)
    if experience.version and (begins or keeps_before or empties):
        keep_version(
            experience,
            kind=VersionKind.WRITING,
            by=experience.writer_id or by.pk,
            at=experience.saved_at,
        )
    if begins:
        experience.history_at = at
    for name in changed:
        _put(experience, name, cleaned[name])
    experience.version += 1
    experience.saved_at, experience.saved_by, experience.writer = at, by, by
    experience.save(
        update_fields=[
            *PLAIN_FIELDS, "version", "saved_at", "saved_by", "writer", "history_at",
        ]
    )  # fmt: skip
    index_experience(experience)
    if begins:
        # One event for each sitting: who wrote what until when is in the history.
        audit.record(
            by=by, verb="experience.saved", target=experience, at=at, version=experience.version,
            fields=sorted(changed),
        )  # fmt: skip
    return changed


def _differs(stored: Mapping[str, Any], name: str, value: Any) -> bool:
    if name not in stored:
        raise InvalidInput(errors={name: [_("This is not attached to the text any more.")]})
    if isinstance(stored[name], list):
        return set(stored[name]) != {row.slug for row in value}
    if name in YEAR_FIELDS:
        return bool(stored[name] != _year_typed(value))
    return bool(stored[name] != value)


def _year_typed(year: int | None) -> str:
    return "" if year is None else str(year)


def _put(experience: CityExperience, name: str, value: Any) -> None:
    described, colon, pk = name.partition(":")
    if name in PLAIN_FIELDS:
        setattr(experience, name, value)
    elif colon:
        experience.files.attached().filter(pk=pk).update(**{described: value})
    else:
        _choose(experience, name, value)


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
