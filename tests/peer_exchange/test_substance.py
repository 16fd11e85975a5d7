"""D15b: what makes a response substantive."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.core.text import count_words
from peer_exchange.enums import Counting
from peer_exchange.normal_text import fingerprint, words_of
from peer_exchange.selectors import Said, judge

THIRTY = " ".join(f"word{n}" for n in range(30))
TWENTY_NINE = " ".join(f"word{n}" for n in range(29))
OTHER_THIRTY = " ".join(f"other{n}" for n in range(30))


def verdicts(*said: Said, min_words: int = 30) -> list[Counting]:
    return list(judge(said, min_words=min_words).values())


def test_response_counts_from_the_thirtieth_word() -> None:
    assert verdicts(Said(1, 1, THIRTY), Said(2, 2, TWENTY_NINE)) == [
        Counting.COUNTS,
        Counting.TOO_SHORT,
    ]


def test_response_to_ones_own_city_does_not_count() -> None:
    assert verdicts(Said(1, 1, THIRTY, is_own_city=True)) == [Counting.OWN_CITY]


def test_response_a_moderator_hid_does_not_count() -> None:
    assert verdicts(Said(1, 1, THIRTY, is_hidden=True)) == [Counting.HIDDEN]


@pytest.mark.parametrize(
    "disguised",
    [
        THIRTY,
        THIRTY.upper(),
        THIRTY.replace(" ", "  \n"),
        THIRTY.replace(" ", ", ") + " !!!",
        "\u202e" + THIRTY + "\u202c",
        THIRTY.replace("word1", "wo\u200brd1"),
    ],
)
def test_response_repeated_in_other_clothes_does_not_count(disguised: str) -> None:
    assert verdicts(Said(1, 1, THIRTY), Said(2, 2, disguised)) == [
        Counting.COUNTS,
        Counting.REPEATED,
    ]


def test_text_that_was_hidden_or_said_at_home_does_not_count_elsewhere() -> None:
    assert verdicts(Said(1, 1, THIRTY, is_hidden=True), Said(2, 2, THIRTY))[1] == Counting.REPEATED
    assert verdicts(Said(1, 1, THIRTY, is_own_city=True), Said(2, 2, THIRTY))[1] == (
        Counting.REPEATED
    )


def test_one_response_counts_for_each_experience() -> None:
    assert verdicts(Said(1, 7, TWENTY_NINE), Said(2, 7, THIRTY), Said(3, 7, OTHER_THIRTY)) == [
        Counting.TOO_SHORT,
        Counting.COUNTS,
        Counting.SAME_EXPERIENCE,
    ]


responses = st.lists(
    st.builds(
        lambda experience, words, own, hidden: (experience, " ".join(words), own, hidden),
        st.integers(1, 4),
        st.lists(st.sampled_from(["ox", "Ox", "sea", "été", "水", "؟", "\u200f", "—"]), max_size=9),
        st.booleans(),
        st.booleans(),
    ),
    max_size=12,
).map(lambda rows: [Said(number, *row) for number, row in enumerate(rows)])


@given(responses, st.integers(1, 6))
def test_judgement_keeps_its_promises(said: list[Said], min_words: int) -> None:
    judged = judge(said, min_words=min_words)
    counted = [response for response in said if judged[response.id] == Counting.COUNTS]

    assert set(judged) == {response.id for response in said}
    assert len({response.experience_id for response in counted}) == len(counted)
    assert len({fingerprint(response.body) for response in counted}) == len(counted)
    for response in counted:
        assert count_words(response.body) >= min_words
        assert not response.is_hidden
        assert not response.is_own_city


@given(responses, responses, st.integers(1, 6))
def test_a_later_response_never_takes_away_an_earlier_one(
    said: list[Said], later: list[Said], min_words: int
) -> None:
    later = [Said(r.id + 1000, r.experience_id, r.body, r.is_own_city, r.is_hidden) for r in later]
    alone, together = judge(said, min_words=min_words), judge([*said, *later], min_words=min_words)
    assert {pk: together[pk] for pk in alone} == alone


@given(responses, st.integers(1, 6), st.sampled_from([" ", "\n\n", " … ", "\u200b", "!!"]))
def test_padding_without_words_changes_nothing(
    said: list[Said], min_words: int, padding: str
) -> None:
    padded = [
        Said(r.id, r.experience_id, padding + r.body + padding, r.is_own_city, r.is_hidden)
        for r in said
    ]
    assert judge(padded, min_words=min_words) == judge(said, min_words=min_words)


def test_search_forgets_case_and_accents() -> None:
    assert words_of("Montréal ÉTÉ  à\nla Plage, Łódź") == [
        "montreal", "ete", "a", "la", "plage", "lodz",
    ]  # fmt: skip
