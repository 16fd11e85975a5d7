"""Sets of questions out of nowhere: every kind, with texts that try to break out."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from h5p.questions import (
    Behaviour,
    Feedback,
    Gap,
    Gaps,
    Item,
    Match,
    MultipleChoice,
    Option,
    Order,
    Pair,
    Question,
    QuestionSet,
    Scenario,
    SingleChoice,
)
from h5p.questions.texts import clean_html, clean_plain

PLAIN = st.one_of(
    st.sampled_from(["a < b & c", "<b>", "&amp;", "]] >", "الماء", "a = b => c | * \\ [g1]"]),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12),
)
plain = PLAIN.map(clean_plain).filter(bool)
html = st.one_of(
    st.sampled_from(["<p>One</p><p>Two</p>", "Is <em>a</em> &lt; b?", "<ul><li>x</li></ul>"]),
    plain.map(clean_html).filter(bool),
)
maybe_html = st.one_of(st.just(""), html)
ids = st.from_regex(r"[A-Za-z0-9_-]{1,8}", fullmatch=True)
points = st.integers(1, 100_000).map(lambda cents: Decimal(cents) / 100)
feedback = st.builds(Feedback, maybe_html, maybe_html)


def _several(
    make: Callable[..., Any], *fields: Any, least: int, most: int = 5
) -> st.SearchStrategy[tuple[Any, ...]]:
    """Things whose ids and texts differ."""
    rows = st.tuples(ids, plain, *fields)
    return st.lists(
        rows, min_size=least, max_size=most, unique_by=(lambda r: r[0], lambda r: r[1])
    ).map(lambda found: tuple(make(*row) for row in found))


@st.composite
def _options(draw: st.DrawFn, *, single: bool) -> tuple[Option, ...]:
    plain_options = draw(_several(Option, st.just(False), maybe_html, least=2))
    places = st.integers(0, len(plain_options) - 1)
    right = {draw(places)} if single else draw(st.sets(places, min_size=1))
    return tuple(
        Option(option.id, option.text, at in right, option.feedback)
        for at, option in enumerate(plain_options)
    )


singles = st.builds(SingleChoice, ids, html, _options(single=True), points, feedback)
multiples = st.builds(MultipleChoice, ids, html, _options(single=False), points, feedback)
orders = st.builds(Order, ids, html, _several(Item, least=2), points, feedback)
_answers = plain.map(lambda text: text.replace("|", "/"))


@st.composite
def _gaps(draw: st.DrawFn) -> Gaps:
    rows = draw(
        st.lists(
            st.tuples(
                ids,
                st.lists(_answers, min_size=1, max_size=3).map(tuple),
                st.one_of(st.just(""), plain),
            ),
            min_size=1,
            max_size=4,
            unique_by=lambda row: row[0],
        )
    )
    words = [draw(plain).replace("[", "(") for _ in rows]
    passage = " ".join(f"{word} [[{row[0]}]]" for word, row in zip(words, rows, strict=True))
    gaps = tuple(Gap(*row) for row in rows)
    return Gaps(draw(ids), draw(html), passage, gaps, draw(points), draw(feedback))


@st.composite
def _matches(draw: st.DrawFn) -> Match:
    rights = draw(_several(Item, least=1))
    lefts = draw(_several(Item, least=2))
    pairs = tuple(Pair(left.id, left.text, draw(st.sampled_from(rights))) for left in lefts)
    used = {pair.right for pair in pairs}
    extras = tuple(item for item in rights if item not in used)
    return Match(draw(ids), draw(html), pairs, extras, draw(points), draw(feedback))


def _unique(least: int, *kinds: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(
        st.one_of(*kinds), min_size=least, max_size=4, unique_by=lambda question: question.id
    ).map(tuple)


scenarios = st.builds(Scenario, ids, html, _unique(1, singles))
leaves = st.one_of(singles, multiples, orders, _gaps(), _matches())
questions: st.SearchStrategy[tuple[Question, ...]] = _unique(1, leaves, scenarios)
behaviours = st.builds(
    Behaviour,
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.integers(0, 10_000).map(lambda cents: Decimal(cents) / 100),
)
languages = st.sampled_from(["en", "es", "ar", "pt-BR"])
question_sets = st.builds(
    QuestionSet,
    plain,
    questions,
    languages,
    maybe_html,
    behaviours,
)
