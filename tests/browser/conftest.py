"""Pages in Chromium, served by Django's own server.

A page of these tests fails its test for what a reader would never report: an
error in the console, a breach of the content policy, a request to another site.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.conf import settings as django_settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.cached_db import SessionStore
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect, sync_playwright

from lms.accounts.models import User
from lms.programme.models import Enrolment
from modules.actions import h5p_bundles
from modules.models import LessonPage
from tests.factories.modules import lesson_of, make_course
from tests.factories.programme import EditionFactory, participant

# Playwright keeps an event loop in this thread; the ORM is called outside of it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
HARMLESS = ("favicon.ico",)
# In milliseconds. Only a test that fails waits this long: a first page of the CMS
# has taken eleven seconds on two busy cores.
PATIENCE = 45_000
expect.set_options(timeout=30_000)

SignIn = Callable[[User], None]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.django_db(transaction=True))


def chromium() -> dict[str, Any]:
    """How Chromium is started."""
    return {
        "executable_path": os.environ["CHROMIUM"],
        "args": [
            "--disable-background-networking",
            "--disable-gpu",
            # No name but this machine's is known: a request to another site goes nowhere.
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
            "--no-first-run",
            "--no-sandbox",  # CI runs as root
        ],
    }


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**chromium())
        yield browser
        browser.close()


@pytest.fixture
def address(live_server: Any) -> str:
    """Where the site answers."""
    return str(live_server.url)


@pytest.fixture
def context(browser: Browser, address: str) -> Iterator[BrowserContext]:
    """A reader at a desk, with nothing stored yet."""
    context = browser.new_context(
        base_url=address, viewport=DESKTOP, locale="en-GB", timezone_id="Europe/Madrid"
    )
    context.set_default_timeout(PATIENCE)
    strangers: list[Request] = []

    # Looked at as they pass: `route` would ask here about every request, and switch off the
    # browser's cache.
    def note(request: Request) -> None:
        if not request.url.startswith((address, "data:", "blob:")):
            strangers.append(request)

    def was_not_sent(request: Request) -> None:
        """What the content policy stops is announced before."""
        if request in strangers and request.failure == "csp":
            strangers.remove(request)

    context.on("request", note)
    context.on("requestfailed", was_not_sent)
    yield context
    context.close()
    assert [request.url for request in strangers] == []


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda message: (
            complaints.append(message.text)
            if message.type == "error" and not _is_expected(message.text, message.location)
            else None
        ),
    )
    yield page
    assert complaints == []


@pytest.fixture
def sign_in(context: BrowserContext, address: str) -> SignIn:
    """Give the browser somebody's session, without the sign-in page."""

    return lambda person: sign_in_to(context, person, address)


@pytest.fixture
def quick_bundles(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """How small a bundle is packed does not matter here, how long that takes does."""
    monkeypatch.setattr(h5p_bundles, "BEST", 1)
    # Several scripts of one page ask at once; each request is watched elsewhere.
    settings.ZEAL_ALLOWLIST = [{"model": "*"}]


@pytest.fixture
def enrolment(live_server: Any) -> Enrolment:
    return participant(EditionFactory.create()).enrolments.get()


@pytest.fixture
def lesson(enrolment: Enrolment) -> LessonPage:
    return lesson_of(make_course(enrolment.edition))


def sign_in_to(context: BrowserContext, person: User, url: str) -> None:
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = django_settings.AUTHENTICATION_BACKENDS[1]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.save()
    key = str(session.session_key)
    context.add_cookies([{"name": django_settings.SESSION_COOKIE_NAME, "value": key, "url": url}])


def expect_in_the_end(page: Page, look: Callable[[], object], wanted: object) -> None:
    """Wait for what the page does not show, or shows of an earlier time already."""
    for _turn in range(150):
        if look() == wanted:
            return
        page.wait_for_timeout(100)
    assert look() == wanted


def _is_expected(text: str, location: Any) -> bool:
    """Chromium writes every answer above 399 to the console; a 401, 404, 409 or 422
    is what a test of a refusal asks for."""
    asked_for = (
        "status of 401",
        "status of 404",
        "status of 409",
        "status of 413",
        "status of 422",
        # A connection that was cut, or a proxy whose server is away.
        "ERR_INTERNET_DISCONNECTED",
        "ERR_CONNECTION_REFUSED",
        "ERR_CONNECTION_RESET",
        "ERR_EMPTY_RESPONSE",
        "ERR_SOCKET_NOT_CONNECTED",
        "status of 502",
    )
    return any(known in text for known in asked_for) or location["url"].endswith(HARMLESS)
