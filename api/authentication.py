"""Who calls: a browser's session, or a personal token (stored hashed, revocable, scoped)."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from knox.auth import TokenAuthentication
from rest_framework import authentication
from rest_framework.authentication import get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied, Throttled
from rest_framework.request import Request

from lms.core.throttling import FailedTries


class SessionAuthentication(authentication.SessionAuthentication):
    """A session; without one the answer is 401 JSON, never a redirect or a bare 403."""

    def authenticate_header(self, request: Request) -> str:
        return "Session"

    def enforce_csrf(self, request: Request) -> None:
        """As pages say it: a script asks for another token then (`/form-token/`)."""
        try:
            super().enforce_csrf(request)
        except PermissionDenied as error:
            raise PermissionDenied(str(error.detail), code="csrf_failed") from error


class FailedTokens(FailedTries):
    scope = "failed_token"


class PersonalTokenAuthentication(TokenAuthentication):
    """`Authorization: Token …`, made by the person on their account page.

    DRF throttles after authentication, so guesses would cost nothing: here an address
    that has sent too many wrong tokens is told 429 before the database is asked.
    """

    def authenticate(self, request: Request) -> Any:
        sent = get_authorization_header(request).split()
        if not sent or sent[0].lower() != self.authenticate_header(request).encode().lower():
            return None
        failed: Any = FailedTokens()
        if not failed.allow_request(request, None):
            raise Throttled(wait=failed.wait())
        try:
            return super().authenticate(request)
        except UnicodeDecodeError as error:
            failed.count()
            raise AuthenticationFailed from error
        except AuthenticationFailed:
            failed.count()
            raise


class PersonalTokenScheme(OpenApiAuthenticationExtension):
    target_class = "api.authentication.PersonalTokenAuthentication"
    name = "personalToken"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Token <your personal token>`",
        }


class SessionScheme(OpenApiAuthenticationExtension):
    target_class = "api.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}
