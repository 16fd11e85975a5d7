"""What somebody has of an interactive content: the right to play it, a state, a result."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from h5p.playing import frame_name
from lms.accounts.models import User
from lms.programme.enums import TAKING_PART
from modules.h5p_code import code_of
from modules.h5p_frames import frame_address, sign_play
from modules.models import ActivityPage, H5PResult, H5PState
from modules.models.questions import Played
from modules.selectors.outline import activity_place

State = Mapping[str, Mapping[str, str]]


def is_playable(user: User, activity_id: int, version_id: int) -> bool:
    """Whether the activity is open to `user`, and the version is one of its content."""
    if activity_place(user, activity_id) is None:
        return False
    return ActivityPage.objects.live().filter(pk=activity_id, h5p__versions=version_id).exists()


@dataclass(frozen=True)
class Loaded:
    """One load of a player: `address` and `name` of its frame, the addresses of the code
    that the page around brings, the token that comes back with what the frame says, and where
    its reader was."""

    address: str
    name: str
    code: tuple[str, ...]
    play: str
    state: State


def load_player(
    user: User,
    version_id: int,
    activity_id: int | None,
    parent: str,
    at: datetime,
    *,
    brings: bool = False,
) -> Loaded:
    """`activity_id` is None for a preview. `parent`: `https://host` of the page around;
    `brings`: whether that page brings the code."""
    play = sign_play(user, version_id, activity_id, parent)
    state, saved_at = saved_state(user, version_id, activity_id)
    since = None if saved_at is None else _milliseconds(saved_at)
    code = code_of(version_id) if brings else ()
    return Loaded(
        address=frame_address(user, version_id, activity_id, parent),
        name=frame_name(play, state, since, _milliseconds(at), brings=bool(code)),
        code=code,
        play=play,
        state=state,
    )


def saved_state(
    user: User, version_id: int, activity_id: int | None
) -> tuple[State, datetime | None]:
    """Where they were with this version, and when it was saved; empty for staff and for a
    preview."""
    if activity_id is None:
        return {}, None
    rows = H5PState.objects.filter(
        enrolment__user=user,
        enrolment__status__in=TAKING_PART,
        activity_id=activity_id,
        version_id=version_id,
    )
    row = rows.order_by("-saved_at").values_list("data", "saved_at").first()
    return (state_in(row[0]), row[1]) if row else ({}, None)


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def state_in(data: str | None) -> State:
    found: dict[str, Any] = json.loads(data) if data else {}
    return found


def played_by(enrolment_id: int, activity_id: int) -> Played:
    """One query."""
    result = H5PResult.objects.filter(enrolment_id=enrolment_id, activity_id=activity_id).first()
    if result is None:
        return Played()
    return Played(percent=result.percent, is_answered=result.completed_at is not None)
