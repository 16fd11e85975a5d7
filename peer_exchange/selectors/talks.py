"""Talks of somebody's cities, and who may answer them."""

from datetime import datetime

from django.db.models import QuerySet

from lms.accounts.models import User
from lms.core.permissions import may_in_person
from lms.programme.models import Edition
from peer_exchange.enums import TalkStatus
from peer_exchange.models import Talk, TalkSeat
from peer_exchange.selectors.breaks import Slot, breaks_of


def talks_of(user: User, edition: Edition) -> QuerySet[Talk]:
    visible = Talk.objects.visible_to(user).with_words()
    return visible.filter(edition=edition).order_by("starts_at", "pk")


def free_breaks(user: User, edition: Edition, at: datetime) -> list[Slot]:
    """Breaks to come in which somebody has no agreed talk; two queries."""
    seats = TalkSeat.objects.filter(user=user, talk__edition=edition)
    busy = list(seats.values_list("starts_at", "ends_at"))
    return [
        slot
        for slot in breaks_of(edition, at)
        if not any(slot.starts_at < ends and slot.ends_at > starts for starts, ends in busy)
    ]


def talk_abilities(user: User, talk: Talk, at: datetime) -> dict[str, bool]:
    answers = may_in_person(user, "peer_exchange.answer_talk", talk)
    is_open = talk.status == TalkStatus.PROPOSED
    is_ahead = talk.starts_at > at
    is_agreed = talk.status == TalkStatus.ACCEPTED
    return {
        "accept": answers and is_open and is_ahead,
        "decline": answers and is_open,
        "propose_another": answers and is_open,
        "withdraw": is_open and may_in_person(user, "peer_exchange.withdraw_talk", talk),
        "cancel": is_agreed
        and is_ahead
        and may_in_person(user, "peer_exchange.call_off_talk", talk),
        "put_into_calendar": is_agreed,
    }
