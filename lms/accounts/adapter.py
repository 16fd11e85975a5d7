from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class InvitationOnlyAdapter(DefaultAccountAdapter):
    """Accounts are made by the programme when it offers a place."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
