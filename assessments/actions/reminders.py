"""Reminders before the effective deadline of each project."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from assessments import tasks
from assessments.actions.deadlines import MAX_GRACE_MINUTES
from assessments.models import DeadlineReminder, Project
from assessments.selectors.cohort import Standing, standings_in
from lms.core import outbox
from lms.core.clock import days_later

# A worker that was down sends what is no older than this, and never two at once.
LATEST = timedelta(hours=24)


def reminder_time(deadline_at: datetime, hours: int, zone: str) -> datetime:
    """When it is `hours` before a deadline. Whole days are days on the calendar of the
    deadline's zone: two weeks before 23:59 is 23:59, also across a clock change."""
    days, rest = divmod(hours, 24)
    if days > 1 and not rest:
        return days_later(deadline_at, -days, zone)
    return deadline_at - timedelta(hours=hours)


def promise_reminders(*, at: datetime) -> list[DeadlineReminder]:
    """Promise what is due now, once for each person, distance and deadline. Safe to repeat
    and to run twice at a time."""
    promised = []
    for project in _projects_with_time_left(at):
        sent = set(project.reminders.values_list("enrolment_id", "hours_before", "deadline_at"))
        for standing in standings_in(project) if project.reminder_hours else []:
            hours = _due(project, standing, at)
            key = (standing.enrolment.pk, hours, standing.deadline.at)
            if hours is not None and key not in sent:
                promised += _promise(project, standing, hours, at)
    return promised


def _projects_with_time_left(at: datetime) -> QuerySet[Project]:
    """Whoever was given more time has a deadline long after the official one."""
    return (
        Project.objects.filter(
            Q(deadline_at__gt=at - timedelta(minutes=MAX_GRACE_MINUTES))
            | Q(submissions__extensions__until_at__gt=at)
            | Q(submissions__attempts__revision_request__until_at__gt=at)
        )
        .select_related("edition")
        .distinct()
        .order_by("pk")
    )


def _due(project: Project, standing: Standing, at: datetime) -> int | None:
    """The distance of the reminder that is due: the nearest to the deadline, no other."""
    if standing.has_handed_in or at >= standing.deadline.at:
        return None
    for hours in sorted(project.reminder_hours):
        due_at = reminder_time(standing.deadline.at, hours, project.deadline_zone)
        if at < due_at:
            continue
        is_old = at - due_at > min(LATEST, timedelta(hours=hours) / 2)
        return None if is_old or _was_told_since(standing, due_at) else hours
    return None


def _was_told_since(standing: Standing, due_at: datetime) -> bool:
    """More time was given after that moment: the letter about it has said until when."""
    extension = standing.deadline.extension
    return extension is not None and extension.decisions.latest("id").decided_at > due_at


def _promise(
    project: Project, standing: Standing, hours: int, at: datetime
) -> list[DeadlineReminder]:
    once = {
        "project": project,
        "enrolment": standing.enrolment,
        "hours_before": hours,
        "deadline_at": standing.deadline.at,
    }
    try:
        with transaction.atomic():
            reminder = DeadlineReminder.objects.create(**once, promised_at=at)
            outbox.enqueue(tasks.send_deadline_reminder, reminder_id=reminder.pk)
    except IntegrityError:
        # Another worker was quicker: the constraint has decided.
        if DeadlineReminder.objects.filter(**once).exists():
            return []
        raise
    return [reminder]
