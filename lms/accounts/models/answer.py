from django.db import models
from django.db.models import Q

from lms.accounts.models.user import User


class KeptAnswer(models.Model):
    """What a person's program was answered, for when it asks again with the same key.

    The row is written before the work and completed after it, in one transaction: nobody
    ever sees one without its answer.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="kept_answers")
    key = models.CharField(max_length=80)
    request_sha256 = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.TextField(blank=True, help_text="JSON, as it was sent; empty for none.")
    asked_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="kept_answer_once_a_key"),
            models.CheckConstraint(
                condition=Q(status__isnull=True) | Q(status__range=(200, 299)),
                name="kept_answer_is_no_refusal",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.key}"
