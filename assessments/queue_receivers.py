"""The places of the queue follow what they repeat, in its own transaction."""

from collections.abc import Collection
from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver

from assessments.actions.queueing import keep_places
from assessments.models import Assessment, Attempt, Grade, QueuePlace, SecondMarking, Submission
from assessments.models.queued import rows_changed
from lms.accounts.models import City


@receiver(post_save, sender=Attempt)
def follow_attempt(sender: Any, instance: Attempt, raw: bool = False, **kwargs: Any) -> None:
    if not raw:
        keep_places([instance.submission_id])


@receiver(post_save, sender=Submission)
def follow_submission(
    sender: Any,
    instance: Submission,
    created: bool,
    raw: bool = False,
    update_fields: Collection[str] | None = None,
    **kwargs: Any,
) -> None:
    """An autosave comes every few seconds and changes no place; a new draft has none."""
    if not raw and not created and _touches(update_fields, {"status", "attempt", "owner"}):
        keep_places([instance.pk])


@receiver(post_save, sender=Assessment)
def follow_assessment(
    sender: Any,
    instance: Assessment,
    created: bool,
    raw: bool = False,
    update_fields: Collection[str] | None = None,
    **kwargs: Any,
) -> None:
    if not raw and (created or _touches(update_fields, {"status", "marker"})):
        keep_places([instance.submission_id])


@receiver(post_save, sender=SecondMarking)
def follow_second(sender: Any, instance: SecondMarking, raw: bool = False, **kwargs: Any) -> None:
    if not raw:
        keep_places([instance.attempt.submission_id])


@receiver(post_save, sender=Grade)
def follow_grade(
    sender: Any,
    instance: Grade,
    created: bool,
    raw: bool = False,
    update_fields: Collection[str] | None = None,
    **kwargs: Any,
) -> None:
    if not raw and (created or _touches(update_fields, {"status", "attempt", "needs_regrade"})):
        keep_places([instance.submission_id])


@receiver(post_save, sender=City)
def follow_city(
    sender: Any,
    instance: City,
    created: bool,
    raw: bool = False,
    update_fields: Collection[str] | None = None,
    **kwargs: Any,
) -> None:
    if not raw and not created and _touches(update_fields, {"slug"}):
        QueuePlace.objects.filter(city=instance).update(city_slug=instance.slug)


@receiver(rows_changed)
def follow_many(sender: Any, submission_ids: Collection[int], **kwargs: Any) -> None:
    keep_places(submission_ids)


def _touches(update_fields: Collection[str] | None, names: set[str]) -> bool:
    if update_fields is None:
        return True
    return bool(names & {name.removesuffix("_id") for name in update_fields})
