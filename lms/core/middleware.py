"""One id a request, one looser policy for staff tools, one page for refusals."""

import re
import uuid
from collections.abc import Callable
from urllib.parse import urlsplit

from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.utils.cache import has_vary_header, patch_cache_control

from lms.core.errors import DomainError
from lms.core.logging import set_request_id
from lms.core.problems import problem_response
from lms.core.refusals import refusal_page
from lms.core.views import form_address, not_found

GetResponse = Callable[[HttpRequest], HttpResponse]
_SAFE_ID = re.compile(r"[A-Za-z0-9-]{8,64}")


class RequestIdMiddleware:
    """Take the proxy's X-Request-ID or make one; answer with it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if _SAFE_ID.fullmatch(given) else uuid.uuid4().hex
        set_request_id(request_id)
        response = self.get_response(request)
        response["X-Request-ID"] = request_id
        return response


class PlayerHostMiddleware:
    """The host on which interactive content is played (H5P_ORIGIN) answers for nothing
    else: no page, no sign-in, no API, not even a static file."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        host = urlsplit(settings.H5P_ORIGIN).netloc
        if (
            host
            and request.get_host() == host
            and not request.path_info.startswith(settings.H5P_PATH)
        ):
            return HttpResponse(status=404)
        return self.get_response(request)


class ReadableRequestMiddleware:
    """Refuse here what would break whoever reads it later: an address with a NUL, which
    PostgreSQL will not even look for, and a form in an encoding that is none of text."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            raise Http404
        charset = (request.content_params or {}).get("charset", "utf-8")
        if request.content_type == "multipart/form-data" and charset.lower() != "utf-8":
            raise BadRequest("Forms are sent as UTF-8.")
        return self.get_response(request)


class FormAddressMiddleware:
    """An address that only takes forms, opened as a page: from the browser's history, or
    after signing in again. A browser shows nothing of its own for an empty 405."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and request.method == "GET":
            return form_address(request, response)
        return response


class ContentPolicyMiddleware(CSPMiddleware):
    """The strict policy everywhere; Wagtail's admin and Swagger UI bring inline code."""

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        if request.path.startswith(settings.CSP_STAFF_PATHS):
            parts.replace = settings.CSP_STAFF_DIRECTIVES
        return parts


class PrivatePagesMiddleware:
    """What was made for one reader is kept by no cache that others use, and is asked
    for anew after signing out. A view that knows better says so itself."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_personal = has_vary_header(response, "Cookie") or "Authorization" in request.headers
        if is_personal and not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True, no_cache=True)
        return response


class DomainErrorMiddleware:
    """A refusal that no view turned into a form error becomes a readable page that has
    in it what was written, or problem+json where a script of ours asked."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, Http404) and settings.DEBUG:
            # Somebody trying the diploma out sees what everybody sees, not the debugger.
            return not_found(request, error)
        if not isinstance(error, DomainError):
            return None
        if request.headers.get("X-Requested-With") == "fetch":
            return problem_response(error)
        return refusal_page(request, error)
