"""The site, and the floors: what Django needs to know who asks, and to write one row."""

import json

from django.core.files.storage import storages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path

from lms.core import clock
from lms.core.models import AuditEvent
from lms.core.storage import store_by_content
from lms.urls import handler404, handler500
from lms.urls import urlpatterns as site

__all__ = ["handler404", "handler500", "urlpatterns"]


def floor(request: HttpRequest) -> HttpResponse:
    """Read the session and the user, and answer with a line."""
    if not request.user.is_authenticated:
        return HttpResponse("nobody", status=401)
    return HttpResponse(f"{request.user.pk}: {request.user.email}")


def insert(request: HttpRequest) -> HttpResponse:
    """One INSERT of what was sent, by somebody who is signed in."""
    if not request.user.is_authenticated:
        return HttpResponse("nobody", status=401)
    sent = json.loads(request.body)
    AuditEvent.objects.create(
        at=clock.now(), actor=request.user, verb="bench", target_type="bench", target_id="1",
        details=sent["values"],
    )  # fmt: skip
    return JsonResponse({"version": sent["base_version"] + 1})


def upload(request: HttpRequest) -> HttpResponse:
    """The plainest upload: one file of a form, saved; `?by=hash` under its hash."""
    if not request.user.is_authenticated:
        return HttpResponse("nobody", status=401)
    file = request.FILES["file"]
    assert not isinstance(file, list)
    if request.GET.get("by") == "hash":
        return HttpResponse(store_by_content(file)[1])
    return HttpResponse(storages["plain"].save(file.name or "", file))


urlpatterns = [
    path("bench/floor/", floor, name="bench-floor"),
    path("bench/insert/", insert, name="bench-insert"),
    path("bench/upload/", upload, name="bench-upload"),
    *site,
]
