"""Pictures of marking: what is counted, for whom, and the tables behind them."""

from datetime import timedelta
from io import BytesIO

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rest_framework.test import APIClient

from assessments.actions.marking import allocate_marker
from assessments.figures import Figure
from assessments.selectors.marking_overview import marking_overview
from lms.accounts.models import User
from lms.programme.models import Edition
from tests.factories.marking import (
    MARKED_AT,
    RECEIVED_AT,
    agreed,
    in_marking,
    marked,
    project_in,
    provisional,
    released,
    submitted,
)
from tests.factories.programme import coordinator, enrol, instructor, participant
from tests.queries import MANY

LATER = MARKED_AT + timedelta(days=2)


def figures(edition: Edition, reader: User) -> dict[str, Figure]:
    return {figure.key: figure for figure in marking_overview(edition, reader, LATER)}


def test_each_table_counts_what_its_picture_shows(edition: Edition) -> None:
    ana, ben = instructor(edition, name="Ana"), instructor(edition, name="Ben")
    boss = coordinator(edition)
    released(submitted(edition), ana, "strong")
    agreed(submitted(edition), ana, need="weak")
    marked(in_marking(submitted(edition), ben))
    allocate_marker(submission=submitted(edition).submission, marker=ben, by=boss, at=MARKED_AT)
    submitted(edition, at=RECEIVED_AT - timedelta(days=3))

    found = figures(edition, boss)

    assert found["markers"].rows == [
        ("Ana", 2, 0, 0, 2),
        ("Ben", 0, 1, 1, 2),
        ("Nobody yet", 0, 0, 1, 1),
    ]
    # What is being marked is nobody's business yet.
    assert found["criteria"].rows == [
        ("Criterion need", "Strong", 1),
        ("Criterion need", "Sound", 0),
        ("Criterion need", "Weak", 1),
        ("Criterion measurement", "Strong", 1),
        ("Criterion measurement", "Sound", 1),
        ("Criterion measurement", "Weak", 0),
    ]
    assert found["feedback"].rows[:2] == [("0 to 3 days", 0), ("4 to 7 days", 1)]
    assert "4 projects wait for their feedback, the longest for 10 days." in (
        found["feedback"].description
    )
    assert [row[1:] for row in found["days"].rows] == [(1, 0, 0), (5, 0, 0), (5, 2, 1)]
    assert found["criteria"].caution.startswith("Only 2: read them as single cases")
    # One released grade is no average.
    assert "Half of them" not in found["feedback"].description


def test_a_project_of_ones_own_is_in_no_number(edition: Edition) -> None:
    both = coordinator(edition)
    own = submitted(edition, enrolment=enrol(both, edition))
    agreed(own, instructor(edition), "strong")

    assert all(figure.drawing is None for figure in figures(edition, both).values())
    assert figures(edition, coordinator(edition))["criteria"].rows


def test_the_page_and_its_files_are_for_coordinators(edition: Edition) -> None:
    marker = instructor(edition, name="=HYPERLINK(1)")
    provisional(submitted(edition), marker)
    page = reverse("assessments:marking_overview", args=[edition.slug])
    browser = Client()
    for other in (marker, participant(edition)):
        browser.force_login(other)
        assert browser.get(page).status_code == 404
    browser.force_login(coordinator(edition))

    shown = browser.get(page).content.decode()
    table = browser.get(reverse("assessments:marking_overview_csv", args=[edition.slug, "markers"]))
    none = browser.get(reverse("assessments:marking_overview_csv", args=[edition.slug, "marks"]))
    book = browser.get(reverse("assessments:marking_overview_xlsx", args=[edition.slug]))
    sheets = openpyxl.load_workbook(BytesIO(book.content))

    assert shown.count('<svg class="chart"') == 3
    assert table.content.decode("utf-8-sig").splitlines()[1] == "'=HYPERLINK(1),1,0,0,1"
    assert none.status_code == 404
    assert sheets.sheetnames == [
        "Progress by marker", "Levels by criterion", "Time to feedback", "Day by day",
    ]  # fmt: skip
    cell = sheets["Progress by marker"]["A2"]
    assert (cell.value, cell.data_type) == ("=HYPERLINK(1)", "s")
    assert sheets["Progress by marker"]["B2"].value == 1


def test_the_api_gives_the_same_tables(edition: Edition) -> None:
    provisional(submitted(edition), instructor(edition, name="Ana"))
    api = APIClient()
    api.force_authenticate(coordinator(edition))
    url = f"/api/v1/editions/{edition.slug}/marking-overview/"

    [markers, *_others] = api.get(url).json()

    assert (markers["key"], markers["rows"]) == ("markers", [["Ana", 1, 0, 0, 1]])
    api.force_authenticate(instructor(edition))
    assert api.get(url).status_code == 404


@pytest.mark.one_database("sqlite")
@pytest.mark.parametrize("is_empty", [True, False])
def test_the_page_costs_the_same_at_one_and_at_many(edition: Edition, is_empty: bool) -> None:
    marker = instructor(edition)
    browser = Client()
    browser.force_login(coordinator(edition))
    page = reverse("assessments:marking_overview", args=[edition.slug])
    project_in(edition)
    if is_empty:
        assert "No project to mark yet" in browser.get(page).content.decode()
        return
    agreed(submitted(edition), marker)
    browser.get(page)
    with CaptureQueriesContext(connection) as one:
        browser.get(page)
    for number in range(MANY - 1):
        agreed(submitted(edition), instructor(edition) if number < 4 else marker)
    with CaptureQueriesContext(connection) as many:
        browser.get(page)

    assert len(many) == len(one)
