"""What a content has on other hosts, and which of them it may ask."""

import pytest

from h5p.outside import Outside, allowance, named_outside

TUBE = "https://youtu.be/6mGfomhKRQw"
CONTENT = {
    "video": {"sources": [{"path": TUBE, "mime": "video/YouTube"}]},
    "again": {"path": TUBE},
    "own": {"path": "videos/a.mp4", "copyright": {"source": "https://vimeo.com/1"}},
    "picture": [{"path": "//media.example.org/a.png"}, {"path": "http://plain.example/a.png"}],
    "page": {"library": "H5P.IFrameEmbed 1.0", "params": {"source": "https://pages.example/x"}},
}


def test_only_what_would_be_fetched_is_named_once() -> None:
    assert named_outside(CONTENT) == (
        Outside(TUBE, "www.youtube.com", is_embed=True),
        Outside("https://media.example.org/a.png", "media.example.org", is_embed=False),
        Outside("http://plain.example/a.png", "plain.example", is_embed=False),
        Outside("https://pages.example/x", "pages.example", is_embed=True),
    )
    assert named_outside({"source": "https://a.example/"}, "H5P.IFrameEmbed") != ()
    assert named_outside({"source": "https://a.example/"}, "H5P.Other") == ()


def test_only_allowed_hosts_over_https_may_be_asked() -> None:
    named = named_outside(CONTENT)
    assert allowance(named, []).refused == named
    some = allowance(named, ["www.youtube.com", "media.example.org", "plain.example"])
    assert some.media == ("https://media.example.org",)
    assert some.embeds == ("https://www.youtube.com", "https://www.youtube-nocookie.com")
    assert some.scripts == ("https://www.youtube.com",)
    assert [each.host for each in some.refused] == ["plain.example", "pages.example"]


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example;script-src *", "https://a.example 'unsafe-inline'/", "https://[::1",
        "https://u:p@a.example/",
        "https://:p@a.example/", "https://@a.example/", "javascript:alert(1)",
        "data:text/html,x", "https:///x", "", "https://b\u00fcro.example/",
    ],
)  # fmt: skip
def test_nothing_odd_gets_into_a_policy(url: str) -> None:
    assert named_outside({"path": url}) == ()


def test_a_deep_content_ends() -> None:
    content: object = {"path": TUBE}
    for _ in range(5000):
        content = [content]
    assert named_outside(content) == ()
