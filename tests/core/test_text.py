"""Text from people is kept whole or refused loudly, never cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.core.errors import InvalidInput, TooLarge
from lms.core.numbers import whole_number
from lms.core.text import (
    MAX_TEXT_BYTES,
    clean_reason,
    clean_text,
    count_words,
    require_words,
)

# What Python can hold and a database cannot: NUL and halves of characters.
storable = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
anything = st.text(st.characters(exclude_categories=[]))


@given(storable)
def test_storable_text_is_kept_whole_but_for_line_ends(value: str) -> None:
    assert clean_text(value, field="answer") == value.replace("\r\n", "\n")


@given(storable, st.sampled_from(["\x00", "\ud800", "\udfff"]), storable)
def test_nul_and_lone_surrogates_are_refused_wherever_they_stand(
    before: str, bad: str, after: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        clean_text(before + bad + after, field="answer")
    assert list(refusal.value.errors) == ["answer"]


@given(anything)
def test_no_text_is_half_accepted(value: str) -> None:
    try:
        kept = clean_text(value, field="answer")
    except InvalidInput:
        return
    assert kept.encode() == value.replace("\r\n", "\n").encode()


@pytest.mark.parametrize(
    "value",
    [
        "",
        "  \n\t ",
        "مرحبا بالعالم",
        "a\u202eb\u2066c",
        "👩🏽‍🚒🏳️‍🌈",
        "e\u0301 ñ n\u0303",
        "\ufeffbom",
    ],
    ids=["empty", "blank", "right-to-left", "bidi", "emoji", "combining", "bom"],
)
def test_unusual_text_is_kept_as_it_came(value: str) -> None:
    assert clean_text(value, field="answer") == value


def test_text_is_measured_in_bytes_and_refused_above_the_limit() -> None:
    assert clean_text("é" * (MAX_TEXT_BYTES // 2), field="answer")
    with pytest.raises(TooLarge) as refusal:
        clean_text("é" * (MAX_TEXT_BYTES // 2) + "e", field="answer")
    assert refusal.value.extra == {"field": "answer"}


@pytest.mark.parametrize("value", [None, 3, ["text"], {"text": 1}, b"bytes"])
def test_what_is_not_text_is_refused(value: object) -> None:
    with pytest.raises(InvalidInput):
        clean_text(value, field="answer")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("", 0),
        (" — … ", 0),
        ("One city, two rivers.", 4),
        ("the city’s long-term plan", 4),
        ("24.5 % in 2025", 4),
        ("Łódź i Kraków", 3),
        ("城市外交网络", 3),
        ("Barcelona 城市外交", 3),
    ],
)
def test_words_are_counted_as_a_reader_counts_them(value: str, words: int) -> None:
    assert count_words(value) == words


@given(st.lists(st.from_regex(r"[a-z]{1,9}", fullmatch=True)), st.sampled_from([" ", "\n", " – "]))
def test_words_are_as_many_as_were_written(words: list[str], between: str) -> None:
    assert count_words(between.join(words)) == len(words)


def test_too_few_words_name_the_field_and_the_number() -> None:
    require_words("one two", at_least=2, field="response")
    with pytest.raises(InvalidInput) as refusal:
        require_words("one", at_least=2, field="response")
    assert [str(s) for s in refusal.value.errors["response"]] == ["Write at least 2 words."]


@pytest.mark.parametrize(
    ("sent", "number"),
    [
        ("0", 0), ("007", 7), ("123456789", 123456789), ("1234567890", None), ("-1", None),
        ("²", None), ("٣", None), ("", None), (" 1", None), (None, None), (3, None),
    ],
)  # fmt: skip
def test_a_whole_number_is_read_or_is_none(sent: object, number: int | None) -> None:
    assert whole_number(sent) == number


def test_a_reason_is_words_of_a_length() -> None:
    assert clean_reason("  It rained.\r\n") == "It rained."
    assert clean_reason("x" * 1000) == "x" * 1000
    for nothing in ("", "  \n", "…", "x" * 1001, None):
        with pytest.raises(InvalidInput) as refused:
            clean_reason(nothing)
        assert list(refused.value.errors) == ["reason"]
