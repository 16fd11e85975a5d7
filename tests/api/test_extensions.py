"""Time through the API: asking, answering, the wish, what newer guidelines change."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from assessments.models import Extension, Submission
from lms.programme.models import Edition
from tests.factories.assessments import attach, publish, section, start, write
from tests.factories.programme import coordinator, instructor, participant


@pytest.fixture
def submission(edition: Edition) -> Submission:
    submission = write(start(edition))
    project = submission.project
    project.deadline_wall = (datetime.now(UTC) + timedelta(days=10)).replace(microsecond=0)
    project.save()
    return submission


def post(client: Client, name: str, body: dict[str, Any], **kwargs: Any) -> Any:
    return client.post(
        reverse(f"api:v1:{name}", kwargs=kwargs), json.dumps(body), content_type="application/json"
    )


def ask(client: Client, submission: Submission, **changes: Any) -> Any:
    wanted = submission.project.deadline_at + timedelta(days=3)
    body = {"project": submission.pk, "wanted_at": wanted.isoformat(), "reason": "A flood."}
    return post(client, "extension-list", body | changes)


def test_asked_and_answered(client: Client, submission: Submission) -> None:
    client.force_login(submission.owner.user)
    # With an offset of its own, the same instant.
    wanted = (submission.project.deadline_at + timedelta(days=3)).isoformat()
    asked = ask(client, submission)
    again = ask(client, submission, wanted_at=wanted.replace("+00:00", "Z"))
    assert (asked.status_code, again.json()["id"]) == (201, asked.json()["id"])
    assert asked.json()["abilities"] == {
        "take_back": True, "grant": False, "refuse": False, "shorten": False,
    }  # fmt: skip
    pk = asked.json()["id"]
    assert post(client, "extension-grant", {"reason": "Mine."}, pk=pk).status_code == 403

    client.force_login(coordinator(submission.edition))
    until = (submission.project.deadline_at + timedelta(days=1)).isoformat()
    shortened = post(
        client, "extension-shorten", {"until_at": until, "reason": "One day is enough."}, pk=pk
    )

    assert shortened.json()["status"] == "shortened"
    assert [step["status"] for step in shortened.json()["decisions"]] == ["requested", "shortened"]
    detail = client.get(reverse("api:v1:project-detail", args=[submission.pk]))
    assert detail.status_code == 404
    client.force_login(submission.owner.user)
    deadline = client.get(reverse("api:v1:project-detail", args=[submission.pk])).json()["deadline"]
    assert datetime.fromisoformat(deadline["effective_at"]) == datetime.fromisoformat(until)
    assert deadline["extension"] == pk


@pytest.mark.parametrize(
    "changes", [{"wanted_at": "2030-01-01T12:00:00"}, {"wanted_zone": "Mars"}, {"reason": ""}],
    ids=["naive", "zone", "no reason"],
)  # fmt: skip
def test_what_names_no_time_is_422(
    client: Client, submission: Submission, changes: dict[str, str]
) -> None:
    client.force_login(submission.owner.user)

    assert ask(client, submission, **changes).status_code == 422
    assert Extension.objects.count() == 0


def test_the_wish_is_made_and_called_off(client: Client, submission: Submission) -> None:
    client.force_login(submission.owner.user)

    made = post(client, "project-submit-at-deadline", {}, pk=submission.pk)
    called_off = post(client, "project-do-not-submit-at-deadline", {}, pk=submission.pk)
    nothing = post(client, "project-do-not-submit-at-deadline", {}, pk=submission.pk)

    assert [made.json()["status"], called_off.json()["status"]] == ["waiting", "called_off"]
    assert (nothing.status_code, nothing.json()["code"]) == (409, "nothing_waits")


def test_what_newer_guidelines_change(client: Client, submission: Submission) -> None:
    client.force_login(submission.owner.user)
    address = reverse("api:v1:project-guidelines-changes", args=[submission.pk])
    assert client.get(address).status_code == 204
    attach(submission)
    publish(
        submission.project.guidelines_page, file_types=["docx"],
        sections=[section("context"), section("risks")],
    )  # fmt: skip

    changes = client.get(address).json()

    assert [(one["kind"], one["key"]) for one in changes["sections"]] == [
        ("added", "risks"), ("removed", "objectives"), ("removed", "notes"),
    ]  # fmt: skip
    assert (changes["before"], changes["required_version"]) == (1, None)
    assert len(changes["misfits"]) == 1
    # Publishing froze the deadline that was set meanwhile as well.
    assert changes["deadline"]["zone"] == "Europe/Madrid"


def test_staff_follow_and_coordinators_set(client: Client, submission: Submission) -> None:
    edition = submission.edition
    client.force_login(instructor(edition))
    [row] = client.get(reverse("api:v1:edition-at-risk", args=[edition.slug])).json()
    assert (row["project"], row["words"], row["is_at_risk"]) == (submission.pk, 12, True)
    assert post(client, "edition-reminders", {"hours": [24]}, slug=edition.slug).status_code == 403

    client.force_login(coordinator(edition))
    said = post(client, "edition-reminders", {"hours": [2, 24]}, slug=edition.slug)
    required = post(
        client, "edition-require-guidelines", {"number": 1, "reason": "So."}, slug=edition.slug
    )
    assert (said.json()["reminder_hours"], required.json()["required_guidelines"]) == ([24, 2], 1)

    client.force_login(participant(edition))
    assert client.get(reverse("api:v1:edition-at-risk", args=[edition.slug])).status_code == 403
    assert client.get(reverse("api:v1:extension-list")).json()["results"] == []


def test_several_are_answered_at_once_and_one_holds_up_none(
    client: Client, submission: Submission
) -> None:
    other = write(start(submission.edition))
    asked = []
    for project in (submission, other):
        client.force_login(project.owner.user)
        asked.append(ask(client, project).json()["id"])
    post(client, "extension-take-back", {}, pk=asked[1])
    body = {"extensions": asked, "decision": "grant", "reason": "A flood."}
    assert post(client, "extension-decide", body).status_code == 404  # one of them is not theirs
    assert post(client, "extension-decide", {**body, "extensions": asked[1:]}).status_code == 403

    client.force_login(coordinator(submission.edition))
    answer = post(client, "extension-decide", body).json()

    assert [row["status"] for row in answer["decided"]] == ["granted"]
    assert [(row["extension"], row["code"]) for row in answer["refused"]] == [
        (asked[1], "illegal_move")
    ]
    assert Extension.objects.get(pk=asked[0]).status == "granted"


def test_several_are_answered_in_the_order_of_their_projects(
    client: Client, submission: Submission
) -> None:
    """Whoever asked first: projects are locked in one order."""
    other = write(start(submission.edition))
    asked = []
    for project in (other, submission):
        client.force_login(project.owner.user)
        asked.append(ask(client, project).json()["id"])
    client.force_login(coordinator(submission.edition))

    body = {"extensions": asked, "decision": "refuse", "reason": "Too late."}
    answer = post(client, "extension-decide", body).json()

    assert [row["project"] for row in answer["decided"]] == [submission.pk, other.pk]
