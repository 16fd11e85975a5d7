"""Limits on guessing, and on what costs much to make: who was there too often waits."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from rest_framework.throttling import SimpleRateThrottle

from lms.core.errors import DomainError


class FailedTries(SimpleRateThrottle):
    """Counts what was refused by the address it comes from, and that alone. `scope` names
    its rate in the settings. Ask `allow_request` first; `count` a refusal after it."""

    def get_cache_key(self, request: Any, view: object) -> str:
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}

    def throttle_success(self) -> bool:
        """Asking whether one may try is no try."""
        return True

    def count(self) -> None:
        super().throttle_success()


class TooOften(DomainError):
    """One reader asks for more than the machine can make for all of them."""

    code = "too_often"
    status = 429
    sentence = _("You have asked for many of these within a minute. Try again in a minute.")


class OfOneReader(SimpleRateThrottle):
    """Counts what is made for one person, or for one address where nobody has signed in."""

    def __init__(self, scope: str) -> None:
        self.scope = scope
        super().__init__()

    def get_cache_key(self, request: Any, view: object) -> str:
        ident = request.user.pk if request.user.is_authenticated else self.get_ident(request)
        return self.cache_format % {"scope": self.scope, "ident": ident}


def require_rarely(request: HttpRequest, *, scope: str) -> None:
    """Raise TooOften above the rate that the settings name `scope`."""
    if not OfOneReader(scope).allow_request(request, None):  # type: ignore[arg-type]
        raise TooOften
