"""Where in an attempt a comment stands: read strictly, kept in one form.

    {"kind": "section"}                                   a whole section of the text
    {"kind": "passage", "quote", "prefix", "suffix",      a passage of a section
     "start", "end"}
    {"kind": "file"}                                      a whole file
    {"kind": "page", "page"}                              a page of a PDF
    {"kind": "region", "page", "rects"}                   a part of a page
    {"kind": "selection", "page", "rects", "quote"}       words on a page

Pages count from 1. `rects`: [[left, bottom, right, top]] in units of the page (1/72 inch,
the origin at its lower left). `start`, `end`: in UTF-16 units of the section's text, where
the passage stood; the quote and what stands around it find it again.
"""

import math
from collections.abc import Mapping
from typing import Any, TypeGuard

from django.utils.translation import gettext as _

from lms.core.errors import InvalidInput
from lms.core.text import clean_text

LONGEST_QUOTE_BYTES = 8_000
LONGEST_AROUND_BYTES = 400
MOST_RECTS = 200
MOST_PAGES = 10_000
FARTHEST = 20_000.0
LONGEST_TEXT = 2_000_000

IN_SECTION = {
    "section": frozenset[str](),
    "passage": frozenset({"quote", "prefix", "suffix", "start", "end"}),
}
IN_FILE = {
    "file": frozenset[str](),
    "page": frozenset({"page"}),
    "region": frozenset({"page", "rects"}),
    "selection": frozenset({"page", "rects", "quote"}),
}


def clean_anchor(value: object, *, in_file: bool) -> dict[str, Any]:
    """The anchor as it is stored, or InvalidInput: nothing unknown, nothing missing."""
    kinds = IN_FILE if in_file else IN_SECTION
    if not isinstance(value, Mapping):
        raise _refused(_("Say where the comment stands."))
    kind = value.get("kind")
    if not isinstance(kind, str) or kind not in kinds:
        raise _refused(_("There is no such kind of place here."))
    if value.keys() != {"kind", *kinds[kind]}:
        raise _refused(_("This place is not described as its kind asks."))
    clean: dict[str, Any] = {"kind": kind}
    for name in sorted(kinds[kind]):
        clean[name] = _READ[name](value[name], name)
    if "end" in clean and clean["start"] >= clean["end"]:
        raise _refused(_("A passage ends after it begins."))
    return clean


def is_quoted(quote: str, text: str) -> bool:
    """Whether the words of a quotation stand in a text, however either is broken into
    lines and paragraphs."""
    return "".join(quote.split()) in "".join(text.split())


def _read_quote(value: object, name: str) -> str:
    quote = clean_text(value, field="anchor", max_bytes=LONGEST_QUOTE_BYTES)
    if not quote.strip():
        raise _refused(_("A passage has words."))
    return quote


def _read_around(value: object, name: str) -> str:
    around = clean_text(value, field="anchor")
    if len(around.encode()) > LONGEST_AROUND_BYTES:
        raise _refused(_("What stands around a passage is a few words."))
    return around


def _read_offset(value: object, name: str) -> int:
    if not _is_whole(value) or not 0 <= value <= LONGEST_TEXT:
        raise _refused(_("An offset is a whole number from 0."))
    return value


def _read_page(value: object, name: str) -> int:
    if not _is_whole(value) or not 1 <= value <= MOST_PAGES:
        raise _refused(_("Pages count from 1."))
    return value


def _read_rects(value: object, name: str) -> list[list[float]]:
    if not isinstance(value, list) or not 0 < len(value) <= MOST_RECTS:
        raise _refused(_("Send the rectangles of the place, at least one."))
    return [_read_rect(rect) for rect in value]


def _read_rect(value: object) -> list[float]:
    if not isinstance(value, list) or len(value) != 4 or not all(map(_is_length, value)):
        raise _refused(_("A rectangle is four numbers: left, bottom, right, top."))
    left, bottom, right, top = (round(float(number), 2) for number in value)
    if left >= right or bottom >= top:
        raise _refused(_("A rectangle has a width and a height."))
    return [left, bottom, right, top]


def _is_whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_length(value: object) -> TypeGuard[int | float]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    # Compared first: a whole number may be too long for a float.
    return abs(value) <= FARTHEST and math.isfinite(value)


def _refused(sentence: str) -> InvalidInput:
    return InvalidInput(errors={"anchor": [sentence]})


_READ = {
    "quote": _read_quote,
    "prefix": _read_around,
    "suffix": _read_around,
    "start": _read_offset,
    "end": _read_offset,
    "page": _read_page,
    "rects": _read_rects,
}
