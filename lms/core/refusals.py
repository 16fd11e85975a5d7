"""The page that says no, and still has in it what the person wrote (invariant 3)."""

import re
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _

from lms.core.errors import DomainError

# Never shown again, whatever form they came from.
SECRET = re.compile(
    r"csrf|pass(word|phrase|wd)|token|secret|otp|credential|recovery|(^|[-_])(code|key|pin)$",
    re.IGNORECASE,
)
# What buttons and hidden fields say; nobody wrote it.
OF_THE_PAGE = frozenset({"attempt", "base_version", "insert", "move", "next", "submit"})


@dataclass(frozen=True)
class Written:
    """One field of a form as it was sent."""

    label: str
    text: str


def written_in(request: HttpRequest) -> list[Written]:
    """The words of the form that this very request posted: no secrets, nothing that the
    page itself sent along, no numbers of things chosen from a list."""
    return written_among(request.POST) if request.method == "POST" else []


def written_among(posted: QueryDict) -> list[Written]:
    """The same of a form that was posted before."""
    return [
        Written(_label(name), str(value))
        for name, values in posted.lists()
        if name not in OF_THE_PAGE and not SECRET.search(name)
        for value in values
        if str(value).strip() and not str(value).isdecimal()
    ]


def refusal_page(
    request: HttpRequest, error: DomainError, *, written: list[Written] | None = None
) -> HttpResponse:
    """`written`: what stands on the page to be copied; by default what was posted."""
    context = {
        "error": error,
        "stored": [
            Written(_label(name), text)
            for name, text in (error.extra.get("stored") or {}).items()
            if isinstance(text, str)
        ],
        "written": written_in(request) if written is None else written,
    }
    response = render(request, "core/refused.html", context, status=error.status)
    add_never_cache_headers(response)
    return response


def _label(name: str) -> str:
    """A field's name as words: “comment-context” → “Comment context”."""
    if name in {"text", "value"}:
        return _("Your text")
    words = re.sub(r"[-_.]+", " ", name).strip()
    return words[:1].upper() + words[1:]
