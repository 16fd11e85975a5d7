"""Refusals as problem+json (RFC 9457): one shape for the API and for scripts of our pages."""

from typing import Any

from django.http import JsonResponse

from lms.core.errors import DomainError, InvalidInput

PROBLEM_JSON = "application/problem+json"


def problem(status: int, code: str, title: str, detail: str = "", **extra: Any) -> dict[str, Any]:
    """The body of a refusal: a stable `code` for programs, sentences for people."""
    return {
        "type": "about:blank",
        "title": title,
        "status": status,
        "code": code,
        "detail": detail or title,
        **extra,
    }


def problem_of(error: DomainError) -> dict[str, Any]:
    """The body for an action's refusal, with `errors` by field and the error's extras."""
    sentence, errors = str(error.sentence), {}
    if isinstance(error, InvalidInput) and error.errors:
        errors["errors"] = {
            field: [str(said) for said in sentences] for field, sentences in error.errors.items()
        }
    # Shown as it is beside a draft that saves itself: what is wrong, not that it is.
    detail = " ".join(said for of_field in errors.get("errors", {}).values() for said in of_field)
    return problem(error.status, error.code, sentence, detail) | errors | error.extra


def problem_response(error: DomainError) -> JsonResponse:
    return problem_answer(problem_of(error))


def problem_answer(body: dict[str, Any]) -> JsonResponse:
    """A body of `problem` as an answer."""
    return JsonResponse(body, status=body["status"], content_type=PROBLEM_JSON)
