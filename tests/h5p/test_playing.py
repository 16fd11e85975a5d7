import json
import re
from typing import Any

import pytest

from h5p.dependencies import resolve
from h5p.libraries import MemoryShelf
from h5p.playing import (
    BRIDGE_SCRIPT,
    Addresses,
    frame_html,
    frame_name,
    frame_policy,
    integration,
)
from h5p.storage import MemoryStorage
from tests.h5p.shelving import make_library

ADDRESSES = Addresses(
    core_scripts=["https://h/core.js"],
    core_styles=["https://h/core.css"],
    script="https://h/b.js",
    style="https://h/b.css?a=1&b=2",
    content="https://h/content/7",
    library="https://h/library",
    base="https://h/base/7",
    activity="https://site/activities/7",
)
HOSTILE = "</script><script>alert(1)</script><!--"


def settings(**more: Any) -> dict[str, Any]:
    storage = MemoryStorage()
    other = make_library(storage, "Test.A 1.0")
    main = make_library(storage, "Test.Main 1.2", "Test.A 1.0", fullscreen=1)
    arguments: dict[str, Any] = {
        "content_id": "7",
        "resolution": resolve(main, {}, MemoryShelf(main, other)),
        "metadata": {"title": HOSTILE, "license": "CC BY", "preloadedDependencies": []},
        "content": {"text": HOSTILE},
        "addresses": ADDRESSES,
        "token": "t",
    }
    return integration(**{**arguments, **more})


def test_integration_tells_core_where_everything_is() -> None:
    made = settings(save_every=10, state={"0": {"state": "{}"}}, words={"close": "Cierra"})

    activity = made["contents"]["cid-7"]
    assert activity["library"] == "Test.Main 1.2"
    assert json.loads(activity["jsonContent"]) == {"text": HOSTILE}
    assert activity["metadata"] == {"title": HOSTILE, "license": "CC BY"}
    assert activity["contentUserData"] == {"0": {"state": "{}"}}
    assert activity["fullScreen"] == 1
    assert set(made["libraryDirectories"]) == {"Test.Main-1.2", "Test.A-1.0"}
    assert all(re.fullmatch(r"[0-9a-f]{64}", h) for h in made["libraryDirectories"].values())
    assert made["saveFreq"] == 10
    assert made["l10n"]["H5P"]["close"] == "Cierra"
    assert "user" not in made
    assert settings()["saveFreq"] is False


@pytest.mark.parametrize("content_id", ["", "a b", '"><script>', "a" * 65])
def test_content_id_cannot_be_anything(content_id: str) -> None:
    with pytest.raises(ValueError, match="not a content id"):
        settings(content_id=content_id)


def test_frame_has_core_the_bridge_and_the_bundle_in_order() -> None:
    html = frame_html(settings(), nonce="n0", language='e"n', after_core="between();")

    assert re.findall(r"<script[^>]* src=\"([^\"]+)\"|(between)", html) == [
        ("https://h/core.js", ""), ("", "between"), ("https://h/b.js", ""),
    ]  # fmt: skip
    assert re.findall(r"<link rel=\"stylesheet\" href=\"([^\"]+)\"", html) == [
        "https://h/core.css", "https://h/b.css?a=1&amp;b=2",
    ]  # fmt: skip
    # Deferred scripts would let core start before the bundle is there.
    assert not re.search(r"<script[^>]*(defer|async)", html)
    assert html.index("localStorage") < html.index("window.H5PIntegration =")
    assert html.index('data-content-id="7"') < html.index('src="https://h/core.js"')
    assert '<html class="h5p-iframe is-paper" lang="e&quot;n" dir="ltr">' in html


def test_every_script_carries_the_nonce_and_content_cannot_end_one() -> None:
    html = frame_html(settings(), nonce="n0")

    scripts = re.findall(r"<script\b[^>]*>", html)
    assert len(scripts) == 4
    assert all('nonce="n0"' in script for script in scripts)
    assert "alert(1)</script>" not in html
    assert html.count("<!--") == 0
    written = re.search(r"window\.H5PIntegration = (.*);\n", html)
    assert written is not None
    assert "window.name" in html[written.end() :]
    assert json.loads(written[1]) == settings()


def test_a_loader_gets_what_is_named_with_its_hash() -> None:
    made = settings(token="t1", parent_origin="https://site")
    addresses = [
        "https://h/core.css",
        "https://h/b.css?a=1&b=2",
        "https://h/core.js",
        "https://h/b.js",
    ]
    html = frame_html(made, nonce="n0", integrity={url: f"sha256-{url}" for url in addresses})

    # Nothing is fetched but by the loader, which is the first of all scripts.
    assert re.findall(r"<(?:script|link)[^>]* (?:src|href)=", html) == []
    assert re.findall(r"<script\b[^>]*>", html) == ['<script nonce="n0">'] * 2
    (load,) = re.findall(r"\}\)\n\((\{.*\})\);</script>", html)
    assert html.index(load) < html.index("window.H5PIntegration =")
    found = json.loads(load)
    assert (found["token"], found["parentOrigin"]) == ("t1", "https://site")
    bridge = found["files"].pop(3)
    assert bridge == {"text": BRIDGE_SCRIPT}
    assert [(each["url"], each["integrity"]) for each in found["files"]] == [
        (url, f"sha256-{url}") for url in addresses
    ]
    assert [each.get("style", False) for each in found["files"]] == [True, True, False, False]


def test_the_name_of_a_frame_is_what_differs_between_loads() -> None:
    mark, _, load = frame_name("t1", {"0": {"state": "{}"}}, 7, 9).partition(" ")

    assert mark == "h5p-frame"
    assert json.loads(load) == {
        "token": "t1", "state": {"0": {"state": "{}"}}, "savedAt": 7, "now": 9,
    }  # fmt: skip
    assert json.loads(frame_name("t1", brings=True).partition(" ")[2])["brings"] is True


def test_policy_allows_what_is_given_and_nothing_else() -> None:
    policy = frame_policy(nonce="n0", origins=["https://h"], parents=["https://site"])
    loose = frame_policy(
        nonce="n0",
        origins=["https://h"],
        parents=["https://site"],
        evaluates=True,
        media=["https:"],
        embeds=["https://e"],
        scripts=["https://s"],
    )

    by_nonce, by_host = policy.split(", ")
    rules = dict(rule.split(" ", 1) for rule in by_nonce.split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == "'nonce-n0' https://h"
    assert rules["frame-src"] == "'none'"
    assert rules["frame-ancestors"] == "https://site"
    assert "allow-same-origin" not in policy
    assert "allow-top-navigation" not in policy
    assert "script-src 'nonce-n0' https://h 'unsafe-eval' https://s;" in loose
    assert "media-src https://h https: data: blob:" in loose
    assert "frame-src https://e;" in loose
    # Whoever reads the nonce still gets no script from elsewhere.
    assert by_host.split("; ")[0] == "script-src 'unsafe-inline' 'unsafe-eval' https://h"
    assert loose.split(", ")[1].startswith(by_host.split("; ")[0] + " https://s;")
