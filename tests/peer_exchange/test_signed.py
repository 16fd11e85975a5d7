"""Whose names stand under a text: its edition knows them, the world those who agreed."""

import json
from io import BytesIO
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pypdf import PdfReader
from rest_framework.test import APIClient

from lms.core import clock
from lms.programme.enums import EnrolmentStatus
from lms.programme.models import Edition
from peer_exchange.actions.cities import hide_member, show_member
from peer_exchange.models import CityExperience, ExperienceAuthor
from peer_exchange.selectors.shown import shown
from peer_exchange.structured_data import structured_data
from tests.factories.accounts import CityFactory
from tests.factories.peer_exchange import published
from tests.factories.programme import EditionFactory, participant

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed(edition: Edition) -> CityExperience:
    """By two people of Nairobi, of whom Wanjiru agreed to be shown."""
    city = CityFactory.create(name="Nairobi")
    wanjiru = participant(edition, city, name="Wanjiru Kamau")
    otieno = participant(edition, city, name="Otieno Odhiambo")
    experience = published(edition, city, author=wanjiru, visibility="public")
    ExperienceAuthor.objects.create(
        experience=experience, user=otieno, added_at=clock.now(), added_by=wanjiru
    )
    show_member(city=city, does="", by=wanjiru, at=clock.now())
    return experience


def told(client: Client, experience: CityExperience) -> tuple[str, str]:
    """What the page and the document say."""
    place = [experience.edition.slug, experience.pk]
    page = client.get(reverse("peer_exchange:detail", args=place)).content.decode()
    document = client.get(reverse("peer_exchange:document", args=place)).content
    reader = PdfReader(BytesIO(document))
    paper = "\n".join(one.extract_text() for one in reader.pages)
    return page, f"{paper}\n{reader.metadata}"


def test_the_web_reads_the_names_of_those_who_agreed(
    signed: CityExperience, client: Client
) -> None:
    for text in told(client, signed):
        assert ("Wanjiru Kamau" in text, "Otieno Odhiambo" in text) == (True, False)
    hide_member(city=signed.city, by=signed.created_by, at=clock.now())
    for text in told(client, signed):
        assert ("Wanjiru" in text, "Otieno" in text, "The team of Nairobi" in text) == (
            False, False, True,
        )  # fmt: skip


def test_people_of_the_edition_read_all_names_and_others_do_not(
    signed: CityExperience, edition: Edition, client: Client
) -> None:
    client.force_login(participant(edition))
    for text in told(client, signed):
        assert "Wanjiru Kamau" in text
        assert "Otieno Odhiambo" in text
    # What search engines are told is for the world, whoever is looking.
    data = json.loads(structured_data(shown(signed, to=signed.created_by)))
    assert data["author"] == [{"@type": "Person", "name": "Wanjiru Kamau"}]

    client.force_login(participant(EditionFactory.create()))
    for text in told(client, signed):
        assert ("Wanjiru Kamau" in text, "Otieno Odhiambo" in text) == (True, False)


def test_who_left_the_city_is_not_named_any_more(signed: CityExperience) -> None:
    signed.created_by.enrolments.update(status=EnrolmentStatus.CANCELLED)
    assert shown(signed, to=AnonymousUser()).authors == ["The team of Nairobi"]
    (author,) = json.loads(structured_data(shown(signed, to=AnonymousUser())))["author"]
    assert author == {"@type": "Organization", "name": "The team of Nairobi"}


def test_api_names_them_as_the_page_does_at_a_constant_cost(
    signed: CityExperience, edition: Edition
) -> None:
    def names(person: Any, url: str) -> list[list[str]]:
        client = APIClient()
        client.force_authenticate(person)
        answer = client.get(url).json()
        return [
            [author["name"] for author in row["authors"]] for row in answer.get("results", [answer])
        ]

    stranger = participant(EditionFactory.create())
    one = f"/api/v1/experiences/{signed.pk}/"
    assert names(stranger, one) == [["Wanjiru Kamau"]]
    assert names(participant(edition), one) == [["Wanjiru Kamau", "Otieno Odhiambo"]]
    counts = []
    for _again in range(2):
        for url in ("/api/v1/experiences/", "/api/v1/search/"):
            with CaptureQueriesContext(
                connection,
            ) as queries:
                listed = names(stranger, url)
            counts.append(len(queries))
            assert ["Wanjiru Kamau"] in listed
        for _more in range(5):
            published(edition, visibility="public")
    assert counts[:2] == counts[2:]
