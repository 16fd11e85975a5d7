"""JSON that not everybody can read is refused."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from h5p import Limits, Refused
from h5p.documents import is_storable, json_depth, read_json

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def code_of(data: bytes, **limits: int) -> str:
    with pytest.raises(Refused) as refused:
        read_json(data, "a.json", Limits(**limits))
    return refused.value.problems[0].code


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "bad-json"),
        (b"{", "bad-json"),
        (b'{"a": NaN}', "bad-json"),
        (b"[Infinity, -Infinity]", "bad-json"),
        (b"[1e999]", "bad-json"),
        (b"[" + b"9" * 5000 + b"]", "bad-json"),
        (rb'["\ud800"]', "bad-json"),
        (rb'{"\u0000": 1}', "bad-json"),
        (b'["\xff"]', "not-utf8"),
        ('["é"]'.encode("utf-16"), "not-utf8"),
        (b"[" * 101 + b"]" * 101, "too-deep"),
        (b"[" * 100_000, "too-deep"),
        (b'{"a":' * 200_000, "too-deep"),
        (b'"' + b" " * 17_000_000 + b'"', "too-large"),
    ],
)
def test_bad_documents_are_refused(data: bytes, code: str) -> None:
    assert code_of(data) == code


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b'{"a": 1, "a": 2}', {"a": 2}),
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        (rb'["\ud83d\ude00", "\\u0000 \\ud800"]', ["😀", "\\u0000 \\ud800"]),
        (b"[" * 100 + b"]" * 100, json.loads("[" * 100 + "]" * 100)),
        (b'"' + b"[" * 500 + b'"', "[" * 500),
    ],
)
def test_odd_documents_are_read(data: bytes, value: object) -> None:
    assert read_json(data, "a.json", Limits()) == value


def depth_of(value: object) -> int:
    if isinstance(value, dict):
        return 1 + max(map(depth_of, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(depth_of, value), default=0)
    return 0


@given(JSON, st.booleans())
def test_depth_is_that_of_the_value(value: object, ascii_only: bool) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only)

    if is_storable(value):
        data = text.encode()
        assert json_depth(data) == depth_of(value)
        assert read_json(data, "a.json", Limits()) == value


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(Refused):
        read_json(data, "a.json", Limits(json_depth=5))


@pytest.mark.parametrize(
    "data", [b'"' + rb"\"" * 1_000_000, b'"' * 1_000_000, b"\\" * 1_000_000, b"{" * 1_000_000]
)
def test_hostile_documents_are_refused_quickly(data: bytes) -> None:
    assert code_of(data) in {"bad-json", "too-deep"}
