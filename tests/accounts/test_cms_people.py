"""People in the CMS: found there, changed only through the actions."""

import pytest
from django.test import Client
from django.urls import reverse

from lms.accounts.models import User
from tests.factories.accounts import AdministratorFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator_client(client: Client) -> Client:
    client.force_login(AdministratorFactory.create())
    return client


def test_people_are_found_by_name_and_changed_where_it_is_recorded(
    administrator_client: Client,
) -> None:
    person: User = UserFactory.create(name="Nadia Okafor")
    UserFactory.create(name="Somebody Else")
    found = administrator_client.get(reverse("wagtailusers_users:index"), {"q": "okafor"})
    assert list(found.context["users"]) == [person]
    said = found.content.decode()
    assert "data-bulk-action-checkbox" not in said
    assert reverse("wagtailusers_users:delete", args=[person.pk]) not in said

    there = reverse("admin:accounts_user_change", args=[person.pk])
    for name in ("edit", "delete"):
        url = reverse(f"wagtailusers_users:{name}", args=[person.pk])
        assert administrator_client.get(url).headers["Location"] == there
    new = administrator_client.get(reverse("wagtailusers_users:add"))
    assert new.headers["Location"] == reverse("admin:accounts_user_add")
    assert administrator_client.get(new.headers["Location"]).status_code == 200
    assert administrator_client.get(there).status_code == 200


def test_the_cms_deletes_disables_and_renames_nobody(administrator_client: Client) -> None:
    person: User = UserFactory.create(name="Nadia Okafor", is_active=True)
    before = User.objects.filter(pk=person.pk).values().get()
    sent = {"email": "a@b.example", "first_name": "A", "last_name": "B", "is_superuser": "on"}
    for name in ("edit", "delete"):
        administrator_client.post(reverse(f"wagtailusers_users:{name}", args=[person.pk]), sent)
    for action in ("delete", "set_active_state", "assign_role"):
        url = reverse("wagtail_bulk_action", args=["accounts", "user", action])
        answer = administrator_client.post(f"{url}?id={person.pk}", {"mark_as_active": ""})
        assert answer.status_code in (200, 302), action
    assert User.objects.filter(pk=person.pk).values().get() == before
    assert not User.objects.filter(email="a@b.example").exists()


def test_settings_of_the_cms_ask_for_no_name_and_take_no_password(
    administrator_client: Client,
) -> None:
    me = User.objects.get(is_superuser=True)
    before = (me.name, me.email, me.password)
    own = reverse("wagtailadmin_account")
    asked = {
        name
        for panels in administrator_client.get(own).context["panels_by_tab"].values()
        for panel in panels
        for name in panel.get_form().fields
    }
    assert asked.isdisjoint({"first_name", "last_name", "email", "new_password1"})

    sent = {"theme-theme": "dark", "theme-density": "default", "theme-contrast": "system"}
    sent |= {"theme-keyboard_shortcuts": "on", "name_email-email": "x@y.example"}
    assert administrator_client.post(own, sent).status_code == 302
    me.refresh_from_db()
    assert me.wagtail_userprofile.theme == "dark"
    assert (me.name, me.email, me.password) == before
