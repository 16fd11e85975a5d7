"""JSON files of a package: read strictly, because browsers, PHP and databases will read them."""

import json
import math
import re
from typing import Any, Final, NoReturn

from h5p.limits import Limits
from h5p.problems import Problem, Refused, problem
from h5p.words import Words
from h5p.words import gettext_noop as _

_BOM: Final = b"\xef\xbb\xbf"
# Possessive, and taking an unfinished string to the end: linear whatever is in it.
_STRING: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_NOT_BRACKETS: Final = bytes(set(range(256)) - set(b"[]{}"))
_OPENING: Final = frozenset(b"[{")
_SUSPICIOUS: Final = re.compile(rb"\\u(?:0000|d[89a-f][0-9a-f]{2})", re.IGNORECASE)
_UNSTORABLE: Final = re.compile(r"[\x00\ud800-\udfff]")


def read_json(data: bytes, path: str, limits: Limits) -> Any:
    """The value of a JSON file.

    Duplicate keys and a byte-order mark are harmless. Raises Refused (``too-large``,
    ``not-utf8``, ``too-deep``, ``bad-json``); NaN, infinities, NUL and halves of surrogate
    pairs are not JSON that everybody can read.
    """
    if len(data) > limits.json_bytes:
        raise Refused(
            problem(
                "too-large",
                path,
                _(
                    "{path} is {size:,} bytes; {most:,} are allowed. Split the activity into "
                    "smaller ones."
                ),
                size=len(data),
                most=limits.json_bytes,
            )
        )
    data = data.removeprefix(_BOM)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused(
            problem(
                "not-utf8",
                path,
                _("{path} is not in UTF-8 (from byte {start:,}). Save it as UTF-8."),
                start=error.start,
            )
        ) from error
    if json_depth(data) > limits.json_depth:
        raise Refused(
            problem(
                "too-deep",
                path,
                _("{path} is nested more than {levels} levels deep. Export the activity again."),
                levels=limits.json_depth,
            )
        )
    try:
        value = json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)
    except json.JSONDecodeError as error:
        raise Refused(
            _bad_json(
                path,
                Words(
                    _("line {line}, column {column}: {reason}"),
                    {"line": error.lineno, "column": error.colno, "reason": error.msg},
                ),
            )
        ) from error
    except (ValueError, RecursionError) as error:
        raise Refused(_bad_json(path, Words(_("a number that cannot be read")))) from error
    if _SUSPICIOUS.search(data) and not is_storable(value):
        raise Refused(_bad_json(path, Words(_("a character that does not exist"))))
    return value


def json_depth(data: bytes) -> int:
    """How deeply arrays and objects are nested, found without reading the values."""
    depth = deepest = 0
    for bracket in _STRING.sub(b"", data).translate(None, _NOT_BRACKETS):
        if bracket in _OPENING:
            depth += 1
            if depth > deepest:
                deepest = depth
        else:
            depth -= 1
    return deepest


def is_storable(value: Any) -> bool:
    """Whether every string can be written as UTF-8 and kept in a database."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            if _UNSTORABLE.search(item):
                return False
        elif isinstance(item, dict):
            waiting += item.keys()
            waiting += item.values()
        elif isinstance(item, list):
            waiting += item
    return True


def _bad_json(path: str, reason: Words) -> Problem:
    return problem(
        "bad-json",
        path,
        _("{path} cannot be read ({reason}). Export the activity again."),
        reason=reason,
    )


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number
