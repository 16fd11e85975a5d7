"""Walking content along its semantics."""

from typing import Any

from h5p import LibraryName
from h5p.semantics import Step, parse, sub_libraries, walk
from tests.h5p.making import SEMANTICS

PART = [
    {"name": "line", "type": "text"},
    {"name": "inner", "type": "library", "options": ["Test.Part 1.0", "Test.Leaf 2.1"]},
]
KNOWN: dict[str, list[dict[str, Any]]] = {"Test.Part 1.0": PART, "Test.Leaf 2.1": []}


def walked(content: Any, semantics: Any = SEMANTICS) -> list[Step]:
    return list(walk(content, semantics, KNOWN.get, library="Test.Main 1.2"))


def part(**params: Any) -> dict[str, Any]:
    return {"library": "Test.Part 1.0", "params": params}


def test_values_come_in_the_order_of_the_semantics_with_their_paths() -> None:
    content = {"parts": [part(line="a"), part(line="b")], "title": "T", "other": 1}

    assert [(step.path, step.field.name, step.library) for step in walked(content)] == [
        (("title",), "title", "Test.Main 1.2"),
        (("parts",), "parts", "Test.Main 1.2"),
        (("parts", 0), "part", "Test.Main 1.2"),
        (("parts", 0, "params", "line"), "line", "Test.Part 1.0"),
        (("parts", 1), "part", "Test.Main 1.2"),
        (("parts", 1, "params", "line"), "line", "Test.Part 1.0"),
    ]


def test_a_group_of_one_field_is_written_as_its_value() -> None:
    semantics = [
        {"name": "g", "type": "group", "fields": [{"name": "only", "type": "text"}]},
        {"name": "s", "type": "group", "isSubContent": True,
         "fields": [{"name": "only", "type": "text"}]},
    ]  # fmt: skip

    steps = walked({"g": "flat", "s": {"only": "kept"}}, semantics)
    spelled_out = walked({"g": {"only": "flat"}}, semantics)

    assert [(step.path, step.value) for step in steps if step.field.name == "only"] == [
        (("g",), "flat"),
        (("s", "only"), "kept"),
    ]
    assert (spelled_out[-1].path, spelled_out[-1].value) == (("g", "only"), "flat")


def test_sub_libraries_are_found_at_every_level_once_in_order() -> None:
    leaf = {"library": "Test.Leaf 2.1"}
    content = {"parts": [part(inner=leaf), part(inner=part(inner=leaf))]}

    assert sub_libraries(content, SEMANTICS, KNOWN.get) == (
        LibraryName("Test.Part", 1, 0),
        LibraryName("Test.Leaf", 2, 1),
    )


def test_libraries_that_the_field_does_not_offer_are_not_counted() -> None:
    content = {"parts": [{"library": "Test.Leaf 2.1"}, {"library": "x"}, {"library": 3}, None]}

    assert sub_libraries(content, SEMANTICS, KNOWN.get) == ()


def test_odd_semantics_are_left_out() -> None:
    odd = [None, "x", {"name": 1, "type": "text"}, {"name": "a"}, {"name": "a", "type": "text"}]

    assert [field.name for field in parse(odd)] == ["a"]
    assert parse({"a": 1}) == parse("x") == parse(None) == ()  # type: ignore[arg-type]


def test_options_are_flattened() -> None:
    (field,) = parse(
        [{"name": "a", "type": "select", "options": [
            {"value": "1"}, {"type": "optgroup", "options": [{"value": 2}]}, "Lib 1.0", None,
        ]}]
    )  # fmt: skip

    assert field.options == ("1", "2", "Lib 1.0")


def test_content_nested_beyond_reason_is_not_followed() -> None:
    deep: dict[str, Any] = {"line": "end"}
    for _ in range(400):
        deep = {"inner": part(**deep)}

    assert len(walked({"parts": [part(**deep)]})) < 200


def test_repeated_fields_do_not_multiply() -> None:
    again = {"Test.Part 1.0": PART * 10}
    deep: dict[str, Any] = {"line": "end"}
    for _ in range(30):
        deep = {"inner": part(**deep)}

    steps = list(walk({"parts": [part(**deep)]}, SEMANTICS, again.get))

    assert len(steps) == 33
