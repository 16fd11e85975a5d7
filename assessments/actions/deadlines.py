from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from assessments.actions.guidelines import freeze_conditions
from assessments.models import Project
from lms.accounts.models import User
from lms.core import audit
from lms.core.clock import validate_zone
from lms.core.errors import InvalidInput
from lms.core.permissions import require_perm

MAX_GRACE_MINUTES = 7 * 24 * 60
MAX_UPLOAD_WINDOW = 4 * 60
MAX_REMINDERS, MAX_REMINDER_HOURS = 6, 60 * 24
YEARS = range(2000, 9999)  # of which every calendar and zone knows


def require_deadline(
    wall: datetime, zone: str, grace_minutes: int, upload_window_minutes: int | None = None
) -> None:
    """Raise InvalidInput unless these name a deadline (invariant 12)."""
    errors: dict[str, list[str]] = {}
    if wall.tzinfo is not None:
        errors["wall"] = [_("Give the time on the clock, without an offset.")]
    elif wall.year not in YEARS:
        errors["wall"] = [_("Choose a date in our time.")]
    if not 0 <= grace_minutes <= MAX_GRACE_MINUTES:
        errors["grace_minutes"] = [_("Give at most a week of grace.")]
    if upload_window_minutes is not None and not 0 <= upload_window_minutes <= MAX_UPLOAD_WINDOW:
        errors["upload_window_minutes"] = [_("Give at most four hours.")]
    try:
        validate_zone(zone)
    except ValidationError as error:
        errors["zone"] = list(error.messages)
    if errors:
        raise InvalidInput(errors=errors)


@transaction.atomic
def set_deadline(
    *,
    project: Project,
    wall: datetime,
    zone: str,
    grace_minutes: int,
    accepts_late: bool,
    by: User,
    at: datetime,
    upload_window_minutes: int | None = None,
) -> Project:
    """Set when projects are due: `wall` is the time on the clock (naive) in `zone`.
    `upload_window_minutes` stays as it is without a value; whoever has pressed “submit”
    keeps the window that was promised then.

    What was handed in before keeps the deadline it was measured by (invariant 12). The
    guidelines that participants read say so from now on.
    """
    project = Project.objects.select_for_update(of=("self",), no_key=True).get(pk=project.pk)
    require_perm(by, "assessments.set_deadline", project)
    require_deadline(wall, zone, grace_minutes, upload_window_minutes)
    before = _recorded(project)
    project.deadline_wall, project.deadline_zone = wall.replace(tzinfo=UTC), zone
    project.grace_minutes, project.accepts_late = grace_minutes, accepts_late
    if upload_window_minutes is not None:
        project.upload_window_minutes = upload_window_minutes
    project.save()
    audit.record(
        by=by, verb="project.deadline_set", target=project, at=at, before=before,
        after=_recorded(project), accepts_late=accepts_late,
    )  # fmt: skip
    freeze_conditions(project=project, by=by, at=at)
    return project


def _recorded(project: Project) -> dict[str, Any]:
    return {
        "deadline_at": project.deadline_at.isoformat(),
        "grace": project.grace_minutes,
        "upload_window": project.upload_window_minutes,
    }


@transaction.atomic
def set_reminders(*, project: Project, hours: Sequence[int], by: User, at: datetime) -> Project:
    """Remind people so many hours before their effective deadline. What was sent is not
    sent again."""
    project = Project.objects.select_for_update(of=("self",), no_key=True).get(pk=project.pk)
    require_perm(by, "assessments.set_deadline", project)
    chosen = sorted(set(hours), reverse=True)
    if len(chosen) > MAX_REMINDERS or any(not 1 <= hour <= MAX_REMINDER_HOURS for hour in chosen):
        raise InvalidInput(
            errors={"hours": [_("Choose at most 6 times, of 1 hour to 60 days before.")]}
        )
    before, project.reminder_hours = project.reminder_hours, chosen
    project.save(update_fields=["reminder_hours"])
    audit.record(
        by=by, verb="project.reminders_set", target=project, at=at, before=before, after=chosen
    )
    return project
