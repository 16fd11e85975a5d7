"""What stands in the repository, for the tests that walk it."""

import subprocess
from functools import cache
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db.models import Model

ROOT = Path(settings.BASE_DIR)
OUR_APPS = ("lms", "modules", "peer_exchange", "assessments", "api")


@cache
def files(*suffixes: str, under: str = "") -> tuple[Path, ...]:
    """Committed files and those that would be, by suffix (all without one)."""
    # A clone that belongs to somebody else (CI) is still ours to read.
    listing = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-co", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    found = [ROOT / name for name in sorted(set(listing.split("\0"))) if name]
    return tuple(
        path
        for path in found
        if path.is_file()
        and (not suffixes or path.suffix in suffixes)
        and path.is_relative_to(ROOT / under)
    )


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def our_models() -> list[type[Model]]:
    """Every model of our apps, proxies aside."""
    return [
        model
        for config in apps.get_app_configs()
        if config.name.split(".")[0] in OUR_APPS
        for model in config.get_models()
        if not model._meta.proxy
    ]
