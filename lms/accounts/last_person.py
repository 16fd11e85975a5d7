"""Who signed in last in a browser: still known when their session has ended.

A form that stands open then belongs to them, and to nobody who signs in next. Django holds
a form against a token that each sign-in replaces, so it cannot be of somebody before them;
pages that renew their token read the cookie too (csrf.ts).
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from lms.accounts.models import User

COOKIE = "person"
KEPT_FOR = 365 * 24 * 3600


def remember_person(response: HttpResponseBase, person: User) -> HttpResponseBase:
    response.set_signed_cookie(
        COOKIE,
        str(person.pk),
        max_age=KEPT_FOR,
        httponly=False,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite=settings.SESSION_COOKIE_SAMESITE,
    )
    return response


def last_person(request: HttpRequest) -> str | None:
    """Their id as text; None where nobody is known."""
    return request.get_signed_cookie(COOKIE, default=None, max_age=KEPT_FOR)
