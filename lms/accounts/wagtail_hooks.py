"""People in the CMS: a list. Who invites them and gives them access does it where the
actions are called, their letters go out and the audit trail hears of it."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import cached_property
from wagtail import hooks
from wagtail.admin.ui.tables import BulkActionsCheckboxColumn
from wagtail.admin.views.account import AccountView, NameEmailSettingsPanel
from wagtail.users.views.users import IndexView, UserViewSet

from lms.accounts.models import User


def invite(request: HttpRequest) -> HttpResponse:
    return redirect("admin:accounts_user_add")


def change(request: HttpRequest, pk: str) -> HttpResponse:
    return redirect("admin:accounts_user_change", pk)


class PeopleList(IndexView):
    # Wagtail looks for a first and a last name; people have one name here.
    search_fields = frozenset({"name", "email"})

    @cached_property
    def columns(self) -> list[Any]:
        return [
            column
            for column in super().columns
            if not isinstance(column, BulkActionsCheckboxColumn)
        ]

    def get_delete_url(self, instance: User) -> None:
        """What somebody did stays theirs; an account that is over is made inactive."""


class PeopleViewSet(UserViewSet):
    """Wagtail's own forms set passwords, delete people, lose their names and tell nobody."""

    index_view_class = PeopleList
    add_view = staticmethod(invite)
    edit_view = staticmethod(change)
    delete_view = staticmethod(change)


class OwnSettings(AccountView):
    """What the CMS looks like to somebody; name, address and password are kept elsewhere."""

    def get_panels(self) -> list[Any]:
        return [
            panel for panel in super().get_panels() if not isinstance(panel, NameEmailSettingsPanel)
        ]


@hooks.register("before_bulk_action")
def refuse_people_in_bulk(
    _request: HttpRequest, _kind: str, chosen: list[Any], _action: Any
) -> None:
    if any(isinstance(thing, User) for thing in chosen):
        raise PermissionDenied
