"""Texts of an activity: the markup that a field allows, and nothing else.

Which tags and styles go with which options is H5P's convention, so that what its editor writes
survives; the cleaning itself is nh3's.
"""

import re
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from html.parser import HTMLParser
from typing import Any, Final

import nh3

from h5p.active import nests_deeply

_ALWAYS: Final = frozenset({"div", "span", "p", "br"})
_WITH_TABLE_NAMES: Final = "tr td th colgroup col thead tbody tfoot figure figcaption caption"
_WITH_TABLE: Final = frozenset(_WITH_TABLE_NAMES.split())
# Tags that come with others, as the editor writes one for the other.
_COMPANIONS: Final[Mapping[str, frozenset[str]]] = {
    "table": _WITH_TABLE,
    "b": frozenset({"strong"}),
    "i": frozenset({"em"}),
    "ul": frozenset({"li"}),
    "ol": frozenset({"li"}),
    "del": frozenset({"s"}),
    "strike": frozenset({"s"}),
}
# Whatever a library's semantics may say: these run code, load other pages or change this one.
_NEVER_NAMES: Final = (
    "script style iframe frame frameset object embed applet base link meta form input button "
    "textarea select option template noscript svg math portal title head body html plaintext xmp "
    "noembed noframes"
)
_NEVER: Final = frozenset(_NEVER_NAMES.split())
_EMPTIED: Final = frozenset({"script", "style"})
_STYLEABLE_NAMES: Final = "span p div h1 h2 h3 h4 h5 h6 table col td th tr figure li ul ol"
_STYLEABLE: Final = frozenset(_STYLEABLE_NAMES.split())
_EVERYWHERE: Final = frozenset({"class", "id", "title", "lang", "dir", "role", "style"})
_ATTRIBUTES: Final[Mapping[str, frozenset[str]]] = {
    "a": frozenset({"href", "target", "rel", "hreflang", "name"}),
    "img": frozenset({"src", "alt", "width", "height"}),
    "table": frozenset({"border", "cellpadding", "cellspacing", "summary", "width", "align"}),
    "td": frozenset({"colspan", "rowspan", "headers", "align", "valign", "width", "height"}),
    "th": frozenset({"colspan", "rowspan", "headers", "scope", "abbr", "align", "valign", "width"}),
    "col": frozenset({"span", "width"}),
    "colgroup": frozenset({"span"}),
    "ol": frozenset({"start", "reversed", "type"}),
    "li": frozenset({"value"}),
    "time": frozenset({"datetime"}),
    "blockquote": frozenset({"cite"}),
    "q": frozenset({"cite"}),
    "font": frozenset({"color", "size", "face"}),
    "audio": frozenset({"src", "controls"}),
    "video": frozenset({"src", "controls", "width", "height", "poster"}),
    "source": frozenset({"src", "type"}),
}
_SCHEMES: Final = frozenset({"http", "https", "ftp", "mailto", "tel"})

_COLOUR: Final = r"(?:\#[a-f0-9]{3}(?:[a-f0-9]{3})?|rgba?\([0-9,.% ]+\)|hsla?\([0-9,.% ]+\))"
_LENGTH: Final = r"[0-9.]+(?:em|px|%)?"
_LINE: Final = r"(?:none|solid|dotted|dashed|double|groove|ridge|inset|outset)"
_BY_FONT_OPTION: Final[Mapping[str, Mapping[str, str]]] = {
    "size": {"font-size": r"[0-9.]+(?:em|px|%)"},
    "family": {"font-family": r"[-a-z0-9,'\" ]+"},
    "color": {"color": _COLOUR},
    "background": {"background-color": _COLOUR},
    "spacing": {"letter-spacing": r"[0-9.]+(?:em|px|%)"},
    "height": {"line-height": _LENGTH},
}
_BY_TABLE: Final[Mapping[str, str]] = {
    "border": f"{_LENGTH} *{_LINE} *{_COLOUR}",
    "border-style": _LINE,
    "border-width": _LENGTH,
    "border-color": _COLOUR,
    "vertical-align": "middle|top|bottom",
    "padding": _LENGTH,
    "width": _LENGTH,
    "height": _LENGTH,
    "float": "right|left|none",
    "border-collapse": "collapse",
    "background-color": _COLOUR,
}
_ENTITY_OR_AMPERSAND: Final = re.compile(
    r"&(?!(?:[A-Za-z][A-Za-z0-9]{0,31}|#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6});)"
)
_ESCAPES: Final = str.maketrans({"<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#039;"})
# `HTMLParser` takes time that grows with the square of hostile markup.
_MOST_COMPARED: Final = 20_000
_MOST_PASSES: Final = 6
_MARKED: Final = re.compile("[<>&]")
_UNSTORABLE: Final = re.compile(r"[\x00\ud800-\udfff]")


def plain_text(text: str) -> str:
    """A text without markup, escaped so that a library may put it into HTML as it is.

    References such as ``&amp;`` that are there already stay as they are, so doing it twice
    changes nothing.
    """
    text = _UNSTORABLE.sub("", text)
    return _ENTITY_OR_AMPERSAND.sub("&amp;", text).translate(_ESCAPES)


def clean_html(html: str, raw: Mapping[str, Any]) -> str:
    """The markup that a text field allows. ``raw`` is the field as semantics.json has it.

    Markup nested beyond reason is shown as it was written.
    """
    html = _UNSTORABLE.sub("", html).replace("\r\n", "\n").replace("\r", "\n")
    if not _MARKED.search(html):
        return html
    if nests_deeply(html):
        return plain_text(html)
    listed, font = raw.get("tags"), raw.get("font")
    tags = (
        frozenset(
            tag.lower()
            for tag in listed
            if isinstance(tag, str) and tag.isalnum() and tag.isascii()
        )
        if isinstance(listed, list)
        else frozenset()
    )
    options = frozenset(
        name for name in _BY_FONT_OPTION if isinstance(font, Mapping) and font.get(name)
    )
    return _settled(_cleaner(tags, options), html)


def _settled(cleaner: nh3.Cleaner, html: str) -> str:
    """Cleaned until reading it again changes nothing, as whoever plays it will read it: links
    in tables and the like move once more. What never settles is shown as it was written.
    """
    before = html
    for _ in range(_MOST_PASSES):
        clean = cleaner.clean(before)
        if clean == before:
            return clean
        before = clean
    return plain_text(html)


def lost_markup(before: str, after: str) -> list[str]:
    """The tags and attributes that cleaning took away, for a message: ``["script", "p onclick"]``.

    Rewriting without loss (``<br/>`` as ``<br>``, ``&quot;`` as ``"``) is not reported; what is
    lost of a very long text is not told apart.
    """
    if len(before) > _MOST_COMPARED:
        return ["some markup"]
    return list(Counter(_parts(before)) - Counter(_parts(after)))


@lru_cache(maxsize=256)
def _cleaner(listed: frozenset[str], font: frozenset[str]) -> nh3.Cleaner:
    tags = set(_ALWAYS | listed)
    for tag in listed:
        tags |= _COMPANIONS.get(tag, frozenset())
    tags -= _NEVER
    styles: dict[str, list[re.Pattern[str]]] = {}
    sources = [_BY_FONT_OPTION[option] for option in font]
    sources.append({"text-align": "center|left|right|justify|start|end"})
    if "table" in tags:
        sources.append(_BY_TABLE)
    for source in sources:
        for name, pattern in source.items():
            styles.setdefault(name, []).append(re.compile(f"(?:{pattern})", re.IGNORECASE))

    def keep(tag: str, attribute: str, value: str) -> str | None:
        if attribute != "style":
            return value
        return _allowed_styles(value, styles) if tag in _STYLEABLE else None

    return nh3.Cleaner(
        tags=tags,
        clean_content_tags=set(_EMPTIED),
        attributes={
            "*": set(_EVERYWHERE),
            **{tag: set(names) for tag, names in _ATTRIBUTES.items() if tag in tags},
        },
        generic_attribute_prefixes={"aria-", "data-"},
        attribute_filter=keep,
        link_rel=None,
        url_schemes=set(_SCHEMES),
    )


def _allowed_styles(value: str, styles: Mapping[str, list[re.Pattern[str]]]) -> str | None:
    kept = []
    for declaration in value.split(";"):
        name, _, setting = declaration.partition(":")
        name, setting = name.strip().lower(), setting.strip()
        if any(pattern.fullmatch(setting) for pattern in styles.get(name, ())):
            kept.append(f"{name}: {setting};")
    return " ".join(kept) or None


def _parts(html: str) -> list[str]:
    """``p``, ``p class``, ``p style color`` … for everything in a piece of HTML."""
    if "<" not in html:
        return []
    collector = _Collector()
    collector.feed(html)
    collector.close()
    return collector.parts


class _Collector(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.parts.append(tag)
        for name, value in attrs:
            if name == "style":
                for declaration in (value or "").split(";"):
                    if declaration.strip():
                        property_ = declaration.partition(":")[0].strip().lower()
                        self.parts.append(f"{tag} style {property_}")
            else:
                self.parts.append(f"{tag} {name}")
