"""Withdrawing is about one attempt, and never a way without return."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from assessments.actions import reopen_draft, withdraw_submission
from assessments.actions.submitting import DeadlinePassed
from assessments.enums import SubmissionStatus
from assessments.models import Project, Submission
from lms.core.errors import IllegalMove, StaleVersion
from lms.programme.models import Edition
from tests.factories.assessments import DEADLINE, SUBMITTED_AT, hand_in, handed_in, write
from tests.factories.programme import EditionFactory
from tests.factories.teams import mates, team
from tests.races import at_once

MICROSECOND = timedelta(microseconds=1)


def withdraw(submission: Submission, number: int = 1, **fields: Any) -> Submission:
    given = {"by": submission.owner.user, "at": SUBMITTED_AT} | fields
    return withdraw_submission(submission=submission, number=number, **given)


def test_where_late_projects_are_refused_withdrawing_ends_with_the_deadline(
    edition: Edition,
) -> None:
    submission = handed_in(edition).submission
    Project.objects.update(accepts_late=False)

    with pytest.raises(DeadlinePassed):
        withdraw(submission, at=DEADLINE + MICROSECOND)
    submission.refresh_from_db()
    assert submission.status == SubmissionStatus.SUBMITTED

    assert withdraw(submission, at=DEADLINE).status == SubmissionStatus.WITHDRAWN
    with pytest.raises(IllegalMove):
        withdraw(submission, at=DEADLINE + MICROSECOND)


@pytest.mark.parametrize("accepts_late", [True, False])
def test_the_page_says_what_withdrawing_would_mean(
    edition: Edition, client: Client, accepts_late: bool
) -> None:
    """This year the deadline of the tests is long over."""
    submission = handed_in(edition).submission
    Project.objects.update(accepts_late=accepts_late)
    client.force_login(submission.owner.user)
    api = APIClient()
    api.force_authenticate(submission.owner.user)
    detail = reverse("api:v1:project-detail", args=[submission.pk])

    page = client.get(reverse("assessments:project", args=[edition.slug])).content.decode()
    abilities = api.get(detail).json()["abilities"]
    answer = api.post(f"{detail}withdraw/", {"attempt": 1}, format="json")

    assert ("Withdraw my project" in page) is accepts_late
    assert ("the new submission would be late" in page) is accepts_late
    assert ("what is submitted stays as it is" in page) is not accepts_late
    assert abilities["withdraw"] is accepts_late
    assert answer.status_code == (200 if accepts_late else 409)


def test_a_stale_page_does_not_withdraw_the_next_attempt(edition: Edition, client: Client) -> None:
    submission = handed_in(edition).submission
    client.force_login(submission.owner.user)
    project = reverse("assessments:project", args=[edition.slug])
    withdraw(submission)
    hand_in(reopen_draft(submission=submission, by=submission.owner.user, at=SUBMITTED_AT))
    address = reverse("assessments:withdraw", args=[edition.slug])

    stale, nameless = client.post(address, {"attempt": "1"}), client.post(address)

    submission.refresh_from_db()
    assert (stale.status_code, nameless.status_code) == (409, 409)
    assert submission.status == SubmissionStatus.SUBMITTED
    assert 'name="attempt" value="2"' in client.get(project).content.decode()
    assert client.post(address, {"attempt": "2"}).status_code == 302


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_clicks_withdraw_one_attempt_though_a_team_mate_hands_in_between() -> None:
    submission = write(team(EditionFactory.create()))
    ana, juma = mates(submission)
    hand_in(submission)
    withdraw(submission)
    hand_in(reopen_draft(submission=submission, by=ana.user, at=SUBMITTED_AT))

    late, meant = at_once(
        lambda: withdraw(submission, number=1, by=juma.user),
        lambda: withdraw(submission, number=2, by=ana.user),
    )

    assert isinstance(late, StaleVersion)
    assert isinstance(meant, Submission)
