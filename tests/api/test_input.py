"""What no reader can make sense of is a problem+json of the sender's, never a 500 of ours."""

import base64
from urllib.parse import urlencode

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from lms.programme.models import Edition
from tests.factories.accounts import AdministratorFactory
from tests.factories.peer_exchange import draft

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


@pytest.mark.parametrize("address", ["lessons/?edition=%00", "editions/%00/", "progress/?x=%00"])
def test_an_address_with_a_nul_names_nothing(api: APIClient, address: str) -> None:
    answer = api.get(f"/api/v1/{address}")

    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
