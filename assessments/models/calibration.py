from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from assessments.models.project import Project
from assessments.models.rubric import RubricVersion
from lms.accounts.models import User


class CalibrationRound(models.Model):
    """Every marker marks the same sample before marking starts; then they compare.

    `text`: canonical HTML of the sample (`lms.core.rich_text`), which is nobody's project.
    `is_required`: who has not handed in marks for it begins no project while it is open.
    `version` counts the changes of the round itself.
    """

    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, related_name="calibration_rounds"
    )
    rubric = models.ForeignKey(RubricVersion, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=200)
    text = models.TextField(help_text=_("The sample that everybody marks."))
    is_required = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["-opened_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["project"], condition=Q(closed_at=None), name="calibration_one_open"
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_by__isnull=True)
                | Q(closed_at__isnull=False, closed_by__isnull=False),
                name="calibration_closed_at_and_by",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class CalibrationMarks(models.Model):
    """What one marker gives the sample. `marks`: criterion key → {"level", "comment"};
    `version` counts the saves (invariant 3). Handed in it stays as it is."""

    round = models.ForeignKey(CalibrationRound, on_delete=models.PROTECT, related_name="marks")
    marker = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    marks = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "calibration marks"
        constraints = [
            models.UniqueConstraint(fields=["round", "marker"], name="calibration_marks_once")
        ]

    def __str__(self) -> str:
        return f"{self.round}: {self.marker}"
