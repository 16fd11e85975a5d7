"""`load_diploma` brings the exchange: S4's themes, A2's facets, demonstration experiences."""

from datetime import datetime

import pytest

from lms.accounts.models import City, User
from lms.diploma.loading.exchange import load_exchange_settings, load_experiences
from lms.diploma.loading.sources import read
from lms.programme.models import Edition
from peer_exchange.enums import FacetKind
from peer_exchange.models import CityExperience, Facet, Response, SharingPolicy, Theme
from peer_exchange.selectors import sharing_of
from tests.factories.programme import moderator, participant

pytestmark = pytest.mark.django_db


def test_taxonomy_is_the_surveys_and_the_articles(edition: Edition) -> None:
    """S4: 17 themes. A2: six methods, three scopes, five actor groups.
    And the five lessons of the course."""
    load_exchange_settings(edition)
    load_exchange_settings(edition)

    assert Theme.objects.count() == 17
    kinds = {kind: Facet.objects.filter(kind=kind).count() for kind in FacetKind}
    assert kinds == {
        FacetKind.METHOD: 6,
        FacetKind.SCOPE: 3,
        FacetKind.ACTOR: 5,
        FacetKind.LESSON: 5,
    }
    assert SharingPolicy.objects.get().min_words == 30


def test_demonstration_is_loaded_once_and_left_alone_after(edition: Edition, at: datetime) -> None:
    data = read("people.yaml")
    cities = {row["slug"]: City.objects.create(**row) for row in data["cities"]}
    people: dict[str, User] = {
        row["key"]: participant(edition, cities[row["city"]])
        for row in data["people"]
        if row["role"] == "participant"
    }
    people["m1"] = moderator(edition)
    load_exchange_settings(edition)

    load_experiences(edition, people, at)
    rows = read("exchange/experiences.yaml")
    assert CityExperience.objects.count() == len(rows)
    assert Response.objects.count() == sum(len(row.get("responses", ())) for row in rows)
    assert {e.status for e in CityExperience.objects.all()} >= {"draft", "published"}
    assert not CityExperience.objects.filter(saved_at__gt=at).exists()
    assert sharing_of(people["p12"].enrolments.get()).is_complete

    CityExperience.objects.filter(status="draft").update(title="Changed by its author")
    load_experiences(edition, people, at)
    assert CityExperience.objects.count() == len(rows)
    assert CityExperience.objects.filter(title="Changed by its author").exists()
