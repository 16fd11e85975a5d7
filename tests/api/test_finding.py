"""/api/v1/search/, /map/, /saved-searches/."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from lms.accounts.enums import Region
from lms.accounts.models import User
from lms.programme.models import Edition
from peer_exchange.models import SavedSearch
from tests.factories.accounts import CityFactory, UserFactory
from tests.factories.peer_exchange import WRITTEN_AT, draft, published
from tests.factories.programme import EditionFactory, participant
from tests.queries import MANY

pytestmark = pytest.mark.django_db
SEARCH, MAP, SAVED = "/api/v1/search/", "/api/v1/map/", "/api/v1/saved-searches/"
LIST = "/api/v1/experiences/"


@pytest.fixture
def person(edition: Edition) -> User:
    return participant(edition)


@pytest.fixture
def client(person: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(person)
    return client


def test_search_ranks_counts_and_highlights(edition: Edition, client: APIClient) -> None:
    lyon = CityFactory.create(name="Lyon", region=Region.EUROPE)
    mention = published(edition, lyon, title="Harbour <works>", failed="A ferry <b>was</b> late.")
    named = published(edition, lyon, title="Ferry & tram")

    answer = client.get(SEARCH, {"q": "ferry", "edition": edition.slug}).json()

    assert [row["id"] for row in answer["results"]] == [named.pk, mention.pk]
    assert answer["total"] == 2
    first, second = (row["highlight"] for row in answer["results"])
    assert first["title"] == "<mark>Ferry</mark> &amp; tram"
    assert second["title"] == "Harbour &lt;works&gt;"
    assert second["part"] == "failed"
    assert "<mark>ferry</mark>" in second["excerpt"]
    assert answer["facets"]["region"] == [
        {"value": "europe", "name": "Europe", "count": 2, "is_chosen": False}
    ]
    right = client.get(SEARCH, {"q": "ferrry"}).json()
    assert (right["q"], right["instead_of"], right["total"]) == ("ferry", "ferrry", 2)
    exact = client.get(SEARCH, {"q": "ferrry", "exact": 1}).json()
    assert (exact["total"], exact["instead_of"]) == (0, "")


def test_search_is_read_page_by_page(edition: Edition, client: APIClient) -> None:
    for number in range(5):
        published(edition, title=f"Ferry number {number}")
    address: str | None = f"{SEARCH}?q=ferry&page_size=2"
    pages = []
    while address:
        page = client.get(address).json()
        pages.append([row["id"] for row in page["results"]])
        address = page["next"]
    assert [len(page) for page in pages] == [2, 2, 1]
    assert len({pk for page in pages for pk in page}) == 5
    back = client.get(page["previous"]).json()
    assert [row["id"] for row in back["results"]] == pages[1]
    for cursor in ("x", "cD05OTk5OTk5OTk5", "cD1h"):
        assert client.get(SEARCH, {"q": "ferry", "cursor": cursor}).status_code == 404


def test_list_takes_several_values_and_is_narrowed_in_the_database(
    edition: Edition, client: APIClient
) -> None:
    lyon = CityFactory.create(region=Region.EUROPE)
    accra = CityFactory.create(region=Region.AFRICA)
    one, two = published(edition, lyon), published(edition, accra, language="fr")

    def ids(query: str) -> list[int]:
        return [row["id"] for row in client.get(LIST + query).json()["results"]]

    assert ids("?region=europe&region=africa") == [two.pk, one.pk]
    assert ids("?theme=climate-change&theme=none&region=europe") == [one.pk]
    assert ids("?language=fr") == [two.pk]
    assert ids(f"?city={lyon.slug}&size=unknown&size=huge") == [one.pk]
    assert ids("?size=small") == []
    assert ids("?q=-demonstration") == []
    for bad in ("region=atlantis", "size=tiny", "q=" + "x" * 201, "theme=" + "x" * 65):
        assert client.get(f"{LIST}?{bad}").status_code == 422, bad
        assert client.get(f"{SEARCH}?{bad}").status_code == 422, bad
        assert client.get(f"{MAP}?{bad}").status_code == 422, bad


def test_what_one_may_not_read_comes_by_no_way(edition: Edition, client: APIClient) -> None:
    """Embargoed, of another cohort, a draft: not by search, list, map or counts."""
    hidden = [
        published(edition, CityFactory.create(name="Embargoville"), title="Zeppelin mooring"),
        published(EditionFactory.create(), CityFactory.create(), title="Zeppelin museum"),
        draft(edition, CityFactory.create(), title="Zeppelin draft"),
    ]
    hidden[0].embargo_until = hidden[0].published_at = WRITTEN_AT + timedelta(days=40_000)
    hidden[0].save()

    for q in ("zeppelin", "zepelin", "Embargoville", ""):
        found = client.get(SEARCH, {"q": q}).json()
        assert (found["total"], found["results"], found["instead_of"]) == (0, [], "")
        assert all(values == [] for values in found["facets"].values())
        assert client.get(LIST, {"q": q}).json()["results"] == []
        assert client.get(MAP, {"q": q}).json()["results"] == []


def test_map_says_how_many_where(edition: Edition, client: APIClient) -> None:
    lyon = CityFactory.create(name="Lyon", region=Region.EUROPE, latitude=45.75, longitude=4.85)
    newest = [published(edition, lyon).pk for _number in range(5)][:1:-1]

    (row,) = client.get(MAP).json()["results"]

    assert (row["city"]["name"], row["count"], row["latitude"]) == ("Lyon", 5, 45.75)
    assert [experience["id"] for experience in row["newest"]] == newest


def test_searches_ask_the_same_number_of_questions_for_one_and_for_many(
    edition: Edition, client: APIClient, person: User
) -> None:
    def queries() -> list[int]:
        made = []
        for path in (f"{SEARCH}?q=demonstration&page_size=100", MAP, SAVED, f"{LIST}?q=text"):
            person.forget_roles()
            with CaptureQueriesContext(connection) as captured:
                assert client.get(path).status_code == 200
            made.append(len(captured))
        return made

    def add(number: int) -> None:
        published(edition)
        body = {"edition": edition.slug, "name": "x", "cadence": "daily", "q": f"word {number}"}
        assert client.post(SAVED, body, format="json").status_code == 201

    add(0)
    with_one = queries()
    for number in range(1, MANY):
        add(number)
    assert queries() == with_one


def test_saved_search_is_one_s_own(edition: Edition, client: APIClient) -> None:
    published(edition)
    body: dict[str, Any] = {
        "edition": edition.slug,
        "name": "Ferries",
        "cadence": "weekly",
        "q": "ferries",
        "chosen": {"theme": ["health"]},
    }
    made = client.post(SAVED, body, format="json")
    assert made.status_code == 201
    at = f"{SAVED}{made.json()['id']}/"
    assert made.json()["abilities"] == {"change": True, "remove": True, "restore": False}
    assert "?q=ferries&theme=health&sort=newest" in made.json()["page"]

    changed = client.post(at + "change/", {"name": "Boats", "cadence": "never"}, format="json")
    assert (changed.json()["name"], changed.json()["digest_at"]) == ("Boats", None)
    assert client.post(at + "remove/").json()["is_removed"] is True
    assert client.get(SAVED).json()["results"] == []
    assert client.post(at + "change/", {"name": "x", "cadence": "never"}).status_code == 409
    assert client.post(at + "restore/").json()["is_removed"] is False

    for wrong in (
        {"cadence": "hourly"}, {"name": ""}, {"name": "x" * 121}, {"name": "a\u0000"},
        {"q": "x" * 201}, {"q": 7}, {"q": "", "chosen": {}}, {"chosen": {"colour": ["red"]}},
        {"chosen": {"theme": "health"}}, {"chosen": {"theme": ["x" * 65]}}, {"user": 1},
        {"chosen": {"theme": [f"t{n}" for n in range(41)]}},
    ):  # fmt: skip
        assert client.post(SAVED, {**body, **wrong}, format="json").status_code == 422, wrong
    assert client.post(SAVED, {**body, "edition": "none"}, format="json").status_code == 404

    client.force_authenticate(UserFactory.create())
    assert client.get(at).status_code == 404
    assert client.post(at + "remove/").status_code == 404
    assert SavedSearch.objects.get().removed_at is None
