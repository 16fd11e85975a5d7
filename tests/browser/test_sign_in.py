"""A person comes in by the front door."""

import re

from playwright.sync_api import Page, expect

from lms.core.models import AuditEvent
from tests.browser.conftest import PHONE, SignIn
from tests.factories.accounts import PASSWORD, UserFactory
from tests.factories.programme import EditionFactory, participant


def test_a_participant_signs_in_and_is_led_on(page: Page) -> None:
    person = participant(EditionFactory.create())

    page.goto("/account/")
    expect(page).to_have_url(re.compile(r"/accounts/login/\?next=/account/"))
    page.get_by_label("Email").fill(person.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()

    expect(page).to_have_url(re.compile(r"/account/$"))


def test_a_wrong_password_is_explained_and_the_address_kept(page: Page) -> None:
    person = UserFactory.create()

    page.goto("/accounts/login/")
    page.get_by_label("Email").fill(person.email)
    page.get_by_label("Password").fill("not-it")
    page.get_by_role("button", name="Sign in").click()

    said = page.get_by_text("The email address or the password is not right.")
    expect(said.first).to_be_visible()
    expect(page.get_by_label("Email")).to_have_value(person.email)


def test_the_keyboard_reaches_the_content_first(page: Page, sign_in: SignIn) -> None:
    sign_in(participant(EditionFactory.create()))

    page.goto("/")
    page.keyboard.press("Tab")
    focused = page.locator(":focus")
    expect(focused).to_have_attribute("href", "#main")
    expect(focused).to_be_visible()


def test_a_phone_needs_no_sideways_scrolling(page: Page, sign_in: SignIn) -> None:
    sign_in(participant(EditionFactory.create()))
    page.set_viewport_size(PHONE)

    for address in ("/", "/account/"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_reading_a_page_leaves_no_trace_in_the_audit_trail(page: Page, sign_in: SignIn) -> None:
    sign_in(participant(EditionFactory.create()))
    page.goto("/")
    assert not AuditEvent.objects.exists()
