from django.db import models

from assessments.models.submission import Attempt
from lms.accounts.models import User


class SecondMarking(models.Model):
    """An attempt that two people mark, neither seeing what the other gives. Append-only:
    drawn or asked for once, it stays so for this attempt.

    `asked_by` None: the policy of the edition chose it when its marking began.
    """

    attempt = models.OneToOneField(Attempt, on_delete=models.PROTECT, related_name="second_marking")
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.attempt}: two markers"
