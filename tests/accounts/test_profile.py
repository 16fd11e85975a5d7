"""One's own name, time zone and tokens: nobody else's, and each form keeps its own words."""

from datetime import datetime

import pytest
from django.test import Client

from lms.accounts.actions import create_token, revoke_token, update_profile
from lms.accounts.models import PersonalToken, User
from lms.core.errors import Conflict, PermissionDenied
from tests.factories.accounts import PASSWORD, AdministratorFactory, UserFactory

pytestmark = pytest.mark.django_db
PAGE = "/account/"


def after_the_session(client: Client, person: User, *, sent_to: str, form: dict[str, str]) -> None:
    """Post a form of the account page without a session, then sign in."""
    away = client.post(sent_to, form, headers={"Referer": f"http://testserver{PAGE}"})
    client.post(away["Location"], {"login": person.email, "password": PASSWORD})


def test_what_a_token_is_for_never_becomes_the_name_on_the_certificate(client: Client) -> None:
    person = UserFactory.create(name="Amina Otieno")
    form = {"name": "Our city's LMS", "scope": "write", "days": "90"}
    after_the_session(client, person, sent_to="/account/tokens/", form=form)

    back = client.get(PAGE)

    assert back.context["profile_form"]["name"].value() == "Amina Otieno"
    tokens = back.context["token_form"]
    assert {name: tokens[name].value() for name in form} == form


def test_a_name_typed_before_the_session_ended_is_back_in_its_own_form(client: Client) -> None:
    person = UserFactory.create(name="Amina Otieno")
    form = {"name": "Amina A. Otieno", "time_zone": "Africa/Nairobi"}
    after_the_session(client, person, sent_to=PAGE, form=form)

    back = client.get(PAGE)

    assert back.context["profile_form"]["name"].value() == "Amina A. Otieno"
    assert back.context["token_form"]["name"].value() is None


def test_nobody_writes_somebody_elses_name(at: datetime) -> None:
    person = UserFactory.create(name="Amina Otieno")
    with pytest.raises(PermissionDenied):
        update_profile(
            user=person, name="Nobody", time_zone="UTC", by=AdministratorFactory.create(), at=at
        )
    person.refresh_from_db()
    assert person.name == "Amina Otieno"


def test_nobody_revokes_somebody_elses_token_or_one_that_is_gone(at: datetime) -> None:
    person = UserFactory.create()
    token, _text = create_token(name="Ours", scope="read", days=30, by=person, at=at)

    with pytest.raises(PermissionDenied):
        revoke_token(token=token, by=AdministratorFactory.create(), at=at)
    assert PersonalToken.objects.count() == 1

    again = PersonalToken.objects.get()
    revoke_token(token=token, by=person, at=at)
    with pytest.raises(Conflict):
        revoke_token(token=again, by=person, at=at)


def test_one_token_too_many_is_refused_in_its_form(client: Client, at: datetime) -> None:
    person = UserFactory.create()
    for number in range(20):
        create_token(name=f"Program {number}", scope="read", days=30, by=person, at=at)
    client.force_login(person)

    form = {"name": "One more", "scope": "read", "days": "30"}
    refused = client.post("/account/tokens/", form)

    assert refused.status_code == 422
    assert refused.context["token_form"].non_field_errors() == [
        "You have 20 tokens. Revoke one before you make another."
    ]
    assert refused.context["token_form"]["name"].value() == "One more"
