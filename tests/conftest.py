"""What every test stands on: the databases, the servers, a clean cache."""

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection

from lms.accounts.models import User
from lms.core.kept import forget_all
from lms.programme.models import Edition
from peer_exchange.models import CityExperience
from tests import template_database
from tests.factories import number_anew
from tests.factories.peer_exchange import published
from tests.factories.programme import EditionFactory, participant

# How long something takes is measured by `make bench`; here it would fail on a busy machine.
hypothesis.settings.register_profile(
    "untimed", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("untimed")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--each-once",
        action="store_true",
        help="Leave out what the run on the other database asks: `make test` runs on both.",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Say why a test that needs a server is not run without one."""
    if config.getoption("--each-once"):
        here: list[pytest.Item] = []
        elsewhere: list[pytest.Item] = []
        for item in items:
            (here if is_asked_on(connection.vendor, item) else elsewhere).append(item)
        items[:] = here
        config.hook.pytest_deselected(items=elsewhere)
    # The longest tests commit, and pytest-django puts them last: begun first instead, they
    # leave no core idle at the end.
    items.sort(key=lambda item: not commits(item))
    needs = {
        "postgres": (connection.vendor == "postgresql", "needs PostgreSQL: make test-postgres"),
        "redis": (bool(settings.REDIS_URL), "needs Redis: make test-postgres"),
        "lrs": (bool(os.environ.get("RALPH")), "needs Ralph: scripts/install_lrs.sh, RALPH=…"),
        "browser": (bool(os.environ.get("CHROMIUM")), "needs Chromium: make test-browser"),
    }
    for item in items:
        for marker, (is_there, reason) in needs.items():
            if not is_there and item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=reason))


def commits(item: pytest.Item) -> bool:
    mark = item.get_closest_marker("django_db")
    return bool(mark and mark.kwargs.get("transaction"))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    if config.getvalue("dist") != "loadgroup":
        return None
    from tests.sharing_out import FilesThatBelongTogether

    return FilesThatBelongTogether(config, log)


def is_asked_on(vendor: str, item: pytest.Item) -> bool:
    """Whether `make test` asks it on this database: nearly everything on both; on SQLite
    alone what knows of no database, and what asks for a page or an answer of the API, where
    the watch for repeated questions is (on PostgreSQL the permission matrix asks every
    address as every role, and the browser uses the pages); what is marked so on the one that
    its mark names."""
    if mark := item.get_closest_marker("one_database"):
        return bool(mark.args[0] == vendor)
    if vendor == "sqlite":
        return True
    names = set(getattr(item, "fixturenames", ()))
    if any(map(item.get_closest_marker, ("postgres", "redis", "lrs", "browser"))):
        return True
    if names & {"api", "client"} or "tests/api/" in item.nodeid:
        return False
    return bool(
        names & {"db", "transactional_db", "django_db_setup", "live_server"}
        or item.get_closest_marker("django_db")
    )


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """Use the copy of the template that `django_db_modify_db_settings` has put there."""
    return True


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: Any
) -> None:
    with django_db_blocker.unblock():
        template_database.prepare()


@pytest.fixture(autouse=True)
def clean_cache() -> Iterator[None]:
    """What a test leaves in the cache (sessions, throttles, fragments) is not the next one's."""
    yield
    cache.clear()
    forget_all()


@pytest.fixture(autouse=True)
def numbers_from_the_first() -> None:
    """What a page says of Person 3 does not hang on which tests came before."""
    number_anew()


@pytest.fixture(scope="session")
def packages() -> Path:
    """Real H5P packages: the folder with valid/, invalid/ and content-only/."""
    folder = Path(settings.H5P_PACKAGES_DIR)
    if not folder.is_dir():
        pytest.skip(f"no real H5P packages in {folder} (set H5P_PACKAGES_DIR)")
    return folder


@pytest.fixture
def indexed(settings: Any) -> None:
    """With what the CMS keeps of its pages beside them: what is found by which words, what
    refers to what."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}


@pytest.fixture
def at() -> datetime:
    """An ordinary instant in the in-person week of the third edition (D1)."""
    return datetime(2025, 11, 19, 10, 0, tzinfo=UTC)


@pytest.fixture
def edition(db: None) -> Edition:
    return EditionFactory.create()


@pytest.fixture
def experience(edition: Edition) -> CityExperience:
    """What a city has published."""
    return published(edition)


@pytest.fixture
def peer(edition: Edition) -> User:
    """Somebody of another city there."""
    return participant(edition, name="Ana Silva")


def pytest_unconfigure() -> None:
    shutil.rmtree(settings.TEST_SCRATCH, ignore_errors=True)
