"""A single earlier wording of a response is taken away: readers see that there was one."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from lms.accounts.models import User
from lms.core.errors import Conflict, InvalidInput, PermissionDenied
from lms.core.models import AuditEvent
from lms.programme.models import Edition
from peer_exchange.actions import edit_response, respond_to_experience
from peer_exchange.actions.wordings import bring_wording_back, withhold_wording
from peer_exchange.models import Response, WithheldWording
from peer_exchange.tasks import send_wording_withheld
from tests.factories.peer_exchange import published
from tests.factories.programme import coordinator, moderator, participant

pytestmark = pytest.mark.django_db


@pytest.fixture
def author(edition: Edition) -> User:
    return participant(edition)


@pytest.fixture
def response(edition: Edition, author: User, at: datetime) -> Response:
    """Three wordings; somebody's telephone stands in the second."""
    said = respond_to_experience(
        experience=published(edition), body="Ask the clerk.", by=author, at=at
    )
    for minutes, body in ((1, "Ask the clerk on 555-0199."), (2, "Ask the clerk by mail.")):
        said = edit_response(
            response=said, body=body, by=author, at=at + timedelta(minutes=minutes)
        )
    return said


def history(client: Client, person: User, response: Response) -> tuple[str, list[dict[str, Any]]]:
    """What the page and the API say."""
    client.force_login(person)
    slug = response.experience.edition.slug
    page = client.get(reverse("peer_exchange:wordings", args=[slug, response.pk]))
    return page.content.decode(), client.get(f"/api/v1/responses/{response.pk}/history/").json()


def test_readers_see_that_one_was_taken_away_and_none_of_its_words(
    response: Response, author: User, edition: Edition, client: Client, at: datetime
) -> None:
    mod, reader = moderator(edition), participant(edition)
    withhold_wording(response=response, number=2, reason="A private number.", by=mod, at=at)
    for person in (reader, coordinator(edition)):
        page, rows = history(client, person, response)
        # Not struck through in the wording that followed it either.
        assert ("555-0199" in page, "A private number." in page) == (False, False)
        assert "A moderator took this wording away" in page
        assert [row["body"] for row in rows] == ["Ask the clerk.", "", "Ask the clerk by mail."]
        assert [bool(row["withheld_at"]) for row in rows] == [False, True, False]
        assert (rows[1]["reason"], rows[1]["abilities"]["bring_back"]) == ("", False)
    for person in (author, mod):
        page, rows = history(client, person, response)
        assert ("555-0199" in page, "A private number." in page) == (True, True)
        assert rows[1]["body"] == "Ask the clerk on 555-0199."
    send_wording_withheld(response_id=response.pk, number=2)
    (letter,) = mail.outbox
    assert (letter.to, "A private number." in letter.body) == ([author.email], True)
    assert "555-0199" not in letter.body


def test_a_moderator_takes_it_away_on_the_page_and_brings_it_back(
    response: Response, edition: Edition, client: Client
) -> None:
    mod = moderator(edition)
    client.force_login(mod)
    place = [edition.slug, response.pk]
    take = reverse("peer_exchange:withhold_wording", args=[*place, 2])
    refused = client.post(take, {"reason": " "})
    assert (refused.status_code, WithheldWording.objects.count()) == (422, 0)
    # What stands there now is hidden with the whole response.
    now = client.post(reverse("peer_exchange:withhold_wording", args=[*place, 3]), {"reason": "x"})
    assert (now.status_code, "hide the response instead" in now.content.decode()) == (409, True)
    assert client.post(take, {"reason": "A private number."}).status_code == 302
    withheld = WithheldWording.objects.get()
    assert (withheld.revision.number, withheld.withheld_by) == (2, mod)
    assert "555-0199" not in history(client, participant(edition), response)[0]
    client.force_login(mod)
    back = reverse("peer_exchange:bring_wording_back", args=[*place, 2])
    assert client.post(back).status_code == 302
    assert "555-0199" in history(client, participant(edition), response)[0]
    verbs = AuditEvent.objects.filter(verb__startswith="response.wording").values_list("verb")
    assert sorted(verb for (verb,) in verbs) == [
        "response.wording_brought_back", "response.wording_withheld",
    ]  # fmt: skip


def test_who_may_take_a_wording_away_and_which(
    response: Response, author: User, edition: Edition, client: Client, at: datetime
) -> None:
    mod = moderator(edition)
    for person in (author, participant(edition), coordinator(edition)):
        with pytest.raises(PermissionDenied):
            withhold_wording(response=response, number=1, reason="No.", by=person, at=at)
    own = respond_to_experience(experience=response.experience, body="My own words.", by=mod, at=at)
    edit_response(response=own, body="My own words, better.", by=mod, at=at)
    with pytest.raises(PermissionDenied):
        withhold_wording(response=own, number=1, reason="Mine.", by=mod, at=at)
    with pytest.raises(InvalidInput):
        withhold_wording(response=response, number=9, reason="None.", by=mod, at=at)
    with pytest.raises(Conflict):
        bring_wording_back(response=response, number=1, by=mod, at=at)
    withhold_wording(response=response, number=1, reason="Once.", by=mod, at=at)
    with pytest.raises(Conflict):
        withhold_wording(response=response, number=1, reason="Twice.", by=mod, at=at)
    client.force_login(mod)
    body = {"number": 1}
    path = f"/api/v1/responses/{response.pk}/bring-wording-back/"
    answer = client.post(path, body, content_type="application/json")
    assert [row["withheld_at"] for row in answer.json()] == [None, None, None]
