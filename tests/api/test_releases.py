"""Releases and appeals through the API."""

from datetime import timedelta
from typing import Any

from django.test import Client

from assessments.models import Grade, MarkingPolicy, Release
from lms.core import clock
from lms.programme.models import Edition
from tests.factories.marking import (
    agreed,
    carry_out,
    project_in,
    released,
    submitted,
)
from tests.factories.programme import coordinator, instructor


def test_a_release_through_the_api(edition: Edition, client: Client) -> None:
    client.force_login(coordinator(edition))
    MarkingPolicy.objects.create(project=project_in(edition), confirm_release=True)
    grade = agreed(submitted(edition), instructor(edition))
    seen = client.get(f"/api/v1/releases/rehearsal/?edition={edition.slug}").json()
    assert (seen["ready"][0]["grade"], seen["message"]["subject"]) == (
        grade.pk,
        "Your project has been graded",
    )
    body = {"edition": edition.slug, "sha256": "0" * 64}
    stale = client.post("/api/v1/releases/", body, content_type="application/json")
    assert (stale.status_code, stale.json()["code"]) == (409, "changed_since_rehearsal")

    made = client.post(
        "/api/v1/releases/", {**body, "sha256": seen["sha256"]}, content_type="application/json"
    )
    release = made.json()
    assert (made.status_code, release["status"], release["total"]) == (
        201,
        "awaiting_confirmation",
        1,
    )
    assert release["abilities"] == {"confirm": False, "undo": True, "retry": False}
    client.force_login(coordinator(edition))
    confirmed = client.post(
        f"/api/v1/releases/{release['id']}/confirm/",
        {"base_version": release["version"], "sha256": seen["sha256"]},
        content_type="application/json",
    ).json()
    assert confirmed["status"] == "scheduled"
    carry_out(Release.objects.get(), clock.now() + timedelta(hours=3))
    items = client.get(f"/api/v1/releases/{release['id']}/items/").json()["results"]
    assert [(item["grade"], item["outcome"]) for item in items] == [(grade.pk, "released")]


def test_an_appeal_through_the_api(edition: Edition, client: Client) -> None:
    attempt = submitted(edition)
    grade = released(attempt, instructor(edition))
    Grade.objects.update(released_at=clock.now())
    client.force_login(attempt.owner.user)
    send: dict[str, Any] = {"content_type": "application/json"}
    assert client.get(f"/api/v1/grades/{grade.pk}/").json()["abilities"]["appeal"]
    made = client.post(
        "/api/v1/appeals/", {"grade": grade.pk, "revision": 1, "reason": "Section two."}, **send
    )
    appeal = made.json()
    assert (made.status_code, appeal["status"], appeal["markers"]) == (201, "received", [])

    marker = instructor(edition)
    client.force_login(marker)
    detail = f"/api/v1/appeals/{appeal['id']}/"
    given = client.post(f"{detail}assign/", {"base_version": 0, "marker": marker.pk}, **send).json()
    marks = [{"criterion": "need", "level": "strong"}]
    client.put(f"{detail}marks/", {"base_version": 0, "marks": marks}, **send)
    refused = client.post(f"{detail}uphold/", {"base_version": 1, "reason": "So."}, **send)
    done = client.post(f"{detail}amend/", {"base_version": 1, "reason": "Seen."}, **send).json()
    assert (given["marker"], refused.status_code, done["status"], done["decided_as"]) == (
        str(marker), 422, "amended", 2,
    )  # fmt: skip
    client.force_login(attempt.owner.user)
    own = client.get(detail).json()
    assert (own["marker"], own["assessment"], own["decision"]) == (None, None, "Seen.")
