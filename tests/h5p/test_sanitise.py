"""Content keeps what its semantics allow, and nothing that runs."""

from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from h5p import read_package
from h5p.active import find_code
from h5p.sanitise import sanitise, sanitise_metadata
from tests.h5p.making import Files, as_file

PART = [{"name": "line", "type": "text"}, {"name": "html", "type": "text", "tags": ["a", "img"]}]
ID = "7b0a5a0e-6a52-4f0e-9a43-0d7b6f6f0c01"


def cleaned(value: Any, **field: Any) -> tuple[Any, list[str]]:
    """The value of one field, and the codes of what changed; None when it is gone."""
    clean, changes = sanitise({"f": value}, [{"name": "f", **field}], {"Test.Part 1.0": PART}.get)
    return clean.get("f"), [change.code for change in changes]


def html(value: str, *tags: str, **more: Any) -> str:
    return cleaned(value, type="text", tags=list(tags), **more)[0]


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        ('<p onclick="x()">a</p>', "<p>a</p>"),
        ("a<script>x()</script>b", "ab"),
        ("a<style>p{}</style>b", "ab"),
        ('<a href="javascript:x()">a</a>', "<a>a</a>"),
        ('<a href=" java\tscript:x()">a</a>', "<a>a</a>"),
        ('<a href="data:text/html,x">a</a>', "<a>a</a>"),
        ("<iframe src=https://evil.example></iframe>a", "a"),
        ("<form action=x><input name=a></form>", ""),
        ("<svg><script>x()</script></svg>", ""),
        ("<math><mtext><img src=x onerror=x()></math>", ""),
        ("<!-- <script>x()</script> -->a", "a"),
        ("<p>a", "<p>a</p>"),
        ("<u>a</u>", "a"),
        ('<p style="position:fixed">a</p>', "<p>a</p>"),
        ('<p style="text-align: center; background: url(x)">a</p>',
         '<p style="text-align: center;">a</p>'),
        ('<a href="https://a.example/?a=1&amp;b=2" target="_blank">a</a>',
         '<a href="https://a.example/?a=1&amp;b=2" target="_blank">a</a>'),
        ("1 < 2 & 3 > 2", "1 &lt; 2 &amp; 3 &gt; 2"),
    ],
)  # fmt: skip
def test_markup_is_reduced_to_what_is_allowed(dirty: str, clean: str) -> None:
    assert html(dirty, "a") == clean


def test_tags_bring_their_companions() -> None:
    assert html("<b><strong>a</strong></b>", "b") == "<b><strong>a</strong></b>"
    assert html("<ul><li>a</li></ul>", "ul") == "<ul><li>a</li></ul>"
    table = '<table><tbody><tr><td style="width: 5px;">a</td></tr></tbody></table>'
    assert html(table, "table") == table
    assert html("<strong>a</strong><script>x</script>", "script", "iframe") == "a"


def test_font_options_allow_their_styles_and_no_others() -> None:
    styled = '<span style="color: #fff; font-size: 2em; letter-spacing: 1px;">a</span>'

    assert html(styled, font={"color": [{}], "size": True}) == (
        '<span style="color: #fff; font-size: 2em;">a</span>'
    )
    assert html('<p style="color: red;x:expression(1)">a</p>', font={"color": True}) == "<p>a</p>"


def test_styles_are_for_the_tags_that_may_have_them() -> None:
    assert html('<a style="color: #fff;">a</a>', "a", font={"color": True}) == "<a>a</a>"


def test_a_text_without_markup_is_escaped_once() -> None:
    text = '<b>"It\'s"</b> &amp; &copy; & co'
    clean, changes = cleaned(text, type="text")

    assert clean == "&lt;b&gt;&quot;It&#039;s&quot;&lt;/b&gt; &amp; &copy; &amp; co"
    assert changes == ["markup"]
    assert cleaned(clean, type="text") == (clean, [])


def test_rewriting_without_loss_is_no_change() -> None:
    assert cleaned("<p>a<br/>&quot;b&quot;</p>", type="text", tags=[]) == (
        '<p>a<br>"b"</p>', []
    )  # fmt: skip


def test_long_texts_are_cut_to_clean_ones() -> None:
    assert cleaned("a&b" * 9, type="text", maxLength=6) == ("a&amp;", ["too-long"])
    assert cleaned("<p>abcdef</p>", type="text", tags=[], maxLength=10)[0] == "<p>abc</p>"
    assert cleaned("a", type="text", maxLength=1) == ("a", [])


@pytest.mark.parametrize(
    ("value", "field", "number"),
    [
        (5, {}, 5),
        ("5.50", {}, 5.5),
        ("<b>9</b>", {"default": 60}, 60),
        (None, {}, 0),
        (True, {"min": 3}, 3),
        (-1, {"min": 0}, 0),
        (1000, {"max": "100"}, 100),
        (7, {"min": 1, "step": 5}, 6),
        (1000, {"min": 1, "max": 10, "step": 5}, 6),
        (0.3, {"step": 0.1}, 0.3),
        (2.345, {"decimals": 1}, 2.3),
        (10**400, {}, 0),
        ("1_0", {}, 0),
        ([1], {}, 0),
    ],
)
def test_numbers_are_brought_within_their_field(value: Any, field: Any, number: float) -> None:
    assert cleaned(value, type="number", **field)[0] == number


@pytest.mark.parametrize(
    ("value", "expected"),
    [(True, True), (False, False), ("true", True), (0, False), ("<b>", False), ([], False)],
)
def test_booleans_are_booleans(value: Any, expected: bool) -> None:
    assert cleaned(value, type="boolean")[0] is expected


def test_choices_must_exist() -> None:
    options = [{"value": "a"}, {"type": "optgroup", "options": [{"value": "b"}]}, {"value": 3}]

    assert cleaned("b", type="select", options=options) == ("b", [])
    assert cleaned(3, type="select", options=options) == (3, [])
    assert cleaned("x", type="select", options=options) == ("a", ["wrong-value"])
    assert cleaned(["b", "x"], type="select", options=options) == ("b", [])
    assert cleaned(["b", "x"], type="select", options=options, multiple=True)[0] == ["b"]
    assert cleaned("<x>", type="select", options=options, optional=True)[0] == "&lt;x&gt;"
    assert cleaned({}, type="select", options=[]) == ("", ["wrong-value"])


def test_lists_are_bounded_and_empty_ones_are_gone() -> None:
    item = {"name": "i", "type": "text"}

    assert cleaned(["a", "b", "c"], type="list", field=item, max=2) == (["a", "b"], ["too-many"])
    assert cleaned([], type="list", field=item) == (None, [])
    assert cleaned("a", type="list", field=item) == (None, ["wrong-value"])
    assert cleaned(["a"], type="list") == (None, ["wrong-value"])


def test_groups_drop_what_they_do_not_know() -> None:
    fields = [{"name": "a", "type": "text"}, {"name": "b", "type": "nonsense"}]

    assert cleaned({"a": "x", "b": 1, "c": 1}, type="group", fields=fields) == (
        {"a": "x"},
        ["unknown-type", "unknown-key"],
    )
    assert cleaned("flat", type="group", fields=fields[:1]) == ("flat", [])
    assert cleaned("<i>", type="group", fields=fields[:1]) == ("&lt;i&gt;", ["markup"])
    assert cleaned({"a": "<i>"}, type="group", fields=fields[:1])[0] == {"a": "&lt;i&gt;"}


def test_sub_libraries_are_cleaned_by_their_own_semantics() -> None:
    value = {
        "library": "Test.Part 1.0",
        "params": {"line": "<i>", "html": "<a href=x onclick=y>z</a>", "more": 1},
        "subContentId": ID,
        "metadata": {"title": "<b>T</b>", "license": "X", "evil": 1},
        "action": "x",
    }
    clean, changes = cleaned(value, type="library", options=["Test.Part 1.0"])

    assert clean == {
        "library": "Test.Part 1.0",
        "params": {"line": "&lt;i&gt;", "html": '<a href="x">z</a>'},
        "subContentId": ID,
        "metadata": {"title": "&lt;b&gt;T&lt;/b&gt;", "license": "U"},
    }
    assert changes == [
        "markup", "active-content", "unknown-key", "markup", "wrong-value", "unknown-key",
        "unknown-key",
    ]  # fmt: skip


@pytest.mark.parametrize("value", ["Test.Part 1.0", {"library": "Test.Other 1.0"}, {"library": 1}])
def test_libraries_that_are_not_offered_are_gone(value: Any) -> None:
    clean, changes = cleaned(value, type="library", options=["Test.Part 1.0", "Test.Unknown 1.0"])

    assert clean is None
    assert len(changes) == 1


def test_a_known_library_is_gone_where_it_is_not_offered() -> None:
    value = {"library": "Test.Part 1.0", "params": {}}

    assert cleaned(value, type="library", options=["Test.Part 1.1"]) == (
        None, ["unknown-library"]
    )  # fmt: skip


def test_an_odd_sub_content_id_is_gone() -> None:
    value = {"library": "Test.Part 1.0", "params": {}, "subContentId": "<script>"}

    clean, changes = cleaned(value, type="library", options=["Test.Part 1.0"])

    assert "subContentId" not in clean
    assert changes == ["unknown-key"]


def test_a_library_that_nobody_knows_is_gone() -> None:
    value = {"library": "Test.Unknown 1.0", "params": {"a": "<script>"}}

    assert cleaned(value, type="library", options=["Test.Unknown 1.0"]) == (
        None, ["unknown-library"]
    )  # fmt: skip


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("images/a b.png", "images/a b.png"),
        ("images/a.png#tmp", "images/a.png"),
        ("../content/12/images/a.png", "images/a.png"),
        ("https://youtu.be/x?a=1&b=2", "https://youtu.be/x?a=1&b=2"),
        ("images/\"><script>.png", "images/%22%3E%3Cscript%3E.png"),
        ("javascript:alert(1)", None),
        ("java\nscript:alert(1)", None),
        ("data:text/html,x", None),
        ("file:///etc/passwd", None),
        ("/etc/passwd", None),
        ("../../../secret.json", None),
        ("a\\..\\..\\b.png", None),
        (5, None),
    ],
)  # fmt: skip
def test_files_are_of_this_activity_or_in_the_web(path: Any, expected: str | None) -> None:
    clean, changes = cleaned({"path": path, "mime": "image/png"}, type="image")

    assert (clean and clean["path"]) == expected
    assert bool(changes) == (expected is None)


def test_what_is_known_of_a_file_stays_and_the_rest_goes() -> None:
    picture = {
        "path": "a.png", "mime": '"x"', "width": 5, "alt": "A", "copyright": {"license": "<U>"},
        "originalImage": {"path": "b.png", "onload": 1}, "onload": "x()",
    }  # fmt: skip

    clean, changes = cleaned(picture, type="image")

    assert clean == {
        "path": "a.png", "mime": "&quot;x&quot;", "width": 5, "alt": "A",
        "copyright": {"license": "&lt;U&gt;"}, "originalImage": {"path": "b.png"},
    }  # fmt: skip
    assert changes.count("unknown-key") == 2
    sources = [{"path": "a.mp4", "quality": {"level": 1, "label": "<x>"}}, {"path": "vbscript:x"}]
    assert cleaned(sources, type="video")[0] == [
        {"path": "a.mp4", "quality": {"level": 1, "label": "&lt;x&gt;"}}
    ]
    assert cleaned({}, type="audio") == (None, [])


def test_metadata_of_an_activity_is_cleaned() -> None:
    clean, changes = sanitise_metadata(
        {"title": "A", "authors": [{"name": "B", "role": "Author"}], "yearFrom": "1999", "x": 1}
    )

    assert clean == {
        "title": "A", "authors": [{"name": "B", "role": "Author"}], "yearFrom": 1999
    }  # fmt: skip
    assert [change.path for change in changes] == [("x",)]


def test_changes_say_where_and_what() -> None:
    _, (change,) = sanitise(
        {"f": ["<p onclick=1>a</p>"]},
        [{"name": "f", "type": "list", "field": {"type": "text", "tags": []}}],
        lambda api: None,
    )

    assert change.path == ("f", 0)
    assert change.message == "f.0 contained code that runs by itself (onclick); it was removed."


def test_markup_nested_beyond_reason_is_only_shown() -> None:
    assert html("<b>" * 1000, "b").startswith("&lt;b&gt;&lt;b&gt;")


def test_hostile_content_in_a_sound_package_is_neutralised(files: Files) -> None:
    read = read_package(as_file(files)).require()
    semantics = read.libraries[0].semantics
    hostile = {
        "title": "<img src=x onerror=x()>",
        "text": "<p onclick=x()>a<script>x()</script></p>",
        "picture": {"path": "javascript:x()"},
        "parts": [{"library": "Test.Part 1.0", "params": {"line": "<script>"}}],
        "__proto__": {"x": 1},
    }

    clean, _ = sanitise(hostile, semantics, lambda api: read.libraries[1].semantics)

    assert clean == {
        "title": "&lt;img src=x onerror=x()&gt;",
        "text": "<p>a</p>",
        "parts": [{"library": "Test.Part 1.0", "params": {"line": "&lt;script&gt;"}}],
    }


PIECES = (
    "<p|<script|<a href=|<img src=x |onerror=|onclick=|javascript:|&#106;|&lt;|&|;|>|</|/>|\"|'|`|"
    "<svg|<math|<style|<!--|-->|<![CDATA[|]]>| |a|\n|<iframe srcdoc=|<table>|<td|style=|color: red"
    "|<b>|</p>|url(x)|<noscript>|<textarea>|<template>|<title>|\x00"
)
HOSTILE = st.lists(st.sampled_from(PIECES.split("|")), max_size=25).map("".join) | st.text(
    max_size=40
)


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, list[tuple[str, str | None]]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, attrs))


@given(HOSTILE)
def test_no_markup_gets_through_that_runs(dirty: str) -> None:
    clean = html(dirty, "a", "img", "table", "script", "svg", "style", font={"color": True})

    reader = Reader()
    reader.feed(clean)
    for tag, attributes in reader.seen:
        assert tag not in {"script", "svg", "math", "style", "iframe", "template", "noscript"}
        for name, value in attributes:
            assert not name.startswith("on")
            assert not (value or "").strip().lower().startswith(("javascript:", "data:"))
    assert find_code(clean) is None


@given(HOSTILE)
@example("<a href=<b><table><a href=<b>")
@example(">\r")
def test_cleaning_twice_is_cleaning_once(dirty: str) -> None:
    once = html(dirty, "a", "b", "table")
    plain = cleaned(dirty, type="text")[0]

    assert html(once, "a", "b", "table") == once
    assert cleaned(plain, type="text")[0] == plain
    assert "<" not in plain


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | HOSTILE,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["t", "l", "g", "x", "library", "params", "path"]), inner)
    ),
    max_leaves=12,
)
FIELDS = [
    {"name": "t", "type": "text", "tags": ["a"], "maxLength": 30},
    {"name": "l", "type": "list", "max": 2, "field": {"type": "number", "min": 1, "step": 2}},
    {"name": "g", "type": "group", "fields": [{"name": "x", "type": "boolean"},
                                              {"name": "t", "type": "select", "options": []}]},
    {"name": "x", "type": "library", "options": ["Test.Part 1.0"]},
    {"name": "path", "type": "image"},
]  # fmt: skip


@given(st.dictionaries(st.sampled_from(["t", "l", "g", "x", "path", "z"]), VALUES))
def test_any_content_is_cleaned_to_what_stays_clean(content: dict[str, Any]) -> None:
    clean, _ = sanitise(content, FIELDS, {"Test.Part 1.0": PART}.get)

    assert sanitise(clean, FIELDS, {"Test.Part 1.0": PART}.get)[0] == clean
    assert set(clean) <= {"t", "l", "g", "x", "path"}
