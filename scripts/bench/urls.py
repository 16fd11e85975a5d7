"""The site, and the floor: what Django needs to know who asks."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from lms.urls import handler404, handler500
from lms.urls import urlpatterns as site

__all__ = ["handler404", "handler500", "urlpatterns"]


def floor(request: HttpRequest) -> HttpResponse:
    """Read the session and the user, and answer with a line."""
    if not request.user.is_authenticated:
        return HttpResponse("nobody", status=401)
    return HttpResponse(f"{request.user.pk}: {request.user.email}")


urlpatterns = [path("bench/floor/", floor, name="bench-floor"), *site]
