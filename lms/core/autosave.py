"""What autosave sends (docs/design.md): PUT {"base_version": N, "values": {name: value}}."""

import json
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from django.utils.translation import gettext as _

from lms.core.errors import InvalidInput, TooLarge


@dataclass(frozen=True)
class Autosave:
    base_version: int
    values: dict[str, Any]


def read_autosave(request: HttpRequest) -> Autosave:
    """The body of the request, or InvalidInput / TooLarge. Values are not looked at."""
    try:
        body = json.loads(request.body)
    except RequestDataTooBig as error:
        raise TooLarge from error
    except (ValueError, RecursionError) as error:
        raise InvalidInput(_("This is not JSON.")) from error
    if not isinstance(body, dict):
        raise InvalidInput(_("Send a JSON object."))
    unknown = body.keys() - {"base_version", "values"}
    if unknown:
        raise InvalidInput(errors={name: [_("Unknown field.")] for name in sorted(unknown)})
    version, values = body.get("base_version"), body.get("values")
    if not isinstance(version, int) or isinstance(version, bool) or version < 0:
        raise InvalidInput(errors={"base_version": [_("Send the version the text is based on.")]})
    if not isinstance(values, dict):
        raise InvalidInput(errors={"values": [_("Send a JSON object.")]})
    return Autosave(version, values)
