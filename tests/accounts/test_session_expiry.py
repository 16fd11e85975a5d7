"""An expired session costs a sign-in and nothing else."""

import pytest
from django.test import Client

from lms.accounts.models import User
from tests.factories.accounts import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db


def test_form_posted_without_a_session_comes_back_filled_after_sign_in(client: Client) -> None:
    user = UserFactory.create(name="Before", time_zone="Europe/Madrid")

    refused = client.post("/account/", {"name": "Typed for an hour", "time_zone": "Asia/Tokyo"})
    assert refused.status_code == 302
    assert refused["Location"].startswith("/accounts/login/?next=/account/")
    assert "What you typed is kept" in client.get(refused["Location"]).content.decode()
    client.post(refused["Location"], {"login": user.email, "password": PASSWORD})
    page = client.get("/account/")

    assert 'value="Typed for an hour"' in page.content.decode()
    assert "Your session had ended" in page.content.decode()
    assert User.objects.get(pk=user.pk).name == "Before"
    assert "Typed for an hour" not in client.get("/account/").content.decode()


def test_api_answers_401_json_and_never_a_redirect(client: Client) -> None:
    answer = client.get("/api/v1/me/")

    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "not_authenticated"


def test_nobody_signs_themselves_up(client: Client) -> None:
    page = client.post(
        "/accounts/signup/",
        {"email": "new@rambla.example", "password1": PASSWORD, "password2": PASSWORD},
    )

    assert page.status_code == 200
    assert not User.objects.exists()


def test_unknown_time_zone_is_refused_and_nothing_changes(client: Client) -> None:
    user = UserFactory.create(name="Before")
    client.force_login(user)

    answer = client.post("/account/", {"name": "After", "time_zone": "Mars/Base"})

    assert answer.status_code == 422
    assert User.objects.get(pk=user.pk).name == "Before"


def test_old_name_of_a_zone_is_offered_only_to_whoever_has_it(client: Client) -> None:
    for zone, offered in (("US/Eastern", True), ("Europe/Madrid", False)):
        user = UserFactory.create(time_zone=zone)
        client.force_login(user)

        page = client.get("/account/").content.decode()
        saved = client.post("/account/", {"name": user.name, "time_zone": zone})

        assert ('value="US/Eastern"' in page) is offered
        assert "Etc/GMT+5" not in page
        assert saved.status_code == 302
