"""What changed between two formatted texts, word by word, for people to read."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from lms.core.alignment import Alignment
from lms.core.rich_text import blocks_of, text_of

_WORD = re.compile(r"\s+|[\w’'-]+|[^\w\s]")


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
    alignment = Alignment()
    for what, start, end, new_start, new_end in alignment.opcodes(old, new):
        if what == "equal":
            html += "".join(f"<p>{_lines(text)}</p>" for text in old[start:end])
            continue
        for one, other in _pairs(old[start:end], new[new_start:new_end]):
            words, more, less = _words_between(one, other, alignment)
            html, added, removed = html + f"<p>{words}</p>", added + more, removed + less
    is_in_form_only = before != after and not (added or removed)
    return Difference(mark_safe(html), added, removed, is_in_form_only)  # noqa: S308 - escaped below


def _pairs(gone: list[str], come: list[str]) -> Iterator[tuple[str, str]]:
    """A paragraph that was changed is shown as one; the others came or went. Two are one
    where they share half of their words, or one has all of the other's."""
    waiting = 0
    # Of very many, each is compared with few: nobody reads such a difference.
    reach = min(50, 1 + 100_000 // max(len(come), 1))
    words = [set(text.split()) for text in gone]
    for text in come:
        theirs = set(text.split())
        near = range(waiting, min(waiting + reach, len(gone)))
        place = next((at for at in near if _alike(words[at], theirs)), None)
        if place is None:
            yield "", text
            continue
        yield from ((one, "") for one in gone[waiting:place])
        yield gone[place], text
        waiting = place + 1
    yield from ((one, "") for one in gone[waiting:])


def _alike(mine: set[str], theirs: set[str]) -> bool:
    shorter = min(mine, theirs, key=len)
    if len(shorter) > 2 and shorter <= mine & theirs:
        # One that was written on.
        return True
    return 2 * len(mine & theirs) >= max(len(mine), len(theirs), 1)


def _words_between(before: str, after: str, alignment: Alignment) -> tuple[str, int, int]:
    old, new = _WORD.findall(before), _WORD.findall(after)
    html, added, removed = "", 0, 0
    gone, come, space = "", "", ""
    for what, start, end, new_start, new_end in [*alignment.opcodes(old, new), ("end", 0, 0, 0, 0)]:
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


def _lines(text: str) -> str:
    return escape(text).replace("\n", "<br>")
