"""Checking a value against the part of JSON Schema that `h5p.schemas` uses, in plain words.

A package may bring more than a thousand JSON files; schemas are compiled into functions once,
which is some twenty times faster than interpreting them, and what they find reads as a sentence.
Keywords: type, required, properties, items, enum, pattern, minimum, maximum, $ref, $defs.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from h5p.words import Words
from h5p.words import gettext_noop as _

Finding = tuple[str, Words]
"""Where (``preloadedJs[0].path``, "" for the whole) and what, e.g. "is missing"."""

Check = Callable[[Any, str], Iterator[Finding]]

_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}
_NOUNS: Final = {
    "string": _("a text"),
    "integer": _("a whole number"),
    "number": _("a number"),
    "boolean": _("true or false"),
    "array": _("a list"),
    "object": _("a group of values in {{ }}"),
}
_MOST_SHOWN: Final = 60


def compile_schema(schema: dict[str, Any]) -> Check:
    """A function that yields everything about a value that does not fit the schema."""
    return _compile(schema, schema, {})


def _compile(schema: dict[str, Any], root: dict[str, Any], known: dict[str, Check]) -> Check:
    referred = _follow(schema["$ref"], root, known) if "$ref" in schema else None
    own = [_KEYWORDS[key](value) for key, value in schema.items() if key in _KEYWORDS]
    properties = {
        name: _compile(inner, root, known) for name, inner in schema.get("properties", {}).items()
    }
    items = _compile(schema["items"], root, known) if "items" in schema else None

    def check(value: Any, where: str) -> Iterator[Finding]:
        for look in own:
            finding = look(value, where)
            if finding:
                yield from finding
        if referred is not None:
            yield from referred(value, where)
        if isinstance(value, dict):
            for name in properties.keys() & value.keys():
                yield from properties[name](value[name], f"{where}.{name}" if where else name)
        elif items is not None and isinstance(value, list):
            for index, item in enumerate(value):
                yield from items(item, f"{where}[{index}]")

    return check


def _follow(reference: str, root: dict[str, Any], known: dict[str, Check]) -> Check:
    """A check that is compiled when first needed, since schemas refer to themselves."""

    def check(value: Any, where: str) -> Iterator[Finding]:
        if reference not in known:
            target = root
            for part in reference.removeprefix("#/").split("/"):
                target = target[part]
            known[reference] = _compile(target, root, known)
        return known[reference](value, where)

    return check


_Look = Callable[[Any, str], list[Finding] | None]


def _type(names: str | list[str]) -> _Look:
    allowed = [names] if isinstance(names, str) else names
    classes = tuple(kind for name in allowed for kind in _TYPES[name])
    takes_booleans = "boolean" in allowed
    wanted = Words(_NOUNS[allowed[-1]])
    for name in reversed(allowed[:-1]):
        wanted = Words(_("{one} or {other}"), {"one": Words(_NOUNS[name]), "other": wanted})

    def look(value: Any, where: str) -> list[Finding] | None:
        if (isinstance(value, bool) and not takes_booleans) or not isinstance(value, classes):
            return [(where, Words(_("must be {wanted}"), {"wanted": wanted}))]
        return None

    return look


def _required(names: list[str]) -> _Look:
    def look(value: Any, where: str) -> list[Finding] | None:
        if not isinstance(value, dict):
            return None
        prefix = f"{where}." if where else ""
        return [(prefix + name, Words(_("is missing"))) for name in names if name not in value]

    return look


def _enum(allowed: list[Any]) -> _Look:
    choices = ", ".join(str(value) for value in allowed)

    def look(value: Any, where: str) -> list[Finding] | None:
        if any(type(value) is type(option) and value == option for option in allowed):
            return None
        said = {"value": _shown(value), "choices": choices}
        return [(where, Words(_("is {value}, but must be one of: {choices}"), said))]

    return look


def _pattern(pattern: str) -> _Look:
    compiled = re.compile(pattern)

    def look(value: Any, where: str) -> list[Finding] | None:
        if isinstance(value, str) and not compiled.search(value):
            return [(where, Words(_("cannot be {value}"), {"value": _shown(value)}))]
        return None

    return look


def _bound(limit: int, *, is_least: bool) -> _Look:
    template = _("must be at least {limit}") if is_least else _("must be at most {limit}")

    def look(value: Any, where: str) -> list[Finding] | None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        if value < limit if is_least else value > limit:
            return [(where, Words(template, {"limit": limit}))]
        return None

    return look


def _shown(value: Any) -> str:
    text = repr(value) if isinstance(value, str | int | float) else type(value).__name__
    return text if len(text) <= _MOST_SHOWN else text[:_MOST_SHOWN] + "…"


_KEYWORDS: Final[dict[str, Callable[[Any], _Look]]] = {
    "type": _type,
    "required": _required,
    "enum": _enum,
    "pattern": _pattern,
    "minimum": lambda limit: _bound(limit, is_least=True),
    "maximum": lambda limit: _bound(limit, is_least=False),
}
