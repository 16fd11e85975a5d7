"""Reads of transfers: lists, what waits for whom, who may do what."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from lms.accounts.models import City, User
from lms.core import clock
from lms.core.permissions import may_in_person
from lms.programme.models import Edition
from lms.programme.selectors import standing_of
from peer_exchange.enums import (
    BETWEEN_THE_TWO,
    Answer,
    TalkStatus,
    TransferStatus,
    Visibility,
)
from peer_exchange.models import CityExperience, FollowUp, Talk, Transfer, TransferEvent
from peer_exchange.workflow import TRANSFER_MOVES

Transfers = QuerySet[Transfer]
ASKED_AT_A_TIME = 500


def transfers_of_edition(user: User, edition: Edition) -> Transfers:
    """Those a reader may see of an edition, newest first."""
    return Transfer.objects.visible_to(user).filter(edition=edition).with_words().order_by("-pk")


def follow_ups_to_ask(at: datetime) -> list[FollowUp]:
    """Due, not asked yet, and of a transfer that goes on. Oldest first, some at a time."""
    due = FollowUp.objects.filter(
        due_at__lte=at, asked_at__isnull=True, answered_at__isnull=True
    ).exclude(transfer__status=TransferStatus.STOPPED)
    return list(due.select_related("transfer").order_by("due_at")[:ASKED_AT_A_TIME])


def waiting_for_word(user: User) -> Transfers:
    """Claims about practices of the reader's cities that nobody there has answered."""
    cities = standing_of(user).cities
    return (
        Transfer.objects.filter(source_city__in=cities, answer=Answer.WAITING)
        .exclude(status=TransferStatus.STOPPED)
        .exclude(city__in=cities)
    )


def follow_ups_waiting(user: User, at: datetime) -> QuerySet[FollowUp]:
    """Follow-ups that are due and that the reader's cities have not answered."""
    return FollowUp.objects.filter(
        transfer__city__in=standing_of(user).cities, due_at__lte=at, answered_at__isnull=True
    ).exclude(transfer__status=TransferStatus.STOPPED)


def talks_waiting(user: User, edition: Edition, at: datetime) -> QuerySet[Talk]:
    """Proposals for a time to come that wait for the reader's cities."""
    cities = standing_of(user).team_cities(edition.pk)
    return Talk.objects.filter(
        edition=edition, to_city__in=cities, status=TalkStatus.PROPOSED, starts_at__gt=at
    ).exclude(from_city__in=cities)


def claims_open_to(user: User, experience: CityExperience) -> list[City]:
    """The reader's cities that could say that they are interested; three queries or less."""
    standing = standing_of(user)
    if experience.city_id in standing.cities or not experience.is_out(clock.now()):
        return []
    cities = frozenset().union(
        *(standing.team_cities(of) for of in editions_that_read(user, experience))
    )
    if not cities:
        return []
    claimed = Transfer.objects.filter(experience=experience).exclude(status=TransferStatus.STOPPED)
    return list(City.objects.filter(pk__in=cities).exclude(pk__in=claimed.values("city")))


def editions_that_read(user: User, experience: CityExperience) -> set[int]:
    """Those of the reader's editions whose people read a published text. A city takes up
    what its people there may read: its transfer tells them of it."""
    mine = standing_of(user).edition_ids
    if experience.visibility == Visibility.PUBLIC:
        return set(mine)
    if experience.visibility == Visibility.COHORT:
        return {experience.edition_id} & mine
    of_the_programme = Edition.objects.filter(
        pk__in=mine, programme__editions=experience.edition_id
    )
    return set(of_the_programme.values_list("pk", flat=True))


def transfer_abilities(user: User, transfer: Transfer) -> dict[str, bool]:
    """What the reader may do with it as it stands."""
    moves = may_in_person(user, "peer_exchange.move_transfer", transfer)
    answers = may_in_person(user, "peer_exchange.answer_transfer", transfer)
    is_disputed = transfer.answer == Answer.DISPUTED
    goes_on = bool(next_steps(transfer))
    return {
        "move": moves and goes_on,
        "add_evidence": moves,
        "answer_follow_ups": moves,
        "ask_again": moves and is_disputed and transfer.status != TransferStatus.STOPPED,
        "take_back": moves,
        "confirm": answers and transfer.answer != Answer.CONFIRMED,
        "dispute": answers and not is_disputed,
    }


def next_steps(transfer: Transfer) -> list[TransferStatus]:
    """Where it may go from here; while the source city disputes it only to the end."""
    steps = TRANSFER_MOVES.moves.get(TransferStatus(transfer.status), ())
    if transfer.answer == Answer.DISPUTED:
        return [TransferStatus.STOPPED] if TransferStatus.STOPPED in steps else []
    return [TransferStatus(step) for step in steps]


def events_for(user: User, transfer: Transfer) -> list[TransferEvent]:
    """The history. What the two cities settled between them stays between them and staff."""
    events = list(transfer.events.select_related("by").order_by("number"))
    if sees_both_sides(user, transfer):
        return events
    return [event for event in events if event.kind not in BETWEEN_THE_TWO]


def sees_both_sides(user: User, transfer: Transfer) -> bool:
    if user.is_superuser or {transfer.city_id, transfer.source_city_id} & standing_of(user).cities:
        return True
    return bool(user.has_perm("peer_exchange.view_moderation", transfer))


def side_of(user: User, transfer: Transfer) -> str:
    """“adopting”, “source” or “reader”: from which side the reader looks at it."""
    cities = standing_of(user).cities
    if transfer.city_id in cities:
        return "adopting"
    return "source" if transfer.source_city_id in cities else "reader"


def evidence_of(transfer: Transfer, *, with_removed: bool) -> list[Any]:
    pieces = transfer.evidence.select_related("added_by")
    return list(pieces if with_removed else pieces.filter(removed_at=None))


def transfers_of_experience(user: User, experience: CityExperience) -> dict[str, Any]:
    """What stands beside an experience: who takes it up, and whether the reader's city could.
    A text that was never published has none."""
    if experience.published_at is None:
        return {}
    rows = Transfer.objects.visible_to(user).filter(experience=experience).with_words()
    return {
        "rows": list(rows.order_by("-pk")[:10]),
        "cities": claims_open_to(user, experience),
    }
