"""Texts that met or were left behind wait for a choice: whatever is typed until then, and
however many there are, none is lost."""

import re
from collections.abc import Callable

import pytest
from django.conf import settings
from playwright.sync_api import Locator, Page, Route, expect

from assessments.actions import adopt_guidelines
from assessments.models import DraftVersion, Submission
from tests.browser.conftest import SignIn, expect_in_the_end
from tests.browser.test_autosave import (
    SAVED,
    another_tab,
    kept_texts,
    open_desk,
    section,
    state,
    stored,
    submission,
    write,
)
from tests.factories import assessments

__all__ = ["another_tab", "submission"]

SIGNED_OUT = re.compile("^You are signed out. Your text is kept on this device.")
MINE = "Yours, on this device"


def save_elsewhere(submission: Submission, text: str) -> None:
    """From another device of the same person: no tab of this browser tells."""
    assessments.save_draft(
        submission=submission,
        values={"context": text},
        base_version=submission.version,
        by=submission.owner.user,
        at=assessments.WRITTEN_AT,
    )


def leave_behind(key: str, texts: dict[Page, str]) -> None:
    """Type without a session and close the page: the device alone has it."""
    for page, text in texts.items():
        page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
        write(page, key, text)
        expect(state(page)).to_have_text(SIGNED_OUT)
        page.close()


def put_aside(submission: Submission) -> set[str]:
    """The texts decided against, which the history has."""
    decided = DraftVersion.objects.filter(submission=submission, kind="conflict")
    hashes = [row.sections["context"][0] for row in decided]
    return {text.text for text in submission.kept_texts.filter(sha256__in=hashes)}


def press(panel: Locator, name: str) -> None:
    panel.get_by_role("button", name=name).click()


@pytest.mark.parametrize(
    ("choice", "text", "set_aside"),
    [
        ("Keep mine", "<p>Our city, and more.</p>", "<p>The mayor.</p>"),
        ("Take the stored text", "<p>The mayor.</p>", "<p>Our city, and more.</p>"),
        (
            "Keep both, one after the other",
            "<p>Our city, and more.</p><hr><p>The mayor.</p>",
            None,
        ),
    ],
)
def test_words_typed_beside_an_open_choice_are_in_it(
    page: Page, submission: Submission, choice: str, text: str, set_aside: str | None
) -> None:
    open_desk(page, submission)
    save_elsewhere(submission, "The mayor.")
    write(page, "context", "Our city")
    panel = page.locator(".conflict")
    expect(panel).to_be_visible()

    write(page, "context", ", and more.")
    expect(panel.get_by_label(MINE)).to_have_text("Our city, and more.")
    press(panel, choice)

    expect_in_the_end(page, lambda: stored(submission), text)
    expect_in_the_end(page, lambda: put_aside(submission), {set_aside} if set_aside else set())


def test_a_choice_that_was_written_on_is_not_undone_over_the_words(
    page: Page, submission: Submission
) -> None:
    open_desk(page, submission)
    save_elsewhere(submission, "The mayor.")
    write(page, "context", "Our city.")
    panel = page.locator(".conflict")
    press(panel, "Take the stored text")
    press(panel, "Undo")
    expect(section(page, "context")).to_have_text("Our city.")
    press(panel, "Keep mine")

    write(page, "context", " An hour of work.")

    expect(panel.get_by_role("button", name="Undo")).to_have_count(0)
    expect_in_the_end(page, lambda: stored(submission), "<p>Our city. An hour of work.</p>")
    expect(state(page)).to_have_text(SAVED)


@pytest.mark.parametrize(
    ("choice", "text", "set_aside"),
    [
        ("Keep mine", "<p>Before the crash.</p>", "<p>Typed since.</p>"),
        ("Take the stored text", "<p>Typed since.</p>", "<p>Before the crash.</p>"),
    ],
)
def test_words_typed_beside_an_offer_after_a_crash_are_kept_too(
    page: Page,
    sign_in: SignIn,
    submission: Submission,
    another_tab: Callable[[], Page],
    choice: str,
    text: str,
    set_aside: str,
) -> None:
    open_desk(page, submission)
    leave_behind("context", {page: "Before the crash."})
    sign_in(submission.owner.user)
    again = another_tab()
    panel = again.locator(".conflict")
    expect(panel).to_be_visible()

    write(again, "context", "Typed since.")
    expect(state(again)).to_have_text(SAVED)
    press(panel, choice)

    expect_in_the_end(again, lambda: put_aside(submission), {set_aside})
    assert stored(submission) == text


def test_each_text_left_on_the_device_is_offered_until_it_is_decided(
    page: Page,
    sign_in: SignIn,
    submission: Submission,
    another_tab: Callable[[], Page],
) -> None:
    open_desk(page, submission)
    other, third = another_tab(), another_tab()
    second = "From the second tab."
    leave_behind("context", {page: "From the first tab.", other: second, third: second})
    sign_in(submission.owner.user)

    again = another_tab()
    parts = again.locator(".conflict__part")
    expect(parts.get_by_label(MINE)).to_have_text(["From the second tab.", "From the first tab."])
    press(parts.nth(0), "Keep mine")
    expect(state(again)).to_have_text(SAVED)
    # Nobody has said anything about the other text yet.
    again.reload()
    expect(parts.get_by_label(MINE)).to_have_text(["From the first tab."])
    press(parts.nth(0), "Take the stored text")

    expect_in_the_end(again, lambda: put_aside(submission), {"<p>From the first tab.</p>"})
    assert stored(submission) == "<p>From the second tab.</p>"
    expect_in_the_end(again, lambda: kept_texts(again), "[]")
    again.reload()
    expect(again.get_by_role("toolbar")).to_be_visible()
    expect(parts).to_have_count(0)


def test_the_text_of_a_section_that_is_gone_stays_until_it_is_thrown_away(
    page: Page,
    sign_in: SignIn,
    submission: Submission,
    another_tab: Callable[[], Page],
) -> None:
    open_desk(page, submission)
    leave_behind("notes", {page: "Nobody else has these words."})
    sign_in(submission.owner.user)
    # A team-mate moves the project to guidelines without that section.
    left = [assessments.section("context"), assessments.section("objectives")]
    assessments.publish(submission.project.guidelines_page, sections=left)
    person = submission.owner.user
    adopt_guidelines(
        submission=submission,
        base_version=submission.version,
        by=person,
        at=assessments.WRITTEN_AT,
    )

    again = another_tab()
    panel = again.locator(".conflict")
    expect(panel.get_by_label(MINE)).to_have_text("Nobody else has these words.")
    expect(panel).to_contain_text("no longer")
    again.reload()
    expect(panel.get_by_label(MINE)).to_have_text("Nobody else has these words.")
    # It does not hold up the other sections.
    write(again, "context", "Our city.")
    expect_in_the_end(again, lambda: stored(submission), "<p>Our city.</p>")
    press(panel, "Delete it from this device")

    expect(panel.get_by_role("button", name="Close this")).to_be_visible()
    expect_in_the_end(again, lambda: kept_texts(again), "[]")


def test_the_first_words_of_a_section_survive_news_of_it(
    page: Page, submission: Submission
) -> None:
    """The answer to another section's save comes while the editor still holds them."""
    open_desk(page, submission)
    held: list[Route] = []
    page.route("**/draft/**", lambda route: held.append(route))
    save_elsewhere(submission, "The mayor.")
    write(page, "objectives", "Two of them.")
    expect_in_the_end(page, lambda: len(held), 1)
    refusal = held[0].fetch()
    assert refusal.status == 409

    section(page, "context").click()
    page.keyboard.insert_text("Our city.")
    held[0].fulfill(response=refusal)
    page.unroute("**/draft/**")

    panel = page.locator(".conflict")
    expect(panel.get_by_label(MINE)).to_have_text("Our city.")
    press(panel, "Keep both, one after the other")
    both = "<p>Our city.</p><hr><p>The mayor.</p>"
    expect_in_the_end(page, lambda: stored(submission), both)
    expect(state(page)).to_have_text(SAVED)
    assert stored(submission, "objectives") == "<p>Two of them.</p>"
