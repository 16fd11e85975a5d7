"""A video on another host, which may not be asked: a sentence and a link, and no request."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from playwright.sync_api import BrowserContext, expect

from modules.actions import h5p_bundles
from tests.browser.conftest import SignIn
from tests.browser.test_h5p import frame_of, player_of
from tests.factories import h5p_playing as h5p
from tests.factories.modules import lesson_of, make_course
from tests.factories.programme import EditionFactory, participant

NAME = "lumi__h5p-examples__problem-cases__interactive-content-2260.h5p"
VIDEO = "https://youtu.be/6mGfomhKRQw"


def test_a_refused_video_is_a_sentence_with_a_link(
    packages: Path, context: BrowserContext, live_server: Any, sign_in: SignIn,
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(h5p_bundles, "BEST", 1)
    settings.ZEAL_ALLOWLIST = [{"model": "*"}]
    enrolment = participant(EditionFactory.create()).enrolments.get()
    content = h5p.upload((packages / "valid" / NAME).read_bytes())
    activity = h5p.make_interactive(lesson_of(make_course(enrolment.edition)), h5p=content)
    sign_in(enrolment.user)
    page = context.new_page()
    page.goto(activity.public_path())
    frame_of(page)

    card = player_of(page).locator(".h5p-outside")
    expect(card).to_contain_text("This is on youtu.be and is not shown here.")
    link = page.locator("[data-h5p-outside]")
    assert link.get_attribute("href") == VIDEO
    # The page around opens the tab, and only for what the server has named beside the frame.
    page.evaluate(
        "document.querySelector('[data-h5p-outside]')"
        ".addEventListener('click', (e) => { e.preventDefault(); window.wanted = e.target.href; })"
    )
    card.get_by_role("link", name="Open it in a new tab").click()
    page.wait_for_function("window.wanted")
    assert page.evaluate("window.wanted") == VIDEO
    page.evaluate("delete window.wanted")
    frame_of(page).evaluate(
        "parent.postMessage({from: 'h5p-frame', token: H5PIntegration.bridge.token, kind: 'open',"
        " url: 'https://collector.example/'}, '*')"
    )
    page.wait_for_timeout(300)
    assert page.evaluate("window.wanted") is None
    assert len(context.pages) == 1
