"""A device whose clock is a day ahead or behind: the server's decides, and the page says so."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from assessments.models import Attempt
from tests.browser.conftest import SignIn
from tests.browser.playing import until
from tests.browser.test_autosave import SAVED, kept_texts, open_desk, state, stored, write
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


def test_text_typed_while_the_clock_was_years_behind_is_not_taken_for_old(
    page: Page, sign_in: SignIn
) -> None:
    """A battery is empty: the machine starts in 2015, and learns the time when it is online."""
    submission = assessments.start(EditionFactory.create())
    sign_in(submission.owner.user)
    context = page.context
    context.clock.install(time=datetime(2015, 1, 1, tzinfo=UTC))
    open_desk(page, submission)
    context.set_offline(True)
    write(page, "context", "Nearly forgotten.")
    expect(state(page)).to_have_text("Offline: 1 change kept on this device")
    page.close()

    context.set_offline(False)
    context.clock.set_system_time(datetime.now(UTC))
    again = context.new_page()
    for _look in range(2):
        with again.expect_response("**/health/"):
            open_desk(again, submission)
        expect(again.locator(".conflict")).to_contain_text("Nearly forgotten.")
        until(again, lambda: '"foundAt"' in kept_texts(again), "it counts as old from now on")

    context.clock.set_system_time(datetime.now(UTC) + timedelta(days=365))
    open_desk(again, submission)
    expect(again.locator(".conflict")).to_contain_text("Nearly forgotten.")

    # Sixty days after somebody came upon it, it goes.
    again.evaluate(
        """() => new Promise((done) => {
            const open = indexedDB.open("rambla", 1);
            open.onsuccess = () => {
                const store = open.result.transaction("drafts", "readwrite").objectStore("drafts");
                store.getAll().onsuccess = ({ target }) => {
                    const kept = { ...target.result[0], foundAt: "2020-01-01T00:00:00Z" };
                    store.put(kept).onsuccess = done;
                };
            };
        })"""
    )
    again.reload()
    until(again, lambda: "Nearly forgotten." not in kept_texts(again), "it is forgotten")
