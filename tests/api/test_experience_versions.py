"""New versions, embargo, files and history of an experience through DRF."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from lms.core import clock
from lms.programme.models import Edition
from peer_exchange.models import CityExperience
from tests.factories.accounts import CityFactory
from tests.factories.assessments import pdf_upload
from tests.factories.peer_exchange import draft, published, waiting
from tests.factories.pictures import drawing
from tests.factories.programme import moderator, participant

pytestmark = pytest.mark.django_db
URL = "/api/v1/experiences/"
JSON = {"content_type": "application/json"}


@pytest.fixture
def as_() -> Any:
    def signed_in(user: Any) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return signed_in


def test_new_version_goes_all_the_way(edition: Edition, as_: Any) -> None:
    experience = waiting(edition)
    mod, city, reader = moderator(edition), experience.created_by, participant(edition)
    at = f"{URL}{experience.pk}/"
    assert as_(mod).post(at + "publish/", {"base_version": 3}, **JSON).status_code == 200

    client = as_(city)
    begun = client.post(at + "rework/", {}, **JSON)
    assert (begun.status_code, begun.json()["revises"]) == (201, experience.pk)
    new = f"{URL}{begun.json()['id']}/"
    assert client.post(at + "rework/", {}, **JSON).json()["id"] == begun.json()["id"]
    values = {"context": "<h3>New</h3><p>Words</p>", "links": "https://example.org/ Report"}
    saved = client.put(
        new + "draft/", {"base_version": 3, "text_format": "html", "values": values}, **JSON
    )
    assert (saved.json()["version"], saved.json()["values"]) == (4, {})
    assert as_(reader).get(new).status_code == 404

    client.post(new + "submit/", {"base_version": 4}, **JSON)
    client.post(new + "clear/", {"official": "A. Mayor", "base_version": 4}, **JSON)
    assert as_(mod).post(new + "publish/", {"base_version": 4}, **JSON).status_code == 200

    shown = as_(reader).get(at).json()
    assert (shown["context"], shown["html"]["context"]) == ("New\n\nWords", values["context"])
    assert shown["links"] == [{"url": "https://example.org/", "title": "Report"}]
    revisions = as_(reader).get(f"/api/v1/experience-revisions/?experience={experience.pk}").json()
    assert [row["number"] for row in revisions["results"]] == [2, 1]
    one = as_(reader).get(f"/api/v1/experience-revisions/{revisions['results'][1]['id']}/").json()
    assert (one["abilities"], "contact_name" in one["texts"]) == ({}, False)


def test_embargo_and_giving_up(edition: Edition, as_: Any) -> None:
    experience = waiting(edition)
    client, until = as_(experience.created_by), clock.now() + timedelta(days=3)
    at = f"{URL}{experience.pk}/"
    body = {"embargo_until": until.isoformat()}
    assert client.post(at + "embargo/", body, **JSON).json()["embargo_until"] is not None
    naive = client.post(at + "embargo/", {"embargo_until": "2030-01-01T10:00:00"}, **JSON)
    assert naive.status_code == 422
    assert as_(moderator(edition)).post(at + "embargo/", body, **JSON).status_code == 403

    other = published(edition, experience.city, author=experience.created_by)
    new = client.post(f"{URL}{other.pk}/rework/", {}, **JSON).json()
    given_up = client.post(f"{URL}{new['id']}/give-up/", {"base_version": 3}, **JSON).json()
    assert (given_up["abilities"]["take_up"], given_up["abilities"]["edit"]) == (True, False)
    taken_up = client.post(f"{URL}{new['id']}/take-up/", {}, **JSON).json()
    assert taken_up["abilities"]["edit"] is True


def test_files_are_attached_described_and_removed(edition: Edition, as_: Any) -> None:
    experience = draft(edition)
    client, at = as_(experience.created_by), f"{URL}{experience.pk}/"
    said = {"kind": "picture", "file": drawing(), "alt": "A plan"}
    picture = client.post(at + "attach/", said).json()
    file = client.post(at + "attach/", {"kind": "file", "file": pdf_upload()}).json()
    assert (picture["media_type"], file["name"]) == ("image/webp", "annex.pdf")
    assert client.get(picture["url"]).status_code == 200
    described = {"files": {picture["id"]: {"alt": "A red plan"}}}
    saved = client.put(at + "draft/", {"base_version": 3, "values": described}, **JSON)
    assert saved.status_code == 200
    forged = {"files": {"not-an-id": {"alt": "x"}}}
    refused = client.put(at + "draft/", {"base_version": 4, "values": forged}, **JSON)
    assert refused.status_code == 422
    assert client.get(at).json()["files"][0]["alt"] == "A red plan"
    of_file = {"file": file["id"]}
    assert client.post(at + "remove-file/", of_file, **JSON).json()["removed_at"] is not None
    assert client.post(at + "restore-file/", of_file, **JSON).json()["removed_at"] is None
    foreign = as_(participant(edition)).post(at + "remove-file/", of_file, **JSON)
    assert foreign.status_code == 404
    other = draft(edition)
    elsewhere = as_(other.created_by).post(f"{URL}{other.pk}/remove-file/", of_file, **JSON)
    assert elsewhere.status_code == 404


def test_nobody_posts_as_another_city(edition: Edition, as_: Any) -> None:
    author, other = participant(edition), CityFactory.create()
    client = as_(author)
    body = {"edition": edition.slug, "city": other.slug, "title": "Theirs"}
    assert client.post(URL, body, **JSON).status_code == 403
    foreign = published(edition, other)
    for move in ("rework", "embargo", "attach", "take-up"):
        body = {"embargo_until": None} if move == "embargo" else {}
        answer = client.post(f"{URL}{foreign.pk}/{move}/", body, **JSON)
        assert answer.status_code in (403, 422), move
    own = draft(edition, author=author, city=author.enrolments.get().city)
    for forged in (
        {"city": other.slug},
        {"status": "published"},
        {"revises": foreign.pk},
        {"embargo_until": None},
        {"cleared_by_name": "Me"},
        {"published_at": clock.now().isoformat()},
    ):
        saved = client.put(f"{URL}{own.pk}/draft/", {"base_version": 3, "values": forged}, **JSON)
        assert saved.status_code == 422
    assert CityExperience.objects.get(pk=own.pk).version == 3


def test_ten_megabytes_are_refused(edition: Edition, as_: Any) -> None:
    experience = draft(edition)
    client = as_(experience.created_by)
    for name in ("context", "links", "title", "contact_name"):
        body = {"base_version": 3, "values": {name: "x" * 10_000_000}}
        answer = client.put(f"{URL}{experience.pk}/draft/", body, **JSON)
        assert answer.status_code in (413, 422), name
    assert CityExperience.objects.get().version == 3
