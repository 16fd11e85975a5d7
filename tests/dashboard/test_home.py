"""What each role sees first."""

from datetime import datetime

import pytest
from django.test import Client

from lms.programme.models import Edition
from tests.factories.accounts import CityFactory, UserFactory
from tests.factories.programme import (
    city_team_member,
    coordinator,
    instructor,
    moderator,
    participant,
)

pytestmark = pytest.mark.django_db


def page_of(client: Client, user) -> str:
    client.force_login(user)
    answer = client.get("/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_home_opens_with_the_duty_of_each_role(client: Client, edition: Edition) -> None:
    expected = {
        instructor: f"/marking/{edition.slug}/",
        moderator: f"/exchange/{edition.slug}/moderation/",
        coordinator: f"/timetable/{edition.slug}/attendance/",
    }
    for make, url in expected.items():
        page = page_of(client, make(edition))
        assert f'href="{url}"' in page.split('class="next-step"')[1]

    member = city_team_member(edition, CityFactory.create())
    assert f'href="/exchange/{edition.slug}/#your-city"' in page_of(client, member)


def test_home_of_a_stranger_with_an_account_says_so(client: Client, edition: Edition) -> None:
    page = page_of(client, UserFactory.create())

    assert "You have no place in an edition yet" in page
    assert edition.name not in page


def test_front_page_needs_nobody_and_nothing(client: Client) -> None:
    answer = client.get("/")

    assert answer.status_code == 200
    assert "load_diploma" in answer.content.decode()


def test_home_costs_the_same_in_a_large_cohort(
    client: Client, edition: Edition, at: datetime, django_assert_max_num_queries
) -> None:
    person = participant(edition)
    client.force_login(person)
    client.get("/")
    with django_assert_max_num_queries(60) as few:
        client.get("/")
    for _ in range(29):
        participant(edition)
    with django_assert_max_num_queries(60) as many:
        client.get("/")

    assert len(many) == len(few)
