"""SVG pictures lose everything that acts, and stay pictures."""

import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from h5p import Refused
from h5p.svg import clean_svg

OPEN = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'


def inside(content: str) -> str:
    """What is left of some SVG."""
    clean = clean_svg(f"{OPEN}>{content}</svg>".encode()).decode()
    return clean.removeprefix(f"{OPEN}>").removesuffix("</svg>")


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        ("<script>x()</script><path d='M0 0'/>", '<path d="M0 0"></path>'),
        ("<path onclick='x()' d='M0'/>", '<path d="M0"></path>'),
        ("<a href='javascript:x()'><path/></a>", ""),
        ("<foreignObject><p xmlns='http://www.w3.org/1999/xhtml'>a</p></foreignObject>", ""),
        ("<use href='#a'/>", '<use href="#a"></use>'),
        ("<use xlink:href='https://evil.example/#a'/>", "<use></use>"),
        ("<image href='data:image/png;base64,aaaa'/>",
         '<image href="data:image/png;base64,aaaa"></image>'),
        ("<image href='data:image/svg+xml;base64,aaaa'/>", "<image></image>"),
        ("<animate attributeName='href' to='javascript:x()'/>", ""),
        ("<set attributeName='onclick' to='x()'/>", ""),
        ("<path style='fill:url(#a)'/>", '<path style="fill:url(#a)"></path>'),
        ("<path style='fill:url(https://evil.example)'/>", "<path></path>"),
        ("<style>@import 'https://evil.example';</style>", "<style></style>"),
        ("<style>a{fill:red}</style>", "<style>a{fill:red}</style>"),
        ("<style>a{fill:\\75rl(x)}</style>", "<style></style>"),
        ("<text>1 &lt; 2</text>", "<text>1 &lt; 2</text>"),
        ("<path data-x='&quot;&lt;'/>", "<path></path>"),
        ("<script xmlns='urn:x'/><path xmlns='urn:x'/>", ""),
    ],
)  # fmt: skip
def test_only_the_picture_is_left(dirty: str, clean: str) -> None:
    assert inside(dirty) == clean


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"<html><svg/></html>",
        b"<svg xmlns='http://www.w3.org/2000/svg'>",
        b"<!DOCTYPE svg [<!ENTITY a 'x'>]><svg xmlns='http://www.w3.org/2000/svg'>&a;</svg>",
        b"<svg xmlns='http://www.w3.org/2000/svg'>" + b"<g>" * 300,
        b"<svg xmlns='urn:other'/>",
        b"\x89PNG\r\n",
        b"<svg>" + b" " * 6_000_000 + b"</svg>",
    ],
)
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(Refused) as refused:
        clean_svg(data)

    assert refused.value.problems[0].code == "content-mismatch"


@given(st.binary(max_size=100) | st.text(alphabet="<>/sv g=\"'&;#:!-[]xlinkon", max_size=80).map(
    lambda text: f"{OPEN}>{text}</svg>".encode()
))  # fmt: skip
def test_any_bytes_are_cleaned_or_refused(data: bytes) -> None:
    try:
        clean = clean_svg(data)
    except Refused:
        return
    assert clean_svg(clean) == clean
    ElementTree.fromstring(clean)


def test_icons_of_real_libraries_survive(packages: Path) -> None:
    with zipfile.ZipFile(packages / "valid" / "jamestagal__H5P.MultiChoice-1.16.h5p") as archive:
        icons = [archive.read(path) for path in archive.namelist() if path.endswith("icon.svg")]

    assert icons
    for icon in icons:
        shapes = [element.tag for element in ElementTree.fromstring(icon).iter()]
        kept = [element.tag for element in ElementTree.fromstring(clean_svg(icon)).iter()]
        assert set(shapes) - set(kept) <= {"{http://www.w3.org/2000/svg}script"}
