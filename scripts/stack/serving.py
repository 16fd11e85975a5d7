"""gunicorn with the site, on a port of this machine alone."""

import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scripts.stack import ROOT

START_WITHIN = 60.0  # seconds


def gunicorn_command(
    port: int, workers: int, *options: str, application: str = "lms.wsgi:application"
) -> list[str]:
    return [
        *(sys.executable, "-m", "gunicorn", application),
        *("--workers", str(workers), "--bind", f"127.0.0.1:{port}", "--log-level", "warning"),
        *options,
    ]


def answers(port: int) -> bool:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/health/", timeout=5).close()
    except (urllib.error.URLError, OSError):
        return False
    return True


def wait_until_it_answers(server: "subprocess.Popen[bytes]", port: int) -> None:
    give_up_at = time.monotonic() + START_WITHIN
    while not answers(port):
        if server.poll() is not None or time.monotonic() > give_up_at:
            sys.exit("gunicorn did not start.")
        time.sleep(0.2)


@contextmanager
def gunicorn(port: int, workers: int) -> Iterator["subprocess.Popen[bytes]"]:
    server = subprocess.Popen(gunicorn_command(port, workers), cwd=ROOT)
    try:
        wait_until_it_answers(server, port)
        yield server
    finally:
        server.terminate()
        server.wait(15)


def children_of(process: int) -> list[int]:
    """Ids of the processes that one has started; none when it is gone."""
    try:
        found = Path(f"/proc/{process}/task/{process}/children").read_text()
    except OSError:
        return []
    return [int(child) for child in found.split()]
