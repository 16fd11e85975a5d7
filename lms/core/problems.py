"""Refusals as problem+json (RFC 9457), for the API and for scripts of our pages."""

from typing import Any

from django.http import JsonResponse

from lms.core.errors import DomainError, InvalidInput

PROBLEM_JSON = "application/problem+json"


def problem_of(error: DomainError) -> dict[str, Any]:
    """The body: stable `code`, a sentence, `errors` by field, and the error's extras."""
    sentence = str(error.sentence)
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": sentence,
        "status": error.status,
        "code": error.code,
        "detail": sentence,
    }
    if isinstance(error, InvalidInput) and error.errors:
        body["errors"] = {
            field: [str(sentence) for sentence in sentences]
            for field, sentences in error.errors.items()
        }
        # Shown as it is beside a draft that saves itself: what is wrong, not that it is.
        body["detail"] = " ".join(said for of_field in body["errors"].values() for said in of_field)
    return body | error.extra


def problem_response(error: DomainError) -> JsonResponse:
    return JsonResponse(problem_of(error), status=error.status, content_type=PROBLEM_JSON)
