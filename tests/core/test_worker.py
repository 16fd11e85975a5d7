"""The outbox with real processes: Celery, PostgreSQL, Redis, and SIGKILL (invariant 17)."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from multiprocessing.process import BaseProcess
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
from tests.core.as_on_a_server import die_after_commit, promise, work
from tests.factories.programme import EditionFactory
from tests.template_database import url_of

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.redis,
    pytest.mark.django_db(transaction=True),
]


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


@contextmanager
def a_process(act: Callable[..., object], *args: object) -> Iterator[BaseProcess]:
    """One that does `act`, forked from another that has loaded the site before."""
    kind = multiprocessing.get_context("forkserver")
    kind.set_forkserver_preload(["tests.core.as_on_a_server"])
    process = kind.Process(target=act, args=args)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment().items():
            patch.setenv(name, value)
        process.start()
    try:
        yield process
    finally:
        process.terminate()
        process.join(30)


def exit_of(act: Callable[..., object], *args: object) -> int | None:
    with a_process(act, *args) as process:
        process.join(120)
        return process.exitcode


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

    assert exit_of(die_after_commit, first.pk) == -signal.SIGKILL
    assert exit_of(promise, second.pk, str(lethal)) == 0
    assert OutboxMessage.objects.filter(delivered_at__isnull=True).count() == 2

    assert exit_of(work) == -signal.SIGKILL
    assert not lethal.exists()
    assert notes(first) == notes(second) == []

    with a_process(work):
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

    answer = subprocess.run(
        [
            *(sys.executable, "-c"),
            (
                "from tests.core.as_on_a_server import promise;"
                f"print(promise({edition.pk}, '/nonexistent'))"
            ),
        ],
        cwd=settings.BASE_DIR,
        env=environment(REDIS_URL="redis://127.0.0.1:1/0"),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert answer.returncode == 0, answer.stderr
    assert "The broker is away" in answer.stderr
    assert float(answer.stdout) < 10
    assert OutboxMessage.objects.filter(delivered_at__isnull=True).count() == 1
