"""A page of one's own project, still open after joining a team, moves nothing of the team's."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from assessments.actions import withdraw_submission
from assessments.models import Submission
from lms.core import clock
from lms.programme.models import Edition
from tests.factories.assessments import (
    WRITTEN_AT,
    ask_for_time,
    hand_in,
    publish,
    start,
    write,
)
from tests.factories.teams import allow_teams, colleague, join


def as_it_is(submission: Submission) -> Submission:
    return submission


def submitted(submission: Submission) -> Submission:
    hand_in(submission)
    return submission


def withdrawn(submission: Submission) -> Submission:
    hand_in(submission)
    return withdraw_submission(
        submission=submission, number=1, by=submission.owner.user, at=WRITTEN_AT
    )


def behind(submission: Submission) -> Submission:
    publish(submission.project.guidelines_page, summary="Newer.")
    return submission


def with_a_text_aside(submission: Submission) -> Submission:
    sections = {**submission.sections, "gone": "<p>Of an older version.</p>"}
    Submission.objects.filter(pk=submission.pk).update(sections=sections)
    return submission


def asking(submission: Submission) -> Submission:
    ask_for_time(
        submission, until=submission.project.deadline_at + timedelta(days=3), at=clock.now()
    )
    return submission


MOVES: list[tuple[str, str, dict[str, Any], Callable[[Submission], Submission]]] = [
    ("withdraw", "project", {"attempt": "1"}, submitted),
    ("reopen", "project", {}, withdrawn),
    ("adopt", "guidelines_changes", {"base_version": "1"}, behind),
    ("at_deadline", "project", {"wanted": "yes"}, as_it_is),
    ("take_along", "project", {"key": "gone", "into": "context", "base_version": "1"},
     with_a_text_aside),
    ("leave_team", "team", {}, as_it_is),
    ("take_back_time", "project", {}, asking),
    ("more_time", "more_time", {"days": "2", "reason": "Illness."}, as_it_is),
]  # fmt: skip


@pytest.mark.parametrize(("move", "page", "form", "come_to"), MOVES, ids=[m[0] for m in MOVES])
def test_a_page_of_another_project_moves_nothing(
    edition: Edition,
    client: Client,
    move: str,
    page: str,
    form: dict[str, Any],
    come_to: Callable[[Submission], Submission],
) -> None:
    wall = (clock.now() + timedelta(days=30)).replace(second=0, microsecond=0)
    allow_teams(edition)
    theirs = write(start(edition))
    project = theirs.project
    project.deadline_wall = wall
    project.save()
    juma = colleague(theirs)
    own = write(start(edition, enrolment=juma))
    join(theirs, juma, at=WRITTEN_AT + timedelta(hours=1))
    come_to(Submission.objects.get(pk=theirs.pk))
    client.force_login(juma.user)
    address = reverse(f"assessments:{move}", args=[edition.slug])
    before = Submission.objects.filter(pk=theirs.pk).values().get()

    shown = client.get(reverse(f"assessments:{page}", args=[edition.slug])).content.decode()
    stale = client.post(address, form | {"of-project": str(own.pk)})

    assert stale.status_code == 409
    assert "You write another project now" in stale.content.decode()
    assert Submission.objects.filter(pk=theirs.pk).values().get() == before
    assert theirs.deadline_submissions.count() == 0
    forms = re.findall(r'<form method="post"(.*?)</form>', shown, re.DOTALL)
    to_here = [one for one in forms if f'action="{address}"' in one] or [
        one for one in forms if move == "more_time" and "action=" not in one.partition(">")[0]
    ]
    assert to_here
    assert all(f'name="of-project" value="{theirs.pk}"' in one for one in to_here)
    meant = client.post(address, form | {"of-project": str(theirs.pk)})
    assert meant.status_code == 302
