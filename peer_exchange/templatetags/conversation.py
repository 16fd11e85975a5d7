"""What people said, as it is shown: escaped, with links and names."""

import re
from collections.abc import Sequence
from typing import Any

from django import template
from django.utils.html import escape, linebreaks, urlize
from django.utils.safestring import SafeString, mark_safe

from lms.accounts.models import City
from peer_exchange.selectors.threads import follows_city

register = template.Library()


@register.filter
def said(body: str, names: Sequence[str] = ()) -> SafeString:
    """A response's text in paragraphs: addresses become links (http, https and mail, never
    another scheme), the names that it calls stand out. All of it is escaped."""
    known = sorted({name for name in names if name}, key=len, reverse=True)
    if not known:
        return mark_safe(linebreaks(urlize(body, nofollow=True, autoescape=True)))  # noqa: S308
    called = re.compile(
        r"(?<![\w/@.])@(?:" + "|".join(map(re.escape, known)) + r")(?!\w)", re.IGNORECASE
    )
    html, end = "", 0
    for match in called.finditer(body):
        html += urlize(body[end : match.start()], nofollow=True, autoescape=True)
        html += f'<strong class="called">{escape(match.group())}</strong>'
        end = match.end()
    html += urlize(body[end:], nofollow=True, autoescape=True)
    return mark_safe(linebreaks(html))  # noqa: S308 - each piece was escaped


@register.inclusion_tag("peer_exchange/_follow_city.html", takes_context=True)
def follow_city(context: Any, city: City) -> dict[str, Any]:
    """The button that follows a city, or stops; nothing for a visitor."""
    request = context["request"]
    is_known = request.user.is_authenticated
    return {
        "city": city,
        "is_known": is_known,
        "is_followed": is_known and follows_city(request.user, city.pk),
        "page": request.path,
        "csrf_token": context.get("csrf_token"),
    }
