"""Finding code in content: scripts, event handlers and addresses that run something.

Sanitising removes all of it, and more; this is for telling the editor, who may have been handed
a package that was made to do harm. The text is read as a browser reads it (nh3), not by patterns.
"""

import re
from collections import Counter
from typing import Final

import nh3

from h5p.words import Words
from h5p.words import gettext_noop as _

_TAG: Final = re.compile(r"<(/?)([a-zA-Z][^\s/>]{0,40})")
_VOID_NAMES: Final = "area base br col embed hr img input link meta source track wbr"
_VOID: Final = frozenset(_VOID_NAMES.split())
_DEEPEST: Final = 256
_MOST_NAMES: Final = 100
_INVISIBLE: Final = re.compile(r"[\x00-\x20\x7f-\xa0\u200b-\u200f\u2028\u2029\ufeff]")
_RUNS: Final = re.compile(
    r"(?:javascript|vbscript|livescript):|data:(?!image/(?!svg)|audio/|video/)", re.IGNORECASE
)
_SCHEMES: Final = frozenset({"javascript", "vbscript", "livescript", "data"})
_ADDRESSES: Final = frozenset(
    {"href", "src", "action", "formaction", "xlink:href", "data", "background", "poster", "srcdoc"}
)


def find_code(html: str) -> Words | None:
    """What runs code in a piece of HTML, in words for an editor; None when nothing does."""
    if "<" not in html:
        return None
    if nests_deeply(html):
        return Words(_("markup nested so deeply that it can only be meant to harm"))
    names: set[str] = set()
    for match in _TAG.finditer(html):
        names |= {match.group(2), match.group(2).lower()}
        if len(names) > _MOST_NAMES:
            break
    found: list[Words] = []

    def look(tag: str, attribute: str, value: str) -> None:
        if attribute.startswith("on"):
            found.append(Words(_("code that runs by itself ({name})"), {"name": attribute}))
        elif attribute == "srcdoc" or runs_code(value):
            found.append(Words(_("an address that runs code ({name})"), {"name": attribute}))

    left = nh3.clean(
        html,
        tags=names,
        clean_content_tags=set(),
        attributes={"*": set(_ADDRESSES)},
        generic_attribute_prefixes={"on"},
        attribute_filter=look,
        link_rel=None,
        url_schemes=set(_SCHEMES),
    )
    # No attribute and no comment is left, and a "<" in a text is written &lt;.
    if "<script" in left:
        return Words(_("a script"))
    return found[0] if found else None


def runs_code(address: str) -> bool:
    """Whether following an address would run code in the page (``javascript:`` and the like)."""
    return _RUNS.match(_INVISIBLE.sub("", address)) is not None


def nests_deeply(html: str) -> bool:
    """Whether elements are open within elements beyond any text that was written by a person.

    Reading such markup takes time that grows with the square of its length.
    """
    opened: Counter[str] = Counter()
    depth = 0
    for match in _TAG.finditer(html):
        closes, name = match.group(1), match.group(2).lower()
        if name in _VOID:
            continue
        if not closes:
            opened[name] += 1
            depth += 1
            if depth > _DEEPEST:
                return True
        elif opened[name]:
            opened[name] -= 1
            depth -= 1
    return False
