"""One run: people at work, somebody who kills, and what is left when all is quiet again."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from django.db.models import Q

from assessments.models import Project
from lms.core import clock
from lms.core.models import OutboxMessage
from lms.programme.models import Enrolment
from scripts.chaos.browser import Browser
from scripts.chaos.journal import Journal
from scripts.chaos.killer import Killer
from scripts.chaos.mailbox import Letters, read_letters
from scripts.chaos.participant import Participant, Plan
from scripts.chaos.processes import Kill, Stack
from scripts.chaos.proof import Verdict, prove
from scripts.stack.people import make_drafts, session_cookie

# After the last kill: for participants to get ready, and for the outbox to be emptied.
READY_WITHIN = 90.0
DRAINED_WITHIN = 150.0


@dataclass(frozen=True)
class Outcome:
    verdict: Verdict
    letters: Letters
    counts: Counter[str]
    kills: Counter[Kill]
    restarts: int
    undelivered: int
    unfinished: list[str]  # participants who did not come to an end, and why
    took: dict[str, float]  # seconds: "work", "rest", "outbox"

    @property
    def proves_something(self) -> bool:
        """Everybody and everything came to an end, and somebody was killed meanwhile."""
        came_to_an_end = not self.unfinished and not self.undelivered
        return came_to_an_end and bool(self.verdict.acknowledged and self.kills)


def run(
    project: Project,
    places: list[Enrolment],
    stack: Stack,
    mailbox: Path,
    *,
    seed: int,
    seconds: float,
    drain: Callable[[], None],
    kinds: Collection[Kill] = tuple(Kill),
) -> Outcome:
    """`drain`: empty the outbox once everything runs. `kinds`: of kills."""
    chance = random.Random(seed)
    begin = time.monotonic()
    participants = _participants(project, places, stack.port, chance, begin, seconds)
    threads = [threading.Thread(target=person.run, daemon=True) for person in participants]
    killer = Killer(stack, chance, seconds, kinds)
    for thread in (*threads, killer):
        thread.start()
    killer.join()
    worked = time.monotonic()
    for thread in threads:
        thread.join()
    stack.make_whole()
    rested = time.monotonic()
    drain()
    drained = time.monotonic()
    journals = [person.journal for person in participants]
    letters = read_letters(mailbox)
    return Outcome(
        verdict=prove(project, journals, letters),
        letters=letters,
        counts=sum((journal.counts for journal in journals), Counter()),
        kills=killer.kills,
        restarts=stack.restarts,
        undelivered=waiting_messages(),
        unfinished=[f"{j.email}: {j.trouble}" for j in journals if not j.is_done],
        took={"work": worked - begin, "rest": rested - worked, "outbox": drained - rested},
    )


def _participants(
    project: Project,
    places: list[Enrolment],
    port: int,
    chance: random.Random,
    begin: float,
    seconds: float,
) -> list[Participant]:
    def first_text(writer: int, section: str) -> str:
        return f"<p>{places[writer].user.email}, {section}, text 0.</p>"

    participants = []
    for draft in make_drafts(project, places, clock.now(), first_text):
        person = draft.owner.user
        own_chance = random.Random(chance.random())
        journal = Journal(
            submission=draft.pk,
            email=person.email,
            texts={key: [text] for key, text in draft.sections.items()},
        )
        until = begin + seconds + READY_WITHIN
        browser = Browser(port, session_cookie(person), journal.counts, own_chance, until)
        plan = Plan.draw(own_chance, begin, seconds)
        slug = project.edition.slug
        participants.append(Participant(journal, browser, plan, own_chance, slug))
    return participants


def wait_for_the_outbox() -> None:
    """Until a worker has delivered everything that is due, or has failed at."""
    give_up_at = time.monotonic() + DRAINED_WITHIN
    while waiting_messages() and time.monotonic() < give_up_at:
        time.sleep(0.5)


def waiting_messages() -> int:
    is_due = Q(available_at__lte=clock.now()) | Q(attempts__gt=0)
    return OutboxMessage.objects.filter(is_due, delivered_at=None).count()
