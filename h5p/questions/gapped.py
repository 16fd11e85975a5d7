"""The short way to write gaps: ``The [Seine|la Seine] runs through [Paris::a capital].``

Between brackets are the accepted answers, after ``::`` a hint. A backslash makes the character
after it an ordinary one: ``\\[``, ``\\]``, ``\\|``, ``\\:``, ``\\\\``.
"""

import re
from collections.abc import Iterator
from typing import Final

from h5p.questions.model import Gap
from h5p.questions.texts import clean_plain

_TOKEN = re.compile(r"\\(?P<kept>.)|(?P<sign>::|[\[\]|])|(?P<text>[^\\\[\]|:]+|.)", re.DOTALL)
_SPECIAL: Final = re.compile(r"[\\\[\]|:]")
MARKER: Final = re.compile(r"\[\[([A-Za-z0-9_-]{1,64})\]\]")


class Unbalanced(ValueError):
    """A bracket is opened or closed without the other."""


def parse_gapped(text: str) -> tuple[str, tuple[Gap, ...]]:
    """The passage with ``[[g1]]`` in place of each gap, and the gaps. Raises Unbalanced."""
    passage: list[str] = []
    gaps: list[Gap] = []
    # While a gap is open: its answers, then its hint.
    parts: list[str] | None = None
    in_hint = False
    for sign, written in _tokens(text):
        if sign == "[" and parts is None:
            parts, in_hint = [""], False
        elif sign == "]" and parts is not None:
            gaps.append(_gap(f"g{len(gaps) + 1}", parts, in_hint))
            passage.append(f"[[{gaps[-1].id}]]")
            parts = None
        elif sign in {"[", "]"}:
            raise Unbalanced
        elif parts is None:
            passage.append(written)
        elif (sign == "|" and not in_hint) or (sign == "::" and not in_hint):
            in_hint = sign == "::"
            parts.append("")
        else:
            parts[-1] += written
    if parts is not None:
        raise Unbalanced
    return "".join(passage), tuple(gaps)


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    for token in _TOKEN.finditer(text):
        if token["kept"] is not None:
            yield "", token["kept"]
        else:
            yield token["sign"] or "", token[0]


def _gap(gap_id: str, parts: list[str], has_hint: bool) -> Gap:
    hint = clean_plain(parts.pop()) if has_hint else ""
    answers = tuple(answer for answer in map(clean_plain, parts) if answer)
    return Gap(gap_id, answers, hint)


def write_gapped(passage: str, gaps: tuple[Gap, ...]) -> str:
    """What `parse_gapped` reads."""
    known = {gap.id: gap for gap in gaps}
    written: list[str] = []
    # Split with a group: text and ids take turns.
    for place, part in enumerate(MARKER.split(passage)):
        if place % 2 == 0:
            written.append(_escape(part))
        elif part in known:
            gap = known[part]
            hint = f"::{_escape(gap.hint)}" if gap.hint else ""
            written.append(f"[{'|'.join(map(_escape, gap.answers))}{hint}]")
        else:
            written.append(_escape(f"[[{part}]]"))
    return "".join(written)


def _escape(text: str) -> str:
    return _SPECIAL.sub(r"\\\g<0>", text)
