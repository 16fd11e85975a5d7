"""Production does not start half-configured."""

import os
import subprocess
import sys

import pytest

WHOLE = {
    "RAMBLA_ENV": "production",
    "SECRET_KEY": "x" * 60,
    "ALLOWED_HOSTS": "rambla.example",
    "SITE_URL": "https://rambla.example",
    "DATABASE_URL": "postgres://u:p@127.0.0.1:1/rambla",
    "REDIS_URL": "redis://127.0.0.1:1/0",
}
# In the source for everybody to read.
DEVELOPMENT_KEY = "development-only-key-that-signs-nothing-of-value"


def started(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-c", "from lms import settings; print(settings.DEBUG)"],
        env=kept | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_starts_with_all_it_needs_and_never_in_debug() -> None:
    assert started(WHOLE | {"DEBUG": "true"}).stdout.strip() == "False"


@pytest.mark.parametrize(
    "changes",
    [
        *({name: None} for name in WHOLE if name != "RAMBLA_ENV"),
        {"SECRET_KEY": ""},
        {"SECRET_KEY": DEVELOPMENT_KEY},
    ],
    ids=str,
)
def test_production_refuses_to_start_without(changes: dict[str, str | None]) -> None:
    environment = {name: value for name, value in (WHOLE | changes).items() if value is not None}

    refused = started(environment)

    assert refused.returncode != 0
    assert "ImproperlyConfigured" in refused.stderr
