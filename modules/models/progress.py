from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lms.accounts.models import User
from lms.programme.models import Enrolment
from modules.enums import ActivityStatus
from modules.models.records import RecordQuerySet


class ActivityProgress(models.Model):
    """How far a participant is with an activity: the newest answers and text.

    Evidence (invariant 13): the page it belongs to cannot be deleted.
    `answers`: question key → option keys. `version` counts saves of the text.
    """

    enrolment = models.ForeignKey(
        Enrolment, on_delete=models.PROTECT, related_name="activity_progress"
    )
    activity = models.ForeignKey(
        "modules.ActivityPage", on_delete=models.PROTECT, related_name="progress"
    )
    status = models.CharField(
        max_length=10, choices=ActivityStatus.choices, default=ActivityStatus.OPEN
    )
    answers = models.JSONField(default=dict, blank=True)
    text = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField(null=True, blank=True, help_text=_("Last save of the text."))
    begun_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    done_revision_id = models.PositiveBigIntegerField(
        null=True, blank=True, help_text=_("The revision of the page that was answered.")
    )

    objects: ClassVar[Any] = RecordQuerySet.as_manager()
    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "activity progress"
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment", "activity"], name="activity_progress_once"
            ),
            models.CheckConstraint(
                condition=Q(status__in=ActivityStatus.values), name="activity_status_known"
            ),
            models.CheckConstraint(
                condition=Q(status=ActivityStatus.DONE, done_at__isnull=False)
                | (~Q(status=ActivityStatus.DONE) & Q(done_at__isnull=True)),
                name="activity_done_with_its_time",
            ),
            models.CheckConstraint(
                condition=Q(status=ActivityStatus.DONE) | Q(done_revision_id__isnull=True),
                name="activity_done_with_its_revision",
            ),
            models.CheckConstraint(
                condition=Q(version=0, saved_at__isnull=True, text="")
                | Q(version__gte=1, saved_at__isnull=False),
                name="activity_text_with_its_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enrolment_id}: {self.activity_id} {self.status}"


class ActivityAttempt(models.Model):
    """What was handed in, as it stood. Append-only.

    Questions: `answers` (question key → option keys), `right` of `asked`. A written
    answer: the `text` with which the activity was marked as done.
    """

    progress = models.ForeignKey(
        ActivityProgress, on_delete=models.PROTECT, related_name="attempts"
    )
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    answers = models.JSONField(default=dict)
    right = models.PositiveSmallIntegerField(default=0)
    asked = models.PositiveSmallIntegerField(default=0)
    text = models.TextField(blank=True)
    page_revision_id = models.PositiveBigIntegerField(null=True)

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(right__lte=models.F("asked")), name="attempt_right_among_asked"
            )
        ]

    def __str__(self) -> str:
        return f"{self.progress_id} at {self.at}"
