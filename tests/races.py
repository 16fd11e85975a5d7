"""Threads that start together, for races on PostgreSQL."""

import threading
from collections.abc import Callable
from typing import Any

from django.db import connection

from lms.core.errors import DomainError


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Run the calls in threads that start together; what each returned or was refused with.

    What is no refusal of ours is raised again.
    """
    barrier = threading.Barrier(len(calls))
    outcomes: list[Any] = [None] * len(calls)
    broken: list[Exception] = []

    def run(place: int, call: Callable[[], Any]) -> None:
        try:
            barrier.wait(timeout=10)
            outcomes[place] = call()
        except DomainError as refusal:
            outcomes[place] = refusal
        except Exception as error:
            broken.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert not any(thread.is_alive() for thread in threads), "They wait for each other."
    if broken:
        raise broken[0]
    return outcomes
