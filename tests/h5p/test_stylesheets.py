import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from h5p.stylesheets import Joiner


def join(css: str, **others: str) -> tuple[str, Joiner]:
    """The part for css/a.css in a library that also has the other files (a_b.png → a/b.png)."""
    files = {"Test.A-1.0/css/a.css": css}
    files |= {f"Test.A-1.0/{name}": text for name, text in others.items()}
    known = {*files, "Test.A-1.0/img/x.png", "Test.A-1.0/css/y z.svg", "Test.B-1.0/b.png"}
    joiner = Joiner(lambda path: f"/@/{path}" if path in known else None, files.get)
    return joiner.part("Test.A-1.0/css/a.css"), joiner


@pytest.mark.parametrize(
    ("css", "expected"),
    [
        ("a{b:url(../img/x.png)}", 'a{b:url("/@/Test.A-1.0/img/x.png")}'),
        ("a{b:url( '../img/x.png?#iefix' )}", 'a{b:url("/@/Test.A-1.0/img/x.png#iefix")}'),
        ('a{b:URL("y%20z.svg#i")}', 'a{b:url("/@/Test.A-1.0/css/y z.svg#i")}'),
        (r"a{b:url(y\ z.svg)}", 'a{b:url("/@/Test.A-1.0/css/y z.svg")}'),
        ("a{b:url(../../Test.B-1.0/b.png)}", 'a{b:url("/@/Test.B-1.0/b.png")}'),
        ("a{b:url(data:image/png;base64,AA==)}", 'a{b:url("data:image/png;base64,AA==")}'),
        ("a{b:url(#filter)}", 'a{b:url("#filter")}'),
        ("a{b:url(gone.png)}", 'a{b:url("about:invalid")}'),
        ("a{b:url(/etc/x.png)}", 'a{b:url("about:invalid")}'),
        ("a{b:url(../../../../x.png)}", 'a{b:url("about:invalid")}'),
        ("a{b:url('javascript:alert(1)')}", 'a{b:url("about:invalid")}'),
        ("a{b:url(http://h/x.png)}", 'a{b:url("http://h/x.png")}'),
        ("/* url(x) */ a{b:'url(x)'}", "/* url(x) */ a{b:'url(x)'}"),
        ("a{b:myurl(x)}", "a{b:myurl(x)}"),
        ("\ufeff@charset 'utf-8';a{}", "a{}"),
        ("a{b:c", "a{b:c}"),
        ("@media x{a{b:(c", "@media x{a{b:(c)}}"),
        ("a{} /* open", "a{} /* open*/"),
        ("a{};", "a{};{}"),
        ("a{} .dangling", "a{} .dangling{}"),
        ("a{}}", "a{}}{}"),
        ("", ""),
    ],
)
def test_stylesheet_is_rewritten(css: str, expected: str) -> None:
    assert re.sub(r"\n", "", join(css)[0]) == expected


def test_imports_are_put_in_place_once() -> None:
    css, joiner = join(
        "@import 'b.css';@import url(c.css) print;@import 'https://f/?a;b';@import 'gone.css';a{}",
        **{
            "css/b.css": "@import 'a.css';@import 'b.css';b{x:url(../img/x.png)}",
            "css/c.css": "@import 'b.css'; c{",
        },
    )

    assert re.sub(r"\s", "", css) == 'b{x:url("/@/Test.A-1.0/img/x.png")}@mediaprint{c{}}a{}'
    assert joiner.found.external == {"https://f/?a;b"}
    assert joiner.found.missing == {"Test.A-1.0/css/gone.css"}


@given(st.text(alphabet="a{}()[];:'\"\\/*@url import,.#\n%", max_size=60))
def test_any_text_is_closed(css: str) -> None:
    part, _ = join(css)

    # What follows is a rule of its own: read again, the end is at the top level.
    followed, _ = join(f"{part}z{{}}")
    assert followed.rstrip().endswith("z{}")
