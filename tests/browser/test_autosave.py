"""What is typed is kept, however slow the connection."""

from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import SignIn
from tests.factories import assessments
from tests.factories.programme import EditionFactory


def test_words_typed_before_the_script_arrives_are_saved(page: Page, sign_in: SignIn) -> None:
    edition = EditionFactory.create()
    submission = assessments.start(edition)
    sign_in(submission.owner.user)
    held: list[Route] = []
    # Playwright marks the function it is given: a method of a list cannot be marked.
    page.route("**/chunks/**", lambda route: held.append(route))
    page.goto(f"/project/{edition.slug}/", wait_until="commit")
    field = page.locator("form#draft textarea").first

    field.fill("Written on hotel Wi-Fi.")
    while held:
        held.pop().continue_()
    page.unroute("**/chunks/**")
    expect(page.locator("[data-autosave-state]").first).to_contain_text("Saved")
    page.reload()

    expect(field).to_have_value("Written on hotel Wi-Fi.")
    submission.refresh_from_db()
    assert "Written on hotel Wi-Fi." in submission.sections.values()
