"""The marking desk by keyboard: reading, marking, commenting, going on; and that nothing
typed there is lost or put into another project."""

import re
from contextlib import suppress
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from playwright.sync_api import BrowserContext, Error, Page, expect
from weasyprint import HTML

from assessments.actions.marking import save_marks
from assessments.models import Annotation, Assessment, Attempt, Snippet
from lms.accounts.models import User
from lms.programme.models import Edition
from tests.browser.conftest import PHONE, SignIn
from tests.factories import assessments as projects
from tests.factories.marking import MARKED_AT, agreed, release_now, snippet_of
from tests.factories.programme import EditionFactory, instructor

pytestmark = pytest.mark.usefixtures("watched_elsewhere")
TEXT = "Our harbour needs quieter ferries. The city decides on transport alone."


@pytest.fixture
def watched_elsewhere(settings: LazySettings) -> None:
    """The desk asks several things at once; each request is watched in its own tests."""
    settings.ZEAL_ALLOWLIST = [{"model": "*"}]


@pytest.fixture
def edition(live_server: Any) -> Edition:
    return EditionFactory.create()


@pytest.fixture
def marker(edition: Edition) -> User:
    return instructor(edition)


def project(edition: Edition, context: str = TEXT, pdf: bytes | None = None) -> Attempt:
    submission = projects.write(projects.start(edition), context=context)
    if pdf is not None:
        projects.attach(submission, SimpleUploadedFile("annex.pdf", pdf))
    return projects.hand_in(submission, key=f"key-of-project-{submission.pk}")


def pdf_of(*pages: str) -> bytes:
    body = "".join(f'<p style="page-break-after: always">{page}</p>' for page in pages)
    return bytes(HTML(string=body).write_pdf())


def desk_of(attempt: Attempt) -> str:
    return f"/marking/{attempt.submission.edition.slug}/{attempt.submission_id}/"


def open_desk(page: Page, attempt: Attempt) -> None:
    page.goto(desk_of(attempt))
    expect(page.locator("[data-desk-keys]")).to_be_visible()


def saved(page: Page) -> None:
    expect(page.locator("[data-autosave-state]")).to_contain_text("Saved")


def said(page: Page, words: str) -> None:
    expect(page.locator("[data-desk-said]")).to_contain_text(words)


def test_the_desk_by_keyboard_from_the_first_project_to_the_next(
    edition: Edition, marker: User, page: Page, sign_in: SignIn
) -> None:
    first = project(edition, pdf=pdf_of("Ferries are loud at night.", "The second page."))
    second = project(edition, "Another city writes.")
    snippet_of(marker, edition)
    sign_in(marker)
    open_desk(page, first)
    keys = page.keyboard

    # Begin; levels by digits, comment by hand and from the bank.
    with page.expect_navigation():
        keys.press("Shift+G")
    expect(page.locator("[data-desk-keys]")).to_be_visible()
    for level in ("1", "2"):
        keys.press("j")
        keys.press(level)
    keys.press("k")
    keys.press("c")
    # What is typed is no command: not n, not H, not 3.
    keys.type("In short: nothing Heavy, 3 points. ")
    keys.press("Escape")
    keys.press("b")
    keys.type("kept")
    keys.press("Enter")
    expect(page.locator("#comment-need")).to_have_value(
        "In short: nothing Heavy, 3 points. A comment kept."
    )
    keys.press("Escape")
    keys.press("m")
    said(page, "Kept in your bank.")
    keys.press("s")
    said(page, "Saved.")

    # A sentence of the text, chosen and commented on without a mouse.
    keys.press("t")
    keys.press("x")
    keys.press("x")
    keys.press("a")
    expect(page.locator("[data-composer] blockquote")).to_contain_text("The city decides")
    keys.type("Alone?")
    keys.press("Control+Enter")
    expect(page.locator(".annotation__text")).to_have_text("Alone?")

    # The PDF: opened, its second page gone to, words on the first chosen, a page commented on.
    keys.press("f")
    expect(page.locator('.pdf__page[data-page="1"] .textLayer')).to_contain_text("Ferries are loud")
    page.locator('.pdf__page[data-page="1"] .textLayer span').first.evaluate(
        "span => { getSelection().selectAllChildren(span); }"
    )
    keys.press("a")
    keys.type("How loud?")
    keys.press("Control+Enter")
    expect(page.locator(".pdf__mark")).to_have_count(1)
    page.evaluate("getSelection().removeAllRanges()")
    keys.press("]")
    expect(page.locator(".pdf__number")).to_have_value("2")
    keys.press("Shift+R")
    keys.press("ArrowDown")
    keys.press("Shift+ArrowRight")
    keys.press("Enter")
    keys.type("This part.")
    keys.press("Control+Enter")
    expect(page.locator(".annotation")).to_have_count(3)

    # Deleted, put back.
    keys.press("l")
    page.locator(".annotation", has_text="How loud?").get_by_role("button", name="Delete").press(
        "Enter"
    )
    expect(page.locator(".annotations__list > .annotation")).to_have_count(2)
    keys.press("u")
    expect(page.locator(".annotations__list > .annotation")).to_have_count(3)

    # Handed in, and on to the next without a reload.
    with page.expect_navigation():
        keys.press("Shift+H")
    expect(page.get_by_text("The marks are handed in.")).to_be_visible()
    expect(page.locator("[data-desk-keys]")).to_be_visible()
    page.wait_for_timeout(1_500)
    page.evaluate("window.isSamePage = true")
    # As on a busy machine: the next project can be read some time before its scripts start.
    page.evaluate("() => { window.requestAnimationFrame = (run) => setTimeout(run, 700); }")
    keys.press("n")
    expect(page).to_have_url(re.compile(f"{desk_of(second)}$"))
    expect(page.locator("#read-context + .written")).to_have_text("Another city writes.")
    assert page.evaluate("window.isSamePage") is True
    keys.press("p")
    expect(page).to_have_url(re.compile(f"{desk_of(first)}$"))

    revision = Assessment.objects.get(attempt=first).revisions.get()
    assert {mark["criterion"]: mark["level"] for mark in revision.marks} == {
        "need": "strong", "measurement": "sound",
    }  # fmt: skip
    kinds = [one["anchor"]["kind"] for one in revision.annotations]
    assert kinds == ["passage", "selection", "region"]
    assert Snippet.objects.count() == 2
    assert not second.assessments.exists()


def test_keys_can_be_switched_off(
    edition: Edition, marker: User, page: Page, sign_in: SignIn
) -> None:
    """WCAG 2.1.4."""
    attempt = project(edition)
    sign_in(marker)
    open_desk(page, attempt)
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keys of this desk")
    expect(dialog).to_contain_text("Hand in the marks")
    page.get_by_label("Single keys work on this desk").uncheck()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)

    page.keyboard.press("Shift+G")
    page.keyboard.press("?")
    page.reload()
    said(page, "Keys are off.")
    page.keyboard.press("Shift+G")
    page.wait_for_timeout(500)
    assert not attempt.assessments.exists()

    page.locator("[data-desk-keys]").click()
    page.get_by_label("Single keys work on this desk").check()
    page.keyboard.press("Escape")
    with page.expect_navigation():
        page.keyboard.press("Shift+G")
    assert attempt.assessments.exists()


def begun(page: Page, attempt: Attempt) -> Assessment:
    open_desk(page, attempt)
    with page.expect_navigation():
        page.keyboard.press("Shift+G")
    expect(page.locator("[data-desk-keys]")).to_be_visible()
    expect(page.locator("form[data-autosave][data-started]")).to_be_attached()
    return attempt.assessments.get()


def test_marks_survive_and_never_reach_the_next_project(
    edition: Edition,
    marker: User,
    page: Page,
    context: BrowserContext,
    sign_in: SignIn,
    settings: LazySettings,
) -> None:
    first, second = project(edition), project(edition, "Another city writes.")
    sign_in(marker)
    assessment = begun(page, first)

    # Without a connection: kept on this device, and one does not go on.
    context.set_offline(True)
    page.locator("#overall").fill("Written without a connection.")
    expect(page.locator("[data-autosave-state]")).to_contain_text("kept on this device")
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    said(page, "Not sent: your last changes are not saved yet.")
    expect(page).to_have_url(re.compile(f"{desk_of(first)}$"))

    # A crash: the copy is offered, and only at the desk it was written at.
    with page.expect_event("crash"), suppress(Error):
        page.goto("chrome://crash")
    page.close()
    context.set_offline(False)
    again = context.new_page()
    open_desk(again, second)
    expect(again.get_by_text("There is unsaved text on this device")).to_have_count(0)
    assert "Written without a connection." not in again.content()
    open_desk(again, first)
    expect(again.get_by_text("There is unsaved text on this device")).to_be_visible()
    again.get_by_role("button", name="Keep mine").click()
    saved(again)
    assessment.refresh_from_db()
    assert assessment.overall == "Written without a connection."

    # Somebody else's tab: both texts side by side, nothing decided by itself.
    save_marks(
        assessment=assessment, base_version=assessment.version, marks={}, overall="Elsewhere.",
        by=marker, at=MARKED_AT,
    )  # fmt: skip
    again.locator("#overall").fill("Written here.")
    expect(again.get_by_text("This text was changed in two places")).to_be_visible()
    both = again.locator(".conflict", has_text="This text was changed in two places")
    expect(both).to_contain_text("Elsewhere.")
    both.get_by_role("button", name="Keep mine").click()
    saved(again)

    # The session ends while one marks.
    context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    again.locator('input[name="level-need"]').first.check()
    expect(again.locator("[data-autosave-state]")).to_contain_text("signed out")
    sign_in(marker)
    again.evaluate("window.dispatchEvent(new Event('focus'))")
    saved(again)

    # On to the next: nothing of this one is there, and nothing is written into it.
    again.wait_for_timeout(1_500)
    again.locator("#rubric").focus()
    again.keyboard.press("n")
    expect(again).to_have_url(re.compile(f"{desk_of(second)}$"))
    with again.expect_navigation():
        again.keyboard.press("Shift+G")
    expect(again.locator("#overall")).to_have_value("")
    expect(again.locator("input[name^=level-]:checked")).to_have_count(0)
    # Whatever the page of before hears now.
    again.evaluate("window.dispatchEvent(new Event('online'))")
    again.locator("#overall").fill("Of the second.")
    saved(again)

    texts = dict(Assessment.objects.values_list("attempt__receipt", "overall"))
    assert texts == {first.receipt: "Written here.", second.receipt: "Of the second."}
    assessment.refresh_from_db()
    assert [mark["level"] for mark in assessment.marks.values()] == ["strong"]


def test_a_page_of_an_attempt_that_was_replaced_writes_nothing_into_the_new_one(
    edition: Edition, marker: User, page: Page, sign_in: SignIn
) -> None:
    attempt = project(edition)
    sign_in(marker)
    assessment = begun(page, attempt)
    # As if the form were of somebody else's attempt.
    page.locator("form[data-autosave]").evaluate(
        """form => { form.querySelector('[name=attempt]').value = 'R-000000-9'; }"""
    )
    page.locator("#overall").fill("Written for another.")
    saved(page)
    with page.expect_navigation():
        page.get_by_role("button", name="Hand in the marks").click()
    expect(page.get_by_text("This was written for another project or attempt")).to_be_visible()
    assert not assessment.revisions.exists()


def test_a_broken_and_a_locked_pdf_say_so(
    edition: Edition, marker: User, page: Page, sign_in: SignIn
) -> None:
    attempt = project(edition, pdf=pdf_of("Readable."))
    sign_in(marker)
    open_desk(page, attempt)
    for content, words in (
        (b"%PDF-1.7 nothing follows", "damaged"),
        (projects.pdf(password="secret"), "locked with a password"),
    ):
        page.route(
            "**/project/files/**", lambda route, _request, body=content: route.fulfill(body=body)
        )
        open_desk(page, attempt)
        page.keyboard.press("f")
        expect(page.locator("[data-pdf]")).to_contain_text(words)
        expect(page.locator("[data-pdf] a")).to_be_visible()


def test_a_comment_begun_is_there_after_a_crash(
    edition: Edition, marker: User, page: Page, context: BrowserContext, sign_in: SignIn
) -> None:
    attempt = project(edition)
    sign_in(marker)
    begun(page, attempt)
    page.keyboard.press("a")
    page.keyboard.type("Half of a thou")
    page.close(run_before_unload=False)

    again = context.new_page()
    open_desk(again, attempt)
    expect(again.locator("#composer-text")).to_have_value("Half of a thou")
    again.locator("#composer-text").focus()
    again.keyboard.press("Control+Enter")
    expect(again.locator(".annotation__text")).to_have_text("Half of a thou")
    assert Annotation.objects.get().anchor == {"kind": "section"}


def test_on_a_phone_its_parts_stand_one_after_the_other(
    edition: Edition, marker: User, page: Page, sign_in: SignIn
) -> None:
    attempt = project(edition)
    sign_in(marker)
    page.set_viewport_size(PHONE)
    begun(page, attempt)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.get_by_role("navigation", name="Parts of the desk").get_by_text("Rubric").click()
    expect(page.locator(".criterion").first).to_be_in_viewport()


def test_a_participant_reads_the_comments_only_after_the_release(
    edition: Edition, marker: User, page: Page, sign_in: SignIn
) -> None:
    """Invariant 9."""
    attempt = project(edition)
    grade = agreed(attempt, marker)
    sign_in(attempt.owner.user)
    page.goto(f"/project/{edition.slug}/")
    assert "A comment at a place." not in page.content()

    release_now(grade, marker)
    page.reload()
    expect(page.get_by_text("A comment at a place.")).to_be_visible()
