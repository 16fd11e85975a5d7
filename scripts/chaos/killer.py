"""SIGKILL at random instants. A seed gives the same instants and kinds again; who is in the
middle of what just then, no seed can say."""

import random
import threading
import time
from collections import Counter
from collections.abc import Collection

from scripts.chaos.processes import Kill, Stack

# So many a minute, on average; of each kind there is at least one.
A_MINUTE = {
    Kill.WEB_WORKER: 40,
    Kill.CELERY_POOL: 60,
    Kill.CELERY_WORKER: 2,
    Kill.WEB_MASTER: 1,
    Kill.WEB_GROUP: 1,
    Kill.BEAT: 1,
}


def plan_kills(
    chance: random.Random, seconds: float, kinds: Collection[Kill]
) -> list[tuple[float, Kill]]:
    """(seconds after the beginning, kind), in order."""
    planned = [
        (chance.uniform(0.05, 1) * seconds, kind)
        for kind in kinds
        for _ in range(max(1, round(A_MINUTE[kind] * seconds / 60)))
    ]
    return sorted(planned)


class Killer(threading.Thread):
    def __init__(
        self, stack: Stack, chance: random.Random, seconds: float, kinds: Collection[Kill]
    ) -> None:
        super().__init__(daemon=True)
        self.stack = stack
        self.chance = chance
        self.plan = plan_kills(chance, seconds, kinds)
        self.kills: Counter[Kill] = Counter()
        self.missed = 0

    def run(self) -> None:
        begin = time.monotonic()
        for after, kind in self.plan:
            time.sleep(max(0.0, begin + after - time.monotonic()))
            if self.stack.kill(kind, self.chance):
                self.kills[kind] += 1
            else:
                self.missed += 1
