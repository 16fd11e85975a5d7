"""A page of a draft that stands open asks what was saved from elsewhere."""

from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from lms.programme.models import Edition
from tests.factories.assessments import hand_in, write
from tests.factories.programme import participant
from tests.factories.teams import mates, team


def test_an_open_page_asks_for_what_a_team_mate_saved_and_nothing_is_read_for_nothing(
    client: Client, edition: Edition
) -> None:
    submission = team(edition)
    client.force_login(mates(submission)[1].user)
    address = reverse("assessments:draft_news", args=[edition.slug]) + f"?project={submission.pk}"

    def ask(version: int, **headers: str) -> Any:
        sent = {"X-Requested-With": "fetch", "If-None-Match": f'"{version}"', **headers}
        return client.get(address, headers=sent)

    ask(0)  # the session is remembered
    with CaptureQueriesContext(connection) as same:
        nothing = ask(0)
    write(submission)
    news = ask(0)
    with CaptureQueriesContext(connection) as same_of_much:
        assert ask(1).status_code == 304

    assert (nothing.status_code, nothing.content) == (304, b"")
    assert len(same) == len(same_of_much) <= 2
    assert not any("sections" in query["sql"] for query in same_of_much.captured_queries)
    assert (news.status_code, news["ETag"]) == (200, '"1"')
    assert news.json() == {
        "version": 1,
        "values": {key: f"<p>Our city on {key}.</p>" for key in ("context", "objectives", "notes")},
    }
    hand_in(submission)
    assert ask(1).json()["resting"].startswith("Your project is submitted.")
    assert ask(1, **{"X-Person": "999999"}).status_code == 401
    client.force_login(participant(edition))
    assert ask(1).status_code == 404
