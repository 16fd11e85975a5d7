"""The processes of the site: started, killed, and started again as an operator's system would."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from scripts.stack import ROOT
from scripts.stack.serving import (
    START_WITHIN,
    answers,
    children_of,
    gunicorn_command,
    wait_until_it_answers,
)


class Kill(StrEnum):
    WEB_WORKER = "gunicorn worker"
    WEB_MASTER = "gunicorn master"
    WEB_GROUP = "gunicorn, all of it"
    CELERY_POOL = "Celery pool process"
    CELERY_WORKER = "Celery worker"
    BEAT = "Celery beat"


@dataclass(frozen=True)
class Aim:
    """Whom a kill hits: a process of `service` itself, one of its children, or its group."""

    service: str
    at: str  # "itself", "child", "group"


AIMS = {
    Kill.WEB_WORKER: Aim("web", "child"),
    Kill.WEB_MASTER: Aim("web", "itself"),
    Kill.WEB_GROUP: Aim("web", "group"),
    Kill.CELERY_POOL: Aim("celery", "child"),
    Kill.CELERY_WORKER: Aim("celery", "itself"),
    Kill.BEAT: Aim("beat", "itself"),
}


class Service:
    """One command in a process group of its own."""

    def __init__(self, command: list[str], log: Path, environment: dict[str, str]) -> None:
        self.command = command
        self.log = log
        self.environment = environment
        self.process = self._start()

    def _start(self) -> "subprocess.Popen[bytes]":
        with self.log.open("ab") as output:
            return subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=self.environment,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    @property
    def is_dead(self) -> bool:
        return self.process.poll() is not None

    def kill_group(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def start_again(self) -> None:
        """What a dead leader has left running goes first, as systemd does it."""
        self.kill_group()
        self.process = self._start()

    def stop(self) -> None:
        """Nobody waits for an answer any more."""
        self.kill_group()
        self.process.wait()


class Stack:
    """The services by name: web, and perhaps celery and beat. While it is entered, a thread
    starts again whatever has died."""

    def __init__(
        self, port: int, folder: Path, environment: dict[str, str], *, workers: int, celery: bool
    ) -> None:
        self.port = port
        # The application is loaded once and forked: a killed worker is back at once.
        program = "scripts.chaos.wsgi:application"
        options = ("--timeout", "120", "--preload")
        commands = {"web": gunicorn_command(port, workers, *options, application=program)}
        if celery:
            celery_of_ours = [sys.executable, "-m", "celery", "-A", "lms"]
            quiet = ["--loglevel", "WARNING"]
            commands["celery"] = [
                *(*celery_of_ours, "worker", "--concurrency", "2", *quiet),
                *("--without-mingle", "--without-gossip"),
            ]
            commands["beat"] = [
                *(*celery_of_ours, "beat", *quiet),
                *("--schedule", str(folder / "beat"), "--pidfile="),
            ]
        self.services = {
            name: Service(command, folder / f"{name}.log", environment)
            for name, command in commands.items()
        }
        self.restarts = 0
        self._lock = threading.Lock()
        self._is_over = threading.Event()
        self._keeper = threading.Thread(target=self._keep_running, daemon=True)

    def __enter__(self) -> "Stack":
        wait_until_it_answers(self.services["web"].process, self.port)
        self._keeper.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._keeper.join()
        for service in self.services.values():
            service.stop()

    def kill(self, kill: Kill, chance: random.Random) -> bool:
        """SIGKILL. False where there was nobody to be hit just now."""
        with self._lock:
            service = self.services[AIMS[kill].service]
            if service.is_dead:
                return False
            if AIMS[kill].at == "group":
                service.kill_group()
                return True
            victim = service.process.pid
            if AIMS[kill].at == "child":
                children = children_of(victim)
                if not children:
                    return False
                victim = chance.choice(children)
            with suppress(ProcessLookupError):
                os.kill(victim, signal.SIGKILL)
                return True
            return False

    def make_whole(self) -> None:
        """Wait until every service runs and the site answers."""
        give_up_at = time.monotonic() + START_WITHIN
        while any(service.is_dead for service in self.services.values()) or not answers(self.port):
            if time.monotonic() > give_up_at:
                sys.exit("The stack does not start any more; see its logs.")
            time.sleep(0.1)

    def _keep_running(self) -> None:
        while not self._is_over.wait(0.05):
            for service in self.services.values():
                if not service.is_dead:
                    continue
                # What a dead master leaves behind goes on answering for a moment.
                if self._is_over.wait(0.3):
                    return
                with self._lock:
                    service.start_again()
                    self.restarts += 1
