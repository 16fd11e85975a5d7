"""What the OpenAPI description is about."""

from functools import lru_cache
from typing import Any

from django.http import HttpRequest
from django.utils.translation import get_language
from drf_spectacular.generators import SchemaGenerator

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
