"""One-to-one talks in the breaks of the timetable."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from lms.core.errors import Conflict, IllegalMove, InvalidInput, PermissionDenied
from lms.programme.models import Edition
from peer_exchange.actions.talks import (
    accept_talk,
    cancel_talk,
    decline_talk,
    propose_another_time,
    propose_talk,
    withdraw_talk,
)
from peer_exchange.calendar_file import talk_file
from peer_exchange.enums import TalkStatus
from peer_exchange.models import Talk, TalkSeat
from peer_exchange.selectors.breaks import breaks_of
from tests.factories.accounts import AdministratorFactory, CityFactory
from tests.factories.programme import coordinator, moderator
from tests.factories.timetable import SessionFactory
from tests.factories.transfers import BEGUN_AT, BREAK_AT, breaks, city_of, proposed, speaker

pytestmark = pytest.mark.django_db
LATER = BREAK_AT + timedelta(days=1)


def session(edition: Edition, starts: str, ends: str, day: int = 20) -> None:
    def at(words: str) -> datetime:
        hour, minute = map(int, words.split(":"))
        return datetime(2025, 11, day, hour, minute, tzinfo=UTC)

    SessionFactory.create(edition=edition, starts_at=at(starts), ends_at=at(ends))


def times(edition: Edition, at: datetime = BEGUN_AT) -> list[str]:
    return [f"{s.starts_at:%d %H:%M}–{s.ends_at:%H:%M}" for s in breaks_of(edition, at)]


def test_breaks_lie_between_two_sessions_of_a_day(edition: Edition) -> None:
    session(edition, "08:30", "10:00")
    session(edition, "09:00", "11:00")  # beside the first: its end counts
    session(edition, "11:10", "12:00")  # ten minutes: no time for a talk
    session(edition, "12:20", "13:00")  # twenty: a short one
    session(edition, "14:10", "15:00")  # an hour and ten: two, and what is left is too short
    session(edition, "08:30", "10:00", day=21)

    assert times(edition) == ["20 12:00–12:20", "20 13:00–13:30", "20 13:30–14:00"]
    half_past = datetime(2025, 11, 20, 13, 0, tzinfo=UTC)
    assert times(edition, half_past) == ["20 13:30–14:00"]


def test_a_day_is_one_of_the_programmes_zone(edition: Edition) -> None:
    edition.time_zone = "Pacific/Auckland"  # 10:30 UTC is 23:30 there
    edition.save()
    session(edition, "09:00", "10:30")
    session(edition, "12:00", "13:00")
    assert times(edition) == []


def test_a_talk_is_proposed_accepted_and_called_off(
    edition: Edition, django_capture_on_commit_callbacks: Any
) -> None:
    breaks(edition)
    one, other = speaker(edition), speaker(edition)
    with django_capture_on_commit_callbacks(execute=True):
        talk = proposed(edition, one, city_of(other))
    assert [m.to for m in mail.outbox] == [[other.email]]
    assert "Madrid time" in str(mail.outbox[0].body)

    talk = accept_talk(talk=talk, by=other, at=BEGUN_AT)

    assert (talk.status, talk.accepted_by) == (TalkStatus.ACCEPTED, other)
    assert set(talk.seats.values_list("user", flat=True)) == {one.pk, other.pk}
    talk = cancel_talk(talk=talk, reason="The train is late.", by=one, at=BEGUN_AT)
    assert (talk.status, talk.seats.count()) == (TalkStatus.CANCELLED, 0)
    assert accept_talk(talk=proposed(edition, one, city_of(other)), by=other, at=BEGUN_AT)


def test_the_same_proposal_again_is_the_same_talk(edition: Edition) -> None:
    breaks(edition)
    one, other = speaker(edition), speaker(edition)
    assert proposed(edition, one, city_of(other)) == proposed(edition, one, city_of(other))
    assert Talk.objects.count() == 1


def test_another_time_turns_the_question_round(edition: Edition) -> None:
    breaks(edition)
    breaks(edition, LATER)
    one, other = speaker(edition), speaker(edition)
    first = proposed(edition, one, city_of(other))
    with pytest.raises(InvalidInput):
        propose_another_time(talk=first, starts_at=BREAK_AT, by=other, at=BEGUN_AT)

    second = propose_another_time(
        talk=first, starts_at=LATER, reason="We travel then.", by=other, at=BEGUN_AT
    )

    first.refresh_from_db()
    assert (first.status, first.answer) == (TalkStatus.MOVED, "We travel then.")
    assert (second.from_city, second.to_city, second.replaces) == (
        city_of(other), city_of(one), first,
    )  # fmt: skip
    with pytest.raises(PermissionDenied):
        accept_talk(talk=second, by=other, at=BEGUN_AT)
    assert accept_talk(talk=second, by=one, at=BEGUN_AT).accepted_by == one


def test_nobody_is_booked_twice(edition: Edition) -> None:
    """Neither who proposed nor who accepts, whatever the talks."""
    breaks(edition)
    one, second, third = speaker(edition), speaker(edition), speaker(edition)
    to_second = proposed(edition, one, city_of(second))
    to_third = proposed(edition, one, city_of(third))
    back = proposed(edition, third, city_of(second))
    accept_talk(talk=to_second, by=second, at=BEGUN_AT)

    for talk, by in ((to_third, third), (back, second)):
        with pytest.raises(Conflict):
            accept_talk(talk=talk, by=by, at=BEGUN_AT)
    with pytest.raises(Conflict):
        proposed(edition, one, city_of(third), starts_at=BREAK_AT)
        proposed(edition, second, city_of(third))
    colleague = speaker(edition, city_of(second))  # somebody else of the city is free
    assert accept_talk(talk=back, by=colleague, at=BEGUN_AT).accepted_by == colleague
    with pytest.raises(IntegrityError), transaction.atomic():
        TalkSeat.objects.create(
            talk=to_third, user=one, starts_at=BREAK_AT, ends_at=BREAK_AT + timedelta(minutes=5)
        )


def test_who_may_not_answer_or_propose(edition: Edition) -> None:
    breaks(edition)
    one, other = speaker(edition), speaker(edition)
    talk = proposed(edition, one, city_of(other))
    strangers = [one, speaker(edition), coordinator(edition), AdministratorFactory.create()]
    for by in strangers:
        with pytest.raises(PermissionDenied):
            accept_talk(talk=talk, by=by, at=BEGUN_AT)
        with pytest.raises(PermissionDenied):
            decline_talk(talk=talk, by=by, at=BEGUN_AT)
    with pytest.raises(PermissionDenied):
        withdraw_talk(talk=talk, by=other, at=BEGUN_AT)
    for by, from_city, to_city in (
        (other, city_of(one), city_of(other)),  # in another city's name
        (moderator(edition), city_of(one), city_of(other)),
        (one, city_of(one), CityFactory.create()),  # nobody of that city is there
    ):
        with pytest.raises(PermissionDenied):
            propose_talk(
                edition=edition, from_city=from_city, to_city=to_city, starts_at=BREAK_AT,
                by=by, at=BEGUN_AT,
            )  # fmt: skip
    with pytest.raises(Conflict):
        proposed(edition, one, city_of(one))
    with pytest.raises(InvalidInput):
        proposed(edition, one, city_of(other), starts_at=BREAK_AT + timedelta(minutes=1))


def test_what_is_past_or_answered_is_not_accepted(edition: Edition) -> None:
    breaks(edition)
    one, other = speaker(edition), speaker(edition)
    talk = proposed(edition, one, city_of(other))
    with pytest.raises(Conflict):
        accept_talk(talk=talk, by=other, at=BREAK_AT)
    declined = decline_talk(talk=talk, reason="", by=other, at=BEGUN_AT)
    assert declined.status == TalkStatus.DECLINED
    for act, by in ((accept_talk, other), (withdraw_talk, one), (cancel_talk, one)):
        with pytest.raises(IllegalMove):
            act(talk=talk, by=by, at=BEGUN_AT)


def test_the_calendar_file_holds_one_event_whatever_is_typed(edition: Edition) -> None:
    breaks(edition)
    one = speaker(edition, CityFactory.create(name="Nairobi; the green, city"))
    other = speaker(edition, CityFactory.create(name="Québec"))
    talk = propose_talk(
        edition=edition, from_city=city_of(one), to_city=city_of(other), starts_at=BREAK_AT,
        about="Harbour,\u2028END:VEVENT; " + "水" * 60, place="Room\\1", by=one, at=BEGUN_AT,
    )  # fmt: skip
    talk = accept_talk(talk=talk, by=other, at=BEGUN_AT)

    answer = talk_file(talk)

    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    raw = answer.content
    lines = raw.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert [b"\n" in line for line in lines].count(True) == 0
    text = raw.decode().replace("\r\n ", "")
    events = [line for line in text.split("\r\n") if line in ("BEGIN:VEVENT", "END:VEVENT")]
    assert events == ["BEGIN:VEVENT", "END:VEVENT"]
    assert "DTSTART:20251120T100000Z" in text
    assert "DTEND:20251120T103000Z" in text
    assert "SUMMARY:Nairobi\\; the green\\, city and Québec: a talk" in text
    assert "LOCATION:Room\\\\1" in text
    assert "水" * 60 in text
