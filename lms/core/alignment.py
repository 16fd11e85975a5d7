"""Which parts of two sequences are the same, in bounded time.

`difflib` takes time with the square of what differs, or worse: seconds for a long text
that nobody wrote, minutes for one that somebody made for it.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

Opcode = tuple[str, int, int, int, int]
# Pairs of parts that are looked at one by one: about a second's worth.
PAIRS = 1_000_000
# Beyond so many at a time, parts that occur once in both come first, as in a patience diff.
AT_ONCE = 40_000


class Alignment:
    """Compares; one `Alignment` has so much to spend on all that it is asked."""

    def __init__(self, pairs: int = PAIRS) -> None:
        self._left = pairs

    def opcodes(self, old: Sequence[str], new: Sequence[str]) -> list[Opcode]:
        """As `SequenceMatcher.get_opcodes`. What it would take too long to compare is said
        to be replaced; what is said to be equal always is."""
        found: list[Opcode] = []
        for what, start, end, new_start, new_end in self._pieces(old, new):
            if start == end and new_start == new_end:
                continue
            if found and found[-1][0] == what:
                before = found.pop()
                start, new_start = before[1], before[3]
            found.append((what, start, end, new_start, new_end))
        return found

    def _pieces(self, old: Sequence[str], new: Sequence[str]) -> Iterator[Opcode]:
        first = _equal_from_the_start(old, new)
        last = _equal_from_the_start(old[first:][::-1], new[first:][::-1])
        old_end, new_end = len(old) - last, len(new) - last
        yield "equal", 0, first, 0, first
        anchors: list[tuple[int, int]] = []
        if (old_end - first) * (new_end - first) > AT_ONCE:
            anchors = _anchors(old[first:old_end], new[first:new_end])
        at, new_at = first, first
        for one, other in anchors:
            yield from self._between(old, new, at, one + first, new_at, other + first)
            at, new_at = one + first + 1, other + first + 1
            yield "equal", at - 1, at, new_at - 1, new_at
        yield from self._between(old, new, at, old_end, new_at, new_end)
        yield "equal", old_end, len(old), new_end, len(new)

    def _between(
        self, old: Sequence[str], new: Sequence[str], start: int, end: int, new_start: int,
        new_end: int,
    ) -> Iterator[Opcode]:  # fmt: skip
        pairs = (end - start) * (new_end - new_start)
        if not pairs or pairs > self._left:
            what = "insert" if start == end else "delete" if new_start == new_end else "replace"
            yield what, start, end, new_start, new_end
            return
        self._left -= pairs
        matcher = SequenceMatcher(None, old[start:end], new[new_start:new_end], autojunk=False)
        for what, one, two, three, four in matcher.get_opcodes():
            yield what, one + start, two + start, three + new_start, four + new_start


def _equal_from_the_start(old: Sequence[str], new: Sequence[str]) -> int:
    both = zip(old, new, strict=False)
    differs = (place for place, (one, other) in enumerate(both) if one != other)
    return next(differs, min(len(old), len(new)))


def _anchors(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Places of what occurs once in both, as many as stand in the same order."""
    once = {part for part, count in Counter(old).items() if count == 1}
    once &= {part for part, count in Counter(new).items() if count == 1}
    place_in_new = {part: place for place, part in enumerate(new) if part in once}
    ends: list[int] = []  # the lowest place in `new` at which a row of that length ends
    ends_at: list[tuple[int, int]] = []
    before: dict[tuple[int, int], tuple[int, int] | None] = {}
    for place, part in enumerate(old):
        if part in once:
            pair = (place, place_in_new[part])
            length = bisect_left(ends, pair[1])
            before[pair] = ends_at[length - 1] if length else None
            ends[length : length + 1] = [pair[1]]
            ends_at[length : length + 1] = [pair]
    row: list[tuple[int, int]] = []
    pair_before = ends_at[-1] if ends_at else None
    while pair_before is not None:
        row.append(pair_before)
        pair_before = before[pair_before]
    return row[::-1]
