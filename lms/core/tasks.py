from celery import shared_task

from lms.core import outbox


@shared_task
def deliver_message(message_id: int) -> None:
    outbox.deliver(message_id)


@shared_task
def sweep_outbox() -> int:
    return outbox.sweep()
