"""What stands around a reading page: header, navigation, footer.

It is the same for everybody who takes part in an edition but for the person's name,
address and time zone. It is rendered once with stand-ins in their places, and the
places are filled for each reader.
"""

import hashlib
import re
from typing import Any

from django.contrib.messages import get_messages
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.crypto import salted_hmac
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from lms.accounts.models import User
from lms.programme.models import Edition

TEMPLATE = "modules/activity.html"
FORMAT = 1
KEEP_SECONDS = 600


def slot(name: str) -> str:
    """A word that nobody can have typed: where one of these stands, something is filled in."""
    return f"slot-{salted_hmac('modules.views.frame', name).hexdigest()[:24]}"


CSRF, TITLE, BODY = slot("csrf"), slot("title"), slot("body")
SLOTS = re.compile(r"slot-[0-9a-f]{24}")


class StandIn:
    """Somebody signed in, of whom only the places are known. A test compares the frame
    with the page as it is rendered for a person."""

    is_authenticated = True
    is_active = True
    pk = slot("pk")
    email = slot("email")
    name = slot("name")
    time_zone = slot("time_zone")

    def __str__(self) -> str:
        return slot("str")

    def get_short_name(self) -> str:
        return slot("short_name")

    @staticmethod
    def values_of(user: User) -> dict[str, Any]:
        return {
            slot("pk"): user.pk,
            slot("email"): user.email,
            slot("name"): user.name,
            slot("time_zone"): user.time_zone,
            slot("str"): str(user),
            slot("short_name"): user.get_short_name(),
        }


def in_frame(
    request: HttpRequest, edition: Edition, user: User, *, title: str, body: SafeString
) -> HttpResponse:
    """The page for somebody who takes part in `edition`."""
    if len(get_messages(request)):
        # What is said once is no part of a frame that is kept.
        return render(request, TEMPLATE, {"title": title, "body": body, "is_railed": True})
    values = StandIn.values_of(user) | {CSRF: get_token(request), TITLE: title, BODY: body}
    frame = _frame(request, edition)
    return HttpResponse(SLOTS.sub(lambda match: conditional_escape(values[match[0]]), frame))


def fill_csrf(html: str, request: HttpRequest) -> SafeString:
    """The reader's own token in the forms of a cached piece."""
    # The token is letters and digits and needs no escaping.
    return SafeString(html.replace(CSRF, get_token(request)))


def _frame(request: HttpRequest, edition: Edition) -> str:
    seen = (edition.pk, edition.slug, str(edition), get_language())
    digest = hashlib.sha256(repr(seen).encode()).hexdigest()
    key = f"modules:frame:{FORMAT}:{digest}"
    frame: str | None = cache.get(key)
    if frame is None:
        places = {"title": TITLE, "body": BODY, "csrf_token": CSRF, "user": StandIn()}
        frame = render_to_string(TEMPLATE, places | {"is_railed": True}, request)
        cache.set(key, frame, KEEP_SECONDS)
    return frame
