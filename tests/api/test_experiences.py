"""/api/v1/experiences/, /responses/, /themes/, /facets/: the same actions as the pages."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from lms.programme.models import Edition
from peer_exchange.enums import Part
from peer_exchange.models import CityExperience, Response
from tests.factories.accounts import CityFactory
from tests.factories.peer_exchange import (
    LONG_ENOUGH,
    FacetFactory,
    ThemeFactory,
    draft,
    published,
    response_of,
    submitted,
    waiting,
)
from tests.factories.programme import (
    EditionFactory,
    city_team_member,
    coordinator,
    moderator,
    participant,
)
from tests.queries import MANY

pytestmark = pytest.mark.django_db
URL = "/api/v1/experiences/"
READ = {"base_version": 1}


def test_list_holds_what_one_may_read_and_is_narrowed(edition: Edition, as_: Any) -> None:
    person = participant(edition)
    own = draft(edition, person.enrolments.get().city, author=person)
    ferries = published(edition, title="Ferries")
    health = published(edition, title="Clinics")
    health.themes.set([ThemeFactory.create(slug="health")])
    draft(edition)
    published(EditionFactory.create())
    client = as_(person)

    def ids(query: str = "") -> list[int]:
        return [row["id"] for row in client.get(URL + query).json()["results"]]

    assert ids() == [health.pk, ferries.pk, own.pk]
    assert ids("?status=published") == [health.pk, ferries.pk]
    assert ids("?theme=health") == [health.pk]
    assert ids("?q=FERRIES&scope=regional&method=networks&actor=civil-society") == [ferries.pk]
    assert ids(f"?edition={edition.slug}&city={own.city.slug}") == [own.pk]
    assert ids("?theme=none") == []
    assert client.get(URL + "?region=atlantis").status_code == 422
    row = client.get(URL).json()["results"][0]
    assert row["facets"] == {
        "method": ["networks"],
        "scope": ["regional"],
        "actor": ["civil-society"],
        "lesson": [],
    }
    assert set(row["authors"][0]) == {"id", "name"}


def test_lists_ask_the_same_number_of_questions_for_one_and_for_many(
    edition: Edition, as_: Any
) -> None:
    experience = published(edition)
    person = participant(edition)
    response_of(person, experience)
    client = as_(person)

    def queries(path: str) -> int:
        person.forget_roles()
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        return len(captured)

    paths = (URL + "?page_size=100", f"{URL}{experience.pk}/responses/", "/api/v1/responses/")
    with_one = [queries(path) for path in paths]
    for _number in range(MANY - 1):
        published(edition)
        response_of(participant(edition), experience)
    assert [queries(path) for path in paths] == with_one


def test_experience_goes_all_the_way_through_the_api(edition: Edition, as_: Any) -> None:
    """Issue point 2, through DRF."""
    ThemeFactory.create(slug="energy")
    for kind, slug in (("method", "networks"), ("scope", "regional"), ("actor", "civil-society")):
        FacetFactory.create(kind=kind, slug=slug)
    author, mod, peer = participant(edition), moderator(edition), participant(edition)
    city = author.enrolments.get().city
    client = as_(author)

    begun = client.post(URL, {"edition": edition.slug, "city": city.slug, "title": "Trams"})
    assert begun.status_code == 201
    assert begun.json()["abilities"]["edit"] is True
    at = f"{URL}{begun.json()['id']}/"
    assert client.post(at + "submit/", {"base_version": 0}).status_code == 422

    values = {
        "summary": "They run.",
        **{part: f"About the {part}." for part in Part.values},
        "contact_name": "A. Clerk",
        "themes": ["energy"],
        "methods": ["networks"],
        "scopes": ["regional"],
        "actors": ["civil-society"],
    }
    saved = client.put(at + "draft/", {"base_version": 0, "values": values})
    assert (saved.status_code, saved.json()["version"]) == (200, 1)
    stale = client.put(at + "draft/", {"base_version": 0, "values": {"failed": "No."}})
    assert (stale.status_code, stale.json()["code"]) == (409, "stale_version")
    assert stale.json()["stored"]["failed"] == "About the failed."

    assert client.get(at).json()["missing"] == {}
    assert client.post(at + "submit/", {"base_version": 1}).json()["status"] == "city_clearance"
    cleared = client.post(at + "clear/", {"official": "A. Mayor", "base_version": 1})
    assert cleared.json()["status"] == "in_moderation"
    assert client.post(at + "publish/", READ).status_code == 403

    assert as_(peer).get(at).status_code == 404
    returned = as_(mod).post(at + "return/", {"reason": "Sources?", **READ})
    assert returned.status_code == 204
    assert client.get(at).json()["returned_reason"] == "Sources?"
    # What comes back is read again before anybody judges it again.
    assert client.post(at + "submit/", READ).status_code == 409
    again = {"base_version": client.get(at).json()["version"]}
    client.post(at + "submit/", again)
    client.post(at + "clear/", {"official": "A. Mayor", **again})
    assert as_(mod).post(at + "publish/", again).json()["status"] == "published"
    assert as_(mod).post(at + "publish/", again).status_code == 409

    said = as_(peer).post(at + "responses/", {"body": LONG_ENOUGH})
    assert said.status_code == 201
    assert said.json()["abilities"] == {
        "edit": True, "reply": True, "hide": False, "show": False, "answer": False,
        "keep_away": False, "reopen": False, "report": False,
    }  # fmt: skip
    assert (
        as_(mod).post(at + "archive/", {"reason": "Overtaken.", **again}).json()["status"]
        == "archived"
    )


def test_writing_for_another_city_or_edition_is_refused(edition: Edition, as_: Any) -> None:
    person, other = participant(edition), CityFactory.create()
    client = as_(person)
    own = person.enrolments.get().city
    elsewhere = EditionFactory.create()

    def begin(**body: Any) -> int:
        return client.post(URL, {"edition": edition.slug, "title": "Mine", **body}).status_code

    assert begin(city=other.slug) == 403
    assert begin(city="no-such-city") == 404
    assert begin(city=own.slug, edition=elsewhere.slug) == 404
    assert begin(city=own.slug, status="published") == 422
    assert not CityExperience.objects.exists()


@pytest.mark.parametrize(
    ("state", "move", "body", "answers"),
    [
        (draft, "submit", {"base_version": 3}, {"peer": 404, "moderator": 404}),
        (
            submitted,
            "clear",
            {"official": "Me", "base_version": 3},
            {"peer": 404, "coordinator": 404},
        ),
        (waiting, "publish", {"base_version": 3}, {"author": 403, "coordinator": 403, "peer": 404}),
        (
            waiting,
            "return",
            {"reason": "No.", "base_version": 3},
            {"author": 403, "peer": 404, "outsider": 404},
        ),
        (published, "publish", {"base_version": 3}, {"peer": 403, "outsider": 404}),
        (
            published,
            "archive",
            {"reason": "No.", "base_version": 3},
            {"peer": 403, "coordinator": 403},
        ),
        (published, "responses", {"body": "Hello."}, {"outsider": 404}),
        (waiting, "responses", {"body": "Hello."}, {"peer": 404, "moderator": 409}),
    ],
)
def test_moves_answer_404_unseen_and_403_seen(
    edition: Edition, as_: Any, state: Any, move: str, body: dict, answers: dict[str, int]
) -> None:
    experience = state(edition)
    people = {
        "author": lambda: experience.created_by,
        "peer": lambda: participant(edition),
        "moderator": lambda: moderator(edition),
        "coordinator": lambda: coordinator(edition),
        "outsider": lambda: participant(EditionFactory.create()),
    }
    got = {
        role: as_(people[role]()).post(f"{URL}{experience.pk}/{move}/", body).status_code
        for role in answers
    }
    assert got == answers
    assert CityExperience.objects.get().status == experience.status


def test_bad_bodies_are_refused_whole(edition: Edition, as_: Any) -> None:
    experience = draft(edition)
    client = as_(experience.created_by)
    path = f"{URL}{experience.pk}/draft/"
    for values in (
        {"context": "a\x00b"},
        {"status": "published"},
        {"authors": [1]},
        {"themes": ["no-such"]},
        {"themes": "climate-change"},
        {"visibility": "everyone"},
        {"title": "x" * 161},
        {"context": 7},
    ):
        answer = client.put(path, {"base_version": 3, "values": values})
        assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
    for body in ({}, {"base_version": -1, "values": {}}, {"base_version": 3, "values": []}, []):
        assert client.put(path, body).status_code == 422
    surrogate = '{"base_version": 3, "values": {"context": "a\\ud800b"}}'
    assert client.put(path, surrogate, content_type="application/json").status_code == 422
    assert client.put(path, "{", content_type="application/json").status_code == 400
    large = client.put(path, {"base_version": 3, "values": {"context": "x" * 10_000_000}})
    assert (large.status_code, large.json()["code"]) == (413, "too_large")
    assert CityExperience.objects.get().version == 3


def test_odd_text_comes_back_whole(edition: Edition, as_: Any) -> None:
    experience = draft(edition)
    client = as_(experience.created_by)
    text = "\u202eesrever\u202c <script>alert(1)</script> 👩🏽‍🚒 e\u0301 \n  "
    path = f"{URL}{experience.pk}/"
    client.put(path + "draft/", {"base_version": 3, "values": {"context": text}})
    assert client.get(path).json()["context"] == text


def test_responses_are_read_edited_and_hidden(edition: Edition, as_: Any) -> None:
    experience, person = published(edition), participant(edition)
    response = response_of(person, experience)
    at = f"/api/v1/responses/{response.pk}/"
    peer, mod = as_(participant(edition)), as_(moderator(edition))

    assert as_(person).post(at + "edit/", {"body": "Better."}).json()["body"] == "Better."
    assert peer.post(at + "edit/", {"body": "Worse."}).status_code == 403
    assert peer.post(at + "hide/", {"reason": "Rude."}).status_code == 403
    assert mod.post(at + "hide/", {}).status_code == 422
    hidden = mod.post(at + "hide/", {"reason": "Off topic."}).json()
    assert (hidden["is_hidden"], hidden["abilities"]["show"]) == (True, True)
    assert peer.get(at).status_code == 404
    assert peer.get(f"{URL}{experience.pk}/responses/").json()["results"] == []
    assert as_(person).get(at).json()["hidden_reason"] == "Off topic."
    assert mod.post(at + "show/").json()["is_hidden"] is False
    assert as_(participant(EditionFactory.create())).get(at).status_code == 404


def test_forged_ids_are_not_found(edition: Edition, as_: Any) -> None:
    client = as_(participant(edition))
    for path in ("experiences/0/", "experiences/x/", "responses/9999999999999999999999/"):
        assert client.get(f"/api/v1/{path}").status_code == 404
    assert client.post(f"{URL}77/responses/", {"body": "Hello."}).status_code == 404
    assert not Response.objects.exists()


def test_taxonomy_is_listed_for_whoever_signs_in(edition: Edition, as_: Any) -> None:
    draft(edition)
    client = as_(participant(edition))
    themes = client.get("/api/v1/themes/").json()["results"]
    facets = client.get("/api/v1/facets/?kind=scope").json()["results"]
    assert [theme["slug"] for theme in themes] == ["climate-change"]
    assert [facet["slug"] for facet in facets] == ["regional"]
    for path in ("themes/", "facets/", "experiences/", "responses/"):
        assert APIClient().get(f"/api/v1/{path}").status_code == 401


def test_a_colleague_is_named_as_an_author_and_taken_off_again(edition: Edition, as_: Any) -> None:
    experience = draft(edition)
    author = experience.authorships.get().user
    colleague = city_team_member(edition, experience.city)
    client = as_(author)

    def sign(move: str, user: int) -> Any:
        return client.post(f"{URL}{experience.pk}/{move}/", {"user": user})

    named = sign("name-author", colleague.pk)
    assert [person["id"] for person in named.json()["authors"]] == [author.pk, colleague.pk]
    removed = sign("remove-author", author.pk)
    assert [person["id"] for person in removed.json()["authors"]] == [colleague.pk]
    last = sign("remove-author", colleague.pk)
    assert (last.status_code, last.json()["code"]) == (409, "conflict")
    for stranger in (moderator(edition).pk, 10**6):
        refused = sign("name-author", stranger)
        assert (refused.status_code, list(refused.json()["errors"])) == (422, ["user"])


def test_authors_are_named_by_the_city_s_team_alone(edition: Edition, as_: Any) -> None:
    experience = published(edition)
    colleague = city_team_member(edition, experience.city)

    refused = as_(participant(edition)).post(
        f"{URL}{experience.pk}/name-author/", {"user": colleague.pk}
    )

    assert (refused.status_code, refused.json()["code"]) == (403, "permission_denied")
