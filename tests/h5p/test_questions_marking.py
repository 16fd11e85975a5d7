"""Marks are fair, exact, and not impressed by what a browser sends."""

import random
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from h5p.questions import (
    MultipleChoice,
    Option,
    QuestionSet,
    from_data,
    mark,
    read_xapi_response,
    result_for_player,
)
from h5p.questions.marking import key_of, mark_question
from tests.h5p.questions import leaves, multiples, question_sets
from tests.h5p.test_questions_packing import EVERY_KIND

ANYTHING = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=6)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=6), inner, max_size=4)
    ),
    max_leaves=10,
)


@settings(max_examples=30)
@given(question_sets)
def test_the_key_gets_all_points(question_set: QuestionSet) -> None:
    marking = mark(question_set, {name: key_of(leaf) for name, leaf in question_set.leaves()})

    assert marking.problems == ()
    assert marking.score == marking.maximum == question_set.maximum
    assert marking.passed
    assert marking.complete


@settings(max_examples=40)
@given(question_sets, st.data())
def test_no_response_gets_more_than_the_maximum_or_less_than_nothing(
    question_set: QuestionSet, data: st.DataObject
) -> None:
    names = [name for name, _ in question_set.leaves()]
    responses = data.draw(st.dictionaries(st.sampled_from([*names, "else"]), ANYTHING))

    marking = mark(question_set, responses)

    for question in marking.questions:
        assert isinstance(question.score, Decimal)
        assert 0 <= question.score <= question.maximum
        assert question.score == round(question.score, 2)
    assert 0 <= marking.score <= marking.maximum


@settings(max_examples=30)
@given(multiples, st.data())
def test_the_order_of_a_multiple_choice_does_not_matter(
    question: MultipleChoice, data: st.DataObject
) -> None:
    chosen = data.draw(st.lists(st.sampled_from([option.id for option in question.options])))
    shuffled = random.sample(chosen, len(chosen))

    one, _ = mark_question("q", question, chosen)
    other, _ = mark_question("q", question, [*shuffled, *shuffled])

    assert (one.score, one.parts) == (other.score, other.parts)


@settings(max_examples=30)
@given(leaves, st.text(min_size=9, max_size=12))
def test_unknown_ids_are_refused_and_not_counted(leaf: object, unknown: str) -> None:
    key = key_of(leaf)  # type: ignore[arg-type]
    spoiled = {**key, unknown: "x"} if isinstance(key, dict) else [*key, unknown]

    plain, none = mark_question("q", leaf, key)  # type: ignore[arg-type]
    counted, problems = mark_question("q", leaf, spoiled)  # type: ignore[arg-type]

    assert none == ()
    assert [problem.code for problem in problems] == ["unknown-id"]
    assert counted == plain


def test_guessing_everything_brings_nothing() -> None:
    options = tuple(Option(str(at), str(at), correct=at < 2) for at in range(4))
    question = MultipleChoice("q", "?", options, Decimal(3))

    def score(*chosen: str) -> Decimal:
        return mark_question("q", question, list(chosen))[0].score

    assert score("0", "1", "2", "3") == 0
    assert score("0") == Decimal("1.50")
    assert score("0", "1", "2") == Decimal("1.50")
    assert score("2", "3") == 0


def test_a_typed_answer_forgives_case_space_and_apostrophes() -> None:
    question_set = from_data(
        {
            "title": "t",
            "questions": [
                {"id": "q", "kind": "gaps", "prompt": "?", "passage": "[L'Hospitalet|L’H] [x] [y]"}
            ],
        }
    ).require()

    marking = mark(question_set, {"q": {"g1": "  l’HOSPITALET ", "g2": "z"}})

    assert marking.questions[0].parts == {"g1": True, "g2": False, "g3": False}
    assert marking.score == Decimal("0.33")


def test_two_answers_to_a_single_choice_count_as_none() -> None:
    question_set = from_data(EVERY_KIND).require()
    name, leaf = next(question_set.leaves())
    ids = [option.id for option in leaf.options]  # type: ignore[union-attr]

    marking = mark(question_set, {name: ids})

    assert [problem.code for problem in marking.problems] == ["response"]
    assert marking.score == 0
    assert not marking.questions[0].answered


def test_the_player_is_told_the_key_only_when_the_host_wants() -> None:
    question_set = from_data(EVERY_KIND).require()
    for name, leaf in question_set.leaves():
        question_mark, _ = mark_question(name, leaf, None)

        assert result_for_player(leaf, question_mark)["solution"] is None
        assert result_for_player(leaf, question_mark, reveal=True)["solution"] == key_of(leaf)


@settings(max_examples=50)
@given(leaves, st.text())
def test_a_statement_s_response_is_read_whatever_it_says(leaf: object, text: str) -> None:
    response = read_xapi_response(leaf, text)  # type: ignore[arg-type]

    question_mark, _ = mark_question("q", leaf, response)  # type: ignore[arg-type]
    assert 0 <= question_mark.score <= question_mark.maximum
    assert read_xapi_response(leaf, 5) is None  # type: ignore[arg-type]
