"""The exchange in a browser: reading, writing, clearing, moderating, responding."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from lms.accounts.enums import Region
from lms.accounts.models import User
from lms.programme.models import Edition
from peer_exchange.actions.indexing import index_experience
from peer_exchange.enums import ExperienceStatus, Part
from peer_exchange.models import CityExperience, Response
from tests.factories.accounts import CityFactory, UserFactory
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
    coordinator,
    instructor,
    moderator,
    participant,
)
from tests.queries import MANY, queries_of

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true", "HTTP_X_REQUESTED_WITH": "fetch"}


@pytest.fixture
def as_(client: Client) -> Callable[[User], Client]:
    def sign_in(user: User) -> Client:
        client.force_login(user)
        return client

    return sign_in


def address(name: str, experience: CityExperience) -> str:
    return reverse(f"peer_exchange:{name}", args=[experience.edition.slug, experience.pk])


def titles(response: Any) -> list[str]:
    return [experience.title for experience in response.context["page_obj"]]


def test_list_is_narrowed_by_words_and_facets(edition: Edition, as_: Any) -> None:
    nairobi = CityFactory.create(name="Nairobi", region=Region.AFRICA)
    montreal = CityFactory.create(name="Montréal", region=Region.NORTH_AMERICA)
    ferries = published(edition, montreal, title="Quiet Ferries", context="Électricité du port")
    markets = published(edition, nairobi, title="Clean markets")
    markets.themes.set([ThemeFactory.create(slug="health")])
    markets.facets.add(FacetFactory.create(kind="method", slug="missions"))
    index_experience(markets)
    draft(edition, nairobi, title="Not yet")
    client, url = as_(participant(edition)), reverse("peer_exchange:list", args=[edition.slug])

    assert titles(client.get(url)) == [markets.title, ferries.title]
    for query, expected in {
        "q=ELECTRICITE+ferries": [ferries.title],
        "q=montreal": [ferries.title],
        "q=50%25": [],
        "theme=health": [markets.title],
        "method=missions&region=africa": [markets.title],
        "method=missions&region=europe": [],
        "scope=regional&actor=civil-society": [markets.title, ferries.title],
    }.items():
        assert titles(client.get(f"{url}?{query}")) == expected, query
    page = client.get(url).content.decode()
    assert "<bdi>Health</bdi> (1)" in page
    assert "<bdi>Africa</bdi> (1)" in page


def test_each_thing_that_is_missing_leads_to_its_place_in_the_editor(
    edition: Edition, as_: Any
) -> None:
    empty = dict.fromkeys(Part.values, "")
    experience = draft(
        edition, **empty, summary="", contact_name="", contact_email="no", began_in=None,
        ended_in=2020, links="no link",
    )  # fmt: skip
    experience.themes.clear()
    experience.facets.clear()
    client = as_(experience.created_by)

    page = client.get(address("detail", experience)).content.decode()
    places = re.findall(rf'href="{address("edit", experience)}#([^"]+)"', page)
    assert len(places) == 16
    form = client.get(address("edit", experience)).content.decode()
    assert [place for place in places if f'id="{place}"' not in form] == []


@pytest.mark.parametrize("query", ["theme=no-such", "region=atlantis", "page=99", "q=" + "x" * 300])
def test_list_takes_odd_addresses_calmly(edition: Edition, as_: Any, query: str) -> None:
    published(edition)
    url = reverse("peer_exchange:list", args=[edition.slug])
    assert as_(participant(edition)).get(f"{url}?{query}").status_code == 200


def test_list_asks_the_same_number_of_questions_for_one_and_for_many(
    edition: Edition, as_: Any
) -> None:
    person = participant(edition)
    client, url = as_(person), reverse("peer_exchange:list", args=[edition.slug])

    response_of(person, published(edition))
    own = draft(edition, person.enrolments.get().city, author=person)
    client.get(url)
    with_one = queries_of(client, url)
    for _number in range(MANY - 1):
        response_of(person, published(edition))
        draft(edition, own.city, author=person)
    client.get(url)  # the first reader after a publication brings the catalogue
    assert queries_of(client, url) == with_one


def test_detail_asks_the_same_number_of_questions_for_thirty_responses(
    edition: Edition, as_: Any
) -> None:
    experience = published(edition)
    client = as_(moderator(edition))

    response_of(participant(edition), experience)
    client.get(address("detail", experience))
    with_one = queries_of(client, address("detail", experience))
    for _number in range(MANY - 1):
        response_of(participant(edition), experience)
    assert queries_of(client, address("detail", experience)) == with_one


def test_moderation_queue_asks_the_same_number_of_questions_for_many(
    edition: Edition, as_: Any
) -> None:
    client = as_(moderator(edition))
    url = reverse("peer_exchange:moderation", args=[edition.slug])

    waiting(edition)
    client.get(url)
    with_one = queries_of(client, url)
    for _number in range(MANY - 1):
        waiting(edition)
    assert queries_of(client, url) == with_one


def test_text_is_shown_as_text(edition: Edition, as_: Any) -> None:
    experience = published(
        edition,
        title="<b>Bold</b>",
        context='<script>alert(1)</script>\n\n<a href="javascript:alert(2)">x</a> https://example.org/a',
    )
    page = as_(participant(edition)).get(address("detail", experience)).content.decode()
    assert "<script>alert" not in page
    assert '<a href="javascript:' not in page
    assert "&lt;b&gt;Bold&lt;/b&gt;" in page
    assert "https://example.org/a" in page


def test_writing_from_title_to_publication(edition: Edition, as_: Any) -> None:
    """Issue point 2, without JavaScript."""
    draft(edition)  # brings the themes and facets
    author = participant(edition)
    client = as_(author)
    new = reverse("peer_exchange:new", args=[edition.slug])
    city = author.enrolments.get().city
    begun = client.post(new, {"title": "Our trams", "city": city.slug})
    experience = CityExperience.objects.get(title="Our trams")
    assert begun["Location"] == address("edit", experience)

    form = {
        "base_version": "0",
        "title": "Our trams",
        "summary": "They run.\r\nQuietly.",
        **{part: f"About the {part}.\r\nSecond line." for part in Part.values},
        "language": "en",
        "contact_name": "A. Clerk",
        "themes": ["climate-change"],
        "methods": ["networks"],
        "scopes": ["regional"],
        "actors": ["civil-society"],
        "visibility": "members",
        "then": "preview",
    }
    saved = client.post(address("edit", experience), form)
    assert saved["Location"] == address("detail", experience)
    experience.refresh_from_db()
    assert (experience.version, experience.context) == (
        1,
        "<p>About the context.<br>Second line.</p>",
    )

    preview = client.get(address("detail", experience)).content.decode()
    assert "The text is complete." in preview
    handed_in = client.post(address("submit", experience), {"base_version": "1"})
    assert handed_in["Location"] == address("clearance", experience)
    assert "Has your mayor’s office cleared this text?" in (
        client.get(address("clearance", experience)).content.decode()
    )
    refused = client.post(address("clearance", experience), {"official": " "})
    assert refused.status_code == 422
    client.post(address("clearance", experience), {"official": "A. Mayor", "base_version": "1"})

    client = as_(moderator(edition))
    queue = client.get(reverse("peer_exchange:moderation", args=[edition.slug]))
    assert [row["experience"].title for row in queue.context["waiting"]] == ["Our trams"]
    read = {"base_version": "1"}
    assert client.post(address("publish", experience), read).status_code == 302
    experience.refresh_from_db()
    assert (experience.status, experience.visibility) == ("published", "members")

    client = as_(participant(edition))
    answered = client.post(address("respond", experience), {"body": LONG_ENOUGH})
    response = Response.objects.get()
    assert answered["Location"] == (
        f"{address('detail', experience)}?written={response.pk}#responses"
    )
    page = client.get(address("detail", experience)).content.decode()
    assert "Counts for your diploma" in page


def test_incomplete_text_is_not_submitted_and_says_why(edition: Edition, as_: Any) -> None:
    experience = draft(edition, failed="")
    client = as_(experience.created_by)
    response = client.post(address("submit", experience), {"base_version": "3"}, follow=True)
    assert response.redirect_chain == [(address("detail", experience), 302)]
    assert "“What failed” is still empty." in response.content.decode()


def test_saving_over_a_newer_version_shows_both_texts(edition: Edition, as_: Any) -> None:
    """Invariant 3, without JavaScript: nothing typed is lost, saving again is deliberate."""
    experience = draft(edition, failed="The stored words.")
    client = as_(experience.created_by)
    typed = {
        "base_version": "2",
        "title": experience.title,
        "summary": experience.summary,
        **{part: experience.plain_texts[part] for part in Part.values},
        "failed": "The typed words.",
        "themes": ["climate-change"],
        "methods": ["networks"],
        "scopes": ["regional"],
        "actors": ["civil-society"],
        "visibility": "cohort",
    }
    refused = client.post(address("edit", experience), typed)

    assert refused.status_code == 409
    failed = next(one for one in refused.context["parts"] if one.part == "failed")
    assert (failed.stored, failed.text) == ("<p>The stored words.</p>", "The typed words.")
    assert "The typed words." in refused.content.decode()
    again = client.post(
        address("edit", experience), {**typed, "base_version": refused.context["base_version"]}
    )
    assert again.status_code == 302
    assert CityExperience.objects.get().failed == "<p>The typed words.</p>"


def put(client: Client, experience: CityExperience, body: Any) -> Any:
    text = body if isinstance(body, str) else json.dumps(body)
    return client.put(address("draft", experience), text, content_type="application/json", **HTMX)


def test_autosave_answers_as_the_page_expects(edition: Edition, as_: Any) -> None:
    experience = draft(edition)
    client = as_(experience.created_by)

    saved = put(client, experience, {"base_version": 3, "values": {"failed": "It rained."}})
    assert (saved.status_code, saved.json()["version"]) == (200, 4)

    stale = put(client, experience, {"base_version": 3, "values": {"failed": "It poured."}})
    assert (stale.status_code, stale["Content-Type"]) == (409, "application/problem+json")
    assert (stale.json()["version"], stale.json()["stored"]["failed"]) == (4, "It rained.")

    large = put(client, experience, {"base_version": 4, "values": {"failed": "x" * 100_000}})
    assert (large.status_code, large.json()["code"]) == (413, "too_large")
    huge = put(client, experience, {"base_version": 4, "values": {"failed": "x" * 10_000_000}})
    assert huge.status_code == 413

    refused = put(client, experience, '{"base_version": 4, "values": {"failed": "\\ud800"}}')
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")
    assert "half of a character" in refused.json()["detail"]
    for body in (
        "not json",
        "[" * 100_000,
        [],
        {},
        {"base_version": "4", "values": {}},
        {"base_version": True, "values": {}},
        {"base_version": 4, "values": []},
        {"base_version": 4, "values": {}, "status": "published"},
        {"base_version": 4, "values": {"status": "published"}},
        {"base_version": 4, "values": {"themes": [{"slug": "x"}]}},
    ):
        assert put(client, experience, body).status_code == 422, body
    assert CityExperience.objects.get().version == 4


def test_autosave_after_the_session_has_ended_is_told_so(edition: Edition, client: Client) -> None:
    experience = draft(edition)
    answer = put(client, experience, {"base_version": 3, "values": {}})
    assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")


def test_response_through_htmx_returns_the_list_alone(edition: Edition, as_: Any) -> None:
    experience = published(edition)
    client = as_(participant(edition))

    refused = client.post(address("respond", experience), {"body": "…"}, **HTMX)
    assert (refused.status_code, "Write at least 1 word." in refused.content.decode()) == (
        200,
        True,
    )
    answered = client.post(address("respond", experience), {"body": "Short one."}, **HTMX)
    page = answered.content.decode()
    assert page.startswith('<section id="responses"')
    assert "Not counted yet: it is too short" in page


def test_response_is_edited_hidden_and_shown_on_pages(edition: Edition, as_: Any) -> None:
    experience, person, mod = published(edition), participant(edition), moderator(edition)
    response = response_of(person, experience)

    def act(name: str) -> str:
        return reverse(f"peer_exchange:{name}", args=[edition.slug, response.pk])

    client = as_(person)
    assert client.get(act("edit_response")).status_code == 200
    assert client.post(act("edit_response"), {"body": "Other words."}).status_code == 302
    assert client.get(act("hide_response")).status_code == 403

    client = as_(mod)
    assert client.get(act("edit_response")).status_code == 403
    assert client.post(act("hide_response"), {"reason": ""}).status_code == 422
    assert client.post(act("hide_response"), {"reason": "Off topic."}).status_code == 302
    assert "Off topic." in client.get(address("detail", experience)).content.decode()

    peer = as_(participant(edition))
    assert "Other words." not in peer.get(address("detail", experience)).content.decode()
    assert as_(mod).post(act("show_response")).status_code == 302


@pytest.mark.parametrize(
    ("state", "name", "method", "answers"),
    [
        (draft, "detail", "get", {"author": 200, "peer": 404, "moderator": 404, "outsider": 404}),
        (draft, "edit", "get", {"author": 200, "peer": 404, "moderator": 404}),
        (draft, "submit", "post", {"peer": 404, "moderator": 404}),
        (submitted, "clearance", "get", {"author": 200, "peer": 404, "moderator": 404}),
        (submitted, "clearance", "post", {"peer": 404, "moderator": 404}),
        (submitted, "return", "get", {"author": 200, "peer": 404, "moderator": 404}),
        (submitted, "edit", "get", {"author": 302, "peer": 404}),
        (waiting, "detail", "get", {"author": 200, "moderator": 200, "peer": 404}),
        (waiting, "publish", "post", {"author": 403, "coordinator": 403, "peer": 404}),
        (waiting, "return", "get", {"moderator": 200, "author": 403, "coordinator": 403}),
        (waiting, "return", "post", {"author": 403, "coordinator": 403, "peer": 404}),
        (published, "detail", "get", {"peer": 200, "instructor": 200, "outsider": 404}),
        (published, "edit", "get", {"author": 302, "peer": 403, "moderator": 403}),
        (published, "draft", "put", {"peer": 403, "moderator": 403}),
        (published, "authors", "post", {"peer": 403}),
        (published, "publish", "post", {"moderator": 409, "peer": 403}),
        (published, "submit", "post", {"author": 409, "peer": 403}),
        (published, "archive", "get", {"author": 200, "moderator": 200, "peer": 403}),
        (published, "clearance", "post", {"author": 422, "peer": 403}),
        (published, "respond", "post", {"outsider": 404}),
    ],
)  # fmt: skip
def test_pages_open_to_whom_they_concern(
    edition: Edition,
    as_: Any,
    state: Any,
    name: str,
    method: str,
    answers: dict[str, int],
) -> None:
    experience = state(edition)
    people = {
        "author": lambda: experience.created_by,
        "peer": lambda: participant(edition),
        "moderator": lambda: moderator(edition),
        "coordinator": lambda: coordinator(edition),
        "instructor": lambda: instructor(edition),
        "outsider": lambda: participant(EditionFactory.create()),
    }
    got = {
        role: getattr(as_(people[role]()), method)(address(name, experience)).status_code
        for role in answers
    }
    assert got == answers
    assert CityExperience.objects.get().status == ExperienceStatus(experience.status)


def test_forged_addresses_are_not_found(edition: Edition, as_: Any) -> None:
    experience, other = published(edition), EditionFactory.create()
    client = as_(participant(edition))
    for path in (
        f"/exchange/{other.slug}/{experience.pk}/",
        f"/exchange/{other.slug}/",
        "/exchange/no-such-edition/",
        f"/exchange/{edition.slug}/999999/",
        f"/exchange/{edition.slug}/99999999999999999999999999/",
        f"/exchange/{edition.slug}/responses/1/edit/",
    ):
        assert client.get(path).status_code == 404, path


def test_another_city_is_not_written_for(edition: Edition, as_: Any) -> None:
    foreign = CityFactory.create()
    client = as_(participant(edition))
    answer = client.post(
        reverse("peer_exchange:new", args=[edition.slug]), {"title": "Mine", "city": foreign.slug}
    )
    assert answer.status_code == 422
    assert not CityExperience.objects.exists()


def test_staff_without_a_city_do_not_write(edition: Edition, as_: Any) -> None:
    new = reverse("peer_exchange:new", args=[edition.slug])
    assert as_(instructor(edition)).get(new).status_code == 403


def test_changes_take_a_post(edition: Edition, as_: Any) -> None:
    experience = waiting(edition)
    client = as_(moderator(edition))
    for name in ("publish", "submit", "respond", "authors"):
        assert client.get(address(name, experience)).status_code == 405


def test_public_experience_is_read_by_anybody_signed_in(edition: Edition, as_: Any) -> None:
    experience = published(edition, visibility="public")
    response_of(participant(edition), experience, body="Among ourselves.")
    client = as_(UserFactory.create())
    page = client.get(address("detail", experience))
    assert (page.status_code, "Among ourselves." in page.content.decode()) == (200, False)
    assert client.get(reverse("peer_exchange:list", args=[edition.slug])).status_code == 200
    assert client.post(address("respond", experience), {"body": "Hello."}).status_code == 403


def test_author_who_left_finds_no_draft_on_the_list(edition: Edition, as_: Any) -> None:
    published(edition, visibility="public")
    experience = draft(edition, title="Our secret")
    experience.created_by.enrolments.update(status="cancelled")
    client = as_(experience.created_by)
    page = client.get(reverse("peer_exchange:list", args=[edition.slug]))
    assert (page.status_code, page.context["own"]) == (200, [])


def test_authors_are_named_on_the_page(edition: Edition, as_: Any) -> None:
    experience = draft(edition)
    colleague = participant(edition, experience.city)
    client = as_(experience.created_by)
    client.post(address("authors", experience), {"user": colleague.pk})
    assert experience.authors.count() == 2
    client.post(address("authors", experience), {"remove": colleague.pk})
    assert experience.authors.count() == 1
    for forged in (participant(edition).pk, "x", "", "9" * 40):
        answer = client.post(address("authors", experience), {"user": forged})
        assert answer.status_code == 404


def test_export_is_for_staff_and_safe_in_a_spreadsheet(edition: Edition, as_: Any) -> None:
    published(edition, title="=HYPERLINK(1)")
    draft(edition, title="Not yet")
    url = reverse("peer_exchange:export", args=[edition.slug])
    assert as_(participant(edition)).get(url).status_code == 404
    client = as_(coordinator(edition))
    text = client.get(url).content.decode("utf-8-sig")
    assert "'=HYPERLINK(1)" in text
    assert "Not yet" not in text

    with_one = queries_of(client, url)
    for _number in range(MANY - 1):
        published(edition)
    assert queries_of(client, url) == with_one
