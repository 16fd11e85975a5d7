"""What happens elsewhere and matters for guidelines, grades and certificates.

Reviews go through the outbox: the change they follow commits first.
"""

from datetime import datetime
from typing import Any

from django.dispatch import receiver
from wagtail.log_actions import get_active_log_context
from wagtail.signals import page_published

from assessments import tasks
from assessments.actions.guidelines import publish_guidelines
from assessments.actions.marking import move_assessment
from assessments.enums import AssessmentStatus
from assessments.models import Assessment, Grade, GuidelinesPage, Project
from assessments.signals import (
    attempt_submitted,
    grade_changed,
    presentation_changed,
    submission_returned,
    submission_withdrawn,
    team_changed,
)
from lms.core import audit, clock, outbox
from lms.timetable.signals import attendance_changed
from modules.signals import activity_completed
from peer_exchange.signals import sharing_changed


@receiver(page_published, sender=GuidelinesPage)
def freeze_guidelines(sender: Any, instance: GuidelinesPage, revision: Any, **kwargs: Any) -> None:
    """What an editor publishes becomes the next version of a project's guidelines."""
    if not Project.objects.filter(guidelines_page=instance).exists():
        return
    publish_guidelines(
        page=instance,
        # Nobody, where a schedule publishes or the diploma is loaded.
        by=get_active_log_context().user,
        at=clock.now(),
        page_revision_id=revision.pk if revision else None,
    )


@receiver(
    [activity_completed, attendance_changed, grade_changed, presentation_changed, team_changed]
)
def review_place(sender: Any, enrolment_id: int, **kwargs: Any) -> None:
    outbox.enqueue(tasks.review_completion, enrolment_id=enrolment_id)


@receiver(sharing_changed)
def review_places(sender: Any, enrolment_ids: list[int], **kwargs: Any) -> None:
    for enrolment_id in enrolment_ids:
        outbox.enqueue(tasks.review_completion, enrolment_id=enrolment_id)


@receiver(attempt_submitted)
def flag_grade(
    sender: Any, submission_id: int, attempt_id: int, at: datetime, **kwargs: Any
) -> None:
    """A new attempt: marks of an earlier one no longer answer it (invariant 7)."""
    grade = Grade.objects.select_for_update(of=("self",)).filter(submission=submission_id).first()
    if grade is None or grade.attempt_id == attempt_id or grade.needs_regrade:
        return
    grade.needs_regrade = True
    grade.version += 1
    grade.save(update_fields=["needs_regrade", "version"])
    audit.record(by=None, verb="grade.needs_regrade", target=grade, at=at, attempt=attempt_id)


@receiver([submission_withdrawn, submission_returned])
def free_marker(sender: Any, attempt_id: int, at: datetime, **kwargs: Any) -> None:
    """Withdrawn, or returned while it was marked: whoever has not handed in need not. What
    they gave stays with the attempt, as do marks that were handed in."""
    unfinished = Assessment.objects.active().exclude(status=AssessmentStatus.SUBMITTED)
    for assessment in unfinished.select_for_update(of=("self",)).filter(attempt=attempt_id):
        move_assessment(assessment, AssessmentStatus.REASSIGNED)
        audit.record(by=None, verb="assessment.reassigned", target=assessment, at=at)
