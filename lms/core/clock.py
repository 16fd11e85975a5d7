"""The time as actions receive it, and deadlines as people read them."""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


def now() -> datetime:
    return timezone.now()


def instant_of(wall: datetime, zone: str) -> datetime:
    """The UTC instant of a wall time (naive) in an IANA zone (invariant 12).

    In the hour that a clock change repeats, the later reading is taken, which
    favours the person with the deadline; a time that the change skips is read
    with the offset before it and so falls after the gap.
    """
    if wall.tzinfo is not None:
        raise ValueError("A wall time carries no offset.")
    zoned = [wall.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC) for fold in (0, 1)]
    return max(zoned)


def days_later(instant: datetime, days: int, zone: str) -> datetime:
    """The same time on the clock of `zone`, so many days later (or earlier): across a
    clock change that is not a multiple of 24 hours."""
    wall = instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    return instant_of(wall + timedelta(days=days), zone)


def months_later(day: date, months: int) -> date:
    """The same day of a later month; its last day where the month is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


@cache
def known_zones() -> frozenset[str]:
    """IANA names. Looking for them opens every file of the zone database."""
    return frozenset(available_timezones())


def validate_zone(value: str) -> None:
    if value not in known_zones():
        raise ValidationError(_("“%(zone)s” is not a time zone we know."), params={"zone": value})
