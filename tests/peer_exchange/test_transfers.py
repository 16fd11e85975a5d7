"""A city takes up another's practice: who may say what, and what the history keeps."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from lms.accounts.models import User
from lms.core.errors import (
    Conflict,
    DomainError,
    IllegalMove,
    InvalidInput,
    PermissionDenied,
    StaleVersion,
)
from lms.core.models import OutboxMessage
from lms.programme.models import Edition
from peer_exchange.actions import archive_experience
from peer_exchange.actions.transfers import (
    ask_again,
    claim_transfer,
    confirm_transfer,
    dispute_transfer,
    move_transfer,
    take_back_step,
)
from peer_exchange.enums import Answer, TransferStatus
from peer_exchange.models import Transfer, TransferEvent
from peer_exchange.selectors.flows import draw_flows, flows_of
from peer_exchange.selectors.transfers import events_for, transfer_abilities
from peer_exchange.workflow import ANSWER_MOVES, TRANSFER_MOVES
from tests.factories.accounts import AdministratorFactory, CityFactory
from tests.factories.peer_exchange import draft, published
from tests.factories.programme import (
    EditionFactory,
    ProgrammeFactory,
    city_team_member,
    coordinator,
    moderator,
)
from tests.factories.transfers import BEGUN_AT, WAY, at_step, city_of, claimed, kinds, speaker

pytestmark = pytest.mark.django_db
S = TransferStatus
WHY = "Because it fits our harbour."


def move(transfer: Transfer, to: str, by: User | None = None, **fields: Any) -> Transfer:
    fields = {"why": WHY, "at": BEGUN_AT + timedelta(days=1), **fields}
    return move_transfer(
        transfer=transfer,
        base_version=transfer.version,
        to=to,
        by=by or transfer.claimed_by,
        **fields,
    )


def confirm(transfer: Transfer, by: User, at: datetime = BEGUN_AT) -> Transfer:
    return confirm_transfer(transfer=transfer, base_version=transfer.version, by=by, at=at)


def dispute(transfer: Transfer, by: User, reason: str = "We never met.") -> Transfer:
    return dispute_transfer(
        transfer=transfer, base_version=transfer.version, reason=reason, by=by, at=BEGUN_AT
    )


def test_a_transfer_goes_from_interest_to_staying(edition: Edition) -> None:
    """Transfer: interested → … → sustained; the source confirms the beginning and results."""
    experience = published(edition)
    transfer = claimed(experience)
    source = experience.created_by

    transfer = confirm(transfer, source)
    for state in WAY[1:]:
        transfer = move(transfer, state)
        asks = state in (S.ADOPTED, S.SUSTAINED)
        assert transfer.answer == (Answer.WAITING if asks else Answer.CONFIRMED)
        if asks:
            transfer = confirm(transfer, source)

    assert transfer.status == S.SUSTAINED
    events = list(transfer.events.order_by("number"))
    assert [e.number for e in events] == list(range(1, 11))
    assert [e.to_status for e in events if e.kind in ("claimed", "moved")] == WAY
    assert {e.why for e in events if e.kind == "moved"} == {WHY}
    assert not transfer_abilities(transfer.claimed_by, transfer)["move"]


@pytest.mark.parametrize("start", WAY)
@pytest.mark.parametrize("to", S)
def test_moves_are_those_of_the_table(edition: Edition, start: S, to: S) -> None:
    transfer = at_step(claimed(published(edition)), start) if start != WAY[0] else claimed(
        published(edition)
    )  # fmt: skip
    if TRANSFER_MOVES.allows(start, to):
        assert move(transfer, to).status == to
    else:
        with pytest.raises(IllegalMove):
            move(transfer, to)
        assert Transfer.objects.get().status == start


def test_stopping_says_why_and_a_city_may_begin_anew(edition: Edition) -> None:
    transfer = claimed(published(edition))
    with pytest.raises(InvalidInput):
        move(transfer, S.STOPPED, why="  ")

    stopped = move(transfer, S.STOPPED, why="The law does not let us.")

    assert (stopped.stopped_reason, stopped.stopped_by) == (
        "The law does not let us.", transfer.claimed_by,
    )  # fmt: skip
    again = claimed(stopped.experience, by=transfer.claimed_by)
    assert again.pk != stopped.pk
    with pytest.raises(Conflict):  # the stop cannot be taken back over the new one
        take_back_step(
            transfer=stopped, base_version=stopped.version, by=stopped.claimed_by,
            at=BEGUN_AT + timedelta(days=1),
        )  # fmt: skip


def test_claiming_twice_names_the_first(edition: Edition) -> None:
    transfer = claimed(published(edition))
    colleague = speaker(edition, transfer.city)

    with pytest.raises(Conflict) as refused:
        claimed(transfer.experience, by=colleague)

    assert refused.value.extra["transfer"] == transfer.pk


def test_who_may_not_claim(edition: Edition) -> None:
    """Nobody for another city, for their own practice, of what they may not read."""
    experience = published(edition)
    author, stranger = experience.created_by, speaker(edition)
    nairobi = CityFactory.create(name="Nairobi")

    def claim(by: User, city: Any, of: Any = experience) -> None:
        claim_transfer(experience=of, city=city, why=WHY, by=by, at=BEGUN_AT)

    with pytest.raises(PermissionDenied):
        claim(stranger, nairobi)
    with pytest.raises(Conflict):
        claim(author, experience.city)
    with pytest.raises(PermissionDenied):
        claim(AdministratorFactory.create(), city_of(stranger))
    with pytest.raises(PermissionDenied):
        claim(moderator(edition), city_of(stranger))
    elsewhere = speaker(EditionFactory.create(programme=ProgrammeFactory.create(slug="other")))
    with pytest.raises(PermissionDenied):
        claim(elsewhere, city_of(elsewhere))
    unpublished = draft(edition, city_of(stranger))
    other = speaker(edition)
    with pytest.raises(PermissionDenied):
        claim(other, city_of(other), unpublished)
    both = speaker(edition)  # works for both cities: then it is no transfer
    both.roles.create(edition=edition, role="city_team", city=experience.city)
    with pytest.raises(PermissionDenied):
        claim(both, city_of(both))
    assert Transfer.objects.count() == 0


def test_an_archived_practice_is_no_longer_taken_up(edition: Edition, at: datetime) -> None:
    experience = published(edition)
    archive_experience(
        experience=experience, base_version=3, reason="Old.", by=experience.created_by, at=at
    )
    with pytest.raises(PermissionDenied):
        claimed(experience)


def test_the_source_city_confirms_and_nobody_else(edition: Edition) -> None:
    experience = published(edition)
    transfer = claimed(experience)
    for person in (
        transfer.claimed_by,  # one's own claim
        speaker(edition),
        coordinator(edition),
        AdministratorFactory.create(),
    ):
        with pytest.raises(PermissionDenied):
            confirm(transfer, person)
        with pytest.raises(PermissionDenied):
            dispute(transfer, person)
    both = city_team_member(edition, experience.city)
    both.roles.create(edition=edition, role="city_team", city=transfer.city)
    with pytest.raises(PermissionDenied):
        confirm(transfer, both)

    assert confirm(transfer, experience.created_by).answered_by == experience.created_by


def test_the_source_city_moves_nothing(edition: Edition) -> None:
    transfer = claimed(published(edition))
    with pytest.raises(PermissionDenied):
        move(transfer, S.UNDERSTANDING, by=transfer.experience.created_by)


def test_a_dispute_hides_it_from_others_until_it_is_settled(edition: Edition) -> None:
    experience = published(edition)
    transfer = claimed(experience)
    reader, source = speaker(edition), experience.created_by

    transfer = dispute(transfer, source)

    def sees(user: User) -> bool:
        return Transfer.objects.visible_to(user).filter(pk=transfer.pk).exists()

    assert [sees(u) for u in (reader, source, transfer.claimed_by, coordinator(edition))] == [
        False, True, True, True,
    ]  # fmt: skip
    with pytest.raises(Conflict):
        move(transfer, S.UNDERSTANDING)
    transfer = ask_again(
        transfer=transfer, base_version=transfer.version, why="In May, at your office.",
        by=transfer.claimed_by, at=BEGUN_AT,
    )  # fmt: skip
    transfer = confirm(transfer, source)

    assert sees(reader)
    assert kinds(transfer) == ["claimed", "disputed", "asked_again", "confirmed"]
    assert [e.kind for e in events_for(reader, transfer)] == ["claimed", "confirmed"]
    assert len(events_for(source, transfer)) == 4


def test_a_confirmation_is_taken_back_with_a_reason(edition: Edition) -> None:
    experience = published(edition)
    transfer = confirm(claimed(experience), experience.created_by)
    with pytest.raises(IllegalMove):
        confirm(transfer, experience.created_by)

    transfer = dispute(transfer, experience.created_by, "That was another city.")

    assert (transfer.answer, transfer.disputed_reason) == (
        Answer.DISPUTED, "That was another city.",
    )  # fmt: skip


def test_a_step_is_taken_back_within_a_day_and_before_anybody_answers(edition: Edition) -> None:
    experience = published(edition)
    transfer = at_step(confirm(claimed(experience), experience.created_by), S.PILOTING)
    adopted = move(transfer, S.ADOPTED, at=BEGUN_AT)

    with pytest.raises(Conflict):
        take_back(adopted, BEGUN_AT + timedelta(hours=24, microseconds=1))
    back = take_back(adopted, BEGUN_AT + timedelta(hours=24))

    assert (back.status, back.answer) == (S.PILOTING, Answer.CONFIRMED)
    assert kinds(back)[-2:] == ["moved", "taken_back"]
    with pytest.raises(Conflict):  # one step, not two
        take_back(back, BEGUN_AT)
    answered = confirm(move(back, S.ADOPTED, at=BEGUN_AT), experience.created_by)
    with pytest.raises(Conflict):
        take_back(answered, BEGUN_AT)


def take_back(transfer: Transfer, at: datetime) -> Transfer:
    return take_back_step(
        transfer=transfer, base_version=transfer.version, by=transfer.claimed_by, at=at
    )


def test_a_state_that_was_not_read_is_not_moved(edition: Edition) -> None:
    transfer = claimed(published(edition))
    move(transfer, S.UNDERSTANDING)
    with pytest.raises(StaleVersion) as refused:
        move_transfer(
            transfer=transfer, base_version=0, to=S.ASSESSING, why=WHY, by=transfer.claimed_by,
            at=BEGUN_AT,
        )  # fmt: skip
    assert refused.value.extra["stored"]["status"] == S.UNDERSTANDING


def test_the_history_only_grows(edition: Edition) -> None:
    event = claimed(published(edition)).events.get()
    table = TransferEvent._meta.db_table
    for statement in (f"UPDATE {table} SET why = 'x'", f"DELETE FROM {table}"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert TransferEvent.objects.get() == event


def test_the_picture_counts_what_is_not_disputed(edition: Edition) -> None:
    experience = published(edition, CityFactory.create(name="Quito"))
    for name, step in (("Lima", S.ADOPTED), ("Oslo", S.PILOTING)):
        at_step(claimed(experience, by=speaker(edition, CityFactory.create(name=name))), step)
    dispute(claimed(experience), experience.created_by)
    stopped = claimed(experience, by=speaker(edition, CityFactory.create(name="Bern")))
    move(stopped, S.STOPPED)

    flows = flows_of(Transfer.objects.all())
    drawing = draw_flows(flows)

    assert [(f.city, f.taken_up, f.underway, f.stopped) for f in flows] == [
        ("Bern", 0, 0, 1), ("Lima", 1, 0, 0), ("Oslo", 0, 1, 0),
    ]  # fmt: skip
    assert [curve["words"] for curve in drawing.curves] == ["Quito → Lima: 1", "Quito → Oslo: 1"]
    assert [curve["is_taken_up"] for curve in drawing.curves] == [True, False]
    assert {name["text"] for name in drawing.names} == {"Quito", "Lima", "Oslo"}


def test_messages_go_to_the_other_city(
    edition: Edition, django_capture_on_commit_callbacks: Any
) -> None:
    experience = published(edition)
    with django_capture_on_commit_callbacks(execute=True):
        transfer = claimed(experience)
    assert [m.to for m in mail.outbox] == [[experience.created_by.email]]
    assert "List-Unsubscribe" in mail.outbox[0].extra_headers
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        dispute(transfer, experience.created_by, "We never met.")
    assert [m.to for m in mail.outbox] == [[transfer.claimed_by.email]]
    assert "We never met." in str(mail.outbox[0].body)
    assert OutboxMessage.objects.filter(delivered_at=None).count() == 0


ACTS = st.lists(
    st.sampled_from(["next", "stop", "confirm", "dispute", "again", "back", "claim"]), max_size=14
)


@given(acts=ACTS)
@settings(max_examples=15)
def test_replaying_the_history_gives_the_state(acts: list[str]) -> None:
    """Whatever two cities do: each event follows from the one before, by the tables."""
    with transaction.atomic():
        experience = published(EditionFactory.create())
        by, source = speaker(experience.edition), experience.created_by
        transfer = claimed(experience, by=by)
        for act in acts:
            transfer = _try(act, transfer, by, source)
        for row in Transfer.objects.all():
            _replay(row)
        transaction.set_rollback(True)


def _try(act: str, transfer: Transfer, by: User, source: User) -> Transfer:
    version = {"transfer": transfer, "base_version": transfer.version, "at": BEGUN_AT}
    following = WAY[min(WAY.index(S(transfer.status)) + 1, 6)] if transfer.status in WAY else ""
    calls = {
        "next": lambda: move_transfer(to=following, why=WHY, by=by, **version),
        "stop": lambda: move_transfer(to=S.STOPPED, why=WHY, by=by, **version),
        "confirm": lambda: confirm_transfer(by=source, **version),
        "dispute": lambda: dispute_transfer(reason=WHY, by=source, **version),
        "again": lambda: ask_again(why=WHY, by=by, **version),
        "back": lambda: take_back_step(by=by, **version),
        "claim": lambda: claimed(transfer.experience, by=by),
    }
    try:
        return calls[act]()
    except DomainError:
        return transfer


def _replay(transfer: Transfer) -> None:
    status, answer = "", Answer.WAITING
    for event in transfer.events.order_by("number"):
        assert event.from_status == status
        if event.kind == "moved":
            assert TRANSFER_MOVES.allows(status, event.to_status)
        if event.kind in ("confirmed", "disputed"):
            assert ANSWER_MOVES.allows(answer, event.kind)
            answer = Answer(event.kind)
        elif event.kind == "asked_again" or (
            event.kind == "moved" and event.to_status in (S.ADOPTED, S.SUSTAINED)
        ):
            kept, answer = answer, Answer.WAITING
        elif event.kind == "taken_back" and event.from_status in (S.ADOPTED, S.SUSTAINED):
            answer = kept
        status = event.to_status
    assert (transfer.status, transfer.answer) == (status, answer)
    assert Transfer.objects.exclude(status=S.STOPPED).count() <= 1
