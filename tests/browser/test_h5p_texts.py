"""The texts of an uploaded activity, changed in the CMS as an editor changes them."""

import pytest
from django.conf import LazySettings
from django.urls import reverse
from playwright.sync_api import BrowserContext, expect

from lms.core import clock
from tests.browser.conftest import SignIn
from tests.factories.accounts import AdministratorFactory
from tests.modules.h5p_authoring.test_text_screens import with_fields


@pytest.mark.usefixtures("quick_bundles")
def test_the_last_words_typed_are_in_what_is_saved(
    context: BrowserContext, sign_in: SignIn, settings: LazySettings
) -> None:
    settings.ZEAL_ALLOWLIST = [{"model": "*"}]  # Wagtail's own admin repeats queries
    administrator = AdministratorFactory.create()
    content = with_fields(administrator, clock.now())
    sign_in(administrator)
    page = context.new_page()  # the library of the test plays nothing, and its preview says so
    page.goto(reverse("h5p_library:texts", args=[content.pk]))

    question = page.locator("main [contenteditable=true]").first
    question.press("Control+A")
    page.keyboard.type("When is the tide high?")
    page.get_by_role("button", name="Save as a new version").last.press("Enter")

    expect(page.get_by_text("Version 2 is played from now on.")).to_be_visible()
    content.refresh_from_db()
    assert content.current is not None
    assert content.current.parameters["question"] == "<p>When is the tide high?</p>"
