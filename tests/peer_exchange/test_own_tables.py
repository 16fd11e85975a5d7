"""Tables that people take away of their own, and finding transfers by words."""

import csv
import io
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rest_framework.test import APIClient

from lms.accounts.actions import choose_mail
from lms.accounts.models import User
from lms.core import clock
from lms.programme.models import Edition
from peer_exchange.actions import follow, keep_away, respond_to_experience
from peer_exchange.actions.transfers import dispute_transfer, move_transfer
from peer_exchange.models import CityExperience
from tests.factories.accounts import CityFactory
from tests.factories.peer_exchange import published
from tests.factories.programme import coordinator, participant
from tests.factories.transfers import BEGUN_AT, city_of, claimed, speaker

pytestmark = pytest.mark.django_db


def table(person: User, name: str, *args: Any, query: str = "") -> list[list[str]]:
    client = Client()
    client.force_login(person)
    answer = client.get(reverse(name, args=args) + query)
    assert answer["Content-Type"].startswith("text/csv")
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))[1:]


def test_what_one_follows_and_whom_one_keeps_away(edition: Edition) -> None:
    at = clock.now()
    person, other = participant(edition), participant(edition, name="=Noisy")
    trams, gone = published(edition, title="Trams"), published(edition, title="Secret since")
    for experience in (trams, gone):
        follow(experience=experience, by=person, at=at)
    follow(city=trams.city, by=person, at=at)
    CityExperience.objects.filter(pk=gone.pk).update(
        embargo_until=at.replace(year=at.year + 1), published_at=at.replace(year=at.year + 1)
    )
    rows = table(person, "following:overview_csv")
    assert [row[:2] for row in rows] == [
        [trams.city.name, "Trams"], ["", "(no longer yours to read)"], [trams.city.name, ""],
    ]  # fmt: skip
    assert rows[0][3].endswith(f"/{trams.pk}/")
    keep_away(other=other, distance="muted", by=person, at=at)
    # No formula for a spreadsheet; and what others keep away is theirs.
    assert [row[:2] for row in table(person, "following:people_csv")] == [["'=Noisy", "Muted"]]
    assert table(other, "following:people_csv") == table(other, "following:overview_csv") == []


def test_ones_choices_of_mails(edition: Edition) -> None:
    person = participant(edition)
    before = table(person, "mail:choices_csv")
    assert {row[2] for row in before} == {"as usual"}
    choose_mail(user=person, kind="mentions", cadence="weekly", by=person, at=BEGUN_AT)
    changed = [row for row in table(person, "mail:choices_csv") if row not in before]
    assert [row[2] for row in changed] == ["2025-11-12 09:00"]


def test_questions_and_cities_as_tables(edition: Edition) -> None:
    person = participant(edition, CityFactory.create(name="Quito", region="latin_america"))
    experience = published(edition, city_of(person), author=person, title="Cable cars")
    asking = participant(edition, CityFactory.create(name="Łódź", region="europe"))
    respond_to_experience(
        experience=experience, body="What did it cost?", kind="question", by=asking, at=clock.now()
    )
    [row] = table(person, "peer_exchange:questions_csv", edition.slug)
    assert (row[1], row[3], row[4]) == ("Cable cars", "Łódź", "What did it cost?")
    assert {"Quito", "Łódź"} <= {row[0] for row in table(person, "peer_exchange:cities_csv")}
    assert [row[0] for row in table(person, "peer_exchange:cities_csv", query="?q=lodz")] == [
        "Łódź"
    ]


@pytest.fixture
def three(edition: Edition) -> dict[str, Any]:
    """Quito takes up trams and sets night markets aside; Lima disputes nothing yet."""
    quito = speaker(edition, CityFactory.create(name="Quito"))
    lima = speaker(edition, CityFactory.create(name="Lima"))
    markets = published(edition, city_of(lima), author=lima, title="Mercados de noche")
    trams = published(edition, title="Trams again")
    one = claimed(trams, by=quito, why="Our hills need them.")
    two = claimed(markets, by=quito, why="The river bank is empty.")
    three = claimed(trams, by=lima, why="A corridor to the port.")
    move_transfer(
        transfer=two, base_version=two.version, to="stopped", why="The neighbours said no.",
        by=quito, at=BEGUN_AT,
    )  # fmt: skip
    return {"quito": quito, "lima": lima, "one": one, "two": two, "three": three}


def test_transfers_are_found_by_words_and_by_whose_they_are(
    three: dict[str, Any], edition: Edition, client: Client
) -> None:
    numbers = {three[name].pk: name for name in ("one", "two", "three")}

    def found(person: User, query: str) -> set[str]:
        client.force_login(person)
        page = client.get(reverse("peer_exchange:transfers", args=[edition.slug]) + query)
        shown = {numbers[row["transfer"].pk] for row in page.context["rows"]}
        api = APIClient()
        api.force_authenticate(person)
        rows = api.get(f"/api/v1/transfers/{query}").json()["results"]
        lines = table(person, "peer_exchange:transfers_csv", edition.slug, query=query)
        assert {numbers[row["id"]] for row in rows} == shown, query
        assert len(lines) == len(shown)
        return shown

    for query, names in (
        ("?q=TRAM", {"one", "three"}),
        ("?q=mercados+quito", {"two"}),
        ("?q=neighbours", {"two"}),  # why it stopped
        ("?q=quíto&status=interested", {"one"}),
        ("?q=zeppelin", set()),
    ):
        assert found(coordinator(edition), query) == names, query
        assert found(three["quito"], query) == names, query
    assert found(three["quito"], "?side=ours") == {"one", "two"}
    assert found(three["lima"], "?side=theirs") == {"two"}
    assert found(three["lima"], "?side=either&q=port") == {"three"}
    client.force_login(three["lima"])
    odd = "?side=x&status=y&answer=z"
    page = client.get(reverse("peer_exchange:transfers", args=[edition.slug]) + odd)
    assert len(page.context["rows"]) == 3


def test_what_two_cities_settle_between_them_is_not_looked_through(
    three: dict[str, Any], edition: Edition, client: Client
) -> None:
    two = three["three"]
    experience = two.experience
    dispute_transfer(
        transfer=two, base_version=two.version, reason="Zeppelin.",
        by=experience.created_by, at=BEGUN_AT,
    )  # fmt: skip
    for person in (coordinator(edition), three["lima"], participant(edition)):
        client.force_login(person)
        page = client.get(reverse("peer_exchange:transfers", args=[edition.slug]) + "?q=zeppelin")
        assert (len(page.context["rows"]), "Nothing matches" in page.content.decode()) == (0, True)


def test_the_search_costs_the_same_however_many_there_are(
    three: dict[str, Any], edition: Edition, client: Client
) -> None:
    client.force_login(coordinator(edition))
    address = reverse("peer_exchange:transfers", args=[edition.slug]) + "?q=tram"
    counts = []
    for _again in range(2):
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        counts.append(len(queries))
        for _more in range(3):
            claimed(three["one"].experience)
    assert counts[0] == counts[1]
