"""A rubric while it is being written: no move loses what was typed."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.rubric_content import clean_rubric
from assessments.rubric_working import (
    NoSuchPart,
    content_in,
    give_keys,
    move,
    new_working,
    replace_all,
    sum_of_weights,
    texts_of,
    undo_label,
    working_of,
    write_texts,
)
from lms.core.errors import InvalidInput
from tests.factories.marking import rubric_content


def working() -> dict[str, Any]:
    return working_of(clean_rubric(rubric_content()))


def test_what_is_removed_comes_back_where_it_was_with_what_was_typed_since() -> None:
    rubric = working()
    before = texts_of(rubric)

    move(rubric, "remove:need:strong")
    move(rubric, "remove:need")
    write_texts(rubric, {"c.measurement.title": "Measured"})
    assert undo_label(rubric) == "the criterion “Criterion need”"
    assert move(rubric, "undo") == "need"
    assert move(rubric, "undo") == "need:strong"

    assert texts_of(rubric) == {**before, "c.measurement.title": "Measured"}
    with pytest.raises(NoSuchPart):
        move(rubric, "undo")


def test_going_back_from_an_import_loses_neither() -> None:
    rubric = working()
    move(rubric, "remove:need:weak")
    mine = texts_of(rubric)
    replace_all(rubric, working_of(clean_rubric(rubric_content(pass_percent=70))))
    theirs = texts_of(rubric)

    move(rubric, "undo")
    assert texts_of(rubric) == mine
    move(rubric, "undo")
    assert "l.need.weak.title" in texts_of(rubric)
    move(rubric, "undo")
    assert texts_of(rubric) == theirs


def test_a_key_stays_through_another_title_and_a_copy_gets_its_own() -> None:
    rubric = working()
    write_texts(rubric, {"c.need.title": "Why it matters"})
    copied = move(rubric, "duplicate:need")
    move(rubric, f"up:{copied}")
    give_keys(rubric)

    content = content_in(rubric)

    assert [one["key"] for one in content["criteria"]] == [
        "why-it-matters-copy",
        "need",
        "measurement",
    ]
    assert [one["title"] for one in content["criteria"]][1] == "Why it matters"


def test_a_removed_part_does_not_come_back_under_a_key_that_is_taken() -> None:
    rubric = working()
    move(rubric, "remove:need")
    added = move(rubric, "add")
    write_texts(rubric, {f"c.{added}.title": "Need"})
    give_keys(rubric)
    move(rubric, "undo")

    keys = [one["key"] for one in content_in(rubric)["criteria"]]

    assert sorted(keys) == ["criterion-need", "measurement", "need"]


def test_a_field_of_a_part_that_is_gone_is_refused() -> None:
    rubric = working()
    move(rubric, "remove:need")
    for name in ("c.need.title", "c.measurement.points", "title", "undo"):
        with pytest.raises(InvalidInput):
            write_texts(rubric, {name: "x"})
    for wanted in ("explode", "up:need", "up:measurement", "remove:measurement:x:y", "add:gone"):
        with pytest.raises((InvalidInput, NoSuchPart)):
            move(rubric, wanted)


weights = st.lists(
    st.one_of(
        st.decimals(min_value=0, max_value=100, places=2).map(str), st.sampled_from(["", "x"])
    ),
    min_size=1,
    max_size=40,
)


@given(weights, st.sampled_from(["scale", "equal"]))
@settings(max_examples=30)
def test_shared_out_weights_always_add_up_and_can_be_taken_back(
    given_weights: list[str], how: str
) -> None:
    rubric = new_working()
    while len(rubric["criteria"]) < len(given_weights):
        move(rubric, "add")
    for criterion, weight in zip(rubric["criteria"], given_weights, strict=True):
        criterion["weight"] = weight

    move(rubric, how)

    shares = [Decimal(criterion["weight"]) for criterion in rubric["criteria"]]
    assert sum_of_weights(rubric) == 100
    assert min(shares) >= Decimal("0.01")
    if how == "equal":
        assert max(shares) - min(shares) <= Decimal("0.01")
    move(rubric, "undo")
    assert [criterion["weight"] for criterion in rubric["criteria"]] == given_weights


@given(st.lists(st.sampled_from(["add", "remove", "up", "down", "duplicate", "undo"]), max_size=30))
@settings(max_examples=40)
def test_any_moves_leave_parts_with_names_of_their_own(moves: list[str]) -> None:
    rubric = working()
    for place, verb in enumerate(moves):
        criteria = rubric["criteria"]
        wanted = verb
        if verb not in {"add", "undo"} and criteria:
            one = criteria[place % len(criteria)]
            levels = one["levels"]
            level = f":{levels[place % len(levels)]['id']}" if levels and place % 2 else ""
            wanted = f"{verb}:{one['id']}{level}"
        try:
            move(rubric, wanted)
        except (NoSuchPart, InvalidInput):
            continue
    names = list(texts_of(rubric))
    content = content_in(rubric)

    assert len(set(names)) == len(names)
    for parts in (content["criteria"], *(one["levels"] for one in content["criteria"])):
        assert len({part["key"] for part in parts}) == len(parts)
