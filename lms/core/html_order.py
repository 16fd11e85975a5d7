"""Which HTML can be read in time with its length.

Readers of HTML repair what is nested wrongly, and take time and memory with the square of
what there is to repair: a text of 400 kB that was made for it keeps one busy for minutes.
What editors write needs no repair, however long it is.
"""

import re

# So much may be in any disorder: repairing it takes a moment at the worst.
FEW_TAGS = 1_000
SHORT = 100_000
DEEPEST = 100

_MAYBE_A_TAG = re.compile(r"<[a-z/!?]", re.IGNORECASE)
_TAG = re.compile(r'<(/?)([a-z][a-z0-9]*)(?:\s+[a-z][\w:.-]*="[^"]*"){0,50}\s*/?>', re.IGNORECASE)
_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source",
     "track", "wbr")
)  # fmt: skip


def is_quickly_read(html: str) -> bool:
    """Short, or with each tag closed in its order, and none too deep in others."""
    if len(html) <= SHORT and sum(1 for _ in _MAYBE_A_TAG.finditer(html)) <= FEW_TAGS:
        return True
    opened: list[str] = []
    at = html.find("<")
    while at >= 0:
        tag = _TAG.match(html, at)
        if tag is None:
            return False
        name = tag[2].lower()
        if tag[1]:
            if not opened or opened.pop() != name:
                return False
        elif name not in _VOID:
            opened.append(name)
            if len(opened) > DEEPEST:
                return False
        at = html.find("<", tag.end())
    return True
