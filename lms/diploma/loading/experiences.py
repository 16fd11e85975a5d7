"""The demonstration's experiences, each once for ever: what people have done with them since
stays."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from lms.accounts.models import City, User
from lms.core import audit
from lms.core.languages import codes_in
from lms.core.models import AuditEvent
from lms.diploma.loading.attachments import picture_of, sheet_of
from lms.diploma.loading.sources import read
from lms.programme.models import Edition
from peer_exchange.actions import (
    attach,
    clear_experience,
    name_author,
    publish_experience,
    respond_to_experience,
    rework_experience,
    save_experience,
    start_experience,
    submit_experience,
)
from peer_exchange.actions.indexing import index_all
from peer_exchange.actions.searches import save_search
from peer_exchange.enums import Attachment, DigestCadence, ExperienceStatus, Part, Visibility
from peer_exchange.models import CityExperience, SavedSearch
from peer_exchange.models.experience import CONTACT_FIELDS, YEAR_FIELDS
from peer_exchange.wanted import make_wanted

LOADED = "experience.loaded"
SOURCES = ("exchange/experiences.yaml", "exchange/more_experiences.yaml")
# The order of the states, as far as a demonstration is brought.
STEPS = (
    ExperienceStatus.DRAFT,
    ExperienceStatus.CITY_CLEARANCE,
    ExperienceStatus.IN_MODERATION,
    ExperienceStatus.PUBLISHED,
)
People = Mapping[str, User]


def experience_rows() -> list[dict[str, Any]]:
    return [row for source in SOURCES for row in read(source)]


def load_experiences(edition: Edition, people: People, at: datetime) -> None:
    """Experiences and responses. `people`: key of people.yaml → account; `m1` moderates.

    They are dated within the twelve days before `at`, a day apart, but for those that say
    how long ago they were. A text in a language that the edition does not have is left out.
    """
    already = loaded_experiences(edition)
    languages = codes_in(edition.languages)
    for number, row in enumerate(experience_rows()):
        if row["key"] not in already and row.get("language", languages[0]) in languages:
            days = row.get("days_ago", 12 - number % 12)
            _load_experience(edition, people, row, at - timedelta(days=days))
    if CityExperience.objects.filter(words=None).exists():
        # Written before there was an index.
        index_all()
    _save_a_search(edition, people["p1"], at)


def loaded_experiences(edition: Edition) -> dict[str, int]:
    """Key of the row → id of what was made from it."""
    events = AuditEvent.objects.filter(verb=LOADED, details__edition=edition.slug)
    return {key: int(pk) for key, pk in events.values_list("details__key", "target_id")}


def _save_a_search(edition: Edition, person: User, at: datetime) -> None:
    """One for the demonstration, where the person has saved none."""
    if not SavedSearch.objects.filter(user=person).exists():
        save_search(
            edition=edition,
            wanted=make_wanted(q="network", chosen={"theme": ["climate-change", "transport"]}),
            name="Networks for climate and transport",
            cadence=DigestCadence.WEEKLY,
            by=person,
            at=at,
        )


def _load_experience(
    edition: Edition, people: People, row: Mapping[str, Any], at: datetime
) -> None:
    author, moderator = people[row["author"]], people["m1"]
    city = City.objects.get(slug=row["city"])
    experience = start_experience(edition=edition, city=city, title=row["title"], by=author, at=at)
    for key in row.get("signed_with", ()):
        name_author(experience=experience, user=people[key], by=author, at=at)
    _attach(experience, row, by=author, at=at + timedelta(minutes=30))
    experience = save_experience(
        experience=experience,
        base_version=experience.version,
        values=_values(row, first_language=experience.language),
        by=author,
        at=at + timedelta(minutes=40),
    )
    _bring_to(experience, row, author=author, moderator=moderator, at=at)
    for number, response in enumerate(row.get("responses", ())):
        respond_to_experience(
            experience=experience,
            body=response["body"],
            by=people[response["author"]],
            at=at + timedelta(hours=5 + 2 * number),
        )
    if "second_version" in row:
        _write_again(experience, row, author=author, moderator=moderator, at=at)
    audit.record(
        by=None, verb=LOADED, target=experience, at=at, key=row["key"], edition=edition.slug
    )


def _values(row: Mapping[str, Any], *, first_language: str) -> dict[str, Any]:
    return {
        **{name: row[name] for name in ("summary", "themes", "methods", "scopes", "actors")},
        **{name: row.get(name, "") for name in (*Part.values, "links", *CONTACT_FIELDS)},
        **{name: row[name] for name in YEAR_FIELDS if name in row},
        "language": row.get("language", first_language),
        "course_lessons": row.get("course_lessons", []),
        "visibility": row.get("visibility", Visibility.COHORT),
    }


def _attach(experience: CityExperience, row: Mapping[str, Any], *, by: User, at: datetime) -> None:
    for picture in row.get("pictures", ()):
        attach(
            experience=experience, kind=Attachment.PICTURE, upload=picture_of(picture),
            alt=picture["alt"], caption=picture["caption"], by=by, at=at,
        )  # fmt: skip
    for sheet in row.get("files", ()):
        attach(experience=experience, kind=Attachment.FILE, upload=sheet_of(sheet), by=by, at=at)


def _bring_to(
    experience: CityExperience,
    row: Mapping[str, Any],
    *,
    author: User,
    moderator: User,
    at: datetime,
) -> None:
    reached = STEPS.index(ExperienceStatus(row["status"]))
    version = experience.version
    if reached >= 1:
        handed_in_at = at + timedelta(hours=1)
        submit_experience(experience=experience, base_version=version, by=author, at=handed_in_at)
    if reached >= 2:
        embargo = row.get("embargo_days")
        clear_experience(
            experience=experience,
            base_version=version,
            official=f"Demonstration: chief of staff, {experience.city}",
            embargo_until=at + timedelta(days=embargo) if embargo else None,
            by=author,
            at=at + timedelta(hours=2),
        )
    if reached >= 3:
        published_at = at + timedelta(hours=4)
        publish_experience(
            experience=experience, base_version=version, by=moderator, at=published_at
        )


def _write_again(
    experience: CityExperience,
    row: Mapping[str, Any],
    *,
    author: User,
    moderator: User,
    at: datetime,
) -> None:
    """A second version, published over the first: readers see what changed."""
    again_at = at + timedelta(hours=14)
    draft = rework_experience(experience=experience, by=author, at=again_at)
    draft = save_experience(
        experience=draft,
        base_version=draft.version,
        values=row["second_version"],
        by=author,
        at=again_at + timedelta(minutes=40),
    )
    _bring_to(draft, row, author=author, moderator=moderator, at=again_at)
