"""Answers of the API held against what /api/v1/schema/ says of them."""

import json
import re
from collections.abc import Callable
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator, FormatChecker

PARAMETER = re.compile(r"\{\w+\}")
FORMATS = FormatChecker()
# An address, or nothing: what is empty must not count as both.
FORMATS.checks("uri")(lambda value: not isinstance(value, str) or ":" in value)


class DescribedAnswers:
    """Middleware: every good answer in JSON is as the schema has it, to the last field."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        if answer.headers.get("Content-Type") == "application/json" and answer.status_code < 300:
            check(
                request.method or "", request.path, answer.status_code, json.loads(answer.content)
            )
        return answer


def check(method: str, path: str, status: int, body: Any) -> None:
    validator = _validator(method.lower(), path, str(status))
    if validator is None:
        return
    wrong = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(body)]
    assert not wrong, f"{method} {path} {status} is not as the schema says: {wrong[:5]}"


@cache
def _schema() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(
        json.dumps(SchemaGenerator().get_schema(public=True), default=str)
    )
    read: dict[str, Any] = _as_json_schema(schema)
    return read


@cache
def _addresses() -> list[tuple[re.Pattern[str], dict[str, Any]]]:
    """Those without parameters first: /me/ is not /{id}/."""
    paths = sorted(_schema()["paths"].items(), key=lambda item: len(PARAMETER.findall(item[0])))
    return [
        (re.compile("[^/]+".join(map(re.escape, PARAMETER.split(path)))), moves)
        for path, moves in paths
    ]


@cache
def _validator(method: str, path: str, status: str) -> Draft202012Validator | None:
    for pattern, moves in _addresses():
        if pattern.fullmatch(path) and method in moves:
            answers = moves[method]["responses"]
            assert status in answers, f"{method} {path} does not say that it answers {status}"
            content = answers[status].get("content", {})
            assert "application/json" in content, f"{method} {path} {status} is said to be empty"
            said = content["application/json"]["schema"]
            everything = {**said, "components": _schema()["components"]}
            return Draft202012Validator(everything, format_checker=FORMATS)
    return None


def _as_json_schema(part: Any) -> Any:
    """OpenAPI 3.0 says null in its own way, and what is not said is not there."""
    if isinstance(part, list):
        return [_as_json_schema(inner) for inner in part]
    if not isinstance(part, dict):
        return part
    read = {name: _as_json_schema(inner) for name, inner in part.items()}
    if isinstance(read.get("properties"), dict):
        read.setdefault("additionalProperties", False)
    if read.pop("nullable", None) is True:
        return {"anyOf": [read, {"type": "null"}]}
    return read
