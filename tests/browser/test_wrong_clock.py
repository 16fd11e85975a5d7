"""A device whose clock is a day ahead or behind: the server's decides, and the page says so."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from assessments.models import Attempt
from tests.browser.conftest import SignIn
from tests.browser.playing import until
from tests.browser.test_autosave import SAVED, open_desk, state, stored, write
from tests.factories import assessments
from tests.factories.programme import EditionFactory

DAY = timedelta(days=1)
HOURS = timedelta(hours=5, minutes=30)
MOMENT = timedelta(minutes=2)


@pytest.mark.parametrize(
    ("device_is", "left"),
    [(DAY, HOURS), (-DAY, -HOURS)],
    ids=["a day ahead, in time all the same", "a day behind, late all the same"],
)
def test_the_clock_of_the_server_decides(
    page: Page, sign_in: SignIn, device_is: timedelta, left: timedelta
) -> None:
    submission = assessments.write(assessments.start(EditionFactory.create()))
    now = datetime.now(UTC)
    project = submission.project
    project.deadline_wall, project.deadline_zone = (now + left).replace(microsecond=0), "UTC"
    project.save()
    sign_in(submission.owner.user)
    page.clock.install(time=now + device_is)
    main = page.locator("main")

    open_desk(page, submission)
    assert abs(page.evaluate("Date.now()") / 1000 - (now + device_is).timestamp()) < 60
    write(page, "context", " A word more.")
    until(page, lambda: "A word more." in str(stored(submission)), "what was written is stored")
    expect(state(page)).to_have_text(SAVED)
    assert abs(submission.saved_at - datetime.now(UTC)) < MOMENT

    page.goto(f"/project/{submission.edition.slug}/submit/")
    is_late = left < timedelta(0)
    expect(main).to_contain_text(
        "The deadline has passed: your project will be accepted and marked as late."
        if is_late
        else re.compile(r"You are in time: 5.hours, \d+.minutes are left\.")
    )
    page.get_by_role("button", name="Submit my project").click()
    page.wait_for_url("**/receipts/*/")

    attempt = Attempt.objects.get()
    assert attempt.is_late is is_late
    assert abs(attempt.received_at - datetime.now(UTC)) < MOMENT
    expect(main.get_by_text("Late" if is_late else "On time", exact=True)).to_be_visible()
    expect(main).to_contain_text("By the clock of our server.")
