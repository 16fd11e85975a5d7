"""The written answer: saved by the page while one writes, or by its button."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from lms.accounts.typed import sign_in_required
from lms.core import clock
from lms.core.autosave import read_autosave
from lms.core.errors import InvalidInput
from modules.actions import save_written_answer
from modules.views.activity import KEEPS_THE_TEXT, page_again
from modules.views.pieces import version_in
from modules.views.readers import own_activity_or_404, place_or_404


@require_http_methods(["PUT", "POST"])
@sign_in_required
def text(
    request: HttpRequest, edition_slug: str, lesson_slug: str, activity_slug: str
) -> HttpResponse:
    """PUT is the autosave of docs/design.md, POST the form without JavaScript."""
    reader, enrolment, page = own_activity_or_404(request, edition_slug, lesson_slug, activity_slug)
    is_autosave = request.method == "PUT"
    if is_autosave:
        base_version, written = _save_in(request)
    else:
        base_version, written = version_in(request.POST), request.POST.get("text", "")
    try:
        progress = save_written_answer(
            enrolment=enrolment,
            activity=page,
            text=written,
            base_version=base_version,
            by=reader.user,
            at=clock.now(),
        )
    except KEEPS_THE_TEXT as error:
        if is_autosave:
            raise
        return page_again(
            request, reader, lesson_slug, activity_slug, typed=request.POST, error=error
        )
    if is_autosave:
        return JsonResponse({"version": progress.version, "saved_at": progress.saved_at})
    _lesson, place = place_or_404(reader, lesson_slug, activity_slug)
    return redirect(f"{place.url}#written")


def _save_in(request: HttpRequest) -> tuple[int, Any]:
    """(base_version, text) of an autosave body, or InvalidInput / TooLarge."""
    save = read_autosave(request)
    if save.values.keys() != {"text"}:
        raise InvalidInput(errors={"values": [_("Send the text, and nothing else.")]})
    return save.base_version, save.values["text"]
