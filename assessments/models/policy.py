from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from assessments.enums import SecondMarkingRule
from assessments.models.project import Project


class MarkingPolicy(models.Model):
    """How the final project of an edition is marked. `version` counts its changes
    (invariant 3). Changing it says nothing of projects whose marking has begun
    (invariant 12): what was decided for them stands in rows of their own.

    `sample_percent`: of the projects, where a sample has two markers. `divergence_percent`:
    results this far apart, in points of the percentage, go to a moderator.
    `undo_minutes`: a release takes effect, and is told, this long after it was decided.
    """

    project = models.OneToOneField(Project, on_delete=models.PROTECT, related_name="marking_policy")
    second_marking = models.CharField(
        max_length=10, choices=SecondMarkingRule.choices, default=SecondMarkingRule.NONE
    )
    sample_percent = models.PositiveSmallIntegerField(
        default=20, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    divergence_percent = models.PositiveSmallIntegerField(
        default=10, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    is_anonymous = models.BooleanField(
        default=False, help_text=_("Markers see no names and no cities until the release.")
    )
    confirm_release = models.BooleanField(
        default=False, help_text=_("Somebody else confirms a release before it takes effect.")
    )
    undo_minutes = models.PositiveSmallIntegerField(default=10, validators=[MaxValueValidator(120)])
    appeal_days = models.PositiveSmallIntegerField(
        default=14,
        validators=[MaxValueValidator(90)],
        help_text=_("So long after its release a grade can be appealed; 0 for never."),
    )
    version = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "marking policies"
        constraints = [
            models.CheckConstraint(
                condition=Q(second_marking__in=SecondMarkingRule.values),
                name="marking_policy_second_marking_known",
            ),
            models.CheckConstraint(
                condition=Q(sample_percent__range=(1, 100), divergence_percent__range=(1, 100)),
                name="marking_policy_percentages",
            ),
            models.CheckConstraint(
                condition=Q(undo_minutes__lte=120), name="marking_policy_two_hours_to_undo_at_most"
            ),
            models.CheckConstraint(
                condition=Q(appeal_days__lte=90),
                name="marking_policy_ninety_days_to_appeal_at_most",
            ),
        ]

    def __str__(self) -> str:
        return f"Marking of {self.project}"
