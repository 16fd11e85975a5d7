"""What autosave sends (docs/design.md): PUT {"base_version": N, "values": {name: value}}.

The header `X-Person` says whose page it is: somebody else may have signed in meanwhile
in another window of the same browser, and must not be given the text.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lms.core.errors import DomainError, InvalidInput, TooLarge


class AnotherPerson(DomainError):
    """The page belongs to somebody else than who is signed in now."""

    code = "another_person"
    status = 401
    sentence = gettext_lazy("Somebody else is signed in now. What you typed is kept.")


@dataclass(frozen=True)
class Autosave:
    base_version: int
    values: dict[str, Any]
    extra: dict[str, Any] = field(default_factory=dict)


def require_same_person(request: HttpRequest) -> None:
    """Raise AnotherPerson for what a script sends from a page of somebody else."""
    person = request.headers.get("X-Person")
    if person and person != str(request.user.pk):
        raise AnotherPerson


def read_autosave(request: HttpRequest, *, extra: Collection[str] = ()) -> Autosave:
    """The body of the request, or InvalidInput / TooLarge / AnotherPerson. Values, and
    the fields that are `extra` to the form of it, are not looked at."""
    require_same_person(request)
    try:
        body = json.loads(request.body)
    except RequestDataTooBig as error:
        raise TooLarge from error
    except (ValueError, RecursionError) as error:
        raise InvalidInput(_("This is not JSON.")) from error
    if not isinstance(body, dict):
        raise InvalidInput(_("Send a JSON object."))
    unknown = body.keys() - {"base_version", "values", *extra}
    if unknown:
        raise InvalidInput(errors={name: [_("Unknown field.")] for name in sorted(unknown)})
    version, values = body.get("base_version"), body.get("values")
    if not isinstance(version, int) or isinstance(version, bool) or version < 0:
        raise InvalidInput(errors={"base_version": [_("Send the version the text is based on.")]})
    if not isinstance(values, dict):
        raise InvalidInput(errors={"values": [_("Send a JSON object.")]})
    return Autosave(version, values, {name: body[name] for name in extra if name in body})
