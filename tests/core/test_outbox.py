"""Work that must follow a change follows it, once (invariant 17)."""

import re
import threading
from datetime import timedelta

import pytest
from django.core.mail import EmailMessage
from django.db import connection, transaction

from lms.core import audit, clock, outbox
from lms.core.models import OutboxMessage
from lms.programme.models import Edition
from tests.core import outbox_tasks
from tests.factories.accounts import UserFactory
from tests.factories.programme import EditionFactory

pytestmark = pytest.mark.django_db


def notes(edition: Edition) -> list[str]:
    return [event.details["text"] for event in audit.events_of(edition)]


def let_time_pass(message: OutboxMessage) -> None:
    long_ago = clock.now() - timedelta(hours=10)
    OutboxMessage.objects.filter(pk=message.pk).update(created_at=long_ago, available_at=long_ago)


def test_a_task_runs_after_the_commit_and_not_before(
    edition: Edition, django_capture_on_commit_callbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        message = outbox.enqueue(outbox_tasks.write_down, edition_id=edition.pk, text="hello")
        assert notes(edition) == []

    message.refresh_from_db()
    assert notes(edition) == ["hello"]
    assert message.delivered_at is not None
    assert message.attempts == 1


@pytest.mark.django_db(transaction=True)
def test_a_change_that_is_rolled_back_promises_nothing() -> None:
    edition = EditionFactory.create()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        outbox.enqueue(outbox_tasks.write_down, edition_id=edition.pk, text="never")
        raise ZeroDivisionError

    assert not OutboxMessage.objects.exists()
    assert notes(edition) == []


def test_the_sweep_delivers_what_a_crash_after_the_commit_left_behind(edition: Edition) -> None:
    # In this test nothing commits, so nobody is told: as if the process had died.
    message = outbox.enqueue(outbox_tasks.write_down, edition_id=edition.pk, text="hello")

    assert outbox.sweep() == 0  # too fresh: it may still be on its way
    let_time_pass(message)
    assert outbox.sweep() == 1
    assert outbox.sweep() == 0
    assert notes(edition) == ["hello"]


def test_a_second_delivery_does_nothing(edition: Edition) -> None:
    message = outbox.enqueue(outbox_tasks.write_down, edition_id=edition.pk, text="once")

    assert outbox.deliver(message.pk) is True
    assert outbox.deliver(message.pk) is True
    assert notes(edition) == ["once"]


def test_of_equal_messages_that_read_what_is_the_last_one_runs(edition: Edition) -> None:
    look, other = (
        {"edition_id": edition.pk, "text": "look"},
        {"edition_id": edition.pk, "text": "x"},
    )
    messages = [
        outbox.enqueue(outbox_tasks.write_down_what_is, **kwargs) for kwargs in (look, other, look)
    ]
    later = outbox.enqueue(
        outbox_tasks.write_down_what_is, delay=timedelta(hours=1), **look
    )  # comes too late to stand for the others

    ran = [outbox.deliver(message.pk) and notes(edition) for message in messages]

    assert ran == [[], ["x"], ["look", "x"]]
    later.refresh_from_db()
    assert later.delivered_at is None


def test_a_failing_task_leaves_nothing_and_waits_longer_each_time(edition: Edition) -> None:
    message = outbox.enqueue(outbox_tasks.write_down_then_fail, edition_id=edition.pk, text="half")

    waits = []
    for attempt in (1, 2, 3):
        assert outbox.deliver(message.pk) is False
        message.refresh_from_db()
        assert message.attempts == attempt
        waits.append(message.available_at - clock.now())

    assert notes(edition) == []
    assert message.last_error == "RuntimeError: the printer is on fire"
    assert waits == sorted(waits)
    assert timedelta(minutes=7) < waits[-1] <= timedelta(minutes=8)
    assert outbox.sweep() == 0  # not due yet


def test_a_letter_sent_again_is_known_as_the_same(mailoutbox: list[EmailMessage]) -> None:
    people = [user.pk for user in UserFactory.create_batch(2)]
    first, other = (
        outbox.enqueue(outbox_tasks.write_to_both_then_fail, user_ids=people) for _ in range(2)
    )

    for message in (first, first, other):
        assert outbox.deliver(message.pk) is False
    sent = [(letter.to[0], letter.message()["Message-ID"]) for letter in mailoutbox]

    assert sent[:2] == sent[2:4]
    assert len({number for _to, number in sent}) == 4
    assert all(re.fullmatch(r"<[0-9a-f]{40}@rambla\.example>", number) for _to, number in sent)


def test_the_sweep_gives_up_on_a_task_that_always_fails(edition: Edition) -> None:
    message = outbox.enqueue(outbox_tasks.write_down_then_fail, edition_id=edition.pk, text="half")
    OutboxMessage.objects.filter(pk=message.pk).update(attempts=outbox.GIVE_UP_AFTER)
    let_time_pass(message)

    assert outbox.sweep() == 0


def test_a_delayed_message_waits_for_its_instant(
    edition: Edition, django_capture_on_commit_callbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        message = outbox.enqueue(
            outbox_tasks.write_down, delay=timedelta(hours=1), edition_id=edition.pk, text="later"
        )

    assert callbacks == []
    OutboxMessage.objects.update(created_at=clock.now() - timedelta(minutes=5))
    assert outbox.sweep() == 0
    let_time_pass(message)
    assert outbox.sweep() == 1
    assert notes(edition) == ["later"]


def test_a_message_that_never_was_is_no_delivery(db: None) -> None:
    assert outbox.deliver(4_000_000) is False


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_four_workers_with_the_same_message_run_its_task_once() -> None:
    edition = EditionFactory.create()
    message = OutboxMessage.objects.create(
        task=outbox_tasks.write_down.name,
        kwargs={"edition_id": edition.pk, "text": "once"},
        created_at=clock.now(),
        available_at=clock.now(),
    )
    start = threading.Barrier(4)
    answers: list[bool] = []

    def work() -> None:
        try:
            start.wait(10)
            answers.append(outbox.deliver(message.pk))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    message.refresh_from_db()
    assert answers == [True] * 4
    assert notes(edition) == ["once"]
    assert message.attempts == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_message_that_runs_already_stands_for_no_other() -> None:
    edition = EditionFactory.create()
    earlier, running = (
        OutboxMessage.objects.create(
            task=outbox_tasks.write_down_what_is.name,
            kwargs={"edition_id": edition.pk, "text": "look"},
            created_at=clock.now(),
            available_at=clock.now(),
        )
        for _ in range(2)
    )
    is_held, is_answered = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                OutboxMessage.objects.select_for_update().get(pk=running.pk)
                is_held.set()
                is_answered.wait(20)
        finally:
            connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    assert is_held.wait(10)
    try:
        assert outbox.deliver(earlier.pk) is True
    finally:
        is_answered.set()
        holder.join(20)

    assert notes(edition) == ["look"]
