from datetime import datetime, timedelta
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from assessments.models.rubric import Rubric
from lms.accounts.models import User
from lms.core.clock import instant_of, validate_zone
from lms.programme.models import Edition

# Two weeks, three days and a day before the deadline.
REMINDER_HOURS = (336, 72, 24)


def default_reminders() -> list[int]:
    return list(REMINDER_HOURS)


class ProjectQuerySet(models.QuerySet["Project"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(edition__in=Edition.objects.visible_to(user))


class Project(models.Model):
    """The final project of an edition: guidelines, rubric, deadline."""

    edition = models.OneToOneField(Edition, on_delete=models.PROTECT, related_name="project")
    rubric = models.ForeignKey(Rubric, on_delete=models.PROTECT, related_name="projects")
    guidelines_page = models.OneToOneField(
        "assessments.GuidelinesPage", on_delete=models.PROTECT, related_name="project"
    )
    # Invariant 12: a deadline is a wall time, a zone and the instant they name.
    deadline_wall = models.DateTimeField(
        help_text=_("The time on the clock in the deadline's zone, stored as if it were UTC.")
    )
    deadline_zone = models.CharField(max_length=64, validators=[validate_zone])
    deadline_at = models.DateTimeField(editable=False)
    grace_minutes = models.PositiveIntegerField(default=0)
    accepts_late = models.BooleanField(
        default=True, help_text=_("Late projects are accepted and marked as late.")
    )
    reminder_hours = models.JSONField(
        default=default_reminders,
        blank=True,
        help_text=_("Hours before the effective deadline at which people are reminded."),
    )
    required_guidelines = models.ForeignKey(
        "assessments.GuidelinesVersion",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("Projects handed in from now on follow this version or a later one."),
    )

    upload_window_minutes = models.PositiveSmallIntegerField(
        default=30,
        help_text=_(
            "Uploads that run when somebody submits before the deadline may finish this long "
            "after it."
        ),
    )

    objects = ProjectQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(grace_minutes__lte=7 * 24 * 60), name="project_grace_a_week_at_most"
            ),
            models.CheckConstraint(
                condition=Q(upload_window_minutes__lte=240),
                name="project_upload_window_four_hours_at_most",
            ),
        ]

    def __str__(self) -> str:
        return f"Final project, {self.edition}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.deadline_at = instant_of(self.deadline_wall.replace(tzinfo=None), self.deadline_zone)
        super().save(*args, **kwargs)

    @property
    def effective_deadline_at(self) -> datetime:
        """Official deadline and grace, for everybody; what a participant was
        granted comes on top (`selectors.effective_deadline_of`)."""
        return self.deadline_at + timedelta(minutes=self.grace_minutes)


class GuidelinesVersion(models.Model):
    """The guidelines as they stood when they were published: a frozen copy. Append-only.

    `content`: {"title", "summary", "intro", "sections": [{"key", "title", "help",
    "recommended_words", "required"}], "files": {"types", "max_mb", "max_count",
    "note"}, "integrity"}, where `intro`, `help` and `integrity` are clean HTML;
    `sha256` is the hash of its canonical JSON. Since teams there are {"team": {"allowed",
    "max_members"}} and what the coordinator sets (docs/adr/0013): {"deadline": {"at",
    "wall", "zone", "grace_minutes", "accepts_late"}, "rubric": {"title", "number",
    "sha256"} or None}; older versions lack them.
    """

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="guidelines")
    number = models.PositiveIntegerField()
    content = models.JSONField()
    sha256 = models.CharField(max_length=64)
    page_revision_id = models.PositiveBigIntegerField(null=True, blank=True)
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="guidelines_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.project}: guidelines v{self.number}"

    @property
    def section_keys(self) -> tuple[str, ...]:
        return tuple(section["key"] for section in self.content["sections"])
