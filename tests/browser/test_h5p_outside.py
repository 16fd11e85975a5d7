"""A video on another host, which may not be asked: a sentence and a link, and no request."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from lms.programme.models import Enrolment
from modules.models import LessonPage
from tests.browser.conftest import SignIn
from tests.browser.playing import frame_of, player_of
from tests.factories import h5p_playing as h5p

NAME = "lumi__h5p-examples__problem-cases__interactive-content-2260.h5p"
VIDEO = "https://youtu.be/6mGfomhKRQw"


@pytest.mark.usefixtures("quick_bundles")
def test_a_refused_video_is_a_sentence_with_a_link(
    packages: Path, context: BrowserContext, sign_in: SignIn,
    enrolment: Enrolment, lesson: LessonPage,
) -> None:  # fmt: skip
    content = h5p.upload((packages / "valid" / NAME).read_bytes())
    activity = h5p.make_interactive(lesson, h5p=content)
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
        ".addEventListener('click', (e) => { e.preventDefault(); "
        "document.body.dataset.wanted = e.target.href; })"
    )
    card.get_by_role("link", name="Open it in a new tab").click()
    expect(page.locator("body")).to_have_attribute("data-wanted", VIDEO)
    page.evaluate("delete document.body.dataset.wanted")
    frame_of(page).evaluate(
        "parent.postMessage({from: 'h5p-frame', token: H5PIntegration.bridge.token, kind: 'open',"
        " url: 'https://collector.example/'}, '*')"
    )
    page.wait_for_timeout(300)
    expect(page.locator("body")).not_to_have_attribute("data-wanted", re.compile(""))
    assert len(context.pages) == 1
