"""`load_diploma` brings the exchange: S4's themes, A2's facets, demonstration experiences."""

from datetime import datetime

import pytest
from django.db.models import Count

from lms.accounts.models import User
from lms.diploma.loading.exchange import load_exchange_settings
from lms.diploma.loading.experiences import experience_rows, load_experiences
from lms.programme.models import Edition
from peer_exchange.enums import Answer, FacetKind
from peer_exchange.models import (
    CityExperience,
    ExperienceFile,
    Facet,
    FollowUp,
    Mention,
    Response,
    SharingPolicy,
    Theme,
    Transfer,
)
from peer_exchange.selectors import sharing_of
from peer_exchange.selectors.matching import matches_for
from tests.factories.demo_exchange import load_demo_exchange, people_of_the_demo

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


@pytest.fixture
def people(edition: Edition) -> dict[str, User]:
    """Key of people.yaml → account, of those whom the exchange needs."""
    return people_of_the_demo(edition)


def test_demonstration_is_loaded_once_and_left_alone_after(
    edition: Edition, people: dict[str, User], at: datetime
) -> None:
    load_experiences(edition, people, at)
    rows = experience_rows()
    texts = CityExperience.objects.filter(revises=None)
    assert texts.count() == len(rows)
    assert Response.objects.count() == sum(len(row.get("responses", ())) for row in rows)
    assert {e.status for e in texts} == {"draft", "city_clearance", "in_moderation", "published"}
    assert not CityExperience.objects.filter(saved_at__gt=at).exists()
    assert sharing_of(people["p12"].enrolments.get()).is_complete

    CityExperience.objects.filter(status="draft").update(title="Changed by its author")
    load_experiences(edition, people, at)
    assert texts.count() == len(rows)
    assert CityExperience.objects.filter(title="Changed by its author").exists()


def test_demonstration_shows_what_the_exchange_can_do(
    edition: Edition, people: dict[str, User], at: datetime
) -> None:
    for _time in range(2):
        load_demo_exchange(edition, people, at)

    readable = CityExperience.objects.visible_to(people["p1"]).published()
    assert {e.language for e in readable} == {"en", "es", "fr"}
    pictures = ExperienceFile.objects.filter(kind="picture", experience__in=readable)
    assert len(pictures) == 2
    assert all(picture.alt and picture.caption for picture in pictures)
    assert ExperienceFile.objects.filter(kind="file").count() == 1
    assert CityExperience.objects.filter(status="published", embargo_until__gt=at).count() == 1
    twice = CityExperience.objects.annotate(versions=Count("revisions")).get(versions=2)
    assert [r.content["language"] for r in twice.revisions.all()] == ["en", "en"]
    questions = Response.objects.filter(kind="question")
    assert {q.answered_at is None for q in questions} == {True, False}
    assert Mention.objects.exists()
    assert {t.status for t in Transfer.objects.all()} >= {"interested", "sustained", "stopped"}
    assert set(Transfer.objects.values_list("answer", flat=True)) == set(Answer)
    due = FollowUp.objects.filter(asked_at__lte=at, answered_at=None)
    assert [row.transfer.city.slug for row in due] == ["auckland"]
    for person in ("p1", "p3", "p5", "p7", "p9", "p11"):
        city = people[person].enrolments.get().city
        assert matches_for(people[person], city, edition), city
