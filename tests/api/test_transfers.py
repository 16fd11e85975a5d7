"""/api/v1/transfers/, /cities/, /talks/: the same actions as the pages."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from lms.accounts.models import User
from lms.programme.models import Edition
from peer_exchange.models import Talk, Transfer
from tests.factories.accounts import CityFactory, UserFactory
from tests.factories.peer_exchange import ThemeFactory, published
from tests.factories.programme import EditionFactory, ProgrammeFactory
from tests.factories.transfers import BREAK_AT, breaks, city_of, claimed, proposed, speaker
from tests.queries import MANY

pytestmark = pytest.mark.django_db
URL, CITIES, TALKS = "/api/v1/transfers/", "/api/v1/cities/", "/api/v1/talks/"
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)> javascript:alert(1)"


def test_a_transfer_through_the_api(edition: Edition, as_: Callable[[User], APIClient]) -> None:
    experience = published(edition)
    user, source = speaker(edition), as_(experience.created_by)
    mine = as_(user)
    body = {"experience": experience.pk, "city": city_of(user).slug, "why": "We too."}

    answer = mine.post(URL, body, format="json")

    assert answer.status_code == 201, answer.json()
    detail = answer.json()
    address = f"{URL}{detail['id']}/"
    assert (detail["status"], detail["answer"], detail["version"]) == ("interested", "waiting", 0)
    assert detail["next_steps"] == ["understanding", "stopped"]
    assert [row["months"] for row in detail["follow_ups"]] == [6, 12]
    again = mine.post(URL, body, format="json")
    assert (again.status_code, again.json()["transfer"]) == (409, detail["id"])
    assert mine.post(f"{address}confirm/", {"base_version": 0}, format="json").status_code == 403
    confirmed = source.post(f"{address}confirm/", {"base_version": 0}, format="json").json()
    assert (confirmed["answer"], confirmed["abilities"]["dispute"]) == ("confirmed", True)
    stale = mine.post(
        f"{address}move/", {"base_version": 0, "to": "understanding", "why": "x"}, format="json"
    )
    assert (stale.status_code, stale.json()["version"]) == (409, 1)
    step = {"base_version": 1, "to": "adopted", "why": "x"}
    assert mine.post(f"{address}move/", step, format="json").status_code == 409
    assert mine.post(f"{address}move/", {**step, "to": "gone"}, format="json").status_code == 422
    assert mine.post(f"{address}move/", {**step, "status": "x"}, format="json").status_code == 422
    evidence = {"title": "The decision", "url": "https://council.example/9"}
    added = mine.post(f"{address}add-evidence/", evidence, format="json").json()
    piece = {"evidence": added["evidence"][0]["id"]}
    assert source.post(f"{address}remove-evidence/", piece, format="json").status_code == 403
    removed = mine.post(f"{address}remove-evidence/", piece, format="json").json()
    assert removed["evidence"][0]["removed_at"]
    assert source.get(address).json()["evidence"] == []
    flows = mine.get(f"{URL}flows/").json()
    assert flows == [
        {
            "source": experience.city.slug, "city": city_of(user).slug, "taken_up": 0,
            "underway": 1, "stopped": 0,
        }
    ]  # fmt: skip


def test_nobody_claims_what_is_not_theirs(
    edition: Edition, as_: Callable[[User], APIClient]
) -> None:
    """For another city (or one that is not there), one's own practice, one not readable."""
    experience, user = published(edition), speaker(edition)
    elsewhere = EditionFactory.create(programme=ProgrammeFactory.create(slug="other"))
    hidden = published(elsewhere)
    CityFactory.create(name="Quito", slug="quito")
    mine, own = as_(user), city_of(user).slug
    author = as_(experience.created_by)

    def claim(client: APIClient, of: Any, city: str) -> int:
        body = {"experience": of, "city": city, "why": "We too."}
        return client.post(URL, body, format="json").status_code

    assert claim(mine, experience.pk, "quito") == 403
    assert claim(mine, experience.pk, "no-such-city") == 403
    assert claim(mine, hidden.pk, own) == 404
    assert claim(mine, 10**15, own) == 404
    assert claim(author, experience.pk, experience.city.slug) == 409
    assert claim(as_(UserFactory.create()), experience.pk, own) == 404
    assert Transfer.objects.count() == 0


def test_forged_ids_find_nothing(edition: Edition, as_: Callable[[User], APIClient]) -> None:
    transfer = claimed(published(edition))
    other = claimed(published(edition))
    stranger = as_(speaker(EditionFactory.create(programme=ProgrammeFactory.create(slug="x"))))
    for client, address in (
        (stranger, f"{URL}{transfer.pk}/"),
        (stranger, f"{URL}{10**18}/"),
        (stranger, f"{URL}x'--/"),
        (stranger, f"{CITIES}{transfer.city.slug}/"),
    ):
        assert client.get(address).status_code == 404
    from peer_exchange.actions.transfer_evidence import add_evidence

    piece = add_evidence(
        transfer=other, title="A", note="B", by=other.claimed_by, at=other.claimed_at
    )
    forged = as_(transfer.claimed_by).post(
        f"{URL}{transfer.pk}/remove-evidence/", {"evidence": piece.pk}, format="json"
    )
    assert forged.status_code == 404
    filters = "?city=%00&experience=99999999999999999999999&status=x&answer=y&edition='"
    assert as_(transfer.claimed_by).get(URL + filters).status_code in {200, 400, 404, 422}


def test_hostile_words_are_kept_as_words(
    edition: Edition, as_: Callable[[User], APIClient]
) -> None:
    experience, user = published(edition), speaker(edition)
    mine = as_(user)
    body = {"experience": experience.pk, "city": city_of(user).slug, "why": HOSTILE}
    detail = mine.post(URL, body, format="json").json()
    assert detail["why"] == HOSTILE
    address = f"{URL}{detail['id']}/"
    for value, code in ((HOSTILE * 100_000, 413), ("a\x00b", 422), (7, 422)):
        step = {"base_version": 0, "to": "understanding", "why": value}
        answer = mine.post(f"{address}move/", step, format="json")
        assert answer.status_code in {code, 400, 422}, value
    assert Transfer.objects.get().status == "interested"


@pytest.mark.parametrize("count", [1, MANY])
def test_lists_cost_the_same_for_many(
    edition: Edition, as_: Callable[[User], APIClient], count: int
) -> None:
    user = speaker(edition)
    breaks(edition)
    for _ in range(count):
        claimed(published(edition), by=user)
        proposed(edition, speaker(edition), city_of(user))
    queries = {}
    for address in (URL, CITIES, TALKS):
        user.forget_roles()
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert len(as_(user).get(address + "?page_size=100").json()["results"]) >= count
        queries[address] = len(asked)
    assert queries == {URL: 3, CITIES: 3, TALKS: 3}


def test_a_city_through_the_api(edition: Edition, as_: Callable[[User], APIClient]) -> None:
    user, reader = speaker(edition), speaker(edition)
    address = f"{CITIES}{city_of(user).slug}/"
    values = {"languages": ["es"], "about": HOSTILE, "population": 5}
    saved = as_(user).put(
        f"{address}profile/", {"base_version": 0, "values": values}, format="json"
    ).json()  # fmt: skip
    assert (saved["languages"], saved["about"], saved["version"]) == (["es"], HOSTILE, 1)
    stale = as_(user).put(
        f"{address}profile/", {"base_version": 0, "values": {"about": "x"}}, format="json"
    )
    assert (stale.status_code, stale.json()["stored"]["about"]) == (409, HOSTILE)
    theirs = as_(reader).put(
        f"{address}profile/", {"base_version": 1, "values": {"about": "x"}}, format="json"
    )
    assert theirs.status_code == 403
    assert as_(reader).get(address).json()["members"] == []
    as_(user).post(f"{address}show-me/", {"does": "Climate"}, format="json")
    shown = as_(reader).get(address).json()
    assert shown["members"] == [{"user": {"id": user.pk, "name": user.name}, "does": "Climate"}]
    assert user.email not in str(shown)
    as_(user).post(f"{address}hide-me/", {}, format="json")
    assert as_(reader).get(address).json()["members"] == []
    ThemeFactory.create(slug="energy")
    for person, kind in ((user, "need"), (reader, "offer")):
        own = f"{CITIES}{city_of(person).slug}/add-topic/"
        body = {"kind": kind, "theme": "energy"}
        assert as_(person).post(own, body, format="json").status_code == 200
    [match] = as_(user).get(f"{address}matches/?edition={edition.slug}").json()
    assert (match["city"], match["receives"]) == (city_of(reader).slug, 1)
    assert as_(reader).get(f"{address}matches/?edition={edition.slug}").status_code == 403
    assert as_(user).get(f"{address}matches/").status_code == 422
    as_(user).post(f"{address}dismiss/", {"city": match["city"]}, format="json")
    assert as_(user).get(f"{address}matches/?edition={edition.slug}").json() == []
    found = as_(reader).get(f"{CITIES}?language=es").json()["results"]
    assert [row["slug"] for row in found] == [city_of(user).slug]


def test_a_talk_through_the_api(
    edition: Edition, as_: Callable[[User], APIClient], monkeypatch: Any, at: Any
) -> None:
    monkeypatch.setattr("lms.core.clock.now", lambda: at)
    breaks(edition)
    one, other = speaker(edition), speaker(edition)
    [slot] = as_(one).get(f"{TALKS}breaks/?edition={edition.slug}").json()
    body = {
        "edition": edition.slug, "from_city": city_of(one).slug, "to_city": city_of(other).slug,
        "starts_at": slot["starts_at"],
    }  # fmt: skip
    in_another_name = {**body, "from_city": city_of(other).slug}
    assert as_(one).post(TALKS, in_another_name, format="json").status_code == 403
    for wrong in ({"starts_at": "x"}, {"starts_at": "2025-11-20T10:00:00"}, {"about": 7}):
        assert as_(one).post(TALKS, {**body, **wrong}, format="json").status_code == 422, wrong
    talk = as_(one).post(TALKS, body, format="json").json()
    address = f"{TALKS}{talk['id']}/"
    assert as_(one).post(f"{address}accept/", {}, format="json").status_code == 403
    assert as_(speaker(edition)).get(address).status_code == 404
    agreed = as_(other).post(f"{address}accept/", {}, format="json").json()
    assert (agreed["status"], agreed["abilities"]["cancel"]) == ("accepted", True)
    assert as_(other).post(f"{address}accept/", {}, format="json").status_code == 409
    off = as_(one).post(f"{address}cancel/", {"reason": "Rain."}, format="json").json()
    assert (off["status"], off["answer"]) == ("cancelled", "Rain.")
    assert Talk.objects.get().starts_at == BREAK_AT
