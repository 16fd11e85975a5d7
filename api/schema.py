"""What the OpenAPI description is about."""

from typing import Any

Endpoint = tuple[str, str, str, Any]  # path, regular expression of it, method, view


def only_this_api(endpoints: list[Endpoint]) -> list[Endpoint]:
    """Leave out the API that Wagtail's admin has for its own screens."""
    return [endpoint for endpoint in endpoints if endpoint[0].startswith("/api/v1/")]
