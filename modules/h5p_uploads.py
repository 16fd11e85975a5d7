"""Uploaded packages on their way in: what the web allows, and where a package waits.

A package that passed every check has its bytes in a folder of its own, which no reader
finds, until it is brought in or turned down; a day at most. One that was refused is never kept.
"""

import hashlib
import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import uuid4

from django.core import signing
from django.core.files.base import ContentFile
from django.utils.translation import gettext_lazy as _

from h5p.limits import MEBIBYTE, Limits
from lms.accounts.models import User
from lms.core.errors import Conflict
from modules.h5p_drafts import Prepared
from modules.h5p_store import PARTS, DjangoStore, store

# A web process reads the package while somebody waits: less than the library would take.
LIMITS: Final = Limits(
    package_bytes=256 * MEBIBYTE,
    total_bytes=768 * MEBIBYTE,
    file_bytes=256 * MEBIBYTE,
    json_bytes=4 * MEBIBYTE,
    problems=200,
)
WAITS_FOR: Final = timedelta(days=1)
_FOLDER: Final = "uploads"
_WHEN: Final = "%Y%m%dT%H%M%S"
_SALT: Final = "modules.h5p_uploads"
_GONE: Final = _("The uploaded file is no longer here. Upload it again.")


class Waiting(NamedTuple):
    """A package under review: what was read, the file's name, and what it is to replace."""

    prepared: Prepared
    name: str
    content_id: int | None
    base_version: int


def new_folder(at: datetime) -> str:
    """A name for a folder in which the bytes of one package wait."""
    return f"{_FOLDER}/{at.astimezone(UTC):{_WHEN}}-{uuid4().hex}"


def waiting_store(folder: str) -> DjangoStore:
    return DjangoStore(folder)


def discard(prepared: Prepared) -> None:
    """Its bytes are where they belong, or not wanted."""
    store().storage.delete_folder(prepared.folder)


def bring_in(prepared: Prepared) -> None:
    """Move the waiting bytes into the store; nobody sees them before there are rows.

    Safe to repeat and to interrupt. Raises Conflict when they wait no longer.
    """
    blobs, waiting = store(), waiting_store(prepared.folder)
    for sha256 in prepared.blobs:
        if not blobs.has(sha256):
            try:
                blobs.take(sha256, waiting)
            except KeyError:
                raise Conflict(_GONE) from None


def keep_upload(
    prepared: Prepared, *, name: str, by: User, content_id: int | None, base_version: int
) -> str:
    """Keep what was read for its reviewer; returns a signed token for `open_upload`."""
    said = {"name": name, "content": content_id, "base_version": base_version}
    written = json.dumps({**prepared.as_data(), **said}).encode()
    store().storage.save(_reading(prepared.folder), ContentFile(written))
    # The hash ties what is brought in to what was reviewed, to the byte.
    token = {"folder": prepared.folder, "sha256": hashlib.sha256(written).hexdigest(), "by": by.pk}
    return signing.dumps(token, salt=_SALT)


def upload_of(token: str, *, by: User) -> str:
    """The folder of what this person was shown, also when it waits no longer."""
    return str(_read(token, by)["folder"])


def open_upload(token: str, *, by: User) -> Waiting:
    """What this person was shown. Raises Conflict when it is no longer there."""
    said = _read(token, by)
    try:
        with store().storage.open(_reading(said["folder"]), "rb") as file:
            written = file.read()
    except FileNotFoundError:
        raise Conflict(_GONE) from None
    if hashlib.sha256(written).hexdigest() != said["sha256"]:
        raise Conflict(_GONE)
    data = json.loads(written)
    return Waiting(Prepared.from_data(data), data["name"], data["content"], data["base_version"])


def sweep_uploads(at: datetime) -> None:
    """Remove what nobody came back for, and what killed processes left half-written."""
    storage, before = store().storage, at - WAITS_FOR
    with suppress(FileNotFoundError):
        for name in storage.listdir(_FOLDER)[0]:
            if name < f"{before.astimezone(UTC):{_WHEN}}":
                storage.delete_folder(f"{_FOLDER}/{name}")
    with suppress(FileNotFoundError):
        for name in storage.listdir(PARTS)[1]:
            with suppress(FileNotFoundError):
                if storage.get_modified_time(f"{PARTS}/{name}") < before:
                    storage.delete(f"{PARTS}/{name}")


def _reading(folder: str) -> str:
    return f"{folder}/reading.json"


def _read(token: str, by: User) -> dict[str, Any]:
    try:
        said: dict[str, Any] = signing.loads(token, salt=_SALT, max_age=WAITS_FOR)
    except signing.BadSignature:
        raise Conflict(_GONE) from None
    if said["by"] != by.pk:
        raise Conflict(_GONE)
    return said
