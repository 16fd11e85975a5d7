"""Pages for the moments when something is refused."""

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from lms.core.errors import TooLarge
from lms.core.problems import PROBLEM_JSON
from lms.core.specimen import SpecimenForm, specimen_page


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """What was typed is still in the page one came from; say how to send it again."""
    if _is_program(request):
        said = _("Load the page again, then repeat the request.")
        return _problem(403, "csrf_failed", _("The page is out of date"), said)
    return render(request, "core/csrf.html", status=403)


def staff_sign_in(request: HttpRequest) -> HttpResponse:
    """In the place of the sign-in pages that Wagtail and Django's admin bring along."""
    if request.user.is_authenticated:
        # Signing in again would not open what is closed to them.
        raise Http404
    return redirect_to_login(request.GET.get("next", "/"))


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
    if _is_program(request):
        return _problem(400, "bad_request", _("This request cannot be read."))
    return render(request, "400.html", status=400)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _is_program(request):
        return _problem(404, "not_found", _("There is nothing here that you can see."))
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Rendered without the request: its context may need what has just broken."""
    if _is_program(request):
        return _problem(500, "server_error", _("Something went wrong on our side."))
    return HttpResponse(render_to_string("500.html"), status=500)


def _is_program(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def _problem(status: int, code: str, title: str, detail: str = "") -> JsonResponse:
    body = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "code": code,
        "detail": detail or title,
    }
    return JsonResponse(body, status=status, content_type=PROBLEM_JSON)
