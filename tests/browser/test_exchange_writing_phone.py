"""Writing an experience on a telephone: its parts stand folded, one opens what one writes."""

import re
from typing import Any

import pytest
from django.conf import LazySettings
from playwright.sync_api import Page, expect

from lms.programme.models import Edition
from tests.browser.conftest import PHONE, SignIn
from tests.factories.accounts import CityFactory
from tests.factories.peer_exchange import draft
from tests.factories.programme import EditionFactory, participant


@pytest.fixture
def edition(live_server: Any, settings: LazySettings) -> Edition:
    settings.ZEAL_ALLOWLIST = [{"model": "*"}]
    return EditionFactory.create()


def test_the_parts_of_an_experience_fold_on_a_telephone_and_not_at_a_desk(
    edition: Edition, page: Page, sign_in: SignIn
) -> None:
    city = CityFactory.create()
    author = participant(edition, city)
    experience = draft(edition, city, author=author, done="")
    writing = f"/exchange/{edition.slug}/{experience.pk}/edit/"
    sign_in(author)
    page.set_viewport_size(PHONE)
    page.goto(writing)

    # What is still missing stands open, the rest is a list of what there is.
    text = page.locator(".writing__text")
    expect(page.locator("#section-done .writing__text")).to_be_visible()
    expect(text.locator("visible=true")).to_have_count(1)
    strategy = page.locator("#section-strategy .fold")
    expect(strategy).to_have_accessible_name(re.compile("Strategy 8 words"))
    expect(strategy).to_have_attribute("aria-expanded", "false")
    strategy.press("Enter")
    expect(strategy).to_have_attribute("aria-expanded", "true")
    page.locator("#section-strategy [role=textbox]").click()
    page.keyboard.type("Twice. ")
    expect(strategy).to_have_text("9 words")
    expect(page.locator("[data-autosave-state]")).to_have_text(re.compile("^Saved"))
    experience.refresh_from_db()
    assert "Twice." in experience.strategy

    # An address, and the outline, open what they lead to.
    page.goto("about:blank")
    page.goto(f"{writing}#files")
    expect(page.get_by_label("Links to evidence")).to_be_visible()
    page.get_by_role("button", name=re.compile("Outline")).click()
    page.locator("#outline").get_by_role("link", name="Challenge").click()
    expect(page.locator("#section-challenge .writing__text")).to_be_visible()

    # Where there is room, everything stands open.
    page.set_viewport_size({"width": 1280, "height": 900})
    expect(text.locator("visible=true")).to_have_count(8)
    expect(strategy).to_be_hidden()
