"""A process killed half-way through an installation: nothing is visible, and again is safe."""

import io
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.files.storage import storages
from django.db import connection

from h5p.package import read_package
from lms.accounts.models import User
from modules.actions.h5p_content import create_content, create_content_from_package
from modules.actions.h5p_packages import prepare_package
from modules.h5p_uploads import keep_upload, open_upload
from modules.models import H5PContent
from modules.selectors.h5p_library import package_of
from tests.factories.h5p import package
from tests.modules.h5p_authoring.looking import nothing_is_stored

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.one_database("postgresql"),
]

# The process kills itself when it calls `place` for the third time (rows: for the first).
KILLED = """
import os, signal, sys
import django
django.setup()
from django.utils import timezone
from lms.accounts.models import User
from modules.actions import h5p_content
from modules.h5p_shelf import DatabaseShelf
from modules.h5p_store import DjangoStore
from modules.h5p_uploads import open_upload

owner, name, after = {
    "bytes put aside": (DjangoStore, "put", 2),
    "bytes brought in": (DjangoStore, "take", 2),
    "libraries shelved": (DatabaseShelf, "add_new", 0),
    "version added": (h5p_content, "_append", 0),
}[sys.argv[1]]
act, calls = getattr(owner, name), []

def dies(*args, **kwargs):
    calls.append(name)
    made = act(*args, **kwargs)
    if len(calls) > after:
        os.kill(os.getpid(), signal.SIGKILL)
    return made

setattr(owner, name, dies)
by, at = User.objects.get(pk=int(sys.argv[2])), timezone.now()
if os.path.exists(sys.argv[3]):
    with open(sys.argv[3], "rb") as file:
        h5p_content.create_content_from_package(file=file, by=by, at=at)
else:
    prepared = open_upload(sys.argv[3], by=by).prepared
    h5p_content.create_content(prepared=prepared, by=by, at=at)
"""


def killed_at(place: str, by: User, what: str, folder: Path) -> None:
    script = folder / "killed.py"
    script.write_text(KILLED)
    done = subprocess.run(
        [sys.executable, str(script), place, str(by.pk), what],
        env={
            **os.environ,
            **database(),
            "DJANGO_SETTINGS_MODULE": "lms.settings",
            "PYTHONPATH": str(settings.BASE_DIR),
            "SECRET_KEY": settings.SECRET_KEY,
            "H5P_ROOT": str(cast(Any, storages["h5p"]).location),
        },
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == -9, done.stderr.decode()


def database() -> dict[str, str]:
    """The database of this test, as the other process is told of it."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return {"SQLITE_PATH": name}
    return {"DATABASE_URL": urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()}


def is_whole(content: H5PContent) -> bool:
    assert content.current is not None
    return read_package(io.BytesIO(package_of(content.current))).ok


@pytest.mark.parametrize(
    "place", ["bytes put aside", "bytes brought in", "libraries shelved", "version added"]
)
def test_killed_half_way_nothing_is_visible_and_again_is_safe(
    administrator: User, at: datetime, tmp_path: Path, place: str
) -> None:
    file = tmp_path / "tides.h5p"
    file.write_bytes(package().getvalue())

    killed_at(place, administrator, str(file), tmp_path)
    assert nothing_is_stored()

    content = create_content_from_package(file=package(), by=administrator, at=at)
    assert is_whole(content)


@pytest.mark.parametrize("place", ["bytes brought in", "version added"])
def test_killed_after_the_review_the_same_button_works_again(
    administrator: User, at: datetime, tmp_path: Path, place: str
) -> None:
    prepared = prepare_package(file=package(), by=administrator, at=at)
    token = keep_upload(
        prepared, name="tides.h5p", by=administrator, content_id=None, base_version=0
    )

    killed_at(place, administrator, token, tmp_path)
    assert nothing_is_stored()

    waiting = open_upload(token, by=administrator)
    assert is_whole(create_content(prepared=waiting.prepared, by=administrator, at=at))
