"""Handing in together: one press or two, one receipt, and each of the team sees it."""

from typing import Any

from playwright.sync_api import BrowserContext, Page, expect

from assessments.models import Attempt
from tests.browser.conftest import SignIn, sign_in_to
from tests.factories.assessments import attach, pdf, pdf_upload, write
from tests.factories.programme import EditionFactory
from tests.factories.teams import mates, team


def test_pressed_twice_there_is_one_receipt_and_both_see_it(
    page: Page, context: BrowserContext, sign_in: SignIn, live_server: Any
) -> None:
    edition = EditionFactory.create()
    submission = write(team(edition))
    content = pdf(pages=2)
    attach(submission, pdf_upload("annex.pdf", content))
    ana, juma = mates(submission)
    sign_in(ana.user)
    page.goto(f"/project/{edition.slug}/submit/")

    page.get_by_role("button", name="Submit my project").dblclick()
    page.wait_for_url("**/receipts/*/")

    attempt = Attempt.objects.get()
    expect(page.get_by_role("heading", name=attempt.receipt)).to_be_visible()
    expect(page.locator("main")).to_contain_text(juma.user.name)

    sign_in_to(context, juma.user, live_server.url)
    page.goto(f"/project/{edition.slug}/")
    expect(page.get_by_role("link", name=attempt.receipt)).to_be_visible()
    page.get_by_role("link", name=attempt.receipt).click()
    expect(page.get_by_role("heading", name=attempt.receipt)).to_be_visible()

    # Whoever holds the receipt checks a file against it, which stays where it is.
    page.get_by_role("link", name="is it genuine, does it stand?").click()
    expect(page.locator("main")).to_contain_text("Genuine, and it stands.")
    choose(page, content)
    expect(page.locator("main")).to_contain_text("This file was submitted with it, unchanged.")
    choose(page, content + b"\n")
    expect(page.locator("main")).to_contain_text("This cannot be confirmed.")


def choose(page: Page, content: bytes) -> None:
    expect(page.locator("[data-drop]")).to_be_visible()
    page.locator("input[data-file]").set_input_files(
        {"name": "a.pdf", "mimeType": "application/pdf", "buffer": content}
    )
