"""What learners leave in interactive content. Evidence: nothing here is ever cascaded away
(invariant 13), and none of it is in the reference index of the CMS."""

from decimal import Decimal
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lms.programme.models import Enrolment
from modules.models.h5p import H5PVersion
from modules.models.records import RecordQuerySet

LONGEST_RESPONSE = 20_000


class H5PState(models.Model):
    """Where somebody was with an activity, as the player wrote it: a claim of the browser.

    `data`: JSON text, sub-content id → data type → text, as the player gets it back.
    """

    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="h5p_states")
    activity = models.ForeignKey(
        "modules.ActivityPage", on_delete=models.PROTECT, related_name="h5p_states"
    )
    version = models.ForeignKey(H5PVersion, on_delete=models.PROTECT, related_name="states")
    data = models.TextField()
    saved_at = models.DateTimeField()

    objects: ClassVar[Any] = RecordQuerySet.as_manager()
    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["id"]
        verbose_name = _("H5P state")
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment", "activity", "version"], name="h5p_state_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.enrolment_id}: {self.activity_id}, version {self.version_id}"


class H5PStatement(models.Model):
    """One xAPI statement as it came in, without its actor. Append-only.

    `statement_id` is the player's (or ours, where the server marked). `scaled` is the share
    of the points, -1 to 1; `duration` is in seconds. `is_marked_here`: raw, max, scaled
    and success are the server's; otherwise they are what a browser claimed.
    """

    statement_id = models.UUIDField()
    enrolment = models.ForeignKey(
        Enrolment, on_delete=models.PROTECT, related_name="h5p_statements"
    )
    activity = models.ForeignKey(
        "modules.ActivityPage", on_delete=models.PROTECT, related_name="h5p_statements"
    )
    version = models.ForeignKey(H5PVersion, on_delete=models.PROTECT, related_name="statements")
    registration = models.UUIDField(help_text=_("One load of the player."))
    verb = models.CharField(max_length=100, help_text=_("The last part of the verb's id."))
    object_id = models.CharField(max_length=2000)
    sub_content_id = models.CharField(max_length=200, blank=True)
    raw = models.DecimalField(max_digits=12, decimal_places=4, null=True)
    max = models.DecimalField(max_digits=12, decimal_places=4, null=True)
    scaled = models.DecimalField(max_digits=7, decimal_places=6, null=True)
    is_success = models.BooleanField(null=True)
    is_completion = models.BooleanField(null=True)
    duration = models.DecimalField(max_digits=12, decimal_places=3, null=True)
    response = models.TextField(blank=True)
    is_marked_here = models.BooleanField(default=False)
    statement = models.JSONField()
    received_at = models.DateTimeField()

    objects: ClassVar[Any] = RecordQuerySet.as_manager()
    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["id"]
        verbose_name = _("H5P statement")
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment", "statement_id"], name="h5p_statement_once"
            ),
            models.CheckConstraint(
                condition=Q(scaled__isnull=True) | Q(scaled__gte=-1, scaled__lte=1),
                name="h5p_scaled_in_range",
            ),
            models.CheckConstraint(
                condition=Q(duration__isnull=True) | Q(duration__gte=0),
                name="h5p_duration_not_negative",
            ),
        ]
        indexes = [
            models.Index(
                fields=["activity", "enrolment", "registration"], name="h5p_statement_of_attempt"
            )
        ]

    def __str__(self) -> str:
        return f"{self.enrolment_id}: {self.verb} {self.sub_content_id or self.activity_id}"


class H5PResult(models.Model):
    """What all statements of somebody about an activity come to: a projection of them.

    `answered`: question → {"response", "raw", "max", "scaled", "success", "best", "at",
    "version", "here"} (modules/h5p_projection.py); "best" is the best share so far of that
    version. A later, worse attempt never lowers a best.
    """

    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="h5p_results")
    activity = models.ForeignKey(
        "modules.ActivityPage", on_delete=models.PROTECT, related_name="h5p_results"
    )
    version = models.ForeignKey(H5PVersion, on_delete=models.PROTECT, related_name="results")
    best_scaled = models.DecimalField(max_digits=7, decimal_places=6, null=True)
    best_raw = models.DecimalField(max_digits=12, decimal_places=4, null=True)
    best_max = models.DecimalField(max_digits=12, decimal_places=4, null=True)
    last_scaled = models.DecimalField(max_digits=7, decimal_places=6, null=True)
    answered = models.JSONField(default=dict)
    attempts = models.PositiveIntegerField(default=0, help_text=_("Completed ones."))
    completed_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()

    objects: ClassVar[Any] = RecordQuerySet.as_manager()
    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["id"]
        verbose_name = _("H5P result")
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "activity"], name="h5p_result_once"),
            models.CheckConstraint(
                condition=Q(last_scaled__isnull=True) | Q(best_scaled__gte=models.F("last_scaled")),
                name="h5p_best_is_best",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enrolment_id}: {self.activity_id} {self.best_scaled}"

    @property
    def percent(self) -> int | None:
        """The best share, rounded down; a negative score counts as none."""
        if self.best_scaled is None:
            return None
        return max(0, int(self.best_scaled * Decimal(100)))
