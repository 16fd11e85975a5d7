"""What the OpenAPI description is about."""

from functools import lru_cache
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.http import HttpRequest
from django.utils.translation import get_language
from drf_spectacular import openapi
from drf_spectacular.generators import SchemaGenerator
from rest_framework.relations import ManyRelatedField
from rest_framework.serializers import ListSerializer

from api.once import KEY, MULTIPART, WRITING, AnswersOnce

Endpoint = tuple[str, str, str, Any]  # path, regular expression of it, method, view


def only_this_api(endpoints: list[Endpoint]) -> list[Endpoint]:
    """Leave out the API that Wagtail's admin has for its own screens."""
    return [endpoint for endpoint in endpoints if endpoint[0].startswith("/api/v1/")]


class OnceGenerator(SchemaGenerator):
    """The description is the same for everybody until the next release: it is worked out
    once a language and process, not for each of those who ask, which would cost them all."""

    def get_schema(self, request: HttpRequest | None = None, public: bool = False) -> Any:
        if not public:
            return super().get_schema(request, public)
        return _description(get_language())


@lru_cache(maxsize=16)
def _description(language: str | None) -> Any:
    return SchemaGenerator().get_schema(public=True)


NO_KEY = f"Takes no `{KEY}` (422 `idempotency_key_not_taken`)."


class AutoSchema(openapi.AutoSchema):
    """An operation that takes a key says so, and one that takes none. What an answer may
    leave empty is said to be null; the list that a move answers with is not paged."""

    def _get_serializer_field_meta(self, field: Any, direction: Any) -> Any:
        meta = super()._get_serializer_field_meta(field, direction)
        if direction == "response" and _may_be_empty(field):
            meta["nullable"] = True
        return meta

    def _get_paginator(self) -> Any:
        return super()._get_paginator() if self.method == "GET" else None

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        operation = super().get_operation(*args, **kwargs)
        view = self.view
        if operation is None or self.method not in WRITING or not isinstance(view, AnswersOnce):
            return operation
        name = getattr(view, "action", None) or ""
        if name in view.own_keys:
            return operation
        kinds = operation.get("requestBody", {}).get("content", {})
        if name in view.keyless or [*kinds] == [MULTIPART]:
            said = operation.get("description", "")
            operation["description"] = f"{said}\n\n{NO_KEY}".strip()
            return operation
        operation.setdefault("parameters", []).append(
            {"$ref": "#/components/parameters/IdempotencyKey"}
        )
        operation["responses"].setdefault("409", {"$ref": "#/components/responses/Conflict"})
        return operation


def _may_be_empty(field: Any) -> bool:
    """Whether there may be nothing to show: nothing stored, or nothing at the end of a way."""
    if field.default is None:
        return True
    model = getattr(getattr(field.parent, "Meta", None), "model", None)
    if model is None or not field.source or isinstance(field, ListSerializer | ManyRelatedField):
        return False
    try:
        return bool(model._meta.get_field(field.source).null)
    except FieldDoesNotExist:
        return False
