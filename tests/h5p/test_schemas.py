"""The schemas are JSON Schema, and our compiled checks agree with the standard's validator."""

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from h5p.schemas import H5P_JSON, LANGUAGE_JSON, LIBRARY_JSON, SEMANTICS_JSON
from h5p.shapes import Finding, compile_schema
from tests.h5p.making import SEMANTICS, h5p_json, library_json

SCHEMAS = [H5P_JSON, LIBRARY_JSON, SEMANTICS_JSON, LANGUAGE_JSON]
GOOD: list[tuple[dict[str, Any], Any]] = [
    (H5P_JSON, h5p_json(license="CC BY-SA", authors=[{"name": "A", "role": "Author"}], w="40")),
    (
        LIBRARY_JSON,
        library_json(
            "A.B 1.2",
            "C.D 3.4",
            coreApi={"majorVersion": 1, "minorVersion": "28"},
            preloadedJs=[{"path": "dist/a b.js"}, {"path": "\\c.JS"}],
            metadataSettings={"disable": 0, "disableExtraTitleField": "1"},
        ),
    ),
    (SEMANTICS_JSON, SEMANTICS),
    (LANGUAGE_JSON, {"semantics": [], "libraryStrings": {"a": "b"}, "other": 1}),
]
ODD = st.none() | st.booleans() | st.integers(-5, 10**6) | st.text(max_size=3) | st.just({}) | (
    st.just([]) | st.lists(st.just({}), max_size=2) | st.just("x" * 300)
)  # fmt: skip


@pytest.mark.parametrize("schema", SCHEMAS)
def test_schemas_are_valid_json_schema(schema: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize(("schema", "value"), GOOD)
def test_good_values_conform(schema: dict[str, Any], value: Any) -> None:
    assert list(compile_schema(schema)(value, "")) == []
    assert Draft202012Validator(schema).is_valid(value)


@given(st.sampled_from(GOOD), st.data())
def test_checks_agree_with_the_standard_validator(
    good: tuple[dict[str, Any], Any], data: st.DataObject
) -> None:
    schema, value = good
    spoiled = _spoil(value, data)

    findings = list(compile_schema(schema)(spoiled, ""))

    assert (not findings) == Draft202012Validator(schema).is_valid(spoiled)


def _spoil(value: Any, data: st.DataObject) -> Any:
    """The value with something in it replaced, added or left out."""
    if isinstance(value, dict) and value and data.draw(st.integers(0, 5)):
        key = data.draw(st.sampled_from(sorted(value)))
        rest = {name: inner for name, inner in value.items() if name != key}
        return rest if data.draw(st.booleans()) else {**rest, key: _spoil(value[key], data)}
    if isinstance(value, list) and value and data.draw(st.integers(0, 5)):
        index = data.draw(st.integers(0, len(value) - 1))
        return [*value[:index], _spoil(value[index], data), *value[index + 1 :]]
    return data.draw(ODD)


def said(findings: Iterable[Finding]) -> list[tuple[str, str]]:
    return [(where, what.said()) for where, what in findings]


def test_true_is_no_number() -> None:
    findings = said(compile_schema(LIBRARY_JSON)(library_json("A.B 1.2", patchVersion=True), ""))

    assert findings == [("patchVersion", "must be a whole number or a text")]


def test_findings_say_where() -> None:
    findings = said(compile_schema(LIBRARY_JSON)(library_json("A.B 1.2", preloadedJs=[{}]), ""))

    assert findings == [("preloadedJs[0].path", "is missing")]
