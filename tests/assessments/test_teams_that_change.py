"""What stays open, to whom, and to whom it is told, when a team or a place changes."""

from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.urls import reverse
from rest_framework.test import APIClient

from assessments.actions import leave_team
from assessments.actions.deadlines import set_deadline
from assessments.actions.revising import withdraw_submission
from assessments.models import Submission
from assessments.views.places import read_again
from lms.accounts.models import User
from lms.programme.actions import move_enrolment
from lms.programme.enums import EnrolmentStatus
from lms.programme.models import Edition
from tests.factories.accounts import AdministratorFactory
from tests.factories.assessments import (
    DEADLINE_WALL,
    SUBMITTED_AT,
    WRITTEN_AT,
    attach,
    hand_in,
    publish,
    section,
    start,
    write,
)
from tests.factories.programme import coordinator
from tests.factories.teams import colleague, mates, team


def api_of(person: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(person)
    return client


def test_a_cancelled_place_closes_the_draft_and_what_comes_of_it(
    edition: Edition, django_capture_on_commit_callbacks: Any
) -> None:
    submission = write(team(edition))
    ana, juma = mates(submission)
    file = attach(submission)
    addresses = [
        reverse("api:v1:project-detail", args=[submission.pk]),
        reverse("api:v1:file-content", args=[file.pk]),
        reverse("assessments:file", args=[file.pk]),
    ]

    def answers() -> list[int]:
        client = api_of(juma.user)
        client.force_login(juma.user)
        return [client.get(address).status_code for address in addresses]

    assert answers() == [200, 200, 200]
    move_enrolment(enrolment=juma, to=EnrolmentStatus.CANCELLED, by=None, at=WRITTEN_AT)
    assert answers() == [404, 404, 404]

    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        attempt = hand_in(submission)
    assert [member.enrolment_id for member in attempt.members.all()] == [ana.pk]
    assert [letter.to for letter in mail.outbox] == [[str(ana.user.email)]]


def test_a_page_is_shown_again_of_the_project_it_was_of(edition: Edition) -> None:
    submission = write(team(edition))
    ana, juma = mates(submission)
    of_a_moment_ago = Submission.objects.select_related("owner").get(pk=submission.pk)
    leave_team(submission=submission, by=ana.user, at=WRITTEN_AT)
    assert read_again(of_a_moment_ago).owner == juma

    start(edition, enrolment=ana)
    assert read_again(of_a_moment_ago).pk == submission.pk


def test_coordinators_arrange_teams_before_anything_is_handed_in(edition: Edition) -> None:
    submission = team(edition)
    ana, juma = mates(submission)
    mei = colleague(submission)
    api = api_of(coordinator(edition))
    project = f"/api/v1/projects/{submission.pk}/"

    assert api.get(project).status_code == 404
    (listed,) = api.get(f"/api/v1/editions/{edition.slug}/teams/").data
    assert [member["enrolment"] for member in listed["members"]] == [ana.pk, juma.pk]
    assert api.get(f"{project}colleagues/").data == [{"enrolment": mei.pk, "name": mei.user.name}]
    body = {"enrolment": mei.pk, "reason": "Joined the office."}
    assert api.post(f"{project}add-member/", body).status_code == 200
    gone = {"member": listed["members"][1]["id"], "reason": "Left the office."}
    assert api.post(f"{project}remove-member/", gone).status_code == 200

    assert [place.pk for place in mates(submission)] == [ana.pk, mei.pk]
    assert api_of(mei.user).get(f"{project}colleagues/").data == [
        {"enrolment": juma.pk, "name": juma.user.name}
    ]


def test_a_text_without_a_section_is_found_and_taken_along_through_the_api(
    edition: Edition,
) -> None:
    submission = write(start(edition), notes="What nobody else knows.")
    publish(submission.project.guidelines_page, sections=[section("context")])
    api, project = api_of(submission.owner.user), f"/api/v1/projects/{submission.pk}/"
    adopted = api.post(f"{project}adopt-guidelines/", {"base_version": submission.version})

    assert adopted.status_code == 200
    seen = api.get(project).data
    assert seen["set_aside"]["notes"] == "<p>What nobody else knows.</p>"
    taken = {"key": "notes", "into": "context", "base_version": seen["version"]}
    assert api.post(f"{project}take-along/", taken).status_code == 200
    assert "What nobody else knows." in api.get(project).data["sections"]["context"]


def test_an_administrator_does_not_learn_what_stands_in_a_draft(edition: Edition) -> None:
    submission = write(start(edition), notes="Told to nobody yet.")
    hand_in(submission)
    withdraw_submission(
        submission=submission, number=submission.attempt, by=submission.owner.user, at=SUBMITTED_AT
    )
    publish(submission.project.guidelines_page, sections=[section("context")])

    def words_told(person: User) -> list[int]:
        address = reverse("api:v1:project-guidelines-changes", args=[submission.pk])
        return [change["written"] for change in api_of(person).get(address).data["sections"]]

    assert sum(words_told(submission.owner.user)) > 0
    assert sum(words_told(AdministratorFactory.create())) == 0


def test_letters_give_the_deadline_in_the_zone_it_was_set_in(
    edition: Edition, django_capture_on_commit_callbacks: Any
) -> None:
    submission = write(start(edition))
    set_deadline(
        project=submission.project, wall=DEADLINE_WALL.replace(tzinfo=None), zone="Asia/Manila",
        grace_minutes=0, accepts_late=True, by=coordinator(edition), at=WRITTEN_AT,
    )  # fmt: skip
    submission.refresh_from_db()
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        hand_in(submission)

    (letter,) = mail.outbox
    assert "in Manila" in str(letter.body)


def test_who_was_in_a_team_stays_on_record(edition: Edition) -> None:
    member = team(edition).members.get(enrolment=mates(Submission.objects.get())[1])

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        member.delete()
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        type(member).objects.filter(pk=member.pk).update(joined_at=WRITTEN_AT)
