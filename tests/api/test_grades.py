"""Grades and presentations through the API."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from assessments.models import Grade, Release
from lms.core import clock
from lms.programme.models import Edition
from tests.factories.marking import agreed, carry_out, project_in, provisional, released, submitted
from tests.factories.programme import EnrolmentFactory, coordinator, instructor
from tests.queries import MANY

GRADES = "/api/v1/grades/"
PRESENTATIONS = "/api/v1/presentations/"


def test_a_grade_goes_its_way(edition: Edition, api: APIClient) -> None:
    attempt = submitted(edition)
    grade = provisional(attempt, instructor(edition))
    api.force_authenticate(coordinator(edition))
    url = f"{GRADES}{grade.pk}/"

    def move(name: str, **fields: Any) -> Any:
        version = api.get(url).json()["version"]
        return api.post(f"{url}{name}/", {"base_version": version, **fields}, format="json")

    assert api.get(url).json()["abilities"]["agree"]
    assert move("release").json()["code"] == "illegal_move"
    assert move("agree").json()["outcome"] == "passed"
    assert move("prepare-release").json()["status"] == "ready_for_release"
    # Decided; until the time to undo it is over it is not released.
    on_its_way = move("release").json()
    assert (on_its_way["status"], on_its_way["abilities"]["release"]) == (
        "ready_for_release",
        False,
    )
    carry_out(Release.objects.get(), clock.now() + timedelta(hours=3))
    assert api.get(url).json()["status"] == "released"
    amended = move(
        "amend", marks=[{"criterion": "need", "level": "strong"}], reason="We misread it."
    ).json()
    assert (amended["status"], amended["percent"], amended["revision"]) == (
        "amended",
        "86.67",
        2,
    )


@pytest.mark.parametrize("move", ["agree", "amend"])
def test_a_decision_meant_for_another_attempt_is_refused(
    edition: Edition, api: APIClient, move: str
) -> None:
    attempt, lead = submitted(edition), coordinator(edition)
    grade = (provisional if move == "agree" else released)(attempt, instructor(edition))
    api.force_authenticate(lead)
    body: dict[str, Any] = {
        "base_version": grade.version, "reason": "We misread it.",
        "marks": [{"criterion": "need", "level": "strong"}],
    }  # fmt: skip

    def decide(receipt: str) -> Any:
        return api.post(f"{GRADES}{grade.pk}/{move}/", {**body, "receipt": receipt}, format="json")

    refused = decide(submitted(edition).receipt)
    assert (refused.status_code, refused.json()["code"]) == (409, "wrong_attempt")
    assert decide(attempt.receipt).json()["percent"] == "86.67"


@pytest.mark.parametrize(
    ("move", "body"),
    [
        ("agree", {}),
        ("agree", {"base_version": 1, "total": 100}),
        ("agree", {"base_version": 1, "percent": "99.00"}),
        ("reopen", {"base_version": 1}),
        ("release", {"base_version": "NaN"}),
    ],
)
def test_faulty_bodies_are_refused(
    edition: Edition, api: APIClient, move: str, body: dict[str, Any]
) -> None:
    grade = provisional(submitted(edition), instructor(edition))
    api.force_authenticate(coordinator(edition))

    answer = api.post(f"{GRADES}{grade.pk}/{move}/", body, format="json")

    assert answer.status_code == 422
    assert Grade.objects.get().status == "provisional"


def test_a_participant_finds_their_grade_when_it_is_released(
    edition: Edition, api: APIClient
) -> None:
    """Invariant 9."""
    attempt, marker = submitted(edition), instructor(edition)
    hidden = agreed(attempt, marker)
    other = released(submitted(edition), marker)
    api.force_authenticate(attempt.owner.user)

    assert api.get(GRADES).json()["results"] == []
    for pk in (hidden.pk, other.pk):
        assert api.get(f"{GRADES}{pk}/").status_code == 404
        assert api.post(f"{GRADES}{pk}/release/", {"base_version": 0}).status_code == 404

    api.force_authenticate(other.submission.owner.user)
    [row] = api.get(GRADES).json()["results"]
    detail = api.get(f"{GRADES}{other.pk}/").json()
    assert (row["percent"], detail["marks"][0]["level"]) == ("66.67", "sound")
    # Released long ago: it can be read on paper, and not appealed any more.
    assert {name for name, may in detail["abilities"].items() if may} == {"feedback"}
    refused = api.post(f"{GRADES}{other.pk}/amend/", {"base_version": 9, "reason": "Please"})
    assert refused.status_code == 403


def test_the_list_costs_the_same_for_one_and_for_many(edition: Edition, api: APIClient) -> None:
    marker = instructor(edition)
    boss = coordinator(edition)
    api.force_authenticate(boss)

    def queries() -> int:
        boss.forget_roles()
        with CaptureQueriesContext(connection) as captured:
            assert api.get(GRADES).status_code == 200
        return len(captured)

    agreed(submitted(edition), marker)
    one = queries()
    for _ in range(MANY - 1):
        provisional(submitted(edition), marker)

    assert queries() == one


def test_a_presentation_is_recorded_corrected_and_withdrawn(
    edition: Edition, api: APIClient
) -> None:
    """D15c."""
    project_in(edition)
    enrolment = EnrolmentFactory.create(edition=edition)
    api.force_authenticate(instructor(edition))
    body = {"enrolment": enrolment.pk, "presented_on": "2025-11-18", "note": "Clear."}

    recorded = api.post(f"{PRESENTATIONS}record/", body, format="json")
    again = api.post(f"{PRESENTATIONS}record/", body, format="json")
    url = f"{PRESENTATIONS}{recorded.json()['id']}/"
    corrected = api.post(f"{url}correct/", {"presented_on": "2025-11-19"}, format="json")
    withdrawn = api.post(f"{url}withdraw/", {"reason": "A colleague."}, format="json")

    assert (recorded.status_code, again.status_code) == (201, 409)
    assert corrected.json()["presented_on"] == "2025-11-19"
    assert not withdrawn.json()["abilities"]["correct"]


def test_a_participant_reads_their_presentation_without_the_note(
    edition: Edition, api: APIClient
) -> None:
    project_in(edition)
    enrolment = EnrolmentFactory.create(edition=edition)
    api.force_authenticate(instructor(edition))
    body = {"enrolment": enrolment.pk, "presented_on": "2025-11-18", "note": "Hesitant."}
    api.post(f"{PRESENTATIONS}record/", body, format="json")

    api.force_authenticate(enrolment.user)
    [row] = api.get(PRESENTATIONS).json()["results"]
    forged = api.post(f"{PRESENTATIONS}record/", body, format="json")

    assert (row["note"], forged.status_code) == (None, 403)
