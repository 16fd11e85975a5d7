"""No page offers its reader a page that the server then refuses them."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from lms.accounts.models import User
from lms.programme.models import Edition
from tests.factories.accounts import AdministratorFactory, CityFactory
from tests.factories.marking import submitted
from tests.factories.peer_exchange import published
from tests.factories.programme import (
    city_team_member,
    coordinator,
    instructor,
    moderator,
    participant,
)

pytestmark = pytest.mark.django_db


def administrator(_edition: Edition) -> User:
    person: User = AdministratorFactory.create()
    return person


def of_a_city(edition: Edition) -> User:
    return city_team_member(edition, CityFactory.create())


@pytest.mark.parametrize(
    "somebody", [administrator, coordinator, instructor, moderator, of_a_city, participant]
)
def test_what_a_page_links_to_opens(
    client: Client, edition: Edition, somebody: Callable[[Edition], User]
) -> None:
    submitted(edition)
    published(edition)
    client.force_login(somebody(edition))

    places = [
        reverse("dashboard:home"),
        reverse("assessments:queue", args=[edition.slug]),
        reverse("peer_exchange:list", args=[edition.slug]),
    ]
    answers: dict[tuple[str, str], int] = {}
    for place in places:
        # The page of the queue is nobody's but the markers' and their coordinators'.
        said = client.get(place).content.decode().partition("<main")[2]
        for link in set(re.findall(r'href="(/[^"#?]*)', said)):
            answers[place, link] = client.get(link).status_code
    assert len(answers) > 5
    assert {link: code for link, code in answers.items() if code >= 400} == {}
