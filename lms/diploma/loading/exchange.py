"""The peer exchange: themes (S4), facets (A2), policy (D15b), demonstration experiences."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from lms.accounts.models import City, User
from lms.core import audit
from lms.core.models import AuditEvent
from lms.diploma.loading.sources import read
from lms.programme.models import Edition
from peer_exchange.actions import (
    clear_experience,
    publish_experience,
    respond_to_experience,
    save_experience,
    start_experience,
    submit_experience,
)
from peer_exchange.actions.indexing import index_all
from peer_exchange.actions.searches import save_search
from peer_exchange.enums import DigestCadence, ExperienceStatus, FacetKind, Part, Visibility
from peer_exchange.models import CityExperience, Facet, SavedSearch, SharingPolicy, Theme
from peer_exchange.models.experience import CONTACT_FIELDS
from peer_exchange.wanted import make_wanted

# The survey's order: four leading themes, seven that followed, six that were not ranked.
THEMES = {
    "governance-democracy": "Governance and democracy",
    "climate-change": "Climate change",
    "environment": "Environment",
    "urban-planning": "Urban planning, land and sustainability",
    "business": "Business and commerce",
    "culture": "Culture",
    "health": "Health and well-being",
    "disaster-preparedness": "Disaster preparedness",
    "education": "Education",
    "inequality": "Inequality",
    "energy": "Energy",
    "safety": "Safety",
    "peace-building": "Peace-building",
    "transport": "Transport",
    "tourism": "Tourism",
    "research": "Research",
    "poverty": "Poverty",
}
FACETS = {
    FacetKind.METHOD: {
        "networks": "City networks",
        "bilateral": "Bilateral and sister-city relations",
        "missions": "Missions abroad",
        "lobbying": "Lobbying",
        "hosting-events": "Hosting events",
        "informal": "Informal contacts",
    },
    FacetKind.SCOPE: {
        "bilateral": "Bilateral",
        "regional": "Regional",
        "multilateral": "Multilateral",
    },
    FacetKind.LESSON: {
        "changing-context": "1. Changing context",
        "strategies": "2. Strategies",
        "economic-development": "3. Economic development",
        "measuring-impact": "4. Measuring impact",
        "communicating-value": "5. Communicating value",
    },
    FacetKind.ACTOR: {
        "mayors-administrations": "Mayors and administrations",
        "city-networks": "City networks",
        "international-organisations": "International organisations",
        "civil-society": "Civil society",
        "private-sector": "Private sector",
    },
}
LOADED = "experience.loaded"
# The order of the states, as far as a demonstration is brought.
STEPS = (
    ExperienceStatus.DRAFT,
    ExperienceStatus.CITY_CLEARANCE,
    ExperienceStatus.IN_MODERATION,
    ExperienceStatus.PUBLISHED,
)


def load_exchange_settings(edition: Edition) -> None:
    """Create what is missing; leave alone what staff may have changed since."""
    for order, (slug, name) in enumerate(THEMES.items()):
        Theme.objects.get_or_create(slug=slug, defaults={"name": name, "order": order})
    for kind, facets in FACETS.items():
        for order, (slug, name) in enumerate(facets.items()):
            Facet.objects.get_or_create(
                kind=kind, slug=slug, defaults={"name": name, "order": order}
            )
    SharingPolicy.objects.get_or_create(edition=edition)


def load_experiences(edition: Edition, people: Mapping[str, User], at: datetime) -> None:
    """The demonstration's experiences and responses, each once for ever: what people
    have done with them since stays. `people`: key of people.yaml → account; `m1` moderates.

    They are dated within the twelve days before `at`, a day apart.
    """
    already = set(
        AuditEvent.objects.filter(verb=LOADED, details__edition=edition.slug).values_list(
            "details__key", flat=True
        )
    )
    rows = read("exchange/experiences.yaml")
    for number, row in enumerate(rows):
        if row["key"] not in already:
            _load_experience(edition, people, row, at - timedelta(days=12 - number % 12))
    if CityExperience.objects.filter(words=None).exists():
        # Written before there was an index.
        index_all()
    _save_a_search(edition, people["p1"], at)


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
    edition: Edition, people: Mapping[str, User], row: Mapping[str, Any], at: datetime
) -> None:
    author = people[row["author"]]
    experience = start_experience(
        edition=edition,
        city=City.objects.get(slug=row["city"]),
        title=row["title"],
        by=author,
        at=at,
    )
    experience = save_experience(
        experience=experience,
        base_version=experience.version,
        values={
            **{name: row[name] for name in ("summary", "themes")},
            **{name: row.get(name, "") for name in (*Part.values, "links", *CONTACT_FIELDS)},
            **{name: row[name] for name in ("methods", "scopes", "actors")},
            "course_lessons": row.get("course_lessons", []),
            "visibility": row.get("visibility", Visibility.COHORT),
        },
        by=author,
        at=at + timedelta(minutes=40),
    )
    _bring_to(experience, row["status"], author=author, moderator=people["m1"], at=at)
    for number, response in enumerate(row.get("responses", ())):
        respond_to_experience(
            experience=experience,
            body=response["body"],
            by=people[response["author"]],
            at=at + timedelta(hours=5 + 2 * number),
        )
    audit.record(
        by=None, verb=LOADED, target=experience, at=at, key=row["key"], edition=edition.slug
    )


def _bring_to(
    experience: CityExperience, status: str, *, author: User, moderator: User, at: datetime
) -> None:
    reached = STEPS.index(ExperienceStatus(status))
    if reached >= 1:
        submit_experience(
            experience=experience,
            base_version=experience.version,
            by=author,
            at=at + timedelta(hours=1),
        )
    if reached >= 2:
        clear_experience(
            experience=experience,
            base_version=experience.version,
            official=f"Demonstration: chief of staff, {experience.city}",
            by=author,
            at=at + timedelta(hours=2),
        )
    if reached >= 3:
        publish_experience(
            experience=experience,
            base_version=experience.version,
            by=moderator,
            at=at + timedelta(hours=4),
        )
