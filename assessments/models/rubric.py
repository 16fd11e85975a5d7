from typing import Self

from django.db import models
from django.db.models import Q

from lms.accounts.models import User
from lms.programme.models import Edition


class RubricQuerySet(models.QuerySet["Rubric"]):
    def kept(self) -> Self:
        """Those that nobody has deleted."""
        return self.filter(deleted_at__isnull=True)

    def visible_to(self, user: User) -> Self:
        """For instructors and coordinators of the edition. Participants read the version in
        force with the guidelines."""
        return self.filter(edition__in=Edition.objects.taught_by(user))


class Rubric(models.Model):
    """What a final project is marked on; its content is in versions.

    A rubric that is not in use can be deleted: it leaves the lists, and can be brought
    back. What was published of it stays, as all evidence does (invariants 13 and 16).
    """

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="rubrics")
    title = models.CharField(max_length=200)
    deleted_at = models.DateTimeField(null=True, blank=True)
    deleted_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = RubricQuerySet.as_manager()

    class Meta:
        ordering = ["title"]
        constraints = [
            models.CheckConstraint(
                condition=Q(deleted_at__isnull=True, deleted_by__isnull=True)
                | Q(deleted_at__isnull=False, deleted_by__isnull=False),
                name="rubric_deleted_by_somebody",
            )
        ]

    def __str__(self) -> str:
        return self.title


class RubricVersionQuerySet(models.QuerySet["RubricVersion"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(rubric__in=Rubric.objects.visible_to(user))


class RubricVersion(models.Model):
    """A rubric as it stood at a time. Append-only, with its criteria and levels."""

    rubric = models.ForeignKey(Rubric, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    pass_percent = models.DecimalField(max_digits=5, decimal_places=2)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = RubricVersionQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["rubric", "number"], name="rubric_version_once"),
            models.CheckConstraint(
                condition=Q(pass_percent__gte=0, pass_percent__lte=100),
                name="rubric_pass_is_a_percentage",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rubric} v{self.number}"


class RubricDraft(models.Model):
    """The working copy of a rubric, as it was typed (`assessments.rubric_working`); one for
    all who write on it. `version` counts its saves (invariant 3)."""

    rubric = models.OneToOneField(Rubric, on_delete=models.PROTECT, related_name="draft")
    content = models.JSONField()
    version = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.rubric}: working copy"


class Criterion(models.Model):
    """One thing a project is judged by. `weight` is in per cent of the whole."""

    version = models.ForeignKey(RubricVersion, on_delete=models.PROTECT, related_name="criteria")
    key = models.SlugField()
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    weight = models.DecimalField(max_digits=5, decimal_places=2)
    order = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["order"]
        verbose_name_plural = "criteria"
        constraints = [
            models.UniqueConstraint(fields=["version", "key"], name="criterion_once"),
            models.CheckConstraint(
                condition=Q(weight__gt=0, weight__lte=100), name="criterion_weight_is_a_percentage"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def level_of(self, key: str) -> "Level":
        """By its key, of levels that are at hand (`prefetch_related`)."""
        return next(level for level in self.levels.all() if level.key == key)


class Level(models.Model):
    """How well a criterion is met. `points` count within the criterion."""

    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="levels")
    key = models.SlugField()
    title = models.CharField(max_length=120)
    points = models.DecimalField(max_digits=6, decimal_places=2)
    descriptor = models.TextField()
    order = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["order"]
        constraints = [
            models.UniqueConstraint(fields=["criterion", "key"], name="level_once"),
            models.CheckConstraint(condition=Q(points__gte=0), name="level_points_not_negative"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def grammatical_number(self) -> int:
        """For plural forms: “1 point”, but “1.5 points”."""
        return 1 if self.points == 1 else 2
