"""Every error of the API is problem+json (RFC 9457) with a stable `code`."""

from typing import Any

from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.core.exceptions import RequestDataTooBig
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

from lms.core.errors import DomainError, TooLarge
from lms.core.problems import PROBLEM_JSON, problem, problem_of


def problem_json(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: DomainErrors keep their code, status and extras."""
    if isinstance(error, RequestDataTooBig):
        error = TooLarge()
    if isinstance(error, DomainError):
        set_rollback()
        body = _storable(problem_of(error))
        return Response(body, status=error.status, content_type=PROBLEM_JSON)

    response = exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, exceptions.ValidationError):
        body = problem(422, "invalid", _("Some values need attention."))
        body["errors"] = error.detail
        response.status_code = 422
    elif isinstance(error, Http404):
        body = problem(404, "not_found", _("There is nothing here that you can see."))
    elif isinstance(error, DjangoPermissionDenied):
        body = problem(403, "permission_denied", _("You do not have permission to do this."))
    else:
        detail = getattr(error, "detail", "")
        code = getattr(detail, "code", "error")
        body = problem(response.status_code, str(code), str(detail))
    response.data = _storable(body)
    response.content_type = PROBLEM_JSON
    return response


def _storable(value: Any) -> Any:
    """The body with “?” for halves of characters: it may name what was sent."""
    if isinstance(value, dict):
        return {_storable(name): _storable(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_storable(inner) for inner in value]
    return value.encode(errors="replace").decode() if isinstance(value, str) else value
