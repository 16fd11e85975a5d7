"""Cleared with an embargo: nobody but the city and the moderators reads it before, anywhere."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core import mail
from django.test import Client
from django.urls import reverse

from lms.core import clock
from lms.core.errors import Conflict, InvalidInput, PermissionDenied
from lms.programme.models import Edition
from peer_exchange.actions import change_embargo, clear_experience, publish_experience
from peer_exchange.models import CityExperience
from peer_exchange.tasks import send_experience_published
from tests.factories.peer_exchange import submitted, waiting
from tests.factories.programme import city_team_member, instructor, moderator, participant

pytestmark = pytest.mark.django_db


def embargoed(edition: Edition, **fields: Any) -> CityExperience:
    """Published, public, and not to be read before the day after tomorrow."""
    now = clock.now()
    experience = waiting(
        edition, visibility="public", embargo_until=now + timedelta(days=2), **fields
    )
    return publish_experience(experience=experience, base_version=3, by=moderator(edition), at=now)


def test_embargo_is_set_with_the_clearance(edition: Edition) -> None:
    experience, at = submitted(edition), clock.now()

    def clear(until: datetime) -> CityExperience:
        return clear_experience(
            experience=experience, base_version=3, official="A. Mayor", embargo_until=until,
            by=experience.created_by, at=at,
        )  # fmt: skip

    for until in (at, at - timedelta(seconds=1), at + timedelta(days=400)):
        with pytest.raises(InvalidInput) as refusal:
            clear(until)
        assert list(refusal.value.errors) == ["embargo_until"]
    assert clear(at + timedelta(microseconds=1)).embargo_until == at + timedelta(microseconds=1)


def test_only_the_city_and_moderators_read_an_embargoed_text(edition: Edition) -> None:
    experience = embargoed(edition)
    city = experience.city

    def read_by(person: Any) -> bool:
        return CityExperience.objects.visible_to(person).filter(pk=experience.pk).exists()

    assert read_by(experience.created_by)
    assert read_by(city_team_member(edition, city))
    assert read_by(moderator(edition))
    for other in (participant(edition), instructor(edition), AnonymousUser()):
        assert not read_by(other)
    assert not CityExperience.objects.readable().filter(pk=experience.pk).exists()

    CityExperience.objects.update(embargo_until=clock.now())
    assert read_by(participant(edition))
    assert read_by(AnonymousUser())


def test_embargoed_text_is_behind_every_door(edition: Edition, client: Client) -> None:
    experience = embargoed(edition, title="Secret until the vote")
    peer = participant(edition)
    at = [edition.slug, experience.pk]
    for person in (None, peer):
        client.logout()
        if person:
            client.force_login(person)
        for name in ("detail", "document", "card", "versions", "history", "changes"):
            answer = client.get(reverse(f"peer_exchange:{name}", args=at))
            assert answer.status_code in (302, 404), name
        version = reverse("peer_exchange:version", args=[*at, 1])
        assert client.get(version).status_code in (302, 404)
        sitemap = b"".join(client.get("/sitemap.xml").streaming_content)  # type: ignore[attr-defined]
        assert f"/{experience.pk}/".encode() not in sitemap
    listed = client.get(reverse("peer_exchange:list", args=[edition.slug])).content.decode()
    assert "Secret until the vote" not in listed
    for path in ("experiences/", "experience-revisions/", f"experiences/{experience.pk}/"):
        answer = client.get(f"/api/v1/{path}").content.decode()
        assert "Secret until the vote" not in answer
    respond = reverse("peer_exchange:respond", args=at)
    assert client.post(respond, {"body": "I have seen it."}).status_code == 404


def test_city_ends_the_embargo_and_cannot_take_back_what_was_read(edition: Edition) -> None:
    experience, now = embargoed(edition), clock.now()
    author = experience.created_by
    with pytest.raises(PermissionDenied):
        change_embargo(experience=experience, embargo_until=None, by=moderator(edition), at=now)
    later = change_embargo(
        experience=experience, embargo_until=now + timedelta(days=9), by=author, at=now
    )
    assert later.published_at == now + timedelta(days=9)

    ended = change_embargo(experience=experience, embargo_until=None, by=author, at=now)

    assert (ended.embargo_until, ended.published_at) == (None, now)
    assert CityExperience.objects.visible_to(participant(edition)).count() == 1
    with pytest.raises(Conflict):
        change_embargo(
            experience=experience, embargo_until=now + timedelta(days=1), by=author, at=now
        )


def test_authors_are_told_that_the_embargo_stands(edition: Edition) -> None:
    experience = embargoed(edition)
    mail.outbox.clear()
    send_experience_published(experience.pk)
    assert "Its embargo stands" in str(mail.outbox[0].body)


def test_mails_about_ones_own_text_stop_with_one_click(edition: Edition, client: Client) -> None:
    experience = embargoed(edition)
    send_experience_published(experience.pk)
    headers = mail.outbox[-1].extra_headers
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = headers["List-Unsubscribe"].strip("<>")
    client.post("/" + address.split("/", 3)[3], {"List-Unsubscribe": "One-Click"})

    mail.outbox.clear()
    send_experience_published(experience.pk)
    assert mail.outbox == []


def test_embargo_is_set_and_ended_on_pages(edition: Edition, client: Client) -> None:
    experience = submitted(edition)
    client.force_login(experience.created_by)
    at = [edition.slug, experience.pk]
    day = (clock.now() + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")
    client.post(
        reverse("peer_exchange:clearance", args=at),
        {"official": "A. Mayor", "base_version": "3", "embargo_until": day},
    )
    assert CityExperience.objects.get().embargo_until is not None
    page = reverse("peer_exchange:embargo", args=at)
    assert client.get(page).status_code == 200
    assert client.post(page, {"embargo_until": "2020-01-01T10:00"}).status_code == 422
    assert client.post(page, {"embargo_until": ""}).status_code == 302
    assert CityExperience.objects.get().embargo_until is None
    client.force_login(moderator(edition))
    assert client.get(page).status_code == 403
