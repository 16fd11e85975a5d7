"""What comes in from people, checked field by field: stored whole or refused."""

import unicodedata
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from lms.core.errors import InvalidInput, Sentence
from lms.core.rich_fields import TextFormat
from lms.core.rich_text import clean_html, html_keeping_format
from lms.core.text import clean_text, require_length
from peer_exchange.enums import FacetKind, Part, Visibility
from peer_exchange.models import CityExperience, Facet, Theme
from peer_exchange.models.experience import (
    CONTACT_FIELDS,
    CONTACT_MAX,
    SUMMARY_MAX,
    TITLE_MAX,
    YEAR_FIELDS,
)
from peer_exchange.models.experience_file import ALT_MAX, CAPTION_MAX
from peer_exchange.selectors.languages import languages_to_write_in

PART_MAX_BYTES = 60_000
PART_MAX_HTML_BYTES = 120_000
LINKS_MAX_BYTES = 20_000
REASON_MAX = 5_000
FACET_FIELDS = {
    "methods": FacetKind.METHOD,
    "scopes": FacetKind.SCOPE,
    "actors": FacetKind.ACTOR,
    "course_lessons": FacetKind.LESSON,
}
EDITABLE = (
    "title", "summary", "language", *Part.values, "links", *CONTACT_FIELDS,
    *YEAR_FIELDS, "themes", *FACET_FIELDS, "visibility",
)  # fmt: skip
# What is said of a picture or a file: “alt:” and its id.
DESCRIBED = {"alt": ALT_MAX, "caption": CAPTION_MAX}
_LINES = {"title": TITLE_MAX, **dict.fromkeys(CONTACT_FIELDS, CONTACT_MAX)}


def clean_line(value: object, *, field: str, max_length: int) -> str:
    """One line of text without control characters, at most `max_length` characters."""
    line = clean_text(value, field=field).strip()
    require_length(line, at_most=max_length, field=field)
    if any(unicodedata.category(char) == "Cc" for char in line):
        raise InvalidInput(
            errors={field: [_("Write this in one line, without control characters.")]}
        )
    return line


def clean_values(
    experience: CityExperience, values: Mapping[str, object], *, text_format: str
) -> dict[str, Any]:
    """The draft's fields as they are stored; themes and facets as lists of rows.

    Plain text never is read as HTML: a paragraph that reads as before keeps its form, the
    others become plain ones. Raises InvalidInput with every field that cannot be accepted,
    TooLarge for a text over its limit.
    """
    cleaned: dict[str, Any] = {}
    errors: dict[str, list[Sentence]] = {}
    for name, value in values.items():
        try:
            cleaned[name] = _clean_value(experience, name, value, text_format)
        except InvalidInput as error:
            errors.update({field: list(said) for field, said in error.errors.items()})
    if errors:
        # Autosave has one line to say it in.
        [sentence, *_more] = next(iter(errors.values()))
        raise InvalidInput(sentence, errors=errors)
    return cleaned


def _clean_value(experience: CityExperience, name: str, value: object, text_format: str) -> Any:
    described, colon, _id = name.partition(":")
    if name in Part.values:
        return _clean_part(getattr(experience, name), value, field=name, text_format=text_format)
    if name in _LINES:
        return clean_line(value, field=name, max_length=_LINES[name])
    if colon and described in DESCRIBED:
        return clean_line(value, field=name, max_length=DESCRIBED[described])
    if name in YEAR_FIELDS:
        return _clean_year(value, field=name)
    if name == "summary":
        summary = clean_text(value, field=name)
        require_length(summary, at_most=SUMMARY_MAX, field=name)
        return summary
    if name == "links":
        return clean_text(value, field=name, max_bytes=LINKS_MAX_BYTES)
    return _clean_choice(experience, name, value)


def _clean_year(value: object, *, field: str) -> int | None:
    """A year as it is typed, also half of it: whether it is one is asked on handing in."""
    typed = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    year = "" if typed is None else clean_text(typed, field=field).strip()
    if year and not (year.isascii() and year.isdecimal() and len(year) <= len("2000")):
        raise InvalidInput(errors={field: [_("Write the year in four digits, as in 2019.")]})
    return int(year) if year else None


def _clean_choice(experience: CityExperience, name: str, value: object) -> Any:
    if name == "language":
        if value not in languages_to_write_in(experience):
            raise InvalidInput(errors={name: [_("Choose one of the edition’s languages.")]})
        return value
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


def _clean_part(stored: str, value: object, *, field: str, text_format: str) -> str:
    is_html = text_format == TextFormat.HTML
    limit = PART_MAX_HTML_BYTES if is_html else PART_MAX_BYTES
    text = clean_text(value, field=field, max_bytes=limit)
    if is_html:
        # What the editor was given and gives back is canonical already.
        return clean_html(text, known=stored, field=field)
    return html_keeping_format(stored, text)


def _slugs(value: object, *, field: str) -> set[str]:
    if not isinstance(value, list | tuple) or not all(isinstance(v, str) for v in value):
        raise InvalidInput(errors={field: [_("Send a list of slugs.")]})
    return {clean_text(slug, field=field, max_bytes=200) for slug in value}


def _all_of(slugs: set[str], found: Any, *, field: str) -> list[Any]:
    rows = list(found)
    if len(rows) != len(slugs):
        raise InvalidInput(errors={field: [_("One of these is not in the list.")]})
    return rows
