"""The transactional outbox: work that must follow a change, and only then.

`enqueue` writes a row beside the change. After the commit the row is handed to
Celery (or, without a broker, run in process). Whatever a dead broker or worker
leaves behind is found by `sweep`.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from typing import Any

from celery import Task, current_app
from django.conf import settings
from django.db import connection, transaction
from kombu.exceptions import OperationalError

from lms.core import clock
from lms.core.logging import current_request_id, set_request_id
from lms.core.models import OutboxMessage

logger = logging.getLogger(__name__)
SWEEP_AFTER = timedelta(seconds=30)
GIVE_UP_AFTER = 10
_in_delivery: ContextVar[OutboxMessage | None] = ContextVar("message_in_delivery", default=None)


def enqueue(task: Task, *, delay: timedelta = timedelta(0), **kwargs: Any) -> OutboxMessage:
    """Promise `task(**kwargs)`; it runs after the present transaction commits.

    The task may be delivered more than once and must be idempotent. One declared with
    `@shared_task(reads_what_is=True)` looks at how things are when it runs, not at what
    happened: of several equal messages that wait, only the last one is run.
    """
    now = clock.now()
    message = OutboxMessage.objects.create(
        task=task.name,
        kwargs=kwargs,
        created_at=now,
        available_at=now + delay,
        request_id=current_request_id(),
    )
    if not delay:
        transaction.on_commit(lambda: hand_over(message.pk), robust=True)
    return message


def waits(task: Task, **kwargs: Any) -> bool:
    """Whether the same message is promised and not yet delivered or given up."""
    return OutboxMessage.objects.filter(
        task=task.name, kwargs=kwargs, delivered_at__isnull=True, attempts__lt=GIVE_UP_AFTER
    ).exists()


def enqueue_once(task: Task, **kwargs: Any) -> bool:
    """`enqueue`, unless the same message waits; whether it is promised now."""
    if waits(task, **kwargs):
        return False
    enqueue(task, **kwargs)
    return True


def due(task: Task, **kwargs: Any) -> list[OutboxMessage]:
    """Messages of a task that are to be tried now; `kwargs`: those of them with these."""
    having = {f"kwargs__{name}": value for name, value in kwargs.items()}
    waiting = OutboxMessage.objects.filter(
        task=task.name,
        delivered_at__isnull=True,
        available_at__lte=clock.now(),
        attempts__lt=GIVE_UP_AFTER,
        **having,
    )
    return list(waiting)


def hand_over(message_id: int) -> None:
    """Give one message to a worker; without a broker, deliver it here."""
    from lms.core.tasks import deliver_message

    if settings.CELERY_TASK_ALWAYS_EAGER:
        deliver(message_id)
        return
    try:
        deliver_message.delay(message_id)
    except OperationalError:
        logger.warning("The broker is away; message %s waits for the sweep.", message_id)


def deliver(message_id: int) -> bool:
    """Run one message's task. True when it is delivered now or was before.

    The row stays locked while the task runs, and the mark "delivered" commits
    with what the task wrote: a second delivery waits and then does nothing.
    """
    try:
        with transaction.atomic():
            message = OutboxMessage.objects.select_for_update(
                of=("self",) if connection.features.has_select_for_update_of else ()
            ).get(pk=message_id)
            if message.delivered_at:
                return True
            set_request_id(message.request_id)
            task = current_app.tasks[message.task]
            if not (getattr(task, "reads_what_is", False) and _is_overtaken(message)):
                with _delivering(message):
                    task.run(**message.kwargs)
            message.delivered_at = clock.now()
            message.attempts += 1
            message.last_error = ""
            message.save(update_fields=["delivered_at", "attempts", "last_error"])
    except OutboxMessage.DoesNotExist:
        logger.error("Outbox message %s does not exist.", message_id)
        return False
    except Exception as error:  # a failed task must be recorded, whatever it raised
        logger.exception("Outbox message %s failed.", message_id)
        _note_failure(message_id, error)
        return False
    return True


def message_in_delivery() -> OutboxMessage | None:
    """Whose task runs just now. It is the same one when a task is run again, because it
    failed or its worker was killed."""
    return _in_delivery.get()


@contextmanager
def _delivering(message: OutboxMessage) -> Iterator[None]:
    token = _in_delivery.set(message)
    try:
        yield
    finally:
        _in_delivery.reset(token)


def _is_overtaken(message: OutboxMessage) -> bool:
    """Whether an equal message, promised later and not yet tried, is about to run.

    One that runs just now holds its row and does not count: it may have looked before
    the change that this message follows was there to be seen.
    """
    waiting = OutboxMessage.objects.all()
    if connection.features.has_select_for_update_skip_locked:
        waiting = waiting.select_for_update(skip_locked=True)
    overtaking = waiting.filter(
        pk__gt=message.pk,
        task=message.task,
        kwargs=message.kwargs,
        delivered_at__isnull=True,
        available_at__lte=clock.now(),
        attempts=0,
    )
    return overtaking.first() is not None


def _note_failure(message_id: int, error: Exception) -> None:
    with transaction.atomic():
        message = OutboxMessage.objects.select_for_update().get(pk=message_id)
        message.attempts += 1
        message.last_error = f"{type(error).__name__}: {error}"[:2000]
        message.available_at = clock.now() + timedelta(minutes=2 ** min(message.attempts, 8))
        message.save(update_fields=["attempts", "last_error", "available_at"])


def sweep() -> int:
    """Hand over what is due and was left behind. Returns how many messages."""
    now = clock.now()
    waiting = OutboxMessage.objects.filter(
        delivered_at__isnull=True,
        available_at__lte=now,
        created_at__lte=now - SWEEP_AFTER,
        attempts__lt=GIVE_UP_AFTER,
    ).values_list("pk", flat=True)[:500]
    left_behind = list(waiting)
    for message_id in left_behind:
        hand_over(message_id)
    return len(left_behind)
