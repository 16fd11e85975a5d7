"""The diploma as its people meet it: the six promises of the first version, in Chromium."""

import gzip
import re
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.db.backends.base.base import BaseDatabaseWrapper
from playwright.sync_api import Locator, Page, expect
from weasyprint import HTML

from assessments.models import Certificate, Release
from lms.accounts.models import User
from lms.core import clock
from modules.models import ActivityPage
from tests.browser.conftest import SignIn
from tests.factories.marking import carry_out

EDITION = "barcelona-2025"
LIGHT = 150_000  # bytes of a reading page with all that it needs, its letters, too


@pytest.fixture
def diploma(settings: LazySettings, live_server: Any) -> None:
    settings.DEBUG = True
    with pytest.MonkeyPatch.context() as patch:
        # With DEBUG every query is written down as well, which takes a tenth of the time.
        patch.setattr(BaseDatabaseWrapper, "queries_logged", False)
        call_command("load_diploma", stdout=StringIO())
    settings.DEBUG = False
    # Wagtail's own admin repeats queries; ours are watched by the other tests.
    settings.ZEAL_ALLOWLIST = [{"model": "*"}]


def person(name: str) -> User:
    return User.objects.get(email=f"{name}@rambla.example")


def follow(page: Page, what: Locator) -> None:
    """Click, and go on when the next page is there."""
    with page.expect_navigation():
        what.click()


def weights(page: Page) -> dict[str, int]:
    """Bytes of the page and of each file it needs, as they are sent in production: what is
    static comes packed, our pages do not."""
    page.wait_for_load_state("networkidle")
    files = page.evaluate("performance.getEntriesByType('resource').map(file => file.name)")
    found = {}
    for address in {page.url, *files}:
        sent = page.request.get(address).body()
        found[address] = len(gzip.compress(sent) if address.endswith((".css", ".js")) else sent)
    return found


def test_diploma_from_the_first_lesson_to_the_certificate(
    diploma: None, page: Page, sign_in: SignIn
) -> None:
    # 1. A participant works through an activity and sees the progress move.
    sign_in(person("participant1"))
    page.goto("/")
    expect(page.locator(".progress__count")).to_have_text("2 of 30")
    page.get_by_role("link", name="Continue where you stopped").click()
    activity = ActivityPage.objects.get(slug="state-of-play")
    expect(page).to_have_title(re.compile(re.escape(activity.title)))
    light = weights(page)
    assert {"app.css", "app.js", "inter-400.woff2"} <= {url.rpartition("/")[2] for url in light}
    assert sum(light.values()) < LIGHT, light
    for question in activity.requirement.questions:
        for key in question.right:
            page.locator(f'input[name="answer-{question.key}"][value="{key}"]').check()
    page.get_by_role("button", name="Check my answers").click()
    page.get_by_role("button", name="Mark as done").click()
    expect(page.get_by_text("This activity is done.")).to_be_visible()
    page.goto("/")
    expect(page.locator(".progress__count")).to_have_text("3 of 30")
    page.get_by_role("link", name="Continue where you stopped").click()
    page.get_by_label("Your answer").fill("too short")
    # The hint says the same words as the refusal: the page is not to be left before it.
    follow(page, page.get_by_role("button", name="Mark as done"))
    expect(page.get_by_text("At least 120 words").first).to_be_visible()
    expect(page.get_by_label("Your answer")).to_have_value("too short")

    # 2. A city writes, clears and publishes its experience; another participant responds.
    sign_in(person("cityteam"))
    page.goto(f"/exchange/{EDITION}/new/")
    page.get_by_label("Title").fill("A street that listens")
    page.get_by_role("button", name="Begin writing").click()
    expect(page.get_by_role("toolbar")).to_be_visible()
    for field in page.locator("form#draft [role=textbox]").all():
        field.fill("What we can say about this part, in words.")
    for name in ("summary", "contact_name"):
        page.locator(f'#draft [name="{name}"]').fill(f"The {name} of it, in words.")
    for choices in ("themes", "methods", "scopes", "actors"):
        page.locator(f'#draft input[name="{choices}"]').first.check()
    expect(page.locator("[data-autosave-state]")).to_contain_text("Saved")
    page.get_by_role("button", name="Read it through and submit").click()
    follow(page, page.get_by_role("button", name="Submit for clearance"))
    page.goto(re.sub(r"/(\d+)/.*$", r"/\1/clearance/", page.url))
    page.get_by_role("textbox").first.fill("Head of the mayor’s office")
    follow(page, page.get_by_role("button", name="It is cleared: send it to the moderators"))
    sign_in(person("moderator"))
    page.goto(f"/exchange/{EDITION}/moderation/")
    follow(page, page.get_by_role("button", name="Publish A street that listens"))
    sign_in(person("participant3"))
    page.goto(f"/exchange/{EDITION}/")
    page.get_by_role("link", name="A street that listens").click()
    words = " ".join(f"word{number}" for number in range(40))
    page.locator("#responses textarea").fill(words)
    page.get_by_role("button", name="Publish your response").click()
    expect(page.locator("#responses")).to_contain_text(words)

    # 3. A participant reads the guidelines, writes, attaches a PDF, submits, has a receipt.
    sign_in(person("participant6"))
    page.goto(f"/project/{EDITION}/guidelines/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("strategy for your city")
    page.goto(f"/project/{EDITION}/")
    expect(page.get_by_role("toolbar")).to_be_visible()
    for field in page.locator("form#draft [role=textbox]").all():
        if not field.inner_text().strip():
            field.fill("A sentence of our own strategy.")
    expect(page.locator("[data-autosave-state]").first).to_contain_text("Saved")
    page.reload()
    expect(page.locator("#section-measurement [role=textbox]")).to_have_text(
        "A sentence of our own strategy."
    )
    page.locator('input[type="file"]').set_input_files(
        {
            "name": "annex.pdf",
            "mimeType": "application/pdf",
            "buffer": HTML(string="<p>Annex</p>").write_pdf(),
        }
    )
    expect(page.locator("[data-uploads-files]")).to_contain_text("annex.pdf")
    page.get_by_role("button", name="Check and submit").click()
    page.get_by_role("button", name="Submit my project").click()
    receipt = page.get_by_text(re.compile(r"RB-20\d\d-\w{6}")).first
    expect(receipt).to_be_visible()
    number = re.search(r"RB-20\d\d-\w{6}", receipt.inner_text())
    assert number is not None
    for stated in ("Jakarta time", "Madrid", "guidelines", "annex.pdf"):
        assert stated.lower() in page.locator("main").inner_text().lower()

    # 4. An instructor marks, agrees and releases; only then does the participant see it.
    sign_in(person("instructor2"))
    page.goto(f"/marking/{EDITION}/?show=all")
    page.get_by_role("link", name="Participant 6, Surabaya").click()
    follow(page, page.get_by_role("button", name="Begin marking"))
    for criterion in page.locator("fieldset:has(input[type=radio][name^=level-])").all():
        criterion.locator("input[type=radio]").first.check()
    page.locator("#overall").fill("A strategy one can act on, unseen-until-release.")
    follow(page, page.get_by_role("button", name="Hand in the marks"))
    follow(page, page.get_by_role("button", name="Agree on this grade"))
    desk = page.url
    sign_in(person("participant6"))
    page.goto(f"/project/{EDITION}/")
    assert "unseen-until-release" not in page.content()
    sign_in(person("instructor2"))
    page.goto(desk)
    follow(page, page.get_by_role("button", name="Release it to the participant"))
    expect(page.get_by_text("The participant sees nothing before.")).to_be_visible()
    carry_out(Release.objects.latest("pk"), clock.now() + timedelta(hours=3))
    sign_in(person("participant6"))
    page.goto(f"/project/{EDITION}/")
    expect(page.get_by_text("unseen-until-release")).to_be_visible()

    # 5. The last requirement is recorded; the certificate is there, for anybody to check.
    sign_in(person("participant11"))
    page.goto(f"/certificate/{EDITION}/")
    expect(page.get_by_role("link", name=re.compile("Download your certificate"))).to_have_count(0)
    sign_in(person("coordinator"))
    page.goto(f"/completion/{EDITION}/")
    follow(page, page.get_by_role("link", name="Participant 11, Auckland"))
    page.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
    form = page.locator("form", has_text="Save the presentation")
    form.locator('[name="presented_on"]').fill("2025-11-21")
    follow(page, form.get_by_role("button"))
    sign_in(person("participant11"))
    page.goto(f"/certificate/{EDITION}/")
    expect(page.get_by_role("link", name=re.compile("Download your certificate"))).to_be_visible()
    code = Certificate.objects.get(enrolment__user=person("participant11")).code
    page.context.clear_cookies()
    page.goto(f"/verify/{code}/")
    expect(page.get_by_text("Participant 11, Auckland").first).to_be_visible()

    # 6. An editor changes a lesson page in Wagtail; the participant sees the change.
    sign_in(person("participant1"))
    page.goto(activity.get_url())
    expect(page.get_by_role("heading", level=1)).to_have_text(activity.title)
    sign_in(person("editor"))
    page.goto(f"/cms/pages/{activity.pk}/edit/")
    page.locator('[name="title"]').fill("The state of play, newly told")
    page.get_by_role("button", name="Toggle actions menu").or_(
        page.locator("[data-w-dropdown-target='toggle']").last
    ).first.click()
    page.locator('[name="action-publish"]').first.click()
    expect(page.get_by_text("published").first).to_be_visible()
    sign_in(person("participant1"))
    page.goto(activity.get_url())
    expect(page.get_by_role("heading", level=1)).to_have_text("The state of play, newly told")
