from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from assessments.enums import ReleaseItemOutcome, ReleaseStatus
from assessments.models.marking import Grade, GradeRevision
from lms.accounts.models import User
from lms.programme.models import Edition


class ReleaseQuerySet(models.QuerySet["Release"]):
    def visible_to(self, user: User) -> Self:
        """For instructors and coordinators of the edition."""
        return self.filter(edition__in=Edition.objects.taught_by(user))


class Release(models.Model):
    """Grades that are shown to their participants together, as they were rehearsed.
    Append-only but for its state.

    `sha256`: of what was rehearsed (`selectors.releasing.Rehearsal`); whoever confirms it
    confirms that and nothing else. `needs_confirmation`, `undo_minutes`: the policy when it
    was made. `takes_effect_at`: the end of the undo window; until then participants see
    nothing and nobody is told. `version` counts its moves (invariant 3).
    """

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="releases")
    status = models.CharField(
        max_length=24, choices=ReleaseStatus.choices, default=ReleaseStatus.PREPARED
    )
    sha256 = models.CharField(max_length=64)
    needs_confirmation = models.BooleanField()
    undo_minutes = models.PositiveSmallIntegerField()
    version = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    takes_effect_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = ReleaseQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=ReleaseStatus.values), name="release_status_known"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True, confirmed_by__isnull=True)
                | Q(confirmed_at__isnull=False, confirmed_by__isnull=False),
                name="release_confirmed_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(confirmed_by=models.F("made_by")),
                name="release_confirmed_by_somebody_else",
            ),
            models.CheckConstraint(
                condition=Q(needs_confirmation=False)
                | Q(takes_effect_at__isnull=True)
                | Q(confirmed_at__isnull=False),
                name="release_confirmed_before_it_takes_effect",
            ),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True, undone_by__isnull=True)
                & ~Q(status=ReleaseStatus.UNDONE)
                | Q(undone_at__isnull=False, undone_by__isnull=False, status=ReleaseStatus.UNDONE),
                name="release_undone_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.edition}: {self.get_status_display()}"


class ReleaseItemQuerySet(models.QuerySet["ReleaseItem"]):
    def waiting(self) -> Self:
        return self.filter(outcome=ReleaseItemOutcome.WAITING)


class ReleaseItem(models.Model):
    """A grade of a release, as it was rehearsed, and what became of it. Append-only but
    for its outcome.

    `grade_version`, `revision`: a grade that is another one when the release takes effect
    is left out, with the reason. `part`: those released in one transaction.
    """

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="items")
    grade = models.ForeignKey(Grade, on_delete=models.PROTECT, related_name="release_items")
    grade_version = models.PositiveIntegerField()
    revision = models.ForeignKey(GradeRevision, on_delete=models.PROTECT, related_name="+")
    part = models.PositiveIntegerField()
    outcome = models.CharField(
        max_length=12, choices=ReleaseItemOutcome.choices, default=ReleaseItemOutcome.WAITING
    )
    reason = models.CharField(max_length=300, blank=True, help_text=_("Why it was left out."))
    settled_at = models.DateTimeField(null=True, blank=True)

    objects = ReleaseItemQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["release", "grade"], name="release_item_once"),
            models.UniqueConstraint(
                fields=["grade"],
                condition=Q(outcome=ReleaseItemOutcome.WAITING),
                name="release_item_one_waits",
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=ReleaseItemOutcome.values),
                name="release_item_outcome_known",
            ),
            models.CheckConstraint(
                condition=Q(outcome=ReleaseItemOutcome.WAITING, settled_at__isnull=True)
                | ~Q(outcome=ReleaseItemOutcome.WAITING) & Q(settled_at__isnull=False),
                name="release_item_settled_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(outcome=ReleaseItemOutcome.LEFT_OUT) | ~Q(reason=""),
                name="release_item_left_out_with_a_reason",
            ),
        ]
        indexes = [models.Index(fields=["release", "part"], name="release_item_part")]

    def __str__(self) -> str:
        return f"{self.release_id}: {self.grade_id}"
