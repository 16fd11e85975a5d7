"""Teams through the API: asked, joined, left, arranged."""

from rest_framework.test import APIClient

from lms.accounts.models import User
from lms.programme.models import Edition
from tests.factories.assessments import hand_in, start, write
from tests.factories.programme import coordinator
from tests.factories.teams import allow_teams, colleague, mates, team


def as_(api: APIClient, person: User) -> APIClient:
    api.force_authenticate(person)
    return api


def test_two_write_together_and_part_again(edition: Edition, api: APIClient) -> None:
    allow_teams(edition)
    submission = write(start(edition))
    ana, juma = submission.owner, colleague(submission)
    own = start(edition, enrolment=juma)
    project = f"/api/v1/projects/{submission.pk}/"

    asked = as_(api, ana.user).post(f"{project}invite/", {"enrolment": juma.pk})
    assert asked.status_code == 201
    assert api.post(f"{project}invite/", {"enrolment": juma.pk}).data["id"] == asked.data["id"]

    invitation = f"/api/v1/team-invitations/{asked.data['id']}/"
    assert as_(api, juma.user).get(invitation).data["abilities"] == {
        "accept": True, "decline": True, "withdraw": False,
    }  # fmt: skip
    assert api.get(project).status_code == 404
    assert api.post(f"{invitation}accept/").data["status"] == "accepted"
    seen = api.get(project).data
    assert [member["name"] for member in seen["team"]] == [ana.user.name, juma.user.name]
    assert seen["sections"] is not None
    assert seen["abilities"]["leave"]
    assert not seen["abilities"]["invite"]
    assert seen["parked_at"] is None
    rests = api.get(f"/api/v1/projects/{own.pk}/").data
    assert rests["parked_at"] is not None
    assert rests["sections"] is not None

    assert api.post(f"{project}leave/", {}).status_code == 204
    assert api.get(project).status_code == 404
    back = api.post(f"/api/v1/projects/{own.pk}/take-up/")
    assert [member["name"] for member in back.data] == [juma.user.name]


def test_a_coordinator_arranges_a_team_that_was_submitted(edition: Edition, api: APIClient) -> None:
    submission = write(team(edition))
    hand_in(submission)
    mei = colleague(submission)
    project = f"/api/v1/projects/{submission.pk}/"
    of_juma = submission.members.get(enrolment=mates(submission)[1])
    body = {"member": of_juma.pk, "reason": "Left the city."}

    refused = as_(api, submission.owner.user).post(f"{project}remove-member/", body)
    assert (refused.status_code, refused.json()["code"]) == (409, "team_rests")
    as_(api, coordinator(edition))
    assert api.post(f"{project}remove-member/", {**body, "reason": ""}).status_code == 422
    assert len(api.post(f"{project}remove-member/", body).data) == 1
    added = api.post(f"{project}add-member/", {"enrolment": mei.pk, "reason": "Forgotten."})
    assert [member["enrolment"] for member in added.data] == [submission.owner_id, mei.pk]


def test_both_press_and_both_have_the_receipt(edition: Edition, api: APIClient) -> None:
    submission = write(team(edition))
    address = f"/api/v1/projects/{submission.pk}/submit/"
    body = {"base_version": submission.version}

    answers = [
        as_(api, place.user).post(address, body, headers={"Idempotency-Key": f"key-{place.pk}-xyz"})
        for place in mates(submission)
    ]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].data["receipt"] == answers[1].data["receipt"]


def test_a_coordinator_sees_who_has_left_a_team(edition: Edition, api: APIClient) -> None:
    submission = write(team(edition))
    leaver = mates(submission)[1]
    project = f"/api/v1/projects/{submission.pk}/"
    as_(api, leaver.user).post(f"{project}leave/", {"reason": "Another city."})

    as_(api, coordinator(edition))
    [told] = [
        one for one in api.get(f"/api/v1/editions/{edition.slug}/teams/").data
        if one["project"] == submission.pk
    ]  # fmt: skip

    assert [member["enrolment"] for member in told["members"]] == [submission.owner_id]
    [gone] = told["former_members"]
    assert (gone["enrolment"], gone["reason"]) == (leaver.pk, "Another city.")
    assert gone["left_at"] is not None
