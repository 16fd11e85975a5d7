"""What comes in from people, checked field by field: stored whole or refused."""

import unicodedata
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from lms.core.errors import InvalidInput, Sentence
from lms.core.text import clean_text
from peer_exchange.enums import FacetKind, Part, Visibility
from peer_exchange.models import Facet, Theme
from peer_exchange.models.experience import SUMMARY_MAX, TITLE_MAX

PART_MAX_BYTES = 60_000
REASON_MAX = 5_000
FACET_FIELDS = {
    "methods": FacetKind.METHOD,
    "scopes": FacetKind.SCOPE,
    "actors": FacetKind.ACTOR,
}
EDITABLE = ("title", "summary", *Part.values, "themes", *FACET_FIELDS, "visibility")


def clean_line(value: object, *, field: str, max_length: int) -> str:
    """One line of text without control characters, at most `max_length` characters."""
    line = _at_most(clean_text(value, field=field).strip(), max_length, field=field)
    if any(unicodedata.category(char) == "Cc" for char in line):
        raise InvalidInput(
            errors={field: [_("Write this in one line, without control characters.")]}
        )
    return line


def _at_most(text: str, max_length: int, *, field: str) -> str:
    if len(text) > max_length:
        sentence = _("Use at most %(limit)d characters.") % {"limit": max_length}
        raise InvalidInput(errors={field: [sentence]})
    return text


def clean_values(values: Mapping[str, object]) -> dict[str, Any]:
    """The draft's fields as they are stored; themes and facets as lists of rows.

    Raises InvalidInput with every field that cannot be accepted, TooLarge for a
    text over its limit.
    """
    cleaned: dict[str, Any] = {}
    errors: dict[str, list[Sentence]] = {}
    for name, value in values.items():
        try:
            cleaned[name] = _clean_value(name, value)
        except InvalidInput as error:
            errors.update({field: list(said) for field, said in error.errors.items()})
    if errors:
        raise InvalidInput(errors=errors)
    return cleaned


def _clean_value(name: str, value: object) -> Any:
    if name == "title":
        return clean_line(value, field=name, max_length=TITLE_MAX)
    if name == "summary":
        return _at_most(clean_text(value, field=name), SUMMARY_MAX, field=name)
    if name in Part.values:
        return clean_text(value, field=name, max_bytes=PART_MAX_BYTES)
    if name == "visibility":
        if value not in Visibility.values:
            raise InvalidInput(errors={name: [_("Choose who may read the text.")]})
        return value
    if name == "themes":
        slugs = _slugs(value, field=name)
        return _all_of(slugs, Theme.objects.filter(slug__in=slugs), field=name)
    if name in FACET_FIELDS:
        slugs = _slugs(value, field=name)
        facets = Facet.objects.filter(kind=FACET_FIELDS[name], slug__in=slugs)
        return _all_of(slugs, facets, field=name)
    raise InvalidInput(errors={"values": [_("A draft has no such field.")]})


def _slugs(value: object, *, field: str) -> set[str]:
    if not isinstance(value, list | tuple) or not all(isinstance(v, str) for v in value):
        raise InvalidInput(errors={field: [_("Send a list of slugs.")]})
    return {clean_text(slug, field=field, max_bytes=200) for slug in value}


def _all_of(slugs: set[str], found: Any, *, field: str) -> list[Any]:
    rows = list(found)
    if len(rows) != len(slugs):
        raise InvalidInput(errors={field: [_("One of these is not in the list.")]})
    return rows
