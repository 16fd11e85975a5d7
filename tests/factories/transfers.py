"""Cities that take up each other's practices, through the actions.

claimed(experience, city)      → a transfer, just begun, by a new person of the city
at_step(transfer, "adopted")   → the same, moved so far
speaker(edition, city)         → a person who speaks for the city
breaks(edition)                → two sessions of the Monday with half an hour between
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from lms.accounts.models import City, User
from lms.programme.models import Edition
from lms.timetable.models import Session
from peer_exchange.actions.talks import propose_talk
from peer_exchange.actions.transfers import claim_transfer, move_transfer
from peer_exchange.enums import TransferStatus
from peer_exchange.models import CityExperience, Talk, Transfer
from tests.factories.accounts import CityFactory
from tests.factories.programme import participant
from tests.factories.timetable import SessionFactory

BEGUN_AT = datetime(2025, 11, 12, 9, 0, tzinfo=UTC)
BREAK_AT = datetime(2025, 11, 20, 10, 0, tzinfo=UTC)
WAY = [s for s in TransferStatus if s != TransferStatus.STOPPED]


def speaker(edition: Edition, city: City | None = None, **fields: Any) -> User:
    return participant(edition, city or CityFactory.create(), **fields)


def city_of(user: User) -> City:
    return user.enrolments.get().city


def claimed(
    experience: CityExperience, by: User | None = None, at: datetime = BEGUN_AT, **fields: Any
) -> Transfer:
    by = by or speaker(experience.edition)
    fields = {"why": "We have the same river and the same doubts.", **fields}
    return claim_transfer(experience=experience, city=city_of(by), by=by, at=at, **fields)


def at_step(transfer: Transfer, to: str, at: datetime = BEGUN_AT) -> Transfer:
    """Moved along the way up to `to`."""
    for state in WAY[WAY.index(TransferStatus(transfer.status)) + 1 :]:
        transfer = move_transfer(
            transfer=transfer, base_version=transfer.version, to=state,
            why=f"We are {state} now.", by=transfer.claimed_by, at=at,
        )  # fmt: skip
        if state == to:
            break
    return transfer


def breaks(edition: Edition, at: datetime = BREAK_AT) -> list[Session]:
    """One break of half an hour that begins at `at`, between two sessions of an hour."""
    hour, half = timedelta(hours=1), timedelta(minutes=30)
    return [
        SessionFactory.create(edition=edition, starts_at=at - hour, ends_at=at, title="Before"),
        SessionFactory.create(
            edition=edition, starts_at=at + half, ends_at=at + half + hour, title="After"
        ),
    ]


def proposed(
    edition: Edition, by: User, to: City, starts_at: datetime = BREAK_AT, at: datetime = BEGUN_AT
) -> Talk:
    return propose_talk(
        edition=edition, from_city=city_of(by), to_city=to, starts_at=starts_at,
        about="Your river", by=by, at=at,
    )  # fmt: skip


def kinds(transfer: Transfer) -> list[str]:
    """What has happened to it, in order."""
    return list(transfer.events.order_by("number").values_list("kind", flat=True))
