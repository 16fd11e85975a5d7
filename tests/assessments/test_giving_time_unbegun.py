"""More time for somebody who has not begun their project: page, API, and at once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from assessments.actions import start_project
from assessments.actions.giving_time import give_time_to
from assessments.models import Extension, Submission
from assessments.selectors.at_risk import RiskRow, risk_rows
from assessments.selectors.deadlines import effective_deadline_of
from lms.programme.models import Edition
from tests.factories.assessments import DEADLINE, WRITTEN_AT, project_in, start, write
from tests.factories.programme import EditionFactory, EnrolmentFactory, coordinator, instructor
from tests.races import at_once

MORE = DEADLINE + timedelta(days=3)
WHY = "The airport was closed."


@pytest.fixture
def boss(edition: Edition) -> Any:
    return coordinator(edition)


def deadline_of(submission: Submission) -> Any:
    submission.refresh_from_db()
    return effective_deadline_of(submission.project, submission)


def test_who_has_not_begun_is_given_time_and_finds_it_when_they_begin(
    client: Client, edition: Edition, boss: Any, django_capture_on_commit_callbacks: Any
) -> None:
    project = project_in(edition)
    project.deadline_wall = (datetime.now(UTC) + timedelta(days=2)).replace(microsecond=0)
    project.save()
    waits, other = EnrolmentFactory.create_batch(2, edition=edition)
    listed = reverse("assessments:at_risk", args=[edition.slug])
    address = reverse("assessments:give_time_unbegun", args=[edition.slug, waits.pk])
    client.force_login(boss)

    assert address in client.get(listed, {"show": "all"}).content.decode()
    page = client.get(address)
    empty = client.post(address, {"days": "7", "reason": ""})
    assert (page.status_code, empty.status_code) == (200, 422)
    assert not Submission.objects.exists()
    with django_capture_on_commit_callbacks(execute=True):
        given = client.post(address, {"days": "7", "reason": WHY})

    submission = Submission.objects.get()
    assert given["Location"] == listed
    assert (submission.owner, submission.sections, submission.status) == (waits, {}, "draft")
    assert deadline_of(submission).at - project.deadline_at == timedelta(days=7)
    assert effective_deadline_of(project, None).at == project.deadline_at  # nobody else's
    [letter] = [sent for sent in mail.outbox if waits.user.email in sent.to]
    assert WHY in letter.body
    assert client.get(address)["Location"] == reverse(
        "assessments:give_time", args=[edition.slug, submission.pk]
    )
    client.force_login(waits.user)
    begun = client.post(reverse("assessments:start", args=[edition.slug]))
    assert begun.status_code == 302
    assert Submission.objects.get() == submission
    for nobody in (instructor(edition), other.user, coordinator(EditionFactory.create())):
        client.force_login(nobody)
        assert client.post(address, {"days": "7", "reason": WHY}).status_code == 404
    assert Extension.objects.count() == 1


def test_an_empty_draft_that_came_with_the_time_is_not_begun(
    client: Client, edition: Edition, boss: Any
) -> None:
    project = project_in(edition)
    waits = EnrolmentFactory.create(edition=edition)
    give_time_to(
        enrolment=waits, project=project, until_at=MORE, until_zone="UTC", reason=WHY, by=boss,
        at=WRITTEN_AT,
    )  # fmt: skip
    begun = start(edition)
    soon = MORE - timedelta(days=9)

    def rows() -> dict[int, RiskRow]:
        return {row.standing.enrolment.pk: row for row in risk_rows(project, soon)}

    waiting, empty = rows()[waits.pk], rows()[begun.owner_id]
    assert (waiting.state, waiting.saved_at, waiting.reasons) == (
        "Not begun", None, ("Not begun.",),
    )  # fmt: skip
    assert waiting.is_among("not-begun")
    assert not waiting.is_among("writing")
    assert (empty.state, empty.saved_at) == ("Draft", WRITTEN_AT)
    assert not empty.is_among("not-begun")
    client.force_login(boss)
    told = client.get(reverse("api:v1:edition-at-risk", args=[edition.slug])).json()
    assert {row["enrolment"]: row["status"] for row in told} == {
        waits.pk: None, begun.owner_id: "draft",
    }  # fmt: skip
    write(Submission.objects.get(owner=waits))
    assert rows()[waits.pk].state == "Draft"


def test_the_api_gives_time_to_who_has_not_begun_once(
    client: Client, edition: Edition, boss: Any
) -> None:
    project_in(edition)
    waits = EnrolmentFactory.create(edition=edition)
    give_at = reverse("api:v1:extension-give")
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(days=30)
    body = {"enrolment": waits.pk, "until_at": until.isoformat(), "reason": WHY}

    def post(**changes: Any) -> Any:
        return client.post(give_at, body | changes, content_type="application/json")

    client.force_login(boss)
    neither = client.post(give_at, {"reason": WHY, "until_at": until}, "application/json")
    first, again, both = post(), post(), post(project=1)
    client.force_login(instructor(edition))
    refused = post()
    client.force_login(coordinator(EditionFactory.create()))
    elsewhere = post()

    codes = [answer.status_code for answer in (neither, first, again, both, refused, elsewhere)]
    assert codes == [422, 201, 201, 422, 403, 404]
    assert first.json()["id"] == again.json()["id"]
    assert deadline_of(Submission.objects.get()).at == until


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_begun_by_two_at_once_it_is_one_project(transactional_db: None) -> None:
    edition = EditionFactory.create()
    project = project_in(edition)
    waits, boss = EnrolmentFactory.create(edition=edition), coordinator(edition)

    begun, given = at_once(
        lambda: start_project(project=project, enrolment=waits, by=waits.user, at=WRITTEN_AT),
        lambda: give_time_to(
            enrolment=waits, project=project, until_at=MORE, until_zone="Europe/Madrid",
            reason=WHY, by=boss, at=WRITTEN_AT,
        ),
    )  # fmt: skip

    assert Submission.objects.get() == begun == given.submission
    assert deadline_of(begun).at == MORE
