"""How a player reaches its frame, which has no lasting cache: docs/adr/0020 and 0022."""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from lms.programme.models import Enrolment
from modules.models import H5PState, LessonPage
from tests.browser.conftest import SignIn
from tests.browser.playing import frame_of, player_of, until
from tests.factories import h5p_playing as h5p

pytestmark = pytest.mark.usefixtures("quick_bundles")

# Bytes that came over the network for the document itself.
SENT = "performance.getEntriesByType('navigation')[0].transferSize"
# The same for what the page has fetched for its player.
SENT_FOR_THE_PLAYER = """performance.getEntriesByType('resource')
  .filter((each) => each.name.includes('/h5p/') && each.initiatorType !== 'iframe')
  .map((each) => each.transferSize)"""

IN_USE = """[...document.fonts].filter((each) => each.status === 'loaded')
  .map((each) => each.family.replaceAll('"', ''))"""


@pytest.fixture
def lesson_address(sign_in: SignIn, enrolment: Enrolment, lesson: LessonPage) -> str:
    sign_in(enrolment.user)
    return h5p.make_interactive(lesson).public_path()


@pytest.fixture
def fetched(page: Page) -> Callable[[], list[str]]:
    """What of the player's code was fetched since the last time, and by whom."""
    seen: list[str] = []

    def note(url: str, by: str) -> None:
        kind = urlsplit(url).path.split("/")[2]
        if kind in {"core", "bundles"} and not url.endswith(".woff2"):
            seen.append(f"{kind} by the {by}")

    page.on(
        "requestfinished",
        lambda each: (
            note(each.url, "page" if each.frame == page.main_frame else "frame")
            if "/h5p/" in each.url
            else None
        ),
    )

    def since() -> list[str]:
        found = sorted(seen)
        seen.clear()
        return found

    return since


def visit(page: Page, address: str) -> None:
    page.goto(address)
    frame_of(page)
    expect(player_of(page).get_by_label("Rhône")).to_be_visible()


def test_the_page_brings_the_code_and_keeps_it(
    page: Page, lesson_address: str, fetched: Callable[[], list[str]]
) -> None:
    visit(page, lesson_address)
    assert fetched() == ["bundles by the page"] * 2 + ["core by the page"] * 2
    assert all(sent > 0 for sent in page.evaluate(SENT_FOR_THE_PLAYER))

    visit(page, lesson_address)
    assert not [each for each in fetched() if "frame" in each]
    assert set(page.evaluate(SENT_FOR_THE_PLAYER)) == {0}


def test_our_questions_are_set_in_what_the_page_is_set_in(
    page: Page, lesson_address: str, context: BrowserContext
) -> None:
    fonts: list[str] = []
    context.on(
        "request", lambda each: fonts.append(each.url) if each.frame != page.main_frame else None
    )

    visit(page, lesson_address)

    frame = frame_of(page)
    wanted = {"Page sans", "Page serif"}
    until(page, lambda: set(frame.evaluate(IN_USE)) == wanted, "the faces of the page")
    words = player_of(page).locator(".rambla-qs")
    assert words.evaluate("(each) => getComputedStyle(each).fontFamily").startswith('"Page sans"')
    # None fetched by the frame: it would fetch those that core brings at every visit.
    assert not [url for url in fonts if url.endswith(".woff2")]


def test_the_next_visits_do_not_ask_for_the_document_of_the_frame(
    page: Page, lesson_address: str
) -> None:
    visit(page, lesson_address)
    assert frame_of(page).evaluate(SENT) > 0
    player_of(page).get_by_label("Rhône").check()
    until(page, lambda: "rhone" in stored(), "state")

    for _ in range(2):
        visit(page, lesson_address)
        assert page.evaluate(SENT) > 0
        assert frame_of(page).evaluate(SENT) == 0
        # What somebody did comes with the page.
        expect(player_of(page).get_by_label("Rhône")).to_be_checked()


def test_a_page_that_the_browser_had_kept_goes_on_from_what_is_saved_now(
    page: Page, lesson_address: str
) -> None:
    visit(page, lesson_address)
    old = text_of(page, lesson_address)
    player_of(page).get_by_label("Rhône").check()
    until(page, lambda: "rhone" in stored(), "state")
    page.goto("about:blank")

    # Chromium keeps such a page for the way back only as long as it likes.
    page.add_init_script(
        "Object.defineProperty(PerformanceResourceTiming.prototype, 'transferSize', { value: 0 })"
    )
    page.route(
        f"**{lesson_address}", lambda route: route.fulfill(body=old, content_type="text/html")
    )
    page.goto(lesson_address)

    expect(player_of(page).get_by_label("Rhône")).to_be_checked()
    player_of(page).get_by_label("Seine").check()
    until(page, lambda: "seine" in stored(), "state")


def stored() -> str:
    return "".join(H5PState.objects.values_list("data", flat=True))


def test_a_frame_that_hears_of_no_page_plays_all_the_same(
    page: Page,
    context: BrowserContext,
    lesson_address: str,
    fetched: Callable[[], list[str]],
) -> None:
    # The script of the page around stays away, as it may on a bad connection.
    context.route(
        "**/player.js", lambda route: route.fulfill(body="", content_type="text/javascript")
    )

    page.goto(lesson_address)

    expect(player_of(page).get_by_label("Rhône")).to_be_visible(timeout=20_000)
    of_the_frame = [each for each in fetched() if "frame" in each]
    assert of_the_frame == ["bundles by the frame"] * 2 + ["core by the frame"] * 2


def test_a_kept_document_that_names_code_that_is_gone_is_loaded_anew(
    page: Page, lesson_address: str
) -> None:
    documents: list[str] = []
    page.on("request", lambda each: "/h5p/frame/" in each.url and documents.append(each.url))

    def be_gone(route: Route) -> None:
        if len(documents) < 2:
            route.fulfill(status=404, headers={"Access-Control-Allow-Origin": "*"})
        else:
            route.continue_()

    page.route(re.compile(r"/h5p/core/"), be_gone)
    visit(page, lesson_address)

    assert len(documents) == 2
    player_of(page).get_by_label("Rhône").check()
    until(page, lambda: "rhone" in stored(), "state")


def test_a_frame_does_not_wait_for_what_its_page_does_not_bring(
    page: Page, lesson_address: str, fetched: Callable[[], list[str]]
) -> None:
    """Its page is of a server that has other code."""
    body = re.sub(
        "(as=.fetch.[^>]*/core/)[0-9a-f]+", r"\1" + "0" * 16, text_of(page, lesson_address)
    )
    page.route(
        f"**{lesson_address}", lambda route: route.fulfill(body=body, content_type="text/html")
    )
    page.goto(lesson_address)

    expect(player_of(page).get_by_label("Rhône")).to_be_visible(timeout=15_000)
    assert [each for each in fetched() if "frame" in each] == ["core by the frame"] * 2


def text_of(page: Page, address: str) -> str:
    return page.request.get(address).text()


def test_bytes_that_the_server_has_not_named_are_never_run(
    page: Page, lesson_address: str, fetched: Callable[[], list[str]]
) -> None:
    def tamper(route: Route) -> None:
        if route.request.frame == page.main_frame:
            route.fulfill(body="window.isWrong = true;", content_type="text/javascript")
        else:
            route.continue_()

    page.route(re.compile(r"/h5p/bundles/"), tamper)
    visit(page, lesson_address)

    assert frame_of(page).evaluate("'isWrong' in window") is False
    assert [each for each in fetched() if "frame" in each] == ["bundles by the frame"] * 2
