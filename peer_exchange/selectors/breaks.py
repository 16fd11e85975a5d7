"""The breaks of an edition's timetable: between two sessions of a day, in its zone."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from lms.programme.models import Edition
from lms.timetable.models import Session

TALK_LENGTH = timedelta(minutes=30)
SHORTEST = timedelta(minutes=15)  # a shorter break is for walking from room to room


@dataclass(frozen=True)
class Slot:
    """Half an hour, or what a short break leaves; `before` is the session that follows."""

    starts_at: datetime
    ends_at: datetime
    after: str
    before: str


def breaks_of(edition: Edition, at: datetime) -> list[Slot]:
    """Slots that are still to come, in one query. Sessions that overlap leave no break."""
    zone = ZoneInfo(edition.time_zone)
    ahead = Session.objects.filter(edition=edition, ends_at__gt=at - timedelta(days=1)).order_by(
        "starts_at", "pk"
    )
    slots: list[Slot] = []
    last: Session | None = None
    for session in ahead:
        if (
            last
            and last.ends_at.astimezone(zone).date() == session.starts_at.astimezone(zone).date()
        ):
            slots += _slots(last, session)
        if last is None or session.ends_at > last.ends_at:
            last = session
    return [slot for slot in slots if slot.starts_at > at]


def _slots(last: Session, following: Session) -> list[Slot]:
    slots = []
    starts_at = last.ends_at
    while following.starts_at - starts_at >= SHORTEST:
        ends_at = min(starts_at + TALK_LENGTH, following.starts_at)
        if ends_at - starts_at >= SHORTEST:
            slots.append(Slot(starts_at, ends_at, after=last.title, before=following.title))
        starts_at = ends_at
    return slots
