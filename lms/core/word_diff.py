"""What changed between two formatted texts, word by word, for people to read."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from lms.core.rich_text import blocks_of, text_of

_WORD = re.compile(r"\s+|[\w’'-]+|[^\w\s]")
# Beyond this, whole paragraphs are compared: it would take too long word by word.
_MOST_WORDS = 4_000_000


@dataclass(frozen=True)
class Difference:
    """`html`: paragraphs of words with `<ins>` and `<del>` around those that changed."""

    html: SafeString
    added: int
    removed: int
    is_in_form_only: bool = False

    @property
    def is_none(self) -> bool:
        return not (self.added or self.removed or self.is_in_form_only)


def difference_of(before: str, after: str) -> Difference:
    """Of canonical HTML (`lms.core.rich_text`); marks and links are not compared."""
    old = [text_of(block) for block in blocks_of(before)]
    new = [text_of(block) for block in blocks_of(after)]
    html, added, removed = "", 0, 0
    for what, start, end, new_start, new_end in _matched(old, new):
        if what == "equal":
            html += "".join(f"<p>{_lines(text)}</p>" for text in old[start:end])
            continue
        for one, other in _pairs(old[start:end], new[new_start:new_end]):
            words, more, less = _words_between(one, other)
            html, added, removed = html + f"<p>{words}</p>", added + more, removed + less
    is_in_form_only = before != after and not (added or removed)
    return Difference(mark_safe(html), added, removed, is_in_form_only)  # noqa: S308 - escaped below


def _pairs(gone: list[str], come: list[str]) -> Iterator[tuple[str, str]]:
    """A paragraph that was changed is shown as one; the others came or went. Two are one
    where they share half of their words."""
    waiting = list(gone)
    for text in come:
        place = next((at for at, one in enumerate(waiting[:50]) if _alike(one, text)), None)
        if place is None:
            yield "", text
            continue
        yield from ((one, "") for one in waiting[:place])
        yield waiting[place], text
        del waiting[: place + 1]
    yield from ((one, "") for one in waiting)


def _alike(one: str, other: str) -> bool:
    mine, theirs = set(one.split()), set(other.split())
    return 2 * len(mine & theirs) >= max(len(mine), len(theirs), 1)


def _words_between(before: str, after: str) -> tuple[str, int, int]:
    old, new = _WORD.findall(before), _WORD.findall(after)
    if len(old) * len(new) > _MOST_WORDS:
        old, new = [before], [after]
    html, added, removed = "", 0, 0
    gone, come, space = "", "", ""
    for what, start, end, new_start, new_end in [*_matched(old, new), ("end", 0, 0, 0, 0)]:
        same = "".join(old[start:end]) if what == "equal" else ""
        if what == "equal" and same.isspace() and (gone or come):
            # A space between two changes does not make two of them.
            space = same
        elif what in ("equal", "end"):
            if gone:
                html += f"<del>{_lines(gone)}</del>"
                removed += len(gone.split()) or 1
            if come:
                html += f"<ins>{_lines(come)}</ins>"
                added += len(come.split()) or 1
            html += _lines(space + same)
            gone = come = space = ""
        else:
            gone += space + "".join(old[start:end])
            come += space + "".join(new[new_start:new_end])
            space = ""
    return html, added, removed


def _matched(old: list[str], new: list[str]) -> Sequence[tuple[str, int, int, int, int]]:
    many = len(old) * len(new) > _MOST_WORDS
    return SequenceMatcher(None, old, new, autojunk=many).get_opcodes()


def _lines(text: str) -> str:
    return escape(text).replace("\n", "<br>")
