"""The marking queue and assessments through the API."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from assessments.actions.marking import allocate_marker
from assessments.enums import SubmissionStatus
from assessments.models import Assessment, Grade
from lms.programme.models import Edition
from tests.factories.accounts import CityFactory
from tests.factories.marking import MARKED_AT, in_marking, marked, provisional, submitted
from tests.factories.programme import coordinator, enrol, instructor, moderator
from tests.queries import MANY

QUEUE = "/api/v1/marking-queue/"
ASSESSMENTS = "/api/v1/assessments/"


def test_an_instructor_marks_from_the_queue_to_the_grade(edition: Edition, api: APIClient) -> None:
    attempt = submitted(edition)
    marker = instructor(edition)
    api.force_authenticate(marker)

    [row] = api.get(QUEUE, {"edition": edition.slug}).json()["results"]
    assessment = api.post(f"{QUEUE}{row['receipt']}/start/").json()
    url = f"{ASSESSMENTS}{assessment['id']}/"
    saved = api.put(
        f"{url}marks/",
        {
            "base_version": 0,
            "marks": [
                {"criterion": "need", "level": "strong", "comment": "Clear."},
                {"criterion": "measurement", "level": "sound"},
            ],
            "overall": "Good.",
        },
        format="json",
    ).json()
    handed_in = api.post(f"{url}submit/", {"base_version": 1}, format="json").json()

    assert row["receipt"] == attempt.receipt
    assert row["state"] == "Not begun"
    assert (saved["version"], saved["percent"]) == (1, "86.67")
    assert saved["abilities"]["submit"]
    assert (handed_in["status"], handed_in["revisions"][0]["percent"]) == ("submitted", "86.67")
    assert Grade.objects.get().status == "provisional"


@pytest.mark.parametrize(
    "change",
    [
        {"marks": [{"criterion": "need", "level": "excellent"}]},
        {"marks": [{"criterion": "need", "level": "NaN"}]},
        {"marks": [{"criterion": "need", "level": -1}]},
        {"marks": [{"criterion": "need", "level": "2,5"}]},
        {"marks": [{"criterion": "charm", "level": "sound"}]},
        {"marks": [{"level": "sound"}]},
        {"marks": [{"criterion": "need"}, {"criterion": "need"}]},
        {"marks": [{"criterion": "need", "points": 3}]},
        {"marks": {"need": "sound"}},
        {"marks": [], "total": 100},
        {"marks": [], "status": "submitted"},
        {"marks": [], "overall": "half \ud800"},
        {"marks": [], "overall": "nul \x00"},
        {"marks": [], "base_version": -1},
        {"marks": [], "base_version": "first"},
    ],
)
def test_faulty_marks_are_refused_whole(
    edition: Edition, api: APIClient, change: dict[str, Any]
) -> None:
    """Invariants 5 and 6."""
    assessment = in_marking(submitted(edition), instructor(edition))
    api.force_authenticate(assessment.marker)

    answer = api.put(
        f"{ASSESSMENTS}{assessment.pk}/marks/",
        # Escaped, so that half a character arrives as one.
        json.dumps({"base_version": 0, **change}),
        content_type="application/json",
    )

    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    assessment.refresh_from_db()
    assert assessment.marks == {}
    assert assessment.version == 0


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_numbers_that_are_none_are_not_json(edition: Edition, api: APIClient, number: str) -> None:
    assessment = in_marking(submitted(edition), instructor(edition))
    api.force_authenticate(assessment.marker)

    answer = api.put(
        f"{ASSESSMENTS}{assessment.pk}/marks/",
        f'{{"base_version": 0, "marks": [{{"criterion": "need", "level": {number}}}]}}',
        content_type="application/json",
    )

    assert answer.status_code == 400


def test_a_stale_save_returns_what_is_stored(edition: Edition, api: APIClient) -> None:
    """Invariant 3."""
    assessment = marked(in_marking(submitted(edition), instructor(edition)))
    api.force_authenticate(assessment.marker)

    answer = api.put(
        f"{ASSESSMENTS}{assessment.pk}/marks/",
        {"base_version": 0, "marks": [{"criterion": "need", "level": "weak"}]},
        format="json",
    )

    body = answer.json()
    assert (answer.status_code, body["code"], body["version"]) == (409, "stale_version", 1)
    assert body["stored"]["marks"]["need"]["level"] == "sound"


def test_each_assessment_has_the_result_of_its_own_marks(edition: Edition, api: APIClient) -> None:
    """Not that of whoever has the project in hand now."""
    attempt, second = submitted(edition), instructor(edition)
    first = marked(in_marking(attempt, instructor(edition)), "strong")
    allocate_marker(submission=attempt.submission, marker=second, by=first.marker, at=MARKED_AT)
    other = marked(in_marking(attempt, second), "weak")
    api.force_authenticate(second)

    percents = [api.get(f"{ASSESSMENTS}{one.pk}/").json()["percent"] for one in (first, other)]

    assert percents == ["100.00", "0.00"]


def test_marks_are_reopened_on_the_version_one_has_seen(edition: Edition, api: APIClient) -> None:
    """Invariant 3."""
    grade = provisional(submitted(edition), instructor(edition))
    assessment = Assessment.objects.get()
    api.force_authenticate(assessment.marker)
    url = f"{ASSESSMENTS}{assessment.pk}/reopen/"

    answers = [
        api.post(url, body, format="json").status_code
        for body in ({}, {"base_version": 0}, {"base_version": assessment.version})
    ]

    assert answers == [422, 409, 200]
    assert grade.status == "provisional"


def test_a_missing_mark_is_named(edition: Edition, api: APIClient) -> None:
    assessment = in_marking(submitted(edition), instructor(edition))
    api.force_authenticate(assessment.marker)

    answer = api.post(f"{ASSESSMENTS}{assessment.pk}/submit/", {"base_version": 0}, format="json")

    assert answer.status_code == 422
    assert set(answer.json()["errors"]) == {"need", "measurement"}


def test_a_conflict_of_interest_is_said(edition: Edition, api: APIClient) -> None:
    """Invariant 10."""
    nairobi = CityFactory.create(name="Nairobi")
    marker = instructor(edition)
    enrol(marker, edition, nairobi)
    attempt = submitted(edition, nairobi)
    api.force_authenticate(marker)

    detail = api.get(f"{QUEUE}{attempt.receipt}/").json()
    answer = api.post(f"{QUEUE}{attempt.receipt}/start/")

    assert not detail["abilities"]["start"]
    assert (answer.status_code, answer.json()["code"]) == (403, "conflict_of_interest")


def test_who_finds_what(edition: Edition, api: APIClient) -> None:
    """What one may not see is 404; what one may see but not do is 403."""
    attempt = submitted(edition)
    assessment = in_marking(attempt, instructor(edition))
    marks = f"{ASSESSMENTS}{assessment.pk}/marks/"
    body = {"base_version": 0, "marks": [], "overall": "Mine."}

    for outsider in (attempt.owner.user, moderator(edition), submitted(edition).owner.user):
        api.force_authenticate(outsider)
        assert api.get(f"{ASSESSMENTS}{assessment.pk}/").status_code == 404
        assert api.put(marks, body, format="json").status_code == 404
        assert api.get(f"{QUEUE}{attempt.receipt}/").status_code == 404
        assert api.get(QUEUE, {"edition": edition.slug}).status_code == 404
    for colleague in (instructor(edition), coordinator(edition)):
        api.force_authenticate(colleague)
        assert api.get(f"{ASSESSMENTS}{assessment.pk}/").status_code == 200
        assert api.put(marks, body, format="json").status_code == 403
    api.force_authenticate(None)
    assert api.get(ASSESSMENTS).status_code == 401


def test_a_coordinator_allocates(edition: Edition, api: APIClient) -> None:
    attempt = submitted(edition)
    marker, stranger = instructor(edition), moderator(edition)
    api.force_authenticate(coordinator(edition))
    url = f"{QUEUE}{attempt.receipt}/allocate/"

    refused = api.post(url, {"marker": stranger.pk}, format="json")
    answer = api.post(url, {"marker": marker.pk}, format="json")

    assert refused.status_code == 422
    assert answer.json()["marker"]["id"] == marker.pk


@pytest.mark.parametrize("url", [f"{QUEUE}?show=all", ASSESSMENTS])
def test_lists_cost_the_same_for_one_and_for_many(
    edition: Edition, api: APIClient, url: str
) -> None:
    marker = instructor(edition)
    api.force_authenticate(marker)

    def queries() -> int:
        marker.forget_roles()
        with CaptureQueriesContext(connection) as captured:
            assert api.get(url).status_code == 200
        return len(captured)

    marked(in_marking(submitted(edition), marker))
    one = queries()
    for _ in range(MANY - 1):
        in_marking(submitted(edition), marker)

    assert queries() == one


def test_the_queue_pages_through_everything_once(edition: Edition, api: APIClient) -> None:
    api.force_authenticate(instructor(edition))
    receipts = {submitted(edition).receipt for _ in range(5)}

    seen: list[str] = []
    url: str | None = f"{QUEUE}?page_size=2"
    while url:
        page = api.get(url).json()
        seen += [row["receipt"] for row in page["results"]]
        url = page["next"]

    assert sorted(seen) == sorted(receipts)


def test_assessments_of_ones_own_project_do_not_exist(edition: Edition, api: APIClient) -> None:
    """Invariant 9 for somebody who takes part and works here."""
    colleague = instructor(edition)
    attempt = submitted(edition, enrolment=enrol(colleague, edition))
    in_marking(attempt, instructor(edition))
    api.force_authenticate(colleague)

    assert api.get(ASSESSMENTS).json()["results"] == []
    [row] = api.get(QUEUE, {"show": "all"}).json()["results"]
    assert (row["assessment"], row["grade"], row["project_status"]) == (
        None,
        None,
        SubmissionStatus.LOCKED_FOR_MARKING,
    )
    assert Assessment.objects.count() == 1
