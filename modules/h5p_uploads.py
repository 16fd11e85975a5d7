"""Uploaded packages on their way in: what the web allows, and where a file waits for a review.

A package that passed every check waits under a random name until its reviewer decides, a
day at most. One that was refused is never kept.
"""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import uuid4

from django.core import signing
from django.core.files.base import File
from django.core.files.storage import storages
from django.utils.translation import gettext_lazy as _

from h5p.limits import MEBIBYTE, Limits
from lms.accounts.models import User
from lms.core.errors import Conflict

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
_SALT: Final = "modules.h5p_uploads"
_GONE: Final = _("The uploaded file is no longer here. Upload it again.")


class Waiting(NamedTuple):
    """A kept package: the file, open for reading, its own name, and what it is to replace."""

    file: Any
    name: str
    content_id: int | None
    base_version: int


def keep_upload(
    file: Any, *, name: str, by: User, at: datetime, content_id: int | None, base_version: int
) -> str:
    """Keep a checked package for its reviewer; returns a signed token for `open_upload`."""
    storage = storages["h5p"]
    _sweep(storage, at)
    file.seek(0)
    kept_as = storage.save(f"{_FOLDER}/{uuid4().hex}.h5p", File(file))
    said = {"kept_as": kept_as, "name": name, "by": by.pk}
    return signing.dumps(
        said | {"content": content_id, "base_version": base_version}, salt=_SALT, compress=True
    )


def open_upload(token: str, *, by: User) -> Waiting:
    """The kept package of this person. Raises Conflict when it is no longer there."""
    said = _read(token)
    if said["by"] != by.pk:
        raise Conflict(_GONE)
    try:
        file = storages["h5p"].open(said["kept_as"], "rb")
    except FileNotFoundError:
        raise Conflict(_GONE) from None
    return Waiting(file, said["name"], said["content"], said["base_version"])


def forget_upload(token: str) -> None:
    with suppress(Conflict):
        storages["h5p"].delete(_read(token)["kept_as"])


def _read(token: str) -> dict[str, Any]:
    try:
        said: dict[str, Any] = signing.loads(token, salt=_SALT, max_age=WAITS_FOR)
    except signing.BadSignature:
        raise Conflict(_GONE) from None
    return said


def _sweep(storage: Any, at: datetime) -> None:
    """Remove what nobody came back for."""
    with suppress(FileNotFoundError):
        for name in storage.listdir(_FOLDER)[1]:
            kept_as = f"{_FOLDER}/{name}"
            with suppress(FileNotFoundError):
                if storage.get_modified_time(kept_as) < at - WAITS_FOR:
                    storage.delete(kept_as)
