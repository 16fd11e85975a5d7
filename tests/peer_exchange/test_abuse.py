"""Floods: what one person can send, make others read, or make the machine do."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from rest_framework.throttling import SimpleRateThrottle

from lms.core import clock
from lms.core.errors import Conflict, InvalidInput, TooLarge
from lms.programme.models import Edition
from peer_exchange import actions
from peer_exchange.actions import spreading, telling
from peer_exchange.actions.cities import save_city_profile
from peer_exchange.actions.drafts import MOST_DRAFTS
from peer_exchange.actions.pace import TooMany
from peer_exchange.actions.responses import CHANGES_AN_HOUR, MOST_WORDINGS
from peer_exchange.actions.talks import PROPOSALS_AN_HOUR, withdraw_talk
from peer_exchange.actions.telling import MOST_AT_ONCE
from peer_exchange.actions.transfer_evidence import add_evidence
from peer_exchange.actions.transfers import (
    EVENTS_AN_HOUR,
    confirm_transfer,
    dispute_transfer,
    move_transfer,
)
from peer_exchange.models import (
    CityExperience,
    Notice,
    Response,
    ResponseRevision,
    SharingPolicy,
    Talk,
)
from tests.factories.peer_exchange import draft, published, response_of
from tests.factories.programme import participant
from tests.factories.transfers import BEGUN_AT, breaks, city_of, claimed, proposed, speaker
from tests.races import at_once

pytestmark = pytest.mark.django_db


def test_changing_is_slowed_down_as_writing_is(edition: Edition, at: datetime) -> None:
    """Each wording may call ten people by name who have not been called before."""
    author = participant(edition)
    said = [
        actions.respond_to_experience(
            experience=published(edition), body="In short: yes.", by=author, at=at
        )
        for _ in range(2)
    ]
    for number in range(CHANGES_AN_HOUR):
        actions.edit_response(
            response=said[number % 2], body=f"In other words, number {number}.", by=author, at=at
        )

    with pytest.raises(TooMany):
        actions.edit_response(response=said[0], body="Once more.", by=author, at=at)
    later = at + timedelta(hours=1)
    assert actions.edit_response(response=said[0], body="Once more.", by=author, at=later)


def test_a_response_has_so_many_wordings_and_lines(edition: Edition, at: datetime) -> None:
    """Each page of its history compares them all."""
    author = participant(edition)
    said = response_of(author, published(edition))
    ResponseRevision.objects.bulk_create(
        ResponseRevision(
            response=said, number=number, body="Before.", written_at=at - timedelta(days=2)
        )
        for number in range(1, MOST_WORDINGS + 1)
    )

    with pytest.raises(Conflict):
        actions.edit_response(response=said, body="Once more.", by=author, at=at)
    with pytest.raises(InvalidInput):
        actions.respond_to_experience(
            experience=said.experience, body="a\n" * 20_000, by=author, at=at
        )


def test_a_transfer_that_is_begun_and_stopped_again_floods_nobody(edition: Edition) -> None:
    """Of each of these the source city's people get a mail."""
    experience, by = published(edition), speaker(edition)
    made = 0

    def begin_and_stop() -> None:
        nonlocal made
        transfer = claimed(experience, by=by)
        made += 1
        move_transfer(
            transfer=transfer, base_version=0, to="stopped", why="No.", by=by, at=BEGUN_AT
        )
        made += 1

    with pytest.raises(TooMany):
        for _ in range(EVENTS_AN_HOUR):
            begin_and_stop()
    assert made == EVENTS_AN_HOUR


def test_a_word_given_and_taken_back_floods_nobody(edition: Edition) -> None:
    experience = published(edition)
    transfer = claimed(experience)
    source = speaker(edition, experience.city)

    def change_ones_mind(turn: int) -> None:
        nonlocal transfer
        said = {"transfer": transfer, "base_version": transfer.version, "by": source}
        if turn % 2:
            transfer = dispute_transfer(**said, reason="It was not so.", at=BEGUN_AT)
        else:
            transfer = confirm_transfer(**said, at=BEGUN_AT)

    with pytest.raises(TooMany):
        for turn in range(EVENTS_AN_HOUR + 1):
            change_ones_mind(turn)
    assert transfer.version == EVENTS_AN_HOUR


def test_a_city_leaves_so_many_texts_unfinished(edition: Edition, at: datetime) -> None:
    """Each may hold sixty files of 25 MB."""
    author = participant(edition)
    city = city_of(author)
    for _ in range(MOST_DRAFTS):
        draft(edition, city, author)

    with pytest.raises(Conflict):
        actions.start_experience(edition=edition, city=city, title="Once more", by=author, at=at)
    other = participant(edition)
    assert actions.start_experience(
        edition=edition, city=city_of(other), title="Ours", by=other, at=at
    )


def test_talks_proposed_and_withdrawn_flood_nobody(edition: Edition) -> None:
    breaks(edition)
    by, other = speaker(edition), speaker(edition)

    with pytest.raises(TooMany):
        for _ in range(PROPOSALS_AN_HOUR + 1):
            withdraw_talk(talk=proposed(edition, by, city_of(other)), by=by, at=BEGUN_AT)
    assert Talk.objects.count() == PROPOSALS_AN_HOUR


def test_one_person_is_not_flooded_with_mails(edition: Edition, at: datetime) -> None:
    """However many write to them: above so many an hour the rest comes in one mail."""
    experience = published(edition)
    reader = experience.created_by
    for number in range(MOST_AT_ONCE + 5):
        said = response_of(participant(edition), experience, body=f"Question {number}.", at=at)
        spreading.spread_response(response=said, by=None, at=at)
    mail.outbox.clear()
    soon, later = at + timedelta(minutes=59), at + timedelta(minutes=61)

    for notice in Notice.objects.filter(user=reader):
        telling.tell(notice_id=notice.pk, by=None, at=at)
    assert len(mail.outbox) == MOST_AT_ONCE
    assert spreading.promise_digests(by=None, at=soon) == 0

    assert spreading.promise_digests(by=None, at=later) == 1
    assert telling.tell_in_digest(user=reader, by=None, at=later) == 5
    assert telling.tell_in_digest(user=reader, by=None, at=later) == 0
    last = mail.outbox[-1].body
    assert [f"Question {MOST_AT_ONCE + n}." in last for n in range(5)] == [True] * 5
    assert (len(mail.outbox), Notice.objects.filter(told_at=None).count()) == (MOST_AT_ONCE + 1, 0)


@pytest.mark.parametrize("address", ["card", "document"])
def test_what_costs_much_to_make_is_made_so_often_for_one_reader(
    client: Client, edition: Edition, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    """Nobody has to sign in for a public text: each is made once, and then kept."""
    monkeypatch.setitem(SimpleRateThrottle.THROTTLE_RATES, address, "2/min")
    texts = [published(edition, visibility="public", title=f"Text {n}") for n in range(3)]
    addresses = [
        reverse(f"peer_exchange:{address}", args=[edition.slug, text.pk]) for text in texts
    ]

    statuses = [client.get(one).status_code for one in [*addresses, *addresses]]

    assert statuses == [200, 200, 429, 200, 200, 429]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_the_pace_holds_for_many_texts_at_once(edition: Edition) -> None:
    SharingPolicy.objects.create(edition=edition, max_responses_an_hour=1)
    author, at = participant(edition), clock.now()
    texts = [published(edition) for _ in range(4)]

    def send(number: int) -> Callable[[], Any]:
        return lambda: actions.respond_to_experience(
            experience=texts[number], body=f"Which year was it, {number}?", by=author, at=at
        )

    outcomes = at_once(*(send(number) for number in range(len(texts))))

    assert Response.objects.filter(author=author).count() == 1
    assert sum(isinstance(outcome, TooMany) for outcome in outcomes) == 3


def test_ten_megabytes_are_refused_at_every_door_that_takes_words(
    edition: Edition, at: datetime
) -> None:
    """Never cut: refused whole, before anything is stored."""
    flood = "word " * 2_000_000
    experience, by = published(edition), speaker(edition)
    transfer = claimed(experience, by=by)
    said = response_of(by, experience)
    who: dict[str, Any] = {"by": by, "at": at}
    doors: list[Callable[[], Any]] = [
        lambda: actions.respond_to_experience(experience=experience, body=flood, **who),
        lambda: actions.edit_response(response=said, body=flood, **who),
        lambda: actions.report(experience=experience, reason="other", words=flood, **who),
        lambda: move_transfer(
            transfer=transfer, base_version=0, to="understanding", why=flood, **who
        ),
        lambda: add_evidence(transfer=transfer, title="Plan", note=flood, **who),
        lambda: save_city_profile(
            city=city_of(by), base_version=0, values={"about": flood}, **who
        ),
        lambda: actions.archive_experience(
            experience=experience, base_version=3, reason=flood,
            by=experience.created_by, at=at,
        ),
    ]  # fmt: skip
    before = [Response.objects.values().get(), transfer.events.count()]

    for door in doors:
        with pytest.raises((TooLarge, InvalidInput)):
            door()
    assert [Response.objects.values().get(), transfer.events.count()] == before
    assert CityExperience.objects.get(pk=experience.pk).status == "published"
