"""Finding reviewers: nobody who may not, nobody too many, the minimum wherever it can be."""

from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from assessments.selectors.peer_matching import match


@st.composite
def cohorts(draw: Any) -> dict[str, Any]:
    """Drafts are numbered as their writers: reviewer n wrote draft n. Three cities or fewer,
    so that often few may review few."""
    size = draw(st.integers(1, 9))
    city = [draw(st.integers(0, 2)) for _ in range(size)]
    reads = [draw(st.sets(st.sampled_from("ab"), min_size=1)) for _ in range(size)]
    writes = [draw(st.sampled_from("ab")) for _ in range(size)]
    may = {
        draft: [
            one for one in range(size) if city[one] != city[draft] and writes[draft] in reads[one]
        ]
        for draft in range(size)
    }
    return {
        "may": may,
        "need": {draft: draw(st.integers(0, 3)) for draft in range(size)},
        "room": {one: draw(st.integers(0, 3)) for one in range(size)},
        "seed": draw(st.integers(0, 99)),
    }


def most_that_can_be(cohort: dict[str, Any]) -> int:
    """A maximum flow in the plainest way: one unit along one path at a time."""
    flow: set[tuple[int, int]] = set()

    def give(draft: int, seen: set[int]) -> bool:
        for one in cohort["may"][draft]:
            if one in seen or (draft, one) in flow:
                continue
            seen.add(one)
            held = [other for other, who in flow if who == one]
            if len(held) < cohort["room"][one]:
                flow.add((draft, one))
                return True
            for other in held:
                flow.remove((other, one))
                if give(other, seen):
                    flow.add((draft, one))
                    return True
                flow.add((other, one))
        return False

    for draft, wanted in cohort["need"].items():
        for _ in range(wanted):
            give(draft, set())
    return len(flow)


@given(cohorts())
def test_what_can_be_given_is_given_and_no_rule_is_broken(cohort: dict[str, Any]) -> None:
    found = match(**cohort)

    assert len(set(found.pairs)) == len(found.pairs)
    assert all(one in cohort["may"][draft] for draft, one in found.pairs)
    given_to = Counter(draft for draft, _one in found.pairs)
    held_by = Counter(one for _draft, one in found.pairs)
    assert all(held_by[one] <= room for one, room in cohort["room"].items())
    assert all(given_to[draft] <= need for draft, need in cohort["need"].items())
    assert len(found.pairs) == most_that_can_be(cohort)
    assert found.short == {
        draft: need - given_to[draft]
        for draft, need in cohort["need"].items()
        if given_to[draft] < need
    }


@given(cohorts())
def test_the_same_seed_gives_the_same_pairs(cohort: dict[str, Any]) -> None:
    assert match(**cohort) == match(**cohort)


def test_nobody_gets_two_while_another_could_have_one() -> None:
    may = {1: [10, 11], 2: [10, 11], 3: [10, 11]}
    found = match(may=may, need=dict.fromkeys(may, 2), room={10: 2, 11: 1}, seed=1)

    assert Counter(draft for draft, _one in found.pairs) == {1: 1, 2: 1, 3: 1}
