"""What the CMS is helped with."""

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse

from modules.models.playing import InTheArchive

FORMS_OF_PAGES: Final = frozenset({"wagtailadmin_pages:add", "wagtailadmin_pages:edit"})


class ArchivedMeanwhileMiddleware:
    """A page was checked, and what it plays was archived before it was stored.

    The form is checked once more: now it says so at the block, and all that the editor
    wrote is still in it. Nothing was stored the first time.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        asked = request.resolver_match
        if not isinstance(error, InTheArchive) or not asked:
            return None
        if asked.view_name not in FORMS_OF_PAGES:
            return None
        try:
            answer: HttpResponse = asked.func(request, *asked.args, **asked.kwargs)
        except InTheArchive:
            return None
        return answer
