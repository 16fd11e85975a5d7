"""What is typed is kept: however slow the connection, without one, without a session,
beside another tab, after a crash."""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from playwright.sync_api import Browser, BrowserContext, Error, Locator, Page, Route, expect

from assessments.actions import adopt_guidelines, save_draft
from assessments.models import DraftVersion, Submission
from lms.core import clock
from tests.browser.conftest import PATIENCE, SignIn, chromium, sign_in_to
from tests.factories import assessments, teams
from tests.factories.accounts import PASSWORD
from tests.factories.programme import EditionFactory

SAVED = re.compile("^Saved")


@pytest.fixture
def submission(sign_in: SignIn) -> Submission:
    submission = assessments.start(EditionFactory.create())
    sign_in(submission.owner.user)
    return submission


@pytest.fixture
def start_browser(
    browser: Browser, live_server: Any, submission: Submission, tmp_path: Path
) -> Iterator[Callable[[], BrowserContext]]:
    """Start the writer's own browser, whose profile outlives it."""
    started: list[BrowserContext] = []

    def start() -> BrowserContext:
        context = browser.browser_type.launch_persistent_context(
            tmp_path, base_url=live_server.url, locale="en-GB", **chromium()
        )
        context.set_default_timeout(PATIENCE)
        sign_in_to(context, submission.owner.user, live_server.url)
        started.append(context)
        return context

    yield start
    started[-1].close()


@pytest.fixture
def another_tab(context: BrowserContext, submission: Submission) -> Callable[[], Page]:
    def open_tab() -> Page:
        tab = context.new_page()
        open_desk(tab, submission)
        return tab

    return open_tab


def open_desk(page: Page, submission: Submission) -> None:
    page.goto(f"/project/{submission.edition.slug}/")
    expect(page.get_by_role("toolbar")).to_be_visible()


def section(page: Page, key: str) -> Locator:
    return page.locator(f"#section-{key} [role=textbox]")


def write(page: Page, key: str, text: str) -> None:
    section(page, key).click()
    page.keyboard.press("Control+End")
    page.keyboard.type(text)


def state(page: Page) -> Locator:
    return page.locator("[data-autosave-state]").first


def stored(submission: Submission, key: str = "context") -> Any:
    submission.refresh_from_db()
    return submission.sections.get(key)


def kept_texts(page: Page) -> str:
    """What IndexedDB holds, as it would be found after a crash."""
    return str(
        page.evaluate(
            """() => new Promise((done) => {
                const open = indexedDB.open("rambla", 1);
                open.onsuccess = () => {
                    const all = open.result.transaction("drafts").objectStore("drafts").getAll();
                    all.onsuccess = () => done(JSON.stringify(all.result));
                };
            })"""
        )
    )


def test_words_typed_before_the_script_arrives_are_saved(
    page: Page, submission: Submission
) -> None:
    held: list[Route] = []
    # Playwright marks the function it is given: a method of a list cannot be marked.
    page.route("**/chunks/**", lambda route: held.append(route))
    page.goto(f"/project/{submission.edition.slug}/", wait_until="commit")
    field = page.locator("form#draft textarea").first

    field.fill("Written on hotel Wi-Fi.\n\n2 < 3 & <b>so on</b>.")
    while held:
        held.pop().continue_()
    page.unroute("**/chunks/**")
    expect(state(page)).to_have_text(SAVED)
    page.reload()

    expect(section(page, "context").locator("p")).to_have_text(
        ["Written on hotel Wi-Fi.", "2 < 3 & <b>so on</b>."]
    )
    assert stored(submission) == (
        "<p>Written on hotel Wi-Fi.</p><p>2 &lt; 3 &amp; &lt;b&gt;so on&lt;/b&gt;.</p>"
    )


def test_what_is_typed_offline_is_on_the_device_at_once_and_goes_out_by_itself(
    context: BrowserContext, page: Page, submission: Submission
) -> None:
    open_desk(page, submission)
    write(page, "context", "Before the tunnel.")
    expect(state(page)).to_have_text(SAVED)

    context.set_offline(True)
    write(page, "context", " In the tunnel.")
    write(page, "objectives", "Two of them.")
    expect(state(page)).to_have_text("Offline: 2 changes kept on this device")
    assert "In the tunnel." in kept_texts(page)
    context.set_offline(False)

    expect(state(page)).to_have_text(SAVED)
    assert stored(submission) == "<p>Before the tunnel. In the tunnel.</p>"
    assert stored(submission, "objectives") == "<p>Two of them.</p>"
    assert "In the tunnel." not in kept_texts(page)

    # All is saved: the page stays, rather than giving way to the browser's own error.
    context.set_offline(True)
    page.get_by_role("button", name="Check and submit").click()
    expect(state(page)).to_contain_text("No connection.")
    context.set_offline(False)
    expect(state(page)).to_have_text(SAVED)
    expect(page.get_by_role("toolbar")).to_be_visible()


def test_after_a_crash_the_text_is_offered_back_with_its_time(
    start_browser: Callable[[], BrowserContext], submission: Submission
) -> None:
    context = start_browser()
    page = context.new_page()
    open_desk(page, submission)
    context.set_offline(True)
    write(page, "context", "Nearly lost.")
    expect(state(page)).to_have_text("Offline: 1 change kept on this device")
    with context.expect_event("close"), suppress(Error):
        context.new_cdp_session(page).send("Browser.crash")

    again = start_browser().new_page()
    open_desk(again, submission)
    offer = again.locator(".conflict")
    expect(offer).to_contain_text("There is unsaved text on this device")
    expect(offer).to_contain_text(re.compile(r"You typed it at \d\d:\d\d"))
    expect(offer.get_by_label("Yours, on this device")).to_have_text("Nearly lost.")
    assert stored(submission) is None
    offer.get_by_role("button", name="Keep mine").click()

    expect(section(again, "context")).to_have_text("Nearly lost.")
    expect(state(again)).to_have_text(SAVED)
    assert stored(submission) == "<p>Nearly lost.</p>"


def test_a_server_that_is_away_is_asked_again_until_it_answers(
    page: Page, submission: Submission
) -> None:
    """A restart: connections refused, then an answer of the proxy, then a save whose
    answer is lost."""
    open_desk(page, submission)
    tries: list[str] = []

    def restarting(route: Route) -> None:
        tries.append(route.request.method)
        if len(tries) == 1:
            route.abort("connectionrefused")
        elif len(tries) == 2:
            route.fulfill(status=502, body="Bad gateway")
        elif len(tries) == 3:
            route.fetch()
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/draft/**", restarting)
    write(page, "context", "Through the restart.")
    expect(state(page)).to_contain_text("kept on this device")
    for _turn in range(3):
        page.wait_for_timeout(300)
        page.evaluate("window.dispatchEvent(new Event('online'))")

    expect(state(page)).to_have_text(SAVED)
    assert stored(submission) == "<p>Through the restart.</p>"
    assert submission.version == 1
    expect(page.locator(".conflict")).to_have_count(0)


def test_an_ended_session_is_renewed_in_place(page: Page, submission: Submission) -> None:
    person = submission.owner.user
    open_desk(page, submission)
    Session.objects.all().delete()
    cache.clear()
    write(page, "context", "Typed without a session.")
    expect(state(page)).to_contain_text("You are signed out. Your text is kept on this device.")

    with page.expect_popup() as opened:
        state(page).get_by_role("link", name="Sign in again").click()
    window = opened.value
    window.locator("[name=login]").fill(person.email)
    window.locator("[name=password]").fill(PASSWORD)
    with window.expect_event("close"):
        window.get_by_role("button", name=re.compile("Sign in")).click()

    expect(state(page)).to_have_text(SAVED)
    assert stored(submission) == "<p>Typed without a session.</p>"
    # The page's own forms are sent with the token of the new session.
    page.get_by_role("button", name="Check and submit").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check and submit")


def test_a_lost_cookie_of_the_form_is_renewed_and_the_page_goes_on(
    page: Page, submission: Submission
) -> None:
    open_desk(page, submission)
    page.context.clear_cookies(name="csrftoken")
    write(page, "context", "Typed without the cookie.")

    expect(state(page)).to_have_text(SAVED)
    assert stored(submission) == "<p>Typed without the cookie.</p>"
    page.get_by_role("button", name="Check and submit").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check and submit")


def test_what_a_team_mate_does_comes_onto_a_page_that_stands_open(
    page: Page, sign_in: SignIn
) -> None:
    """Their words by themselves; and a section that they gave up by adopting newer guidelines
    is said to be gone, while what is written there is kept."""
    submission = teams.team(EditionFactory.create())
    mate = teams.mates(submission)[1]
    sign_in(submission.owner.user)
    open_desk(page, submission)
    write(page, "objectives", "Mine.")
    expect(state(page)).to_have_text(SAVED)
    submission.refresh_from_db()
    saved = save_draft(
        submission=submission, values={"context": "Of my team-mate."}, at=clock.now(),
        base_version=submission.version, by=mate.user,
    )  # fmt: skip

    come_back(page)

    expect(section(page, "context")).to_have_text("Of my team-mate.")
    expect(section(page, "objectives")).to_have_text("Mine.")
    expect(state(page)).to_contain_text("Changed elsewhere, and shown here")

    assessments.publish(
        submission.project.guidelines_page, allows_teams=True,
        sections=[assessments.section("context"), assessments.section("risks")],
    )  # fmt: skip
    adopt_guidelines(submission=saved, base_version=saved.version, by=mate.user, at=clock.now())
    write(page, "context", " And of me.")
    write(page, "objectives", " More of it.")
    gone = page.locator("#section-objectives [data-gone]")
    expect(gone).to_contain_text("they no longer have this section")
    expect(state(page)).to_contain_text(SAVED)
    assert stored(submission) == "<p>Of my team-mate. And of me.</p>"
    assert stored(submission, "objectives") == "<p>Mine. More of it.</p>"
    gone.get_by_role("link", name="Load the page again").click()
    expect(page.locator("#section-risks")).to_be_visible()
    expect(page.get_by_role("heading", name="Set aside")).to_be_visible()


def test_a_page_that_stands_open_says_that_newer_guidelines_ask_for_more(
    page: Page, sign_in: SignIn
) -> None:
    submission = teams.team(EditionFactory.create())
    mate = teams.mates(submission)[1]
    sign_in(submission.owner.user)
    open_desk(page, submission)
    assessments.publish(
        submission.project.guidelines_page, allows_teams=True,
        sections=[*assessments.SECTIONS, assessments.section("risks")],
    )  # fmt: skip
    adopt_guidelines(
        submission=submission, base_version=submission.version, by=mate.user, at=clock.now()
    )

    come_back(page)

    added = page.locator("#draft [data-added]")
    expect(added).to_contain_text("they ask for more than this page shows")
    with page.expect_response(lambda answer: answer.request.method == "PUT") as saved:
        write(page, "context", "Written on the old page.")
    assert saved.value.ok
    assert stored(submission) == "<p>Written on the old page.</p>"
    expect(added).to_have_count(1)
    added.get_by_role("link", name="Load the page again").click()
    expect(page.locator("#section-risks")).to_be_visible()
    expect(added).to_have_count(0)


def come_back(page: Page) -> None:
    """Somebody looks at the page again: it asks at once, as it would after a while."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_nobody_else_is_given_the_text_of_a_page_left_open(
    page: Page, submission: Submission, sign_in: SignIn
) -> None:
    other = assessments.start(submission.edition)
    open_desk(page, submission)
    sign_in(other.owner.user)
    write(page, "context", "Not for your eyes.")

    expect(state(page)).to_contain_text("Somebody else is signed in in this browser now.")
    assert stored(other) is None
    assert stored(submission) is None


def test_two_tabs_in_different_sections_merge_without_asking(
    page: Page, submission: Submission, another_tab: Callable[[], Page]
) -> None:
    open_desk(page, submission)
    other = another_tab()

    write(page, "context", "From the first tab.")
    expect(state(page)).to_have_text(SAVED)
    # The tabs of one browser hear of each other at once.
    expect(section(other, "context")).to_have_text("From the first tab.")
    write(other, "objectives", "From the second tab.")
    expect(state(other)).to_have_text(SAVED)
    expect(section(page, "objectives")).to_have_text("From the second tab.")

    assert stored(submission) == "<p>From the first tab.</p>"
    assert stored(submission, "objectives") == "<p>From the second tab.</p>"
    expect(page.locator(".conflict")).to_have_count(0)
    expect(other.locator(".conflict")).to_have_count(0)


@pytest.mark.parametrize(
    ("choice", "text", "set_aside"),
    [
        ("Keep mine", "<p>Our city was here.</p>", "<p>The mayor was here.</p>"),
        ("Take the stored text", "<p>The mayor was here.</p>", "<p>Our city was here.</p>"),
        (
            "Keep both, one after the other",
            "<p>Our city was here.</p><hr><p>The mayor was here.</p>",
            None,
        ),
    ],
)
def test_the_same_section_twice_is_a_choice_and_neither_text_is_lost(
    page: Page, submission: Submission, choice: str, text: str, set_aside: str | None
) -> None:
    open_desk(page, submission)
    # From another device of the same person: no tab of this browser tells.
    assessments.save_draft(
        submission=submission,
        values={"context": "The mayor was here.", "notes": "A note."},
        base_version=0,
        by=submission.owner.user,
        at=assessments.WRITTEN_AT,
    )
    write(page, "context", "Our city was here.")

    panel = page.locator(".conflict")
    expect(panel).to_be_visible()
    expect(state(page)).to_contain_text("also changed elsewhere")
    expect(panel.locator("section").nth(0).locator("mark")).to_have_text("Our city")
    expect(panel.locator("section").nth(1).locator("mark")).to_have_text("The mayor")
    panel.get_by_role("button", name=choice).click()
    expect(state(page)).to_have_text(SAVED)

    assert stored(submission) == text
    assert stored(submission, "notes") == "<p>A note.</p>"
    expect(section(page, "notes")).to_have_text("A note.")
    decided = DraftVersion.objects.filter(submission=submission, kind="conflict")
    kept = [row.submission.kept_texts.get(sha256=row.sections["context"][0]) for row in decided]
    assert [one.text for one in kept] == ([set_aside] if set_aside else [])


def test_a_browser_without_a_device_store_says_so(page: Page, submission: Submission) -> None:
    page.add_init_script(
        "Object.defineProperty(window, 'indexedDB', {value: {open() { throw new Error() }}})"
    )
    open_desk(page, submission)

    expect(state(page)).to_contain_text("keeps no copy of what you write")
    write(page, "context", "Saved all the same.")
    expect(state(page)).to_have_text(SAVED)
    assert stored(submission) == "<p>Saved all the same.</p>"
