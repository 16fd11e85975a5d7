"""What processes of their own do: with nothing of the tests' settings.

Imported first by a process that others are forked from, so that the site is loaded once.
"""

import os
import signal
import time

import django
from django.conf import settings
from django.db import transaction

if not settings.configured:
    os.environ["DJANGO_SETTINGS_MODULE"] = "lms.settings"
    django.setup()

from lms import celery_app
from lms.core import outbox
from tests.core.outbox_tasks import write_down, write_down_unless_killed


def promise(edition_id: int, lethal: str) -> float:
    """The seconds it took."""
    started = time.monotonic()
    with transaction.atomic():
        outbox.enqueue(write_down_unless_killed, edition_id=edition_id, text="hello", lethal=lethal)
    return time.monotonic() - started


def die_after_commit(edition_id: int) -> None:
    """Before the broker is told."""
    with transaction.atomic():
        transaction.on_commit(lambda: os.kill(os.getpid(), signal.SIGKILL))
        outbox.enqueue(write_down, edition_id=edition_id, text="hello")


def work() -> None:
    """A Celery worker, until it is told to stop."""
    celery_app.worker_main(
        [
            *("worker", "--pool=solo", "--loglevel=WARNING"),
            *("--without-mingle", "--without-gossip", "--include=tests.core.outbox_tasks"),
        ]
    )
