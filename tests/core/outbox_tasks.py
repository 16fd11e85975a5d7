"""Tasks that leave a trace, for the tests of the outbox and its workers."""

import os
import signal
import time

from celery import shared_task

from lms.accounts.models import User
from lms.core import audit, clock
from lms.core.mail import send_message
from lms.programme.models import Edition


def _note(edition_id: int, text: str) -> None:
    edition = Edition.objects.get(pk=edition_id)
    audit.record(by=None, verb="test.ran", target=edition, at=clock.now(), text=text)


@shared_task
def write_down(edition_id: int, text: str) -> None:
    _note(edition_id, text)


@shared_task(reads_what_is=True)
def write_down_what_is(edition_id: int, text: str) -> None:
    _note(edition_id, text)


@shared_task
def write_down_then_fail(edition_id: int, text: str) -> None:
    _note(edition_id, text)
    raise RuntimeError("the printer is on fire")


@shared_task
def write_down_unless_killed(edition_id: int, text: str, lethal: str) -> None:
    """Dies by SIGKILL, after having written, as long as the file `lethal` exists."""
    _note(edition_id, text)
    if os.path.exists(lethal):
        os.remove(lethal)
        os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(60)


@shared_task
def write_to_both_then_fail(user_ids: list[int]) -> None:
    """As if the worker had died after the mail server has taken the letters."""
    for person in User.objects.filter(pk__in=user_ids).order_by("pk"):
        send_message(to=person, subject="Hello", paragraphs=["You are welcome."])
    raise RuntimeError("the mail server has it, and nobody knows")
