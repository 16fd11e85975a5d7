"""Pages for the moments when something is refused, and what belongs to no app."""

import re

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import RequestDataTooBig
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from lms.core.errors import TooLarge
from lms.core.problems import problem, problem_answer
from lms.core.refusals import refusal_page
from lms.core.specimen import SpecimenForm, specimen_page

# One name, no folder; only what browsers show as a picture and cannot run.
PICTURE = re.compile(r"[\w-][\w.-]*\.(?:avif|gif|jpe?g|png|webp)", re.IGNORECASE)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """What was typed is still in the page one came from; say how to send it again."""
    if _is_program(request):
        said = _("Load the page again, then repeat the request.")
        if _is_script(request):
            said = _("Load this page again: what is not saved yet is then offered to you.")
        return problem_answer(problem(403, "csrf_failed", _("The page is out of date"), said))
    return render(request, "core/csrf.html", status=403)


@require_safe
@never_cache
def form_token(request: HttpRequest) -> JsonResponse:
    """For a page whose browser has lost the cookie that forms are held against: a new one,
    so that what was typed goes out without loading the page again (csrf.ts)."""
    return JsonResponse({"token": get_token(request)})


@require_safe
def signed_in(request: HttpRequest) -> HttpResponse:
    """Where a small window ends up in which somebody signed in again: it tells the page
    that waits for it (signed-in.ts) and closes itself."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.path)
    return render(request, "core/signed_in.html")


def staff_sign_in(request: HttpRequest) -> HttpResponse:
    """In the place of the sign-in pages that Wagtail and Django's admin bring along."""
    if request.user.is_authenticated:
        # Signing in again would not open what is closed to them.
        raise Http404
    return redirect_to_login(request.GET.get("next", "/"))


def health(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


@require_safe
def picture(request: HttpRequest, name: str) -> FileResponse:
    """A picture of a lesson, in one of the sizes that Wagtail made of it.

    Pictures are for everybody, as the front page's are. Nothing else of MEDIA_ROOT has
    an address here: not the originals, nor documents (Wagtail asks who may read those).
    A changed picture has another name, so that browsers need not ask again.
    """
    if not PICTURE.fullmatch(name):
        raise Http404
    try:
        file = default_storage.open(f"images/{name}")
    except FileNotFoundError as error:
        raise Http404 from error
    answer = FileResponse(file)
    patch_cache_control(answer, public=True, max_age=365 * 24 * 3600, immutable=True)
    return answer


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
        # The body was not read, so there is nothing of it to show.
        return refusal_page(request, TooLarge(), written=[])
    if _is_program(request):
        return problem_answer(problem(400, "bad_request", _("This request cannot be read.")))
    return render(request, "400.html", status=400)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _is_program(request):
        said = _("There is nothing here that you can see.")
        return problem_answer(problem(404, "not_found", said))
    return render(request, "404.html", status=404)


def form_address(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Instead of an empty 405: what the address is for, and the page above it."""
    if not request.accepts("text/html") or _is_script(request):
        return response
    context = {"above": _page_above(request.path_info)}
    page = render(request, "core/form_address.html", context, status=405)
    page["Allow"] = response["Allow"]
    return page


def _page_above(path: str) -> str:
    """The nearest address above this one that leads anywhere."""
    parts = path.strip("/").split("/")
    for length in range(len(parts) - 1, 0, -1):
        above = f"/{'/'.join(parts[:length])}/"
        try:
            resolve(above)
        except Resolver404:
            continue
        return above
    return "/"


def server_error(request: HttpRequest) -> HttpResponse:
    """Rendered without the request: its context may need what has just broken."""
    if _is_program(request):
        said = _("Something went wrong on our side.")
        return problem_answer(problem(500, "server_error", said))
    return HttpResponse(render_to_string("500.html"), status=500)


def _is_program(request: HttpRequest) -> bool:
    return request.path.startswith("/api/") or _is_script(request)


def _is_script(request: HttpRequest) -> bool:
    """Of one of our pages, which says the sentence beside what it was about."""
    return request.headers.get("X-Requested-With") == "fetch"
