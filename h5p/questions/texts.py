"""Texts that people wrote, made safe to keep: plain, HTML, and ids that tell nothing."""

import hashlib
import re
from typing import Final

import nh3

TAGS: Final = frozenset(
    {"p", "br", "strong", "em", "ul", "ol", "li", "a", "code", "sub", "sup", "blockquote"}
)
_BLOCK = re.compile(r"<(p|ul|ol|blockquote)\b", re.IGNORECASE)
# Control characters and lone surrogates: neither can be shown, and some cannot be stored.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def clean_plain(text: str) -> str:
    """The text without what cannot be shown, and without space around it."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNPRINTABLE.sub("", lines).strip()


def clean_html(text: str) -> str:
    """HTML with the few tags a question needs. Text without paragraphs gets them at blank lines."""
    # A second pass finds nothing in nearly all texts; nested oddities settle with it.
    cleaned = _clean(_clean(clean_plain(text)))
    if not _BLOCK.search(cleaned) and "\n\n" in cleaned:
        parts = [part.strip() for part in re.split(r"\n\s*\n", cleaned)]
        cleaned = _clean("".join(f"<p>{part}</p>" for part in parts if part))
    return cleaned


def _clean(text: str) -> str:
    return nh3.clean(
        text,
        tags=set(TAGS),
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    ).strip()


# What every object of JavaScript has: players keep answers by the names of their questions.
TAKEN: Final = frozenset(
    [
        "__proto__",
        "__defineGetter__",
        "__defineSetter__",
        "__lookupGetter__",
        "__lookupSetter__",
        "constructor",
        "hasOwnProperty",
        "isPrototypeOf",
        "propertyIsEnumerable",
        "toLocaleString",
        "toString",
        "valueOf",
    ]
)


def is_id(text: object) -> bool:
    """Whether this can name a question, an option, an item …"""
    return isinstance(text, str) and _ID.fullmatch(text) is not None and text not in TAKEN


def opaque_id(*parts: str) -> str:
    """Eight hexadecimal digits made of texts that the reader sees anyway, never of their place."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:8]
