"""Nothing typed is lost when a session has expired in the middle of a form."""

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import include, path, reverse

from lms.accounts.models import User
from lms.accounts.typed import KEEP_BYTES, sign_in_required, typed_before_sign_in
from tests.factories.accounts import PASSWORD, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.accounts.test_typed")]

PAGE, SAVE = "/a-form/?part=2", "/a-form/save/"


@sign_in_required
def a_form(request):
    typed = typed_before_sign_in(request)
    if typed is None:
        return HttpResponse("")
    mine = "save" if typed.of_form(SAVE) else "page" if typed.of_form("/a-form/") else "?"
    return HttpResponse(typed.urlencode(), headers={"X-Form": mine})


@sign_in_required
def save(request):
    return HttpResponse("saved")


urlpatterns = [
    path("a-form/", a_form),
    path("a-form/save/", save),
    path("", include("lms.urls")),
]


@pytest.fixture
def person() -> User:
    return UserFactory.create()


def sign_in(client: Client, person: User, page: str):
    return client.post(page, {"login": person.email, "password": PASSWORD})


def test_what_was_typed_is_back_in_the_form_after_signing_in(client: Client, person: User) -> None:
    typed = {"context": "Two rivers,\r\none port & a plan", "themes": ["climate", "energy"]}

    away = client.post(
        SAVE,
        {**typed, "csrfmiddlewaretoken": "x"},
        headers={"Referer": f"http://testserver{PAGE}"},
    )
    back = sign_in(client, person, away["Location"])

    assert away["Location"] == f"{reverse('account_login')}?next=/a-form/%3Fpart%3D2"
    assert back["Location"] == PAGE
    assert client.get(PAGE).content.decode() == (
        "context=Two+rivers%2C%0D%0Aone+port+%26+a+plan&themes=climate&themes=energy"
    )
    assert client.get(PAGE).content == b""  # once


@pytest.mark.parametrize(("sent_to", "form"), [(SAVE, "save"), ("/a-form/", "page")])
def test_a_page_with_several_forms_knows_which_one_was_typed_into(
    client: Client, person: User, sent_to: str, form: str
) -> None:
    away = client.post(sent_to, {"reason": "x"}, headers={"Referer": "http://testserver/a-form/"})
    sign_in(client, person, away["Location"])
    assert client.get("/a-form/")["X-Form"] == form


def test_another_page_does_not_get_what_was_typed_elsewhere(client: Client, person: User) -> None:
    client.post(SAVE, {"context": "x"}, headers={"Referer": "http://testserver/elsewhere/"})
    sign_in(client, person, reverse("account_login"))
    assert client.get(PAGE).content == b""


def test_nobody_else_in_the_same_browser_gets_what_was_typed(client: Client, person: User) -> None:
    """A computer in a hotel: the session ends, its owner walks away, a colleague signs in."""
    colleague = UserFactory.create()
    for next_one, given in ((colleague, b""), (person, b"context=x")):
        client.cookies.clear()
        sign_in(client, person, reverse("account_login"))
        del client.cookies["sessionid"]
        away = client.post(SAVE, {"context": "x"}, headers={"Referer": f"http://testserver{PAGE}"})

        sign_in(client, next_one, away["Location"])

        assert client.get(PAGE).content == given


def test_the_way_back_is_never_to_another_site(client: Client) -> None:
    away = client.post(SAVE, {"context": "x"}, headers={"Referer": "http://evil.example/a-form/"})
    assert away["Location"] == f"{reverse('account_login')}?next={SAVE}"


def test_reading_leads_to_sign_in_and_back(client: Client) -> None:
    assert client.get(PAGE)["Location"].endswith("?next=/a-form/%3Fpart%3D2")


def test_a_script_is_told_401_and_not_redirected(client: Client) -> None:
    answer = client.post(SAVE, {"context": "x"}, headers={"X-Requested-With": "fetch"})
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "not_authenticated"


def test_more_than_a_session_should_hold_is_not_put_into_it(client: Client, person: User) -> None:
    away = client.post(
        SAVE, {"context": "x" * KEEP_BYTES}, headers={"Referer": f"http://testserver{PAGE}"}
    )
    sign_in(client, person, away["Location"])
    assert client.get(PAGE).content == b""
