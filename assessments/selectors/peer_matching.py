"""Finding reviewers for drafts, where few may review few.

A maximum flow from reviewers (at most their room) to drafts (at most their need). It is
raised step by step, first one review for every draft, then two, and as evenly among the
reviewers as that allows: so when not everybody can have the minimum, it is the same for
all but those whom nobody may review. What a maximum flow can reach is reached.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True)
class Matching:
    """`pairs`: (draft, reviewer); `short`: draft → how many reviews are missing."""

    pairs: tuple[tuple[int, int], ...]
    short: dict[int, int]


def match(
    *,
    may: Mapping[int, Sequence[int]],
    need: Mapping[int, int],
    room: Mapping[int, int],
    seed: int,
) -> Matching:
    """`may`: draft → reviewers who may have it; `need`: draft → reviews it lacks; `room`:
    reviewer → how many more they may have. The same seed and rows give the same pairs."""
    dice = Random(seed)  # noqa: S311 -- fairness between equals, no secret
    drafts = sorted(draft for draft, wanted in need.items() if wanted > 0)
    dice.shuffle(drafts)
    order: dict[int, list[int]] = {}
    for draft in sorted(drafts):
        order[draft] = sorted({one for one in may.get(draft, ()) if room.get(one, 0) > 0})
    for draft in drafts:
        dice.shuffle(order[draft])
    given: dict[int, set[int]] = {draft: set() for draft in drafts}
    load: dict[int, int] = dict.fromkeys(room, 0)
    most_needed = max((need[draft] for draft in drafts), default=0)
    most_room = max(room.values(), default=0)
    for level in range(1, most_needed + 1):
        for share in range(1, most_room + 1):
            for draft in drafts:
                while len(given[draft]) < min(level, need[draft]) and _augment(
                    draft, order, given, load, {one: min(share, room[one]) for one in room}
                ):
                    pass
    pairs = sorted((draft, one) for draft, found in given.items() for one in found)
    short = {d: need[d] - len(given[d]) for d in drafts if len(given[d]) < need[d]}
    return Matching(tuple(pairs), short)


def _augment(
    start: int,
    order: Mapping[int, Sequence[int]],
    given: dict[int, set[int]],
    load: dict[int, int],
    limit: Mapping[int, int],
) -> bool:
    """Give `start` one reviewer more, handing others along a path where that is needed. No
    draft loses one."""
    came_from: dict[int, tuple[int, int | None]] = {}  # reviewer → (draft that asks, from whom)
    asking: list[tuple[int, int | None]] = [(start, None)]
    asked = {start}
    while asking:
        draft, through = asking.pop(0)
        for one in order[draft]:
            if one in came_from or one in given[draft]:
                continue
            came_from[one] = (draft, through)
            if load[one] < limit[one]:
                load[one] += 1
                _hand_along(one, came_from, given)
                return True
            for other, found in given.items():
                if one in found and other not in asked:
                    asked.add(other)
                    asking.append((other, one))
    return False


def _hand_along(
    last: int, came_from: Mapping[int, tuple[int, int | None]], given: dict[int, set[int]]
) -> None:
    one: int | None = last
    while one is not None:
        draft, through = came_from[one]
        given[draft].add(one)
        if through is not None:
            given[draft].remove(through)
        one = through
