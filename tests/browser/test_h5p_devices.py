"""One person, several devices, and none of them always connected."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from lms.accounts.models import User
from lms.programme.models import Enrolment
from modules.models import H5PResult, H5PState, H5PStatement
from tests.browser.conftest import PATIENCE, PHONE, SignIn, sign_in_to
from tests.browser.playing import frame_of, player_of, until
from tests.factories import h5p_playing as h5p
from tests.factories.programme import participant

pytestmark = pytest.mark.usefixtures("quick_bundles")

SCORING = """function (params, id) {
  H5P.EventDispatcher.call(this);
  this.attach = function ($container) {
    var player = this;
    $container.append('<button>Finish</button>').find('button').on('click', function () {
      player.triggerXAPIScored(window.points, 4, 'completed', true, true);
    });
  };
}"""


@pytest.fixture
def phone(browser: Browser, live_server: Any, enrolment: Enrolment) -> Iterator[BrowserContext]:
    """Another device of the same person."""
    context = browser.new_context(
        base_url=live_server.url, viewport=PHONE, is_mobile=True, has_touch=True, locale="en-GB"
    )
    context.set_default_timeout(PATIENCE)
    sign_in_to(context, enrolment.user, live_server.url)
    yield context
    context.close()


def opened(context: BrowserContext, activity: Any) -> Page:
    page = context.new_page()
    page.goto(activity.public_path())
    frame_of(page)
    return page


def stored() -> str:
    return "".join(H5PState.objects.values_list("data", flat=True))


def kept_on(page: Page) -> list[str]:
    return list(page.evaluate("Object.keys(localStorage).filter((k) => k.includes('h5p-state'))"))


def kept_of(page: Page, enrolment: Enrolment) -> list[str]:
    return [key for key in kept_on(page) if f":{enrolment.user.pk}:" in key]


def test_what_was_answered_without_a_connection_is_there_after_a_reload(
    context: BrowserContext,
    live_server: Any,
    sign_in: SignIn,
    enrolment: Enrolment,
    lesson: Any,
) -> None:
    activity = h5p.make_interactive(lesson)
    sign_in(enrolment.user)
    page = opened(context, activity)
    context.set_offline(True)
    player_of(page).get_by_label("Rhône").check()
    kept = "JSON.stringify(Object.values(localStorage))"
    until(page, lambda: "rhone" in page.evaluate(kept), "kept on the device")
    expect(page.locator("[data-h5p-state]")).to_contain_text("kept on this device")
    assert "rhone" not in stored()

    # The page can be had again; what it sends still goes nowhere. (Signed out first: what a
    # page sends as it is closed gets past all that stands in its way here.)
    context.clear_cookies()
    page.close()
    context.set_offline(False)
    context.route("**/api/**", lambda route: route.abort())
    sign_in(enrolment.user)
    page = opened(context, activity)
    expect(player_of(page).get_by_label("Rhône")).to_be_checked()
    assert "rhone" not in stored()
    context.clear_cookies()
    page.close()
    context.unroute("**/api/**")

    # Somebody else at the same computer starts with nothing, and takes nothing along.
    other: User = participant(enrolment.edition)
    sign_in(other)
    page = opened(context, activity)
    assert len(kept_on(page)) >= 1
    expect(player_of(page).get_by_label("Rhône")).not_to_be_checked()
    page.close()
    sign_in(enrolment.user)
    page = opened(context, activity)
    expect(player_of(page).get_by_label("Rhône")).to_be_checked()
    until(page, lambda: "rhone" in stored(), "sent when there was a connection again")
    until(page, lambda: kept_of(page, enrolment) == [], "nothing is left on the device")
    assert H5PState.objects.get(data__contains="rhone").enrolment == enrolment


def test_what_is_begun_on_one_device_goes_on_on_another(
    context: BrowserContext, phone: BrowserContext, sign_in: SignIn, enrolment: Enrolment,
    lesson: Any,
) -> None:  # fmt: skip
    activity = h5p.make_interactive(lesson)
    sign_in(enrolment.user)
    desk = opened(context, activity)
    player_of(desk).get_by_label("Seine").check()
    player_of(desk).get_by_role("button", name="Check").click()
    expect(player_of(desk).locator(".rq-told")).to_contain_text("Right")
    player_of(desk).get_by_role("button", name="Next").click()
    player_of(desk).get_by_label("Paris").check()
    until(desk, lambda: "paris" in stored(), "state")

    hand = opened(phone, activity)
    expect(player_of(hand).locator(".rq-count")).to_have_text("Question 2 of 2")
    expect(player_of(hand).get_by_label("Paris")).to_be_checked()
    assert hand.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    player_of(hand).get_by_label("Rome").check()
    until(hand, lambda: "rome" in stored(), "state of the phone")

    # Back at the desk: what the phone saved later, not what this device had.
    desk.reload()
    frame_of(desk)
    expect(player_of(desk).get_by_label("Rome")).to_be_checked()
    player_of(desk).get_by_role("button", name="Check").click()
    expect(desk.locator("#done")).to_contain_text("every activity")
    assert H5PResult.objects.get().percent == 100


def test_statements_sent_at_once_by_two_devices_are_both_kept(
    context: BrowserContext, phone: BrowserContext, sign_in: SignIn, enrolment: Enrolment,
    lesson: Any,
) -> None:  # fmt: skip
    activity = h5p.make_interactive(lesson, h5p=h5p.upload(h5p.package(SCORING)))
    sign_in(enrolment.user)
    desk, hand = opened(context, activity), opened(phone, activity)
    for page, points in ((desk, 1), (hand, 3)):
        frame_of(page).evaluate(f"window.points = {points}")
    for page in (desk, hand):
        frame_of(page).evaluate("document.querySelector('button').click()")

    finished = H5PStatement.objects.filter(verb="completed")
    until(desk, lambda: finished.count() == 2, "both")
    assert sorted(finished.values_list("raw", flat=True)) == [1, 3]
    assert finished.values("registration").distinct().count() == 2
    assert H5PResult.objects.get().percent == 75
