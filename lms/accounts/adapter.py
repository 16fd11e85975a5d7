"""How people come in, where allauth lets us say so."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _

from lms.accounts.last_person import remember_person


class InvitationOnlyAdapter(DefaultAccountAdapter):
    """Accounts are made by the programme when it offers a place."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("The email address or the password is not right."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def post_login(self, request: HttpRequest, user: Any, **more: Any) -> HttpResponseBase:
        return remember_person(super().post_login(request, user, **more), user)
