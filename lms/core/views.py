"""Pages for the moments when something is refused."""

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from lms.core.errors import TooLarge
from lms.core.specimen import SpecimenForm, specimen_page


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """What was typed is still in the page one came from; say how to send it again."""
    if request.path.startswith("/api/"):
        return JsonResponse(
            {
                "type": "about:blank",
                "title": _("The page is out of date"),
                "status": 403,
                "code": "csrf_failed",
                "detail": _("Load the page again, then repeat the request."),
            },
            status=403,
            content_type="application/problem+json",
        )
    return render(request, "core/csrf.html", status=403)


def health(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


def style_page(request: HttpRequest) -> HttpResponse:
    """Every piece of the look on one page (development only)."""
    context = {
        "form": SpecimenForm(),
        "wrong_form": SpecimenForm({"wrong-title": "Two harbours"}, prefix="wrong"),
        "page": specimen_page(),
        "now": timezone.now(),
    }
    return render(request, "core/style.html", context)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A body over DATA_UPLOAD_MAX_MEMORY_SIZE is too large (413), not unreadable (400)."""
    if isinstance(exception, RequestDataTooBig):
        return render(request, "core/refused.html", {"error": TooLarge()}, status=413)
    return render(request, "400.html", status=400)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Rendered without the request: its context may need what has just broken."""
    return HttpResponse(render_to_string("500.html"), status=500)
