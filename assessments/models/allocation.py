"""Who reads which languages, and projects allocated to many markers at once."""

from typing import Self

from django.db import models
from django.db.models import Q

from assessments.models.project import Project
from lms.accounts.models import User
from lms.programme.models import Edition


class LanguageProfileQuerySet(models.QuerySet["LanguageProfile"]):
    def visible_to(self, user: User) -> Self:
        """One's own, and those of editions one works for."""
        return self.filter(Q(user=user) | Q(edition__in=Edition.objects.taught_by(user)))


class LanguageProfile(models.Model):
    """The languages somebody reads in an edition and the one they write their project in
    (ISO 639-1). Who says nothing reads and writes those of the edition."""

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="language_profiles")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="language_profiles")
    reads = models.JSONField(default=list)
    writes = models.CharField(max_length=8, blank=True)
    version = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    objects = LanguageProfileQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "user"], name="language_profile_once")
        ]

    def __str__(self) -> str:
        return f"{self.user}: {', '.join(self.reads)}"


class AllocationRunQuerySet(models.QuerySet["AllocationRun"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(project__edition__in=Edition.objects.coordinated_by(user))


class AllocationRun(models.Model):
    """Projects allocated by rule, as the preview showed it. Append-only.

    `rule`: {"markers", "match_language", "most", "again"}; `allocations`: [{"attempt",
    "marker", "before"}], `before` the marker it was taken from or null. `digest` is the
    hash of what was previewed, after `number` runs: the same one is applied once.
    """

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="allocation_runs")
    number = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    rule = models.JSONField()
    allocations = models.JSONField()
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    objects = AllocationRunQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="allocation_run_once"),
            models.UniqueConstraint(fields=["project", "digest"], name="allocation_run_as_shown"),
        ]

    def __str__(self) -> str:
        return f"{self.project}: allocation {self.number}"

    @property
    def edition_id(self) -> int:
        return self.project.edition_id
