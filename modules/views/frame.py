"""What stands around a reading page: header, navigation, footer.

It is the same for everybody who takes part in an edition but for the person's name,
address and time zone. It is rendered once with stand-ins in their places, and the
places are filled for each reader (docs/adr/0010-reading-pages-in-pieces.md).
"""

import re
import secrets
from typing import Any

from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from lms.accounts.models import User
from lms.core.kept import Kept
from lms.programme.models import Edition

TEMPLATE = "modules/activity.html"


def slot() -> str:
    """A word that nobody can have typed: where one of these stands, something is filled in."""
    return f"slot-{secrets.token_hex(12)}"


CSRF, TITLE, BODY = slot(), slot(), slot()
# Where the address of the reader's own player stands, the name of its frame, and its code.
PLAYER, PLAYER_LOAD, PLAYER_CODE = slot(), slot(), slot()
SLOTS = re.compile(r"slot-[0-9a-f]{24}")


class StandIn:
    """Somebody signed in, of whom only the places are known. A test compares the frame
    with the page as it is rendered for a person."""

    is_authenticated = True
    is_active = True
    pk = slot()
    email = slot()
    name = slot()
    time_zone = slot()
    words = slot()
    short_name = slot()

    def __str__(self) -> str:
        return self.words

    def get_short_name(self) -> str:
        return self.short_name

    @classmethod
    def values_of(cls, user: User) -> dict[str, Any]:
        return {
            cls.pk: user.pk,
            cls.email: user.email,
            cls.name: user.name,
            cls.time_zone: user.time_zone,
            cls.words: str(user),
            cls.short_name: user.get_short_name(),
        }


_frames: Kept[str] = Kept(64)


def in_frame(
    request: HttpRequest, user: User, edition: Edition | None, *, title: str, body: SafeString
) -> HttpResponse:
    """The page. `edition`: that of somebody who takes part in it and has no other work
    anywhere, whose frame is kept; None for everybody else. `body` may hold places for
    the reader's token (CSRF)."""
    token = get_token(request)
    # The token is letters and digits and needs no escaping.
    body = SafeString(body.replace(CSRF, token))
    if edition is None or len(get_messages(request)):
        # What is said once is no part of a frame that is kept.
        return render(request, TEMPLATE, {"title": title, "body": body, "is_railed": True})
    values = StandIn.values_of(user) | {CSRF: token, TITLE: title, BODY: body}
    frame = _frame(request, edition)
    # What somebody typed is filled in and not looked at again.
    return HttpResponse(
        SLOTS.sub(lambda match: conditional_escape(values.get(match[0], match[0])), frame)
    )


def _frame(request: HttpRequest, edition: Edition) -> str:
    def make() -> str:
        places = {"title": TITLE, "body": BODY, "csrf_token": CSRF, "user": StandIn()}
        return render_to_string(TEMPLATE, places | {"is_railed": True}, request)

    return _frames.get((edition.pk, edition.slug, str(edition), get_language()), make)
