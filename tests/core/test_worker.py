"""The outbox with real processes: Celery, PostgreSQL, Redis, and SIGKILL (invariant 17)."""

import os
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import redis
from celery.exceptions import AlwaysEagerIgnored
from django.conf import settings
from django.db import connection

from lms import celery_app
from lms.core import audit, clock
from lms.core.models import OutboxMessage
from lms.programme.models import Edition
from tests.factories.programme import EditionFactory
from tests.template_database import url_of

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.redis,
    pytest.mark.django_db(transaction=True),
]

# Dies after its transaction has committed, before the broker is told.
DIES_AFTER_COMMIT = """
import os, signal
from django.db import transaction
from lms.core import outbox
from tests.core.outbox_tasks import write_down
with transaction.atomic():
    transaction.on_commit(lambda: os.kill(os.getpid(), signal.SIGKILL))
    outbox.enqueue(write_down, edition_id={edition_id}, text="hello")
"""
PROMISES = """
import time
from django.db import transaction
from lms.core import outbox
from tests.core.outbox_tasks import write_down_unless_killed
started = time.monotonic()
with transaction.atomic():
    outbox.enqueue(
        write_down_unless_killed, edition_id={edition_id}, text="hello", lethal={lethal!r}
    )
print(time.monotonic() - started)
"""


@pytest.fixture(autouse=True)
def empty_broker() -> Iterator[None]:
    yield
    with redis.Redis.from_url(settings.REDIS_URL) as broker:
        broker.flushdb()


def waiting_in_the_broker() -> int:
    with redis.Redis.from_url(settings.REDIS_URL) as broker:
        return int(broker.llen("celery"))


def environment(**extra: str) -> dict[str, str]:
    """As on a server: nothing of the tests' settings, but this test's database."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "lms.settings",
        "RAMBLA_ENV": "test",
        "DATABASE_URL": url_of(str(connection.settings_dict["NAME"])),
        "REDIS_URL": settings.REDIS_URL,
        **extra,
    }


def run_python(code: str, **extra: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", f"import django; django.setup()\n{code}"],
        cwd=settings.BASE_DIR,
        env=environment(**extra),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@contextmanager
def worker() -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "celery", "-A", "lms", "worker", "--pool=solo"),
            *("--loglevel=WARNING", "--without-mingle", "--without-gossip"),
            "--include=tests.core.outbox_tasks",
        ],
        cwd=settings.BASE_DIR,
        env=environment(),
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def tell_workers(task: str, **kwargs: int) -> None:
    """Through the broker, although the tests' own tasks run in process."""
    with warnings.catch_warnings(), celery_app.connection_for_write() as connection:
        warnings.simplefilter("ignore", AlwaysEagerIgnored)
        celery_app.send_task(task, kwargs=kwargs, connection=connection)


def wait_until(is_true: Callable[[], bool], *, seconds: float = 90) -> None:
    give_up_at = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < give_up_at, "this never happened"
        time.sleep(0.1)


def let_time_pass() -> None:
    long_ago = clock.now() - timedelta(hours=1)
    OutboxMessage.objects.update(created_at=long_ago, available_at=long_ago)


def notes(edition: Edition) -> list[str]:
    return [event.details["text"] for event in audit.events_of(edition)]


def test_the_sweep_delivers_once_what_a_crash_and_a_killed_worker_left_behind(
    tmp_path: Path,
) -> None:
    """One test for both crashes: starting a worker takes seconds."""
    first, second = EditionFactory.create(), EditionFactory.create()
    lethal = tmp_path / "lethal"
    lethal.touch()

    crashed = run_python(DIES_AFTER_COMMIT.format(edition_id=first.pk))
    promised = run_python(PROMISES.format(edition_id=second.pk, lethal=str(lethal)))
    assert crashed.returncode == -signal.SIGKILL, crashed.stderr
    assert promised.returncode == 0, promised.stderr
    assert OutboxMessage.objects.filter(delivered_at__isnull=True).count() == 2

    with worker() as killed:
        assert killed.wait(120) == -signal.SIGKILL
    assert not lethal.exists()
    assert notes(first) == notes(second) == []

    with worker():
        let_time_pass()
        tell_workers("lms.core.tasks.sweep_outbox")  # what beat does every minute
        wait_until(lambda: notes(first) == notes(second) == ["hello"])
        (again,) = OutboxMessage.objects.filter(kwargs__edition_id=second.pk)
        for _ in range(3):
            tell_workers("lms.core.tasks.deliver_message", message_id=again.pk)
        wait_until(lambda: waiting_in_the_broker() == 0)

    # The worker has finished what it held: still once each.
    assert notes(first) == notes(second) == ["hello"]
    assert list(OutboxMessage.objects.values_list("attempts", flat=True)) == [1, 1]


def test_a_dead_broker_holds_nobody_up() -> None:
    edition = EditionFactory.create()

    answer = run_python(
        PROMISES.format(edition_id=edition.pk, lethal="/nonexistent"),
        REDIS_URL="redis://127.0.0.1:1/0",
    )

    assert answer.returncode == 0, answer.stderr
    assert "The broker is away" in answer.stderr
    assert float(answer.stdout) < 10
    assert OutboxMessage.objects.filter(delivered_at__isnull=True).count() == 1
