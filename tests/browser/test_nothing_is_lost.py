"""A project from its first word to its receipt, through all that can happen to it on hotel
Wi-Fi: one journey, on a gunicorn that is really killed and started again."""

import os
import re
from collections.abc import Iterator
from datetime import UTC
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.sessions.models import Session
from django.db import connection
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from assessments.models import Attempt, Submission, Upload
from scripts.chaos.mailbox import read_letters
from scripts.chaos.processes import Service
from scripts.stack.serving import gunicorn_command, wait_until_it_answers
from tests.assessments.test_files import sized
from tests.browser.conftest import SignIn, expect_in_the_end
from tests.browser.test_autosave import SAVED, open_desk, section, state, stored, write
from tests.browser.test_uploads import is_piece
from tests.factories import assessments
from tests.factories.accounts import PASSWORD
from tests.factories.programme import EditionFactory
from tests.scripts.test_chaos import free_port
from tests.template_database import url_of

FIRST_PIECE = 1024 * 1024
SIZE = FIRST_PIECE * 5 // 2  # the first piece is 40 % of it


class Site:
    """gunicorn with the test's database and folders."""

    def __init__(self, folder: Path, settings: LazySettings) -> None:
        self.port = free_port()
        self.mailbox = folder / "mail"
        self.mailbox.mkdir()
        name = str(connection.settings_dict["NAME"])
        is_file = connection.vendor == "sqlite"
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.browser.served_settings",
            "RAMBLA_ENV": "test",
            "DATABASE_URL": "" if is_file else url_of(name),
            "SQLITE_PATH": name if is_file else "",
            "REDIS_URL": "",
            "CHAOS_MAILBOX": str(self.mailbox),
            "EVIDENCE_ROOT": settings.STORAGES["evidence"]["OPTIONS"]["location"],
            "UPLOADS_ROOT": settings.UPLOADS_ROOT,
        }
        options = ("--threads", "4", "--timeout", "120")
        command = gunicorn_command(self.port, 1, *options, application="scripts.chaos.wsgi")
        self._service = Service(command, folder / "gunicorn.log", environment)

    def wait(self) -> None:
        wait_until_it_answers(self._service.process, self.port)

    def stop(self) -> None:
        self._service.stop()

    def start_again(self) -> None:
        self._service.start_again()
        self.wait()


@pytest.fixture
def site(
    browser: Browser, transactional_db: None, tmp_path: Path, settings: LazySettings
) -> Iterator[Site]:
    # `browser` first: Django keeps another connection where Playwright's loop runs, and one
    # from before it would never be closed.
    site = Site(tmp_path, settings)
    try:
        site.wait()
        yield site
    finally:
        site.stop()


@pytest.fixture
def address(site: Site) -> str:
    """What the browser is given in place of Django's test server."""
    return f"http://127.0.0.1:{site.port}"


@pytest.fixture
def submission(sign_in: SignIn) -> Submission:
    edition = EditionFactory.create()
    project = assessments.project_in(edition)
    project.deadline_wall = project.deadline_wall.replace(year=2099, tzinfo=UTC)
    project.save()
    assessments.publish(project.guidelines_page, max_file_mb=20)
    submission = assessments.start(edition)
    sign_in(submission.owner.user)
    return submission


def sign_in_again(page: Page, submission: Submission) -> None:
    with page.expect_popup() as opened:
        state(page).get_by_role("link", name="Sign in again").click()
    window = opened.value
    window.locator("[name=login]").fill(submission.owner.user.email)
    window.locator("[name=password]").fill(PASSWORD)
    with window.expect_event("close"):
        window.get_by_role("button", name=re.compile("Sign in")).click()


def expect_stored(page: Page, submission: Submission, key: str, wanted: Any) -> None:
    expect_in_the_end(page, lambda: stored(submission, key), wanted)
    expect(state(page)).to_have_text(SAVED)


def is_asked(page: Page) -> bool:
    return page.locator(".conflict").count() > 0


def letters_about_receipts(site: Site) -> dict[str, int]:
    receipts = read_letters(site.mailbox).receipts
    return {receipt: len(letters) for receipt, letters in receipts.items()}


def test_whatever_happens_on_the_way_nothing_is_lost_and_there_is_one_receipt(
    site: Site, context: BrowserContext, page: Page, submission: Submission, tmp_path: Path
) -> None:
    open_desk(page, submission)
    written = "With the network."
    write(page, "context", written)
    expect_stored(page, submission, "context", f"<p>{written}</p>")

    # The network goes, and comes back.
    context.set_offline(True)
    written += " Without it."
    write(page, "context", " Without it.")
    expect(state(page)).to_have_text("Offline: 1 change kept on this device")
    context.set_offline(False)
    expect_stored(page, submission, "context", f"<p>{written}</p>")

    # The server is killed while a file is on its way, of which 40 % have arrived.
    plan = tmp_path / "Plan – Łódź.pdf"
    plan.write_bytes(sized(SIZE))
    held: list[Route] = []
    offsets: list[int] = []

    def hold_after_the_first(route: Route) -> None:
        if route.request.method != "PATCH":
            return route.continue_()
        offsets.append(int(route.request.headers["upload-offset"]))
        return held.append(route) if len(offsets) == 2 else route.continue_()

    page.route(is_piece, hold_after_the_first)
    page.locator("[data-uploads] input[type=file]").set_input_files(plan)
    row = page.locator(".files--arriving .file--arriving")
    expect(row.get_by_role("progressbar")).to_have_js_property("value", 40)
    expect_in_the_end(page, lambda: len(held), 1)
    site.stop()
    held[0].continue_()
    expect(row.locator(".file__note")).to_contain_text("The connection broke at 40 %")
    written += " With the server down."
    write(page, "context", " With the server down.")
    expect(state(page)).to_contain_text("kept on this device")
    assert Upload.objects.get().offset == FIRST_PIECE
    site.start_again()
    expect(page.locator("[data-uploads-files] .file__name")).to_have_text(plan.name)
    assert offsets[:3] == [0, FIRST_PIECE, FIRST_PIECE]
    expect_stored(page, submission, "context", f"<p>{written}</p>")

    # The session ends while somebody writes.
    Session.objects.all().delete()
    written += " Without a session."
    write(page, "context", " Without a session.")
    expect(state(page)).to_contain_text("You are signed out. Your text is kept on this device.")
    sign_in_again(page, submission)
    expect_stored(page, submission, "context", f"<p>{written}</p>")

    # A second tab: other sections merge, the same one is asked about while one writes on.
    tab = context.new_page()
    open_desk(tab, submission)
    expect(section(tab, "context")).to_have_text(written)
    write(tab, "notes", "A note.")
    expect(section(page, "notes")).to_have_text("A note.")
    context.set_offline(True)
    write(page, "objectives", "From the first tab.")
    write(tab, "objectives", "From the second tab.")
    for one in (page, tab):
        expect(state(one)).to_have_text("Offline: 1 change kept on this device")
    context.set_offline(False)
    expect_in_the_end(page, lambda: sum(is_asked(one) for one in (page, tab)), 1)
    loser = page if is_asked(page) else tab
    mine, theirs = "From the first tab.", "From the second tab."
    if loser is tab:
        mine, theirs = theirs, mine
    write(loser, "objectives", " And on.")
    both = loser.locator(".conflict").get_by_role("button", name="Keep both, one after the other")
    both.click()
    objectives = f"<p>{mine} And on.</p><hr><p>{theirs}</p>"
    expect_stored(loser, submission, "objectives", objectives)
    tab.close()

    # Submit, pressed twice.
    page.get_by_role("button", name="Check and submit").click()
    page.get_by_role("button", name="Submit my project").dblclick()
    page.wait_for_url("**/receipts/*/")

    attempt = Attempt.objects.get()
    expect(page.get_by_role("heading", name=attempt.receipt)).to_be_visible()
    assert attempt.sections == {
        "context": f"<p>{written}</p>",
        "objectives": objectives,
        "notes": "<p>A note.</p>",
    }
    file = attempt.files.get()
    assert (file.name, file.sha256) == (plan.name, sha256(plan.read_bytes()).hexdigest())
    expect(page.locator("main")).to_contain_text(plan.name)
    expect_in_the_end(page, lambda: letters_about_receipts(site), {attempt.receipt: 1})
