"""The site, and the floor: what Django needs to know who asks."""

from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static
from django.urls import path
from django.utils.html import format_html

from lms.urls import handler404, handler500
from lms.urls import urlpatterns as site

__all__ = ["handler404", "handler500", "urlpatterns"]


def floor(request: HttpRequest) -> HttpResponse:
    """Read the session and the user, and answer with a line."""
    if not request.user.is_authenticated:
        return HttpResponse("nobody", status=401)
    return HttpResponse(f"{request.user.pk}: {request.user.email}")


def player(request: HttpRequest) -> HttpResponse:
    """A player with the script of our pages."""
    page = format_html(
        "<!doctype html><title>ours</title><body><div data-h5p='/'><iframe sandbox='allow-scripts' "
        "width='900' height='600' src='{}'></iframe></div><script type='module' src='{}'></script>",
        request.GET.get("frame", ""),
        static("app.js"),
    )
    return HttpResponse(page, headers={"Cache-Control": "max-age=3600"})


urlpatterns = [
    path("bench/floor/", floor, name="bench-floor"),
    path("bench/player/", player, name="bench-player"),
    *site,
]
