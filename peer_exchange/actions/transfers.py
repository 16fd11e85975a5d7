"""A city takes up another's practice: it says so, step by step; the source city answers."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lms.accounts.models import City, User
from lms.core import audit, clock, outbox
from lms.core.errors import Conflict, IllegalMove, PermissionDenied, StaleVersion
from lms.core.permissions import require_in_person
from lms.core.text import clean_reason
from lms.core.transitions import require_move
from lms.programme.selectors import standing_of
from peer_exchange import tasks
from peer_exchange.actions.cleaning import REASON_MAX
from peer_exchange.actions.drafts import locked as locked_experience
from peer_exchange.actions.pace import require_pace
from peer_exchange.enums import (
    ASKS_FOR_A_WORD,
    Answer,
    TransferEventKind,
    TransferStatus,
)
from peer_exchange.models import CityExperience, FollowUp, Transfer, TransferEvent
from peer_exchange.models.transfer import FOLLOW_UP_MONTHS
from peer_exchange.rules import may_read
from peer_exchange.selectors.transfers import editions_that_read
from peer_exchange.workflow import ANSWER_MOVES, TRANSFER_MOVES

S, Kind = TransferStatus, TransferEventKind
ASKING_HOUR = time(9)
EVENTS_AN_HOUR = 30
TAKE_BACK_WITHIN = timedelta(hours=24)
# Events after which a step can no longer be taken back: somebody has built on it.
_SETTLING = (Kind.CONFIRMED, Kind.DISPUTED, Kind.ASKED_AGAIN)


def locked_transfer(transfer: Transfer) -> Transfer:
    """The row as it is now, held until the transaction ends: every write competes for it."""
    return Transfer.objects.select_for_update().get(pk=transfer.pk)


def append_event(
    transfer: Transfer,
    kind: TransferEventKind,
    *,
    by: User | None,
    at: datetime,
    why: str = "",
    from_status: str | None = None,
) -> TransferEvent:
    """The next event of a locked transfer, and its line in the audit trail. Raises TooMany:
    the other city is written to of nearly each."""
    if by is not None:
        require_pace(
            TransferEvent.objects.filter(by=by), "at", most=EVENTS_AN_HOUR, by=by, at=at,
            sentence=_("You have said a great deal within an hour. Continue a little later."),
        )  # fmt: skip
    event = TransferEvent.objects.create(
        transfer=transfer,
        number=transfer.events.count() + 1,
        kind=kind,
        from_status=transfer.status if from_status is None else from_status,
        to_status=transfer.status,
        why=why,
        at=at,
        by=by,
    )
    audit.record(
        by=by, verb=f"transfer.{kind.value}", target=transfer, at=at,
        number=event.number, status=transfer.status,
    )  # fmt: skip
    return event


@transaction.atomic
def claim_transfer(
    *, experience: CityExperience, city: City, why: str, by: User, at: datetime
) -> Transfer:
    """Say that one's city is interested in another city's published practice.

    Raises Conflict (with `transfer`, its id) when the city has said so before, for a text
    that is not published and for one's own city's; PermissionDenied for a text one may
    not read and a city one does not speak for.
    """
    experience = locked_experience(experience)
    transfer = Transfer(
        experience=experience, source_city_id=experience.city_id, city=city, claimed_at=at,
        claimed_by=by, moved_at=at,
    )  # fmt: skip
    by.forget_roles()
    if city.pk == experience.city_id and city.pk in standing_of(by).cities:
        raise Conflict(_("This is your own city’s experience: another city can take it up."))
    require_in_person(by, "peer_exchange.claim_transfer", transfer)
    if not may_read(by, experience):
        raise PermissionDenied
    if not experience.is_out(at):
        raise Conflict(_("Only a published experience can be taken up."))
    open_one = Transfer.objects.filter(experience=experience, city=city).exclude(status=S.STOPPED)
    if before := open_one.first():
        raise Conflict(_("Your city has already said that it is interested."), transfer=before.pk)

    transfer.why = clean_reason(why, field="why", longest=REASON_MAX)
    transfer.edition_id = _edition_of_claim(experience, city, by=by)
    transfer.save()
    append_event(transfer, Kind.CLAIMED, by=by, at=at, why=transfer.why, from_status="")
    FollowUp.objects.bulk_create(_follow_ups(transfer, at=at))
    outbox.enqueue(tasks.send_transfer_claimed, transfer_id=transfer.pk)
    return transfer


def _edition_of_claim(experience: CityExperience, city: City, *, by: User) -> int:
    """The experience's own edition where the city takes part in it, else the city's latest
    of those whose people read the text: to them the transfer tells of it."""
    standing = standing_of(by)
    reading = editions_that_read(by, experience)
    here = [e for e in reading if city.pk in standing.team_cities(e)]
    if not here:
        raise Conflict(_("The people of this city may not read the text that you read."))
    return experience.edition_id if experience.edition_id in here else max(here)


def _follow_ups(transfer: Transfer, *, at: datetime) -> list[FollowUp]:
    zone = transfer.city.time_zone
    today = at.astimezone(ZoneInfo(zone)).date()
    rows = []
    for months in FOLLOW_UP_MONTHS:
        due_on = clock.months_later(today, months)
        due_at = clock.instant_of(datetime.combine(due_on, ASKING_HOUR), zone)
        rows.append(FollowUp(transfer=transfer, months=months, due_on=due_on, due_at=due_at))
    return rows


@transaction.atomic
def move_transfer(
    *, transfer: Transfer, base_version: int, to: str, why: str, by: User, at: datetime
) -> Transfer:
    """One step on, or stopped: said by the adopting city, with what it did and why.

    A result (adopted, sustained) asks the source city for its word anew. Raises
    StaleVersion, IllegalMove; Conflict while the claim is disputed.
    """
    transfer = locked_transfer(transfer)
    require_in_person(by, "peer_exchange.move_transfer", transfer)
    if to not in S.values:
        raise IllegalMove(machine=TRANSFER_MOVES.name, current=transfer.status, requested=str(to))
    require_move(TRANSFER_MOVES, transfer.status, to)
    _require_read(transfer, base_version)
    if transfer.answer == Answer.DISPUTED and to != S.STOPPED:
        raise Conflict(
            _("The source city disputes this. Talk to them and ask again, or stop with a reason.")
        )
    why = clean_reason(why, field="why", longest=REASON_MAX)

    before, transfer.status, transfer.moved_at = transfer.status, to, at
    if to == S.STOPPED:
        transfer.stopped_at, transfer.stopped_by, transfer.stopped_reason = at, by, why
    elif to in ASKS_FOR_A_WORD:
        _answer(transfer, Answer.WAITING)
    _save(transfer)
    append_event(transfer, Kind.MOVED, by=by, at=at, why=why, from_status=before)
    outbox.enqueue(tasks.send_transfer_moved, transfer_id=transfer.pk, status=to)
    return transfer


@transaction.atomic
def take_back_step(*, transfer: Transfer, base_version: int, by: User, at: datetime) -> Transfer:
    """Undo the last step: within a day, and before the source city has answered it. The
    history keeps both."""
    transfer = locked_transfer(transfer)
    require_in_person(by, "peer_exchange.move_transfer", transfer)
    _require_read(transfer, base_version)
    step = step_to_take_back(list(transfer.events.all()), at=at)
    if step is None:
        raise Conflict(_("There is no step that could be taken back now."))
    others = Transfer.objects.filter(experience=transfer.experience_id, city=transfer.city_id)
    if others.exclude(status=S.STOPPED).exclude(pk=transfer.pk).exists():
        raise Conflict(_("Your city has begun anew with this practice meanwhile."))

    before, transfer.status, transfer.moved_at = transfer.status, step.from_status, at
    transfer.stopped_at, transfer.stopped_by, transfer.stopped_reason = None, None, ""
    if before in ASKS_FOR_A_WORD:
        word = transfer.events.filter(number__lt=step.number, kind__in=_SETTLING).last()
        if word and word.kind == Kind.CONFIRMED:
            _answer(transfer, Answer.CONFIRMED, by=word.by, at=word.at)
    _save(transfer)
    append_event(transfer, Kind.TAKEN_BACK, by=by, at=at, from_status=before)
    return transfer


def step_to_take_back(events: list[TransferEvent], *, at: datetime) -> TransferEvent | None:
    """The last step, when nothing has been built on it; `events` in their order."""
    for event in reversed(events):
        if event.kind == Kind.MOVED:
            return event if at - event.at <= TAKE_BACK_WITHIN else None
        if event.kind in (*_SETTLING, Kind.CLAIMED, Kind.TAKEN_BACK):
            return None
    return None


@transaction.atomic
def confirm_transfer(*, transfer: Transfer, base_version: int, by: User, at: datetime) -> Transfer:
    """The source city: yes, they learned this from us, and it is as they say."""
    transfer = _locked_for_answer(transfer, base_version, Answer.CONFIRMED, by=by)
    _answer(transfer, Answer.CONFIRMED, by=by, at=at)
    _save(transfer)
    append_event(transfer, Kind.CONFIRMED, by=by, at=at)
    outbox.enqueue(tasks.send_transfer_answered, transfer_id=transfer.pk, answer=transfer.answer)
    return transfer


@transaction.atomic
def dispute_transfer(
    *, transfer: Transfer, base_version: int, reason: str, by: User, at: datetime
) -> Transfer:
    """The source city: this is not how it was, and why. Readers elsewhere no longer see it."""
    transfer = _locked_for_answer(transfer, base_version, Answer.DISPUTED, by=by)
    reason = clean_reason(reason, longest=REASON_MAX)
    _answer(transfer, Answer.DISPUTED, by=by, at=at, reason=reason)
    _save(transfer)
    append_event(transfer, Kind.DISPUTED, by=by, at=at, why=reason)
    outbox.enqueue(tasks.send_transfer_answered, transfer_id=transfer.pk, answer=transfer.answer)
    return transfer


def _locked_for_answer(
    transfer: Transfer, base_version: int, answer: Answer, *, by: User
) -> Transfer:
    transfer = locked_transfer(transfer)
    require_in_person(by, "peer_exchange.answer_transfer", transfer)
    require_move(ANSWER_MOVES, transfer.answer, answer)
    _require_read(transfer, base_version)
    return transfer


@transaction.atomic
def ask_again(
    *, transfer: Transfer, base_version: int, why: str, by: User, at: datetime
) -> Transfer:
    """The adopting city answers a dispute; the claim waits for the source city again."""
    transfer = locked_transfer(transfer)
    require_in_person(by, "peer_exchange.move_transfer", transfer)
    if transfer.answer != Answer.DISPUTED or transfer.status == S.STOPPED:
        raise Conflict(_("The source city does not dispute this now."))
    require_move(ANSWER_MOVES, transfer.answer, Answer.WAITING)
    _require_read(transfer, base_version)
    why = clean_reason(why, field="why", longest=REASON_MAX)
    _answer(transfer, Answer.WAITING)
    _save(transfer)
    append_event(transfer, Kind.ASKED_AGAIN, by=by, at=at, why=why)
    outbox.enqueue(tasks.send_transfer_claimed, transfer_id=transfer.pk)
    return transfer


def _answer(
    transfer: Transfer,
    answer: Answer,
    *,
    by: User | None = None,
    at: datetime | None = None,
    reason: str = "",
) -> None:
    transfer.answer, transfer.disputed_reason = answer, reason
    transfer.answered_at, transfer.answered_by = at, by


def _require_read(transfer: Transfer, base_version: int) -> None:
    """Nobody answers for a state that changed after they read it (invariant 3)."""
    if base_version != transfer.version:
        stored = {"status": transfer.status, "answer": transfer.answer}
        raise StaleVersion(
            _("Somebody was quicker. Read once more how it stands, then decide."),
            version=transfer.version,
            stored=stored,
        )


def _save(transfer: Transfer) -> None:
    transfer.version += 1
    transfer.save(
        update_fields=[
            "status", "version", "moved_at", "stopped_at", "stopped_by", "stopped_reason",
            "answer", "answered_at", "answered_by", "disputed_reason",
        ]
    )  # fmt: skip
