"""Around the desk in a browser: a rubric is built, marking is looked at as pictures, a pack
goes out and comes back, grades are released."""

import csv
import io
from datetime import timedelta
from typing import Any
from zipfile import ZipFile

import pytest
from django.conf import LazySettings
from playwright.sync_api import Page, expect

from assessments.models import Assessment, Grade, Release, RubricVersion
from lms.core import clock
from lms.programme.models import Edition
from tests.browser.conftest import DESKTOP, PHONE, SignIn
from tests.factories.marking import agreed, in_marking, provisional, submitted
from tests.factories.programme import EditionFactory, coordinator, instructor


@pytest.fixture(autouse=True)
def watched_elsewhere(settings: LazySettings) -> None:
    """Scripts of a page ask several things at once; each request is watched in its own tests."""
    settings.ZEAL_ALLOWLIST = [{"model": "*"}]


@pytest.fixture
def edition(live_server: Any) -> Edition:
    return EditionFactory.create()


def test_a_rubric_is_changed_previewed_and_published(
    edition: Edition, page: Page, sign_in: SignIn
) -> None:
    """Weights add up as one types, parts move by keys, nothing is lost on the way, and the
    preview says what becomes of marks that are given."""
    marker = instructor(edition)
    attempt = submitted(edition)
    provisional(attempt, marker)
    sign_in(marker)
    page.goto(f"/rubrics/{edition.slug}/{attempt.rubric.rubric_id}/")
    weights, verdict = page.locator("[data-weight]"), page.locator("[data-weights-verdict]")
    expect(verdict).to_have_text("Adds up")

    weights.nth(0).fill("70")
    expect(page.locator("[data-weights-total]")).to_have_text("110")
    expect(verdict).to_have_text("Too much")
    weights.nth(1).fill("30")
    expect(verdict).to_have_text("Adds up")
    expect(page.locator("[data-autosave-state]")).to_contain_text("Saved")
    with page.expect_navigation():
        weights.nth(0).press("Alt+ArrowDown")
    headings = page.locator(".rubric__criterion h2")
    expect(headings).to_have_text(["1. Criterion measurement", "2. Criterion need"])
    assert [weights.nth(place).input_value() for place in (0, 1)] == ["30", "70"]
    expect(page.locator("button[data-move=up]:focus")).to_be_visible()

    page.get_by_role("button", name="See what publishing changes").click()
    expect(page.get_by_text("1 project has marks on this rubric.")).to_be_visible()
    assert RubricVersion.objects.filter(rubric=attempt.rubric.rubric).count() == 1
    page.get_by_role("button", name="Publish as a new version").click()
    expect(page.get_by_text("Version 2 of the rubric is published.")).to_be_visible()
    attempt.refresh_from_db()
    assert attempt.rubric.number == 1  # what was handed in keeps its version


def test_the_overview_shows_a_table_behind_each_picture_on_a_phone_too(
    edition: Edition, page: Page, sign_in: SignIn
) -> None:
    marker = instructor(edition, name="Marta Marker")
    in_marking(submitted(edition), marker)
    provisional(submitted(edition), marker)
    sign_in(coordinator(edition))
    for size in (DESKTOP, PHONE):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        page.goto(f"/marking-overview/{edition.slug}/")
        wide = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"
        assert not page.evaluate(wide)
    pictures = page.locator("svg[role=img]")
    assert pictures.count() == page.locator("figure details").count() >= 3
    for place in range(pictures.count()):
        expect(pictures.nth(place).locator("title")).not_to_be_empty()
    behind = page.locator("figure", has_text="Marta Marker").first
    behind.get_by_text("Show the table").click()
    expect(behind.get_by_role("rowheader", name="Marta Marker")).to_be_visible()
    with page.expect_download() as table:
        behind.get_by_role("link", name="This table as CSV").click()
    assert "Marta Marker" in table.value.path().read_text(encoding="utf-8-sig")


def test_a_grade_is_decided_by_keys_that_lead_and_do_nothing_by_themselves(
    edition: Edition, page: Page, sign_in: SignIn
) -> None:
    attempt = submitted(edition)
    grade = provisional(attempt, instructor(edition))
    sign_in(coordinator(edition))
    page.goto(f"/marking/{edition.slug}/{attempt.submission_id}/")
    expect(page.locator("[data-desk-keys]")).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog").get_by_text("Agree on this grade")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Shift+V")
    expect(page.get_by_label("Why the project gets no grade")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("Shift+A")
    agree = page.get_by_role("button", name="Agree on this grade")
    expect(agree).to_be_focused()
    grade.refresh_from_db()
    assert grade.status == "provisional"
    with page.expect_navigation():
        page.keyboard.press("Enter")
    grade.refresh_from_db()
    assert grade.status == "agreed"


def test_a_pack_goes_out_and_its_sheet_comes_back(
    edition: Edition, page: Page, sign_in: SignIn
) -> None:
    marker = instructor(edition)
    assessment = in_marking(submitted(edition), marker)
    sign_in(marker)
    page.goto(f"/marking-pack/{edition.slug}/")
    with page.expect_download() as pack:
        page.get_by_role("link", name="Download the pack").click()
    with ZipFile(pack.value.path()) as archive:
        text = archive.read("marks.csv").decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    rows[0] |= {"level": "strong", "comment": "Read on a train."}
    rows[1] |= {"level": "no such level"}
    sheet = io.StringIO(newline="")
    writer = csv.DictWriter(sheet, rows[0])
    writer.writeheader()
    writer.writerows(rows)

    page.locator("input[type=file]").set_input_files(
        {"name": "marks.csv", "mimeType": "text/csv", "buffer": sheet.getvalue().encode()}
    )
    page.get_by_role("button", name="Upload the sheet").click()

    expect(page.get_by_text("1 stored, 1 refused, 1 as they were.")).to_be_visible()
    # What was refused comes first, with the reason.
    expect(page.locator("tbody tr").first).to_contain_text("no such level")
    assessment.refresh_from_db()
    assert assessment.marks == {"need": {"level": "strong", "comment": "Read on a train."}}


def test_grades_are_rehearsed_undone_and_released(
    edition: Edition, page: Page, sign_in: SignIn
) -> None:
    grade = agreed(submitted(edition), instructor(edition))
    person = str(grade.submission.owner.user)
    sign_in(coordinator(edition))

    def decide() -> None:
        page.goto(f"/releases/{edition.slug}/rehearsal/")
        expect(page.get_by_text("Messages that would be sent")).to_be_visible()
        page.get_by_role("button", name="Release this grade").click()
        expect(page.get_by_text("Until then it can be undone")).to_be_visible()

    decide()
    page.get_by_role("button", name="Undo this release").click()
    expect(page.get_by_text("It was undone before it took effect.")).to_be_visible()
    grade.refresh_from_db()
    assert not grade.is_visible_to_participant
    decide()
    table = page.get_by_role("region", name="Grades of this release")
    expect(table.get_by_role("row", name=person)).to_contain_text("Waiting")
    Release.objects.filter(status="scheduled").update(takes_effect_at=clock.now() - timedelta(1))
    # The page asks by itself how it goes.
    expect(page.get_by_text("1 grade is with its participants.")).to_be_visible()
    page.reload()
    expect(table.get_by_role("row", name=person)).to_contain_text("66.67 %")
    expect(table.get_by_role("row", name=person)).to_contain_text("Released")
    assert Grade.objects.get(pk=grade.pk).is_visible_to_participant
    assert Assessment.objects.count() == 1
