"""Kill the site's processes while people write and submit; then see that nothing is lost.

    scripts/with_servers.py python -m scripts.chaos [--seconds 60] [--participants 200] [--seed N]

Starts gunicorn, a Celery worker and beat on a PostgreSQL and a Redis of their own. Two
hundred participants write, upload and submit over HTTP; meanwhile processes are ended by
SIGKILL at random instants and started again. Then everything runs undisturbed until the
outbox is empty, and database, file store and mailbox are compared with what participants
were told. Logs of the processes are in var/chaos/. The last line reads

    N acknowledged, L lost, D duplicated

The exit code is 1 when L or D is not 0, and 2 when the run proves nothing: somebody met an
answer that should not be, the outbox was not emptied, or nobody was killed.
"""

import argparse
import io
import os
import random
import shutil
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scripts.stack import ROOT

if TYPE_CHECKING:
    from scripts.chaos.run import Outcome

FOLDER = ROOT / "var" / "chaos"
PORT = 8129  # below those that connections going out are given
WORKERS = 3


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=60.0, help="how long there is killing")
    options.add_argument("--participants", type=int, default=200)
    options.add_argument("--seed", type=int, default=None, help="of an earlier run")
    chosen = options.parse_args()
    if not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")):
        sys.exit("The check needs its servers: make chaos")
    seed = random.SystemRandom().randrange(1_000_000) if chosen.seed is None else chosen.seed
    print(f"Seed {seed}: repeat with --seed {seed}", flush=True)
    prepare_environment(FOLDER)

    import django

    django.setup()
    from django.core.management import call_command

    from lms.core import clock
    from lms.programme.models import Edition
    from scripts.chaos.processes import Stack
    from scripts.chaos.run import run, wait_for_the_outbox
    from scripts.stack.people import analyse, enrol, make_cities, make_people

    began = time.monotonic()
    call_command("migrate", verbosity=0, skip_checks=True)
    call_command("load_diploma", people=False, stdout=io.StringIO())
    edition = Edition.objects.get()
    people = make_people("writer", chosen.participants)
    places = enrol(edition, people, make_cities(), clock.now())
    analyse()
    print(f"Filled in {time.monotonic() - began:.0f} s.", flush=True)

    stack = Stack(PORT, FOLDER, dict(os.environ), workers=WORKERS, celery=True)
    with stack:
        outcome = run(
            edition.project,
            places,
            stack,
            FOLDER / "mail",
            seed=seed,
            seconds=chosen.seconds,
            drain=wait_for_the_outbox,
        )
    show(outcome)
    if not outcome.verdict.holds:
        return 1
    return 0 if outcome.proves_something else 2


def prepare_environment(folder: Path) -> None:
    """For this process and those it starts: settings, and folders of nobody else."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "mail").mkdir(parents=True)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "scripts.chaos.settings")
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    os.environ |= {
        "RAMBLA_ENV": "test",
        "CHAOS_MAILBOX": str(folder / "mail"),
        "EVIDENCE_ROOT": str(folder / "evidence"),
        "UPLOADS_ROOT": str(folder / "uploads"),
    }


def show(outcome: "Outcome") -> None:
    """A summary for people; its last line is for programs as well."""
    letters, verdict = outcome.letters, outcome.verdict
    _table("Killed", outcome.kills)
    print(f"  {outcome.restarts:6} started again by their keeper")
    _table("Met by participants", outcome.counts)
    print("Letters")
    print(f"  {letters.handed_over:6} handed to the mail server")
    print(f"  {letters.repeated:6} of them again, under the same Message-ID")
    print("Seconds")
    for what, seconds in outcome.took.items():
        print(f"  {seconds:6.0f} {what}")
    for title, lines in (
        ("Did not come to an end", outcome.unfinished),
        ("Lost", verdict.lost),
        ("Duplicated", verdict.doubled),
    ):
        if lines:
            print(title)
        for line in lines[:20]:
            print(f"  {line}")
        if len(lines) > 20:
            print(f"  and {len(lines) - 20} more")
    if outcome.undelivered:
        print(f"{outcome.undelivered} messages are still in the outbox.")
    print(verdict.line, flush=True)


def _table(title: str, counts: Counter[Any]) -> None:
    print(title)
    for name, count in sorted(counts.items(), key=lambda row: -row[1]):
        print(f"  {count:6} {name}")


if __name__ == "__main__":
    sys.exit(main())
