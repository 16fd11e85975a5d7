"""Guessing tokens is slowed down by address, before anything is looked up."""

from datetime import datetime

import pytest
from django.test import Client
from rest_framework.settings import api_settings

from api.authentication import FailedTokens
from lms.accounts.actions import create_token
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db
ME = "/api/v1/me/"


def ask(client: Client, token: str, **headers: str) -> int:
    return client.get(ME, headers={"Authorization": f"Token {token}", **headers}).status_code


@pytest.fixture(autouse=True)
def three_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FailedTokens, "rate", "3/min", raising=False)


def test_after_too_many_wrong_tokens_an_address_waits_and_nothing_is_looked_up(
    client: Client, at: datetime, django_assert_num_queries
) -> None:
    _, text = create_token(name="A script", scope="read", days=30, by=UserFactory.create(), at=at)
    assert [ask(client, text) for _ in range(5)] == [200] * 5
    assert [ask(client, "wrong"), ask(client, "\xff"), ask(client, "two words")] == [401] * 3

    with django_assert_num_queries(0):
        refused = client.get(ME, headers={"Authorization": "Token wrong"})
    assert (refused.status_code, refused.json()["code"]) == (429, "throttled")
    assert int(refused["Retry-After"]) > 0
    assert ask(client, text) == 429
    assert (
        Client(REMOTE_ADDR="203.0.113.9")
        .get(ME, headers={"Authorization": f"Token {text}"})
        .status_code
        == 200
    )


@pytest.mark.parametrize(("proxies", "answers"), [(0, [401] * 3 + [429]), (1, [401] * 3 + [429])])
def test_a_made_up_forwarding_address_does_not_choose_the_bucket(
    client: Client, monkeypatch: pytest.MonkeyPatch, proxies: int, answers: list[int]
) -> None:
    """What the client writes stands to the left of what the proxy adds."""
    monkeypatch.setattr(api_settings, "NUM_PROXIES", proxies)

    told = [
        ask(client, "wrong", **{"X-Forwarded-For": f"198.51.100.{n}, 203.0.113.7"})
        for n in range(4)
    ]

    assert told == answers


def test_behind_a_proxy_each_client_has_a_bucket(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_settings, "NUM_PROXIES", 1)

    told = [ask(client, "wrong", **{"X-Forwarded-For": f"203.0.113.{n}"}) for n in range(5)]

    assert told == [401] * 5
