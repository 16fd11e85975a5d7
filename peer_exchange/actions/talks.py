"""One-to-one talks in the breaks of the timetable. Nobody is booked twice."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lms.accounts.models import City, User
from lms.core import audit, outbox
from lms.core.errors import Conflict, InvalidInput, PermissionDenied
from lms.core.permissions import require_in_person
from lms.core.transitions import require_move
from lms.programme.models import Edition
from lms.programme.selectors import standing_of
from peer_exchange import tasks
from peer_exchange.actions.cleaning import clean_line
from peer_exchange.actions.pace import require_pace
from peer_exchange.enums import TalkStatus
from peer_exchange.models import Talk, TalkSeat
from peer_exchange.models.talk import NOTE_MAX, PLACE_MAX
from peer_exchange.selectors.breaks import breaks_of
from peer_exchange.selectors.cities import cities_of_edition
from peer_exchange.workflow import TALK_MOVES

K = TalkStatus
OPEN_PROPOSALS_MOST = 20
PROPOSALS_AN_HOUR = 20


@transaction.atomic
def propose_talk(
    *,
    edition: Edition,
    from_city: City,
    to_city: City,
    starts_at: datetime,
    about: str = "",
    place: str = "",
    by: User,
    at: datetime,
) -> Talk:
    """Ask another city for a talk in a break that is still to come.

    The same proposal again is the same talk. Raises InvalidInput for an instant at which
    no break begins, Conflict where the proposer has a talk then.
    """
    return _propose(
        edition=edition, from_city=from_city, to_city=to_city, starts_at=starts_at,
        about=about, place=place, by=by, at=at,
    )  # fmt: skip


def _propose(
    *,
    edition: Edition,
    from_city: City,
    to_city: City,
    starts_at: datetime,
    about: str,
    place: str,
    by: User,
    at: datetime,
    replaces: Talk | None = None,
) -> Talk:
    _lock_people([by.pk])
    talk = Talk(
        edition=edition, from_city=from_city, to_city=to_city, starts_at=starts_at,
        proposed_at=at, proposed_by=by, replaces=replaces,
    )  # fmt: skip
    if from_city.pk == to_city.pk:
        raise Conflict(_("A talk is with another city."))
    require_in_person(by, "peer_exchange.propose_talk", talk)
    if not cities_of_edition(edition).filter(pk=to_city.pk).exists():
        raise PermissionDenied
    slot = next((slot for slot in breaks_of(edition, at) if slot.starts_at == starts_at), None)
    if slot is None:
        raise InvalidInput(errors={"starts_at": [_("Choose one of the breaks that are offered.")]})
    talk.ends_at = slot.ends_at
    talk.about = clean_line(about, field="about", max_length=NOTE_MAX)
    talk.place = clean_line(place, field="place", max_length=PLACE_MAX)
    same = Talk.objects.filter(
        edition=edition, from_city=from_city, to_city=to_city, starts_at=starts_at,
        status=K.PROPOSED,
    ).first()  # fmt: skip
    if same and replaces is None:
        return same
    if same:
        raise Conflict(_("Your city has proposed this time already."))
    waiting = Talk.objects.filter(edition=edition, from_city=from_city, status=K.PROPOSED)
    if waiting.filter(starts_at__gt=at).count() >= OPEN_PROPOSALS_MOST:
        raise Conflict(_("Many of your city’s proposals wait for an answer. Withdraw one first."))
    _require_free([by.pk], talk)
    require_pace(
        Talk.objects.filter(proposed_by=by), "proposed_at", most=PROPOSALS_AN_HOUR, by=by, at=at,
        sentence=_("You have proposed many talks within an hour. Continue a little later."),
    )  # fmt: skip
    talk.save()
    audit.record(by=by, verb="talk.proposed", target=talk, at=at, to_city=to_city.pk)
    outbox.enqueue(tasks.send_talk_proposed, talk_id=talk.pk)
    return talk


@transaction.atomic
def accept_talk(*, talk: Talk, by: User, at: datetime) -> Talk:
    """Say yes, for oneself: the one who accepts is the one who comes.

    Raises Conflict when either of the two has another talk at that time, or it is past.
    """
    # People first, then the talk: whoever of them is being booked elsewhere waits here.
    _lock_people([talk.proposed_by_id, by.pk])
    talk = _locked(talk)
    require_in_person(by, "peer_exchange.answer_talk", talk)
    require_move(TALK_MOVES, talk.status, K.ACCEPTED)
    if talk.starts_at <= at:
        raise Conflict(_("This time is past. Propose another one."))
    if talk.from_city_id not in standing_of(talk.proposed_by).team_cities(talk.edition_id):
        raise Conflict(_("Whoever proposed this takes part no more. Propose a talk yourself."))
    _require_free([talk.proposed_by_id, by.pk], talk)
    talk.accepted_by = by
    _answer(talk, K.ACCEPTED, by=by, at=at)
    TalkSeat.objects.bulk_create(
        TalkSeat(talk=talk, user_id=who, starts_at=talk.starts_at, ends_at=talk.ends_at)
        for who in (talk.proposed_by_id, by.pk)
    )
    return talk


@transaction.atomic
def decline_talk(*, talk: Talk, reason: str = "", by: User, at: datetime) -> Talk:
    """Say no; a word why is welcome and not asked for."""
    talk = _locked(talk)
    require_in_person(by, "peer_exchange.answer_talk", talk)
    require_move(TALK_MOVES, talk.status, K.DECLINED)
    return _answer(talk, K.DECLINED, by=by, at=at, words=reason)


@transaction.atomic
def propose_another_time(
    *, talk: Talk, starts_at: datetime, reason: str = "", by: User, at: datetime
) -> Talk:
    """Answer a proposal with another break: now the city that asked first is asked."""
    _lock_people([by.pk])
    talk = _locked(talk)
    require_in_person(by, "peer_exchange.answer_talk", talk)
    require_move(TALK_MOVES, talk.status, K.MOVED)
    if starts_at == talk.starts_at:
        raise InvalidInput(errors={"starts_at": [_("Choose another time than the one proposed.")]})
    _answer(talk, K.MOVED, by=by, at=at, words=reason, is_told=False)
    return _propose(
        edition=talk.edition, from_city=talk.to_city, to_city=talk.from_city,
        starts_at=starts_at, about=talk.about, place=talk.place, by=by, at=at, replaces=talk,
    )  # fmt: skip


@transaction.atomic
def withdraw_talk(*, talk: Talk, by: User, at: datetime) -> Talk:
    """Take back one's city's proposal while nobody has answered."""
    talk = _locked(talk)
    require_in_person(by, "peer_exchange.withdraw_talk", talk)
    require_move(TALK_MOVES, talk.status, K.WITHDRAWN)
    return _answer(talk, K.WITHDRAWN, by=by, at=at)


@transaction.atomic
def cancel_talk(*, talk: Talk, reason: str = "", by: User, at: datetime) -> Talk:
    """Call an agreed talk off; both are free again at that time."""
    talk = _locked(talk)
    require_in_person(by, "peer_exchange.call_off_talk", talk)
    require_move(TALK_MOVES, talk.status, K.CANCELLED)
    talk.seats.all().delete()
    return _answer(talk, K.CANCELLED, by=by, at=at, words=reason)


def _locked(talk: Talk) -> Talk:
    return Talk.objects.select_for_update().get(pk=talk.pk)


def _lock_people(ids: list[int]) -> None:
    """In the order of their numbers, so that two bookings never wait for each other."""
    people = User.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    list(people.values_list("pk", flat=True))


def _require_free(people: list[int], talk: Talk) -> None:
    busy = TalkSeat.objects.filter(
        user__in=people, starts_at__lt=talk.ends_at, ends_at__gt=talk.starts_at
    )
    if busy.exists():
        raise Conflict(_("One of you has another talk at this time. Propose another one."))


def _answer(
    talk: Talk, status: TalkStatus, *, by: User, at: datetime, words: str = "", is_told: bool = True
) -> Talk:
    talk.answer = clean_line(words, field="reason", max_length=NOTE_MAX)
    talk.status = status
    talk.answered_at, talk.answered_by = at, by
    talk.save(update_fields=["status", "answer", "answered_at", "answered_by", "accepted_by"])
    audit.record(by=by, verb=f"talk.{status.value}", target=talk, at=at)
    if is_told:
        outbox.enqueue(tasks.send_talk_answered, talk_id=talk.pk, status=status.value)
    return talk
