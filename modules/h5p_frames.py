"""Who plays what: signed addresses, so that the frame needs no cookie.

The address of a frame names person, activity (or a version alone, for a preview), version
and page. It is the same all day, and so is the document behind it, which the browser keeps.

A play token names one load of the player besides. It stands in the page, as the frame's
name. Statements and state come back with it: which version they are about is never the
browser's word.
"""

import hashlib
import time
from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid4

from django.conf import settings
from django.core import signing
from django.urls import reverse

from lms.accounts.models import User
from modules.h5p_core import player_version

_PLAY: Final = "modules.h5p.play"
_FRAME: Final = "modules.h5p.frame"
_FILES: Final = "modules.h5p.files"
# What was done without a connection is sent when there is one again.
RESULTS_LAST: Final = 60 * 24 * 3600
_DAY: Final = 24 * 3600


@dataclass(frozen=True)
class Player:
    """What is played, for whom, and where. `activity_id` is None for a preview, of which
    nothing is kept. `parent` is the origin of the page around the frame. `is_played_so`:
    whether the server plays as it did when the address was made."""

    user_id: int
    activity_id: int | None
    version_id: int
    parent: str
    is_played_so: bool


@dataclass(frozen=True)
class Play:
    """One load of a player; the other fields are those of `Player`."""

    user_id: int
    activity_id: int | None
    version_id: int
    registration: UUID
    parent: str


def sign_play(user: User, version_id: int, activity_id: int | None, parent: str) -> str:
    parts = [user.pk, activity_id, version_id, uuid4().hex, parent]
    return signing.dumps(parts, salt=_PLAY)


def read_play(token: str, max_age: int) -> Play | None:
    """None for what we have not signed, or too long ago (seconds)."""
    try:
        user, activity, version, registration, parent = signing.loads(
            token, salt=_PLAY, max_age=max_age
        )
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return Play(user, activity, version, UUID(registration), parent)


def frame_address(user: User, version_id: int, activity_id: int | None, parent: str) -> str:
    """Where one person's frame is, until the end of tomorrow (UTC). `parent`: `https://host`
    of the page that shows it. The same all day, as long as the server plays the same way."""
    parts = [user.pk, activity_id, version_id, parent, _day(), _how()]
    token = signing.Signer(salt=_FRAME).sign_object(parts, compress=True)
    return f"{settings.H5P_ORIGIN}{reverse('h5p:frame', args=[token])}"


def read_frame(token: str) -> Player | None:
    """None for what we have not signed, or too long ago."""
    try:
        user, activity, version, parent, day, how = signing.Signer(salt=_FRAME).unsign_object(token)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return Player(user, activity, version, parent, how == _how()) if _holds(day) else None


def sign_files(version_id: int, now: float | None = None) -> str:
    """For the files of a version, until the end of tomorrow (UTC). The same all day, so
    that a browser keeps what it has."""
    return signing.Signer(salt=_FILES).sign(f"{version_id}.{_day(now)}")


def read_files(token: str, now: float | None = None) -> int | None:
    """The version whose files may be read with this token."""
    try:
        version_id, day = signing.Signer(salt=_FILES).unsign(token).split(".")
    except (signing.BadSignature, ValueError):
        return None
    return int(version_id) if _holds(int(day), now) else None


def _how() -> str:
    """Changes with the way in which the server plays."""
    text = "\n".join([player_version(), *settings.H5P_MEDIA_HOSTS])
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _day(now: float | None = None) -> int:
    return int((now if now is not None else time.time()) // _DAY)


def _holds(day: int, now: float | None = None) -> bool:
    return _day(now) - 1 <= day <= _day(now)


def activity_iri(activity_id: int | None) -> str:
    """What the activity is called in statements; its address may change, this does not."""
    return f"{settings.SITE_URL.rstrip('/')}/xapi/activities/{activity_id or 0}"


def pseudonym(user_id: int) -> str:
    """What a person is called outside: always the same, and nobody else's."""
    text = f"{settings.SECRET_KEY}\x1flrs\x1f{user_id}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]
