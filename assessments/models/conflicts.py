"""Conflicts of interest that no city shows: somebody says so."""

from typing import Self

from django.db import models
from django.db.models import Q

from assessments.models.submission import Submission
from lms.accounts.models import City, User
from lms.programme.models import Edition


class DeclaredConflictQuerySet(models.QuerySet["DeclaredConflict"]):
    def standing(self) -> Self:
        return self.filter(withdrawn_at=None)

    def visible_to(self, user: User) -> Self:
        """One's own, and those of editions one coordinates."""
        return self.filter(Q(person=user) | Q(edition__in=Edition.objects.coordinated_by(user)))


class DeclaredConflict(models.Model):
    """`person` does not judge one project, anything of one other person, or anything of one
    city, in any edition, until a coordinator takes it back. Append-only but for that."""

    edition = models.ForeignKey(
        Edition, on_delete=models.PROTECT, related_name="declared_conflicts"
    )
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="declared_conflicts")
    submission = models.ForeignKey(
        Submission, null=True, blank=True, on_delete=models.PROTECT,
        related_name="declared_conflicts",
    )  # fmt: skip
    other = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    city = models.ForeignKey(
        City, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField(max_length=1000)
    declared_at = models.DateTimeField()
    declared_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    withdrawn_reason = models.CharField(max_length=1000, blank=True)

    objects = DeclaredConflictQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(submission__isnull=False, other=None, city=None)
                | Q(submission=None, other__isnull=False, city=None)
                | Q(submission=None, other=None, city__isnull=False),
                name="declared_conflict_with_one_thing",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="declared_conflict_with_a_reason"),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None, withdrawn_reason="")
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False)
                & ~Q(withdrawn_reason=""),
                name="declared_conflict_withdrawn_with_a_reason",
            ),
            models.UniqueConstraint(
                fields=["person", "submission"],
                condition=Q(withdrawn_at=None, submission__isnull=False),
                name="declared_conflict_once_with_a_project",
            ),
            models.UniqueConstraint(
                fields=["person", "other"],
                condition=Q(withdrawn_at=None, other__isnull=False),
                name="declared_conflict_once_with_a_person",
            ),
            models.UniqueConstraint(
                fields=["person", "city"],
                condition=Q(withdrawn_at=None, city__isnull=False),
                name="declared_conflict_once_with_a_city",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: not {self.submission or self.other or self.city}"
