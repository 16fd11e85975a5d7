"""Speed of the main pages beside that of a bare view, in one run.

    scripts/with_servers.py python -m scripts.bench [--rounds 5] [--seconds 2]

Fills a PostgreSQL with 200 participants, two editions to mark (200 and 10,000
submissions), and their exchanges (200 and 20,000 experiences); serves it with
gunicorn (2 workers); asks every target in turn, in several interleaved rounds, from
a process of its own. Prints a table and writes
var/bench.json: a list of {name, rps, p50_ms, p95_ms, queries, ratio_to_floor, scale}.
`ratio_to_floor` is the target's requests a second divided by the floor's.
"""

import argparse
import io
import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import asdict
from typing import Any

from scripts.stack import ROOT
from scripts.stack.serving import gunicorn

os.environ["DJANGO_SETTINGS_MODULE"] = "scripts.bench.settings"
os.environ["RAMBLA_ENV"] = "test"
os.environ.setdefault("LOG_LEVEL", "WARNING")

PORT = 8119
WORKERS = 2
CONNECTIONS = 4


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--seconds", type=float, default=2.0, help="a target and round")
    options.add_argument(
        "--only", default="", help="targets whose name contains one of these, with commas between"
    )
    chosen = options.parse_args()
    if not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")):
        sys.exit("The measurement needs its servers: make bench")

    import django

    django.setup()
    from django.core.management import call_command

    from scripts.bench.population import populate

    started = time.monotonic()
    call_command("migrate", verbosity=0, skip_checks=True)
    call_command("load_diploma", people=False, stdout=io.StringIO())
    people = populate()
    wanted = chosen.only.split(",")
    measured = _wanted(people, wanted)
    print(f"Filled in {time.monotonic() - started:.0f} s.", flush=True)

    rounds: dict[str, list[dict[str, Any]]] = {target.name: [] for target in measured}
    extra: list[dict[str, Any]] = []
    with gunicorn(PORT, WORKERS) as server:
        for target in measured:  # warm caches and connections; see that it answers
            ask(target, 0.5)
        for number in range(chosen.rounds):
            for target in measured:
                rounds[target.name].append(ask(target, chosen.seconds))
            print(f"Round {number + 1} of {chosen.rounds}", flush=True)
        extra += _while_served(people, server, wanted, chosen.rounds)
    extra += _in_this_process(people, wanted)
    from scripts.bench.queries import count_queries

    rows = [row(target, rounds[target.name], count_queries(target)) for target in measured]
    floor = rows[0]["rps"]
    for line in rows:
        line["ratio_to_floor"] = round(line["rps"] / floor, 3)
    rows += extra
    (ROOT / "var" / "bench.json").write_text(json.dumps(rows, indent=1) + "\n")
    show(rows)
    return 0


def _wanted(people: Any, wanted: list[str]) -> list[Any]:
    """The floor, and whatever else was asked for."""
    from scripts.bench.exchange import exchange_targets
    from scripts.bench.targets import targets

    offered = targets(people)
    if _is_in("exchange", wanted) or any("exchange" in part for part in wanted):
        offered += exchange_targets(people)
    return [t for t in offered if t.name == "floor" or _is_in(t.name, wanted)]


def _is_in(what: str, wanted: list[str]) -> bool:
    return any(part in what for part in wanted)


def _while_served(people: Any, server: Any, wanted: list[str], rounds: int) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    if _is_in("upload", wanted):
        from scripts.bench.uploads import upload_rows

        rows += upload_rows(people, server, PORT, rounds)
    if _is_in("desk: next", wanted):
        from scripts.bench.desk import desk_rows

        rows += desk_rows(people, f"http://127.0.0.1:{PORT}")
    if _is_in("h5p", wanted):
        from scripts.bench import h5p

        rows += [h5p.check_row(), *h5p.playing_rows(f"http://127.0.0.1:{PORT}")]
    return rows


def _in_this_process(people: Any, wanted: list[str]) -> list[dict[str, Any]]:
    from scripts.bench.exchange import notice_rows
    from scripts.bench.releasing import release_row

    rows = [release_row(people.many)] if _is_in("release", wanted) else []
    return rows + (notice_rows(people.many) if _is_in("exchange", wanted) else [])


def row(target: Any, answers: list[dict[str, Any]], queries: int) -> dict[str, Any]:
    took = sorted(ms for answer in answers for ms in answer["took_ms"])
    return {
        "name": target.name,
        "rps": round(statistics.median(answer["rps"] for answer in answers), 1),
        "p50_ms": round(took[len(took) // 2], 2),
        "p95_ms": round(took[int(len(took) * 0.95)], 2),
        "queries": queries,
        "ratio_to_floor": 0.0,
        "scale": target.scale,
    }


def ask(target: Any, seconds: float) -> dict[str, Any]:
    """One stretch of load from a process of its own. A wrong answer ends everything."""
    order = {
        **asdict(target),
        "port": PORT,
        "seconds": seconds,
        "connections": CONNECTIONS,
    }
    done = subprocess.run(
        [sys.executable, "-m", "scripts.bench.load"],
        cwd=ROOT,
        input=json.dumps(order),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"{target.name}: {done.stderr[-2000:]}")
    answer: dict[str, Any] = json.loads(done.stdout)
    # What a request changes (the version of a draft) goes on from here.
    for request, version in zip(target.requests, answer.pop("versions"), strict=True):
        request.version = version
    return answer


def show(rows: list[dict[str, Any]]) -> None:
    head = ("scale", "req/s", "p50 ms", "p95 ms", "queries", "of floor")
    print("\n" + " " * 40 + "".join(f"{title:>10}" for title in head))
    for line in rows:
        values = (
            f"{line['scale']}",
            f"{line['rps']:.1f}",
            f"{line['p50_ms']:.2f}",
            f"{line['p95_ms']:.2f}",
            f"{line['queries']}",
            f"{line['ratio_to_floor']:.2f}",
        )
        print(f"{line['name']:40}" + "".join(f"{value:>10}" for value in values))


if __name__ == "__main__":
    sys.exit(main())
