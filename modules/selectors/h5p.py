"""What somebody has of an interactive content: the right to play it, a state, a result."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from lms.accounts.models import User
from lms.programme.enums import TAKING_PART
from modules.h5p_frames import Play
from modules.models import ActivityPage, H5PResult, H5PState
from modules.models.questions import Played
from modules.selectors.outline import activity_place

State = Mapping[str, Mapping[str, str]]


def is_playable(user: User, activity_id: int, version_id: int) -> bool:
    """Whether the activity is open to `user`, and the version is one of its content."""
    if activity_place(user, activity_id) is None:
        return False
    return ActivityPage.objects.live().filter(pk=activity_id, h5p__versions=version_id).exists()


def saved_state(user: User, play: Play) -> State:
    """Where they were with this version; empty for staff and for a preview."""
    return saved_state_with_time(user, play)[0]


def saved_state_with_time(user: User, play: Play) -> tuple[State, datetime | None]:
    """And when it was saved."""
    if play.activity_id is None:
        return {}, None
    rows = H5PState.objects.filter(
        enrolment__user=user,
        enrolment__status__in=TAKING_PART,
        activity_id=play.activity_id,
        version_id=play.version_id,
    )
    row = rows.order_by("-saved_at").values_list("data", "saved_at").first()
    return (state_in(row[0]), row[1]) if row else ({}, None)


def state_in(data: str | None) -> State:
    found: dict[str, Any] = json.loads(data) if data else {}
    return found


def played_by(enrolment_id: int, activity_id: int) -> Played:
    """One query."""
    result = H5PResult.objects.filter(enrolment_id=enrolment_id, activity_id=activity_id).first()
    if result is None:
        return Played()
    return Played(percent=result.percent, is_answered=result.completed_at is not None)
