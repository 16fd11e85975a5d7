"""Formatted text: what comes in from anywhere, in one form, and back to plain text."""

import re
from itertools import pairwise
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lms.core.alignment import Alignment
from lms.core.errors import InvalidInput
from lms.core.rich_text import (
    clean_html,
    html_from_text,
    html_keeping_format,
    is_blank,
    text_of,
    words_of,
)
from lms.core.text import count_words
from lms.core.word_diff import difference_of

TAGS = re.findall(
    r"\w+",
    "p div h1 h3 ul ol li table tr td th tbody thead blockquote b i strong em u s del a span "
    "script pre select option caption math svg textarea template",
)
ATTRIBUTES = (
    "",
    ' href="http://a.example/b?c=d&amp;e"',
    ' href="java\nscript:x"',
    ' href="https://x.example/&#13;y"',
    ' colspan="2" onclick="x"',
    ' style="x"',
    " rowspan=99999999999999999999",
)
WORDS = st.text(max_size=6) | st.sampled_from(
    ["a b", "\n", "\r", "&#13;", "&nbsp;", "<br>", "<hr>", "&#0;", " ", "x\n  y", "&amp;lt;"]
)
TREES = st.recursive(
    WORDS,
    lambda inner: st.builds(
        lambda tag, attributes, parts: f"<{tag}{attributes}>{''.join(parts)}</{tag}>",
        st.sampled_from(TAGS),
        st.sampled_from(ATTRIBUTES),
        st.lists(inner, max_size=4),
    ),
    max_leaves=25,
)
VOCABULARY = re.compile(
    r"(?:[^<>]|</?(?:p|h3|h4|strong|em|u|s|ul|ol|li|blockquote|table|tbody|tr|td|th)>|<br>|<hr>"
    r'|<t[dh](?: (?:colspan|rowspan)="\d+")+>|<a href="(?:https?|mailto):[^"<>]+">|</a>)*'
)
STORABLE = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
PLAIN = st.text(STORABLE) | st.text("ab\n\r \t&<>;\xa0\f\v\u2028")


@settings(max_examples=300)
@given(st.lists(TREES, max_size=6).map("".join))
def test_cleaning_twice_changes_nothing(html: str) -> None:
    clean = clean_html(html.replace("\0", ""))

    assert clean_html(clean) == clean
    assert html_keeping_format(clean, text_of(clean)) == clean
    assert VOCABULARY.fullmatch(clean)


@pytest.mark.parametrize("boxes", ["<ul><ul>", "<ol><blockquote>", "<ul><li><table><td><ol>"])
@pytest.mark.parametrize("inside", ["x", "<table><tr><td>x</td></tr></table>", "<hr>x"])
@pytest.mark.parametrize("times", range(2, 9))
def test_at_the_greatest_depth_the_form_is_final_too(boxes: str, inside: str, times: int) -> None:
    html = clean_html(boxes * times + inside)

    assert clean_html(html) == html
    assert "x" in html


@settings(max_examples=200)
@given(*[st.lists(TREES, max_size=4).map("".join)] * 3, st.integers(0, 5000))
def test_what_is_known_already_is_taken_as_it_is(
    start: str, middle: str, end: str, anywhere: int
) -> None:
    before = clean_html(f"{start}{end}".replace("\0", ""))
    new = clean_html(middle.replace("\0", ""))
    place = anywhere % (len(before) + 1)
    value = before[:place] + new + before[place:]
    assert clean_html(clean_html(value, known=before)) == clean_html(value, known=before)
    value = clean_html(f"{start}{middle}{end}".replace("\0", ""))

    assert clean_html(value, known=before) == value


@settings(max_examples=300)
@given(PLAIN)
def test_plain_text_becomes_paragraphs_and_never_html(text: str) -> None:
    html = html_from_text(text)

    assert clean_html(html) == html
    assert text_of(html).split() == text.split()
    assert words_of(html) == count_words(text)
    assert is_blank(html) == (not text.strip())


@settings(max_examples=100)
@given(PLAIN, PLAIN)
def test_a_difference_has_every_word_of_both(before: str, after: str) -> None:
    old, new = html_from_text(before), html_from_text(after)
    difference = difference_of(old, new)

    assert difference.is_none == (old == new)
    assert "<script" not in difference.html


@pytest.mark.parametrize(
    ("html", "clean"),
    [
        ("loose words", "<p>loose words</p>"),
        ("<p>a<b>b<i>c</i></b></p>", "<p>a<strong>b<em>c</em></strong></p>"),
        ("<i><b>x</b></i><b>y</b>", "<p><strong><em>x</em>y</strong></p>"),
        ("<h1>A</h1><h6>B</h6>", "<h3>A</h3><h4>B</h4>"),
        ("<p>broken\n   off</p>\n<p> kept  spaces </p>", "<p>broken off</p><p> kept  spaces </p>"),
        ("<p></p><p>&nbsp;</p><p>x</p>", "<p>x</p>"),
        (
            "<ul><li>a</li><ul><li>b</li></ul></ul>",
            "<ul><li><p>a</p><ul><li><p>b</p></li></ul></li></ul>",
        ),
        (
            "<table><thead><tr><th>A</th></tr></thead><tr><td colspan=2>b</td></tr></table>",
            (
                '<table><tbody><tr><th><p>A</p></th></tr><tr><td colspan="2"><p>b</p></td></tr>'
                "</tbody></table>"
            ),
        ),
        ('<a href="javascript:x">a</a><a href="/b">b</a>', "<p>ab</p>"),
        (
            '<a href="mailto:a@b.example" target=_blank>a</a>',
            '<p><a href="mailto:a@b.example">a</a></p>',
        ),
        ("<script>x</script><style>y</style><svg><text>z</text></svg>", ""),
        ("<p>مرحبا ‮abc‬ 👩🏽‍🚒 e\u0301</p>", "<p>مرحبا ‮abc‬ 👩🏽‍🚒 e\u0301</p>"),
    ],
)
def test_html_comes_out_in_one_form(html: str, clean: str) -> None:
    assert clean_html(html) == clean


@pytest.mark.parametrize(
    "part",
    ["<blockquote>", "<u>x", "<em>x", "<ul>x</b>", "<rt>x", "<div><!--</div>-->", "<p><b a={}>"],
)
def test_what_no_editor_writes_is_refused(part: str) -> None:
    """What repairs it needs time or memory with the square of its length."""
    with pytest.raises(InvalidInput):
        clean_html("".join(part.replace("{}", str(n)) for n in range(5_000)))


@pytest.mark.parametrize(
    "html", ["<p><u>a</u> b<br>c</p>", "<h3>a</h3><hr>", "<ul><li><p>a</p></li></ul>"]
)
def test_a_long_text_in_order_is_taken(html: str) -> None:
    assert clean_html(html * 5_000) == html * 5_000


def test_a_short_text_in_disorder_is_put_in_order() -> None:
    assert clean_html("<ul><li>a<li>b<b>c" * 3).count("<li>") == 6


@settings(max_examples=300)
@given(*[st.lists(st.sampled_from("abcdef"), max_size=60)] * 2, st.integers(0, 2_000))
def test_an_alignment_leads_from_one_to_the_other(
    old: list[str], new: list[str], pairs: int
) -> None:
    old, new = [*old, *"vwxyz" * 50, "0"], ["1", *"vwxyz" * 45, *new]
    opcodes = Alignment(pairs).opcodes(old, new)

    made = [part for _what, _from, _to, start, end in opcodes for part in new[start:end]]
    gone = [part for _what, start, end, _from, _to in opcodes for part in old[start:end]]
    assert (gone, made) == (old, new)
    assert all(old[a:b] == new[c:d] for what, a, b, c, d in opcodes if what == "equal")
    assert all(one[0] != "equal" or other[0] != "equal" for one, other in pairwise(opcodes))


def test_a_text_made_to_be_compared_for_minutes_is_compared_in_moments() -> None:
    """Every other paragraph is new."""
    old = "\n\n".join(f"{n}" if n % 2 else f"x{n}" for n in range(12_000))
    new = old.replace("x", "y")
    begun = process_time()

    assert text_of(html_keeping_format(html_from_text(old), new)) == new
    assert difference_of(html_from_text(old), html_from_text(new)).added == 6_000
    assert process_time() - begun < 10


RICH = (
    "<h3>Aim</h3><p>Nine <strong>cities</strong>.</p>"
    "<ol><li><p>one</p></li><li><p>two</p></li></ol>"
    "<table><tbody><tr><td><p>Year</p></td><td><p>Litres</p></td></tr></tbody></table>"
)


def test_plain_text_keeps_the_form_of_what_it_leaves_as_it_was() -> None:
    text = text_of(RICH)
    assert text == "Aim\n\nNine cities.\n\n1. one\n2. two\n\n| Year | Litres |"
    # Neither the numbers of a list nor its signs are words.
    assert words_of(RICH) == 7

    changed = html_keeping_format(RICH, text.replace("Nine", "Ten") + "\n\nMore & more.")

    assert changed == (
        RICH.replace("<p>Nine <strong>cities</strong>.</p>", "<p>Ten cities.</p>")
        + "<p>More &amp; more.</p>"
    )


def test_a_difference_is_read_word_by_word() -> None:
    difference = difference_of(
        "<p>Gone.</p><p>Quite another idea, and a good one.</p>",
        "<p>The first <em>idea</em>, and a good one.</p><p>New.</p>",
    )

    assert difference.html == (
        "<p><del>Gone.</del></p>"
        "<p><del>Quite another</del><ins>The first</ins> idea, and a good one.</p>"
        "<p><ins>New.</ins></p>"
    )
    assert (difference.added, difference.removed) == (3, 3)
    written_on = difference_of(
        "<p>It is said.</p>", "<p>It is said. And then much more of it was said on top.</p>"
    )
    assert written_on.html.startswith("<p>It is said.<ins>")
    assert written_on.removed == 0
    assert difference_of("<p>a</p>", "<p><em>a</em></p>").is_in_form_only
