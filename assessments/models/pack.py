from typing import Self

from django.db import models

from lms.accounts.models import User
from lms.programme.models import Edition


class PackReturnQuerySet(models.QuerySet["PackReturn"]):
    def visible_to(self, user: User) -> Self:
        """One's own alone: it holds what one marker gave."""
        return self.filter(by=user, edition__in=Edition.objects.taught_by(user))


class PackReturn(models.Model):
    """A sheet of marks that a marker brought back, and what became of each row. Append-only.

    `rows`: [{"row", "project", "criterion", "outcome", "reason", "sent_level", "sent_comment",
    "stored_level", "stored_comment"}], where `outcome` is applied, unchanged or refused.
    """

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="pack_returns")
    name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    rows = models.JSONField()
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    objects = PackReturnQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.edition}: {self.name}"

    def count(self, outcome: str) -> int:
        return sum(1 for row in self.rows if row["outcome"] == outcome)

    @property
    def applied(self) -> int:
        return self.count("applied")

    @property
    def unchanged(self) -> int:
        return self.count("unchanged")

    @property
    def refused(self) -> int:
        return self.count("refused")
