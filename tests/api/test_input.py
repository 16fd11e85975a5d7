"""What no reader can make sense of is a problem+json of the sender's, never a 500 of ours."""

import base64
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db.models import QuerySet
from django.test import Client
from django.urls import reverse
from rest_framework.request import Request
from rest_framework.test import APIClient, APIRequestFactory

from api.pagination import CursorPagination
from lms.accounts.models import User
from lms.programme.models import Edition
from tests.factories.accounts import AdministratorFactory
from tests.factories.peer_exchange import draft
from tests.factories.programme import participant

pytestmark = pytest.mark.django_db


@pytest.fixture
def api() -> APIClient:
    client = APIClient(raise_request_exception=False)
    client.force_authenticate(AdministratorFactory.create())
    return client


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("[" * 50_000, 400),
        ('{"values": ' * 50_000, 400),
        ('{"\\ud800": 1, "base_version": 0, "values": {}}', 422),
        ('{"base_version": 0, "values": {"\\ud800": "x"}}', 422),
        ('{"base_version": 0, "values": {"visibility": "\\ud800"}}', 422),
        ('{"base_version": 1e400, "values": {}}', 422),
        ('{"base_version": NaN, "values": {}}', 400),
        ("[]", 422),
    ],
)
def test_an_unreadable_body_is_the_senders_problem(
    api: APIClient, edition: Edition, body: str, status: int
) -> None:
    experience = draft(edition)
    address = reverse("api:v1:experience-draft", args=[experience.pk])

    answer = api.generic("PUT", address, body, content_type="application/json")

    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    answer.json()


@pytest.mark.parametrize("name", ["experience", "file", "lesson", "marking-queue", "grade"])
@pytest.mark.parametrize("place", ["abc", "\0", "2025", "9" * 40])
def test_a_cursor_that_was_made_up_leads_nowhere(api: APIClient, name: str, place: str) -> None:
    cursor = base64.b64encode(urlencode({"p": place}).encode()).decode()

    answer = api.get(reverse(f"api:v1:{name}-list"), {"cursor": cursor})

    assert answer.status_code in {200, 404}
    assert answer.status_code == 200 or answer["Content-Type"] == "application/problem+json"


class Broken(QuerySet[User]):
    """A list whose reading fails for a reason of its own."""

    def __getitem__(self, place: Any) -> Any:
        raise ValueError("a mistake of ours")


def test_a_mistake_of_ours_is_not_taken_for_a_wrong_cursor() -> None:
    cursor = base64.b64encode(urlencode({"p": "7"}).encode()).decode()
    request = Request(APIRequestFactory().get("/", {"cursor": cursor}))

    with pytest.raises(ValueError, match="a mistake of ours"):
        CursorPagination().paginate_queryset(Broken(User), request)


@pytest.mark.parametrize("place", ["abc", "\0", "9" * 40, "9" * 5000, "-9999999999999999999"])
def test_a_place_that_no_id_can_have_is_not_found(api: APIClient, place: str) -> None:
    cursor = base64.b64encode(urlencode({"p": place}).encode()).decode()
    assert api.get("/api/v1/experiences/", {"cursor": cursor}).status_code == 404


@pytest.mark.parametrize("address", ["lessons/?edition=%00", "editions/%00/", "progress/?x=%00"])
def test_an_address_with_a_nul_names_nothing(api: APIClient, address: str) -> None:
    answer = api.get(f"/api/v1/{address}")

    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


@pytest.mark.parametrize("number", [10**30, 0, -1])
@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("release-list", "grades"),
        ("allocation-preview", "markers"),
        ("allocation-preview", "again"),
    ],
)
def test_an_id_that_no_database_keeps_is_refused(
    api: APIClient, edition: Edition, address: str, name: str, number: int
) -> None:
    others = {"sha256": "0" * 64} if name == "grades" else {"markers": []}
    body = {"edition": edition.slug, **others, name: [number]}

    answer = api.post(reverse(f"api:v1:{address}"), body, format="json")

    assert (answer.status_code, list(answer.json()["errors"])) == (422, [name])


def test_a_script_without_its_token_is_told_so_as_pages_tell_it(edition: Edition) -> None:
    """It asks for another one then, and sends what it has once more."""
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(participant(edition))
    body = {"kind": "texts", "cadence": "daily"}
    refused = browser.post("/api/v1/me/mails/", body, content_type="application/json")
    token = browser.get("/form-token/", headers={"X-Requested-With": "fetch"}).json()["token"]
    done = browser.post(
        "/api/v1/me/mails/", body, content_type="application/json", headers={"X-CSRFToken": token}
    )
    assert (refused.status_code, refused.json()["code"]) == (403, "csrf_failed")
    assert done.status_code == 200


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
def test_an_address_that_does_not_exist_says_so_to_every_method(db: None, method: str) -> None:
    """Not that a form is out of date: a program with a token has none."""
    answer = getattr(Client(enforce_csrf_checks=True), method)("/api/v1/project/7/submit/")

    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
