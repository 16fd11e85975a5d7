"""How answers are marked and what is still missing: pure rules, any input."""

from hypothesis import given
from hypothesis import strategies as st

from modules.enums import CompletionRule, QuestionKind
from modules.models.questions import Option, Question, Requirement


def question(key: str, kind: str, right: set[str], options: str = "abcd") -> Question:
    return Question(
        key=key,
        kind=kind,
        prompt="?",
        options=tuple(Option(o, o.upper(), f"why {o}", o in right) for o in options),
        explanation="because",
    )


questions = st.lists(
    st.one_of(
        st.builds(
            lambda key, right: question(key, QuestionKind.SINGLE, {right}),
            st.text("qrs", min_size=1, max_size=3),
            st.sampled_from("abcd"),
        ),
        st.builds(
            lambda key, right: question(key, QuestionKind.MULTIPLE, right),
            st.text("qrs", min_size=1, max_size=3),
            st.sets(st.sampled_from("abcd"), min_size=1),
        ),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda q: q.key,
).map(tuple)
answers = st.dictionaries(
    st.text("qrst", min_size=1, max_size=3), st.lists(st.sampled_from("abcdz"), max_size=5)
)


@given(asked=questions, given_answers=answers)
def test_marks_count_only_what_is_asked_and_fits(asked, given_answers) -> None:
    marks = Requirement(rule=CompletionRule.ANSWERED, questions=asked).mark(given_answers)

    assert set(marks.by_key) <= {q.key for q in asked} & set(given_answers)
    assert 0 <= marks.right <= marks.answered <= marks.asked == len(asked)
    assert 0 <= marks.percent <= 100
    assert (marks.percent == 100) == (marks.right == marks.asked)


@given(asked=questions, given_answers=answers)
def test_answering_everything_rightly_satisfies_every_threshold(asked, given_answers) -> None:
    all_right = {q.key: sorted(q.right) for q in asked}

    for rule in (CompletionRule.ANSWERED, CompletionRule.SCORE):
        for threshold in (1, 60, 100):
            requirement = Requirement(rule=rule, threshold=threshold, questions=asked)
            assert requirement.missing({**given_answers, **all_right}, "") == ()


@given(asked=questions, right_ones=st.integers(0, 6), threshold=st.integers(1, 100))
def test_threshold_is_reached_exactly_by_the_share_of_right_answers(
    asked, right_ones, threshold
) -> None:
    """README of the content: done when the share reaches the threshold, not before."""
    right_ones = min(right_ones, len(asked))
    given_answers = {
        q.key: sorted(q.right) if n < right_ones else sorted(set("abcd") - q.right)[:1] or ["a"]
        for n, q in enumerate(asked)
    }
    requirement = Requirement(rule=CompletionRule.SCORE, threshold=threshold, questions=asked)
    marks = requirement.mark(given_answers)

    assert (requirement.missing(given_answers, "") == ()) == (
        marks.answered == marks.asked and 100 * marks.right >= threshold * marks.asked
    )


@given(asked=questions, given_answers=answers)
def test_what_is_right_shows_only_for_options_that_were_chosen(asked, given_answers) -> None:
    requirement = Requirement(rule=CompletionRule.ANSWERED, questions=asked)

    for state in requirement.states(given_answers):
        assert bool(state.explanation) == state.is_answered
        for option in state.options:
            if not (state.is_answered and option.is_chosen):
                assert option.is_right is None
                assert option.feedback == ""


def test_an_answer_to_a_question_whose_options_changed_is_asked_again() -> None:
    before = question("q", QuestionKind.SINGLE, {"a"}, options="ab")
    after = question("q", QuestionKind.SINGLE, {"c"}, options="cd")
    stored = {"q": ["a"]}

    assert Requirement("answered", questions=(before,)).missing(stored, "") == ()
    assert Requirement("answered", questions=(after,)).missing(stored, "") == (
        "Answer 1 more question.",
    )


def test_missing_words_are_counted_as_readers_count() -> None:
    requirement = Requirement(rule=CompletionRule.WRITTEN, min_words=4)

    assert requirement.missing({}, "  \n ") == ("Write at least 4 more words.",)
    assert requirement.missing({}, "one two-fold three") == ("Write at least 1 more word.",)
    assert requirement.missing({}, "one two three مدينة") == ()
