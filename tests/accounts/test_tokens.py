"""Personal tokens: shown once, stored hashed, scoped, revocable."""

from datetime import datetime

import pytest
from django.test import Client

from lms.accounts.actions import create_token
from lms.accounts.models import PersonalToken
from lms.core.errors import Conflict, InvalidInput
from tests.factories.accounts import UserFactory
from tests.factories.programme import coordinator, participant
from tests.factories.timetable import SessionFactory

pytestmark = pytest.mark.django_db


def test_token_is_shown_once_and_only_its_hash_is_stored(client: Client) -> None:
    user = UserFactory.create()
    client.force_login(user)

    page = client.post(
        "/account/tokens/", {"name": "Our LMS", "scope": "read", "days": "30"}
    ).content.decode()

    token = PersonalToken.objects.get(user=user)
    text = page.split('<code class="token">')[1].split("</code>")[0]
    assert text not in client.get("/account/").content.decode()
    assert text not in token.digest
    answer = Client().get("/api/v1/me/", headers={"Authorization": f"Token {text}"})
    assert answer.json()["email"] == user.email


def test_token_that_may_only_read_cannot_write(edition, at: datetime) -> None:
    by = coordinator(edition)
    place = participant(edition).enrolments.get()
    session = SessionFactory.create(edition=edition)
    answers = {}
    for scope in ("read", "write"):
        _, text = create_token(name=scope, scope=scope, days=30, by=by, at=at)
        answers[scope] = Client().post(
            f"/api/v1/sessions/{session.pk}/attendance/",
            {"enrolment": place.pk, "status": "present"},
            content_type="application/json",
            headers={"Authorization": f"Token {text}"},
        )

    assert answers["read"].status_code == 403
    assert answers["read"]["Content-Type"] == "application/problem+json"
    assert answers["write"].status_code == 200


def test_token_stops_working_when_revoked_by_its_owner_only(client: Client, at: datetime) -> None:
    owner, other = UserFactory.create(), UserFactory.create()
    token, text = create_token(name="mine", scope="read", days=30, by=owner, at=at)
    url = f"/account/tokens/{token.token_key}/revoke/"

    client.force_login(other)
    assert client.post(url).status_code == 404
    client.force_login(owner)
    assert client.post(url).status_code == 302

    answer = Client().get("/api/v1/me/", headers={"Authorization": f"Token {text}"})
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"


def test_token_refuses_bad_input_and_a_twenty_first(at: datetime) -> None:
    by = UserFactory.create()
    for bad in (
        {"name": "", "scope": "read", "days": 30},
        {"name": "x" * 81, "scope": "read", "days": 30},
        {"name": "nul\x00", "scope": "read", "days": 30},
        {"name": "x", "scope": "admin", "days": 30},
        {"name": "x", "scope": "read", "days": 0},
        {"name": "x", "scope": "read", "days": 367},
    ):
        with pytest.raises(InvalidInput):
            create_token(by=by, at=at, **bad)
    for number in range(20):
        create_token(name=str(number), scope="read", days=30, by=by, at=at)
    with pytest.raises(Conflict):
        create_token(name="one more", scope="read", days=30, by=by, at=at)
    assert PersonalToken.objects.filter(user=by).count() == 20
