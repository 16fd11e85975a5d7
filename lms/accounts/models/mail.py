from django.db import models
from django.db.models import Q

from lms.accounts.enums import MailCadence, MailKind
from lms.accounts.models.user import User


class MailChoice(models.Model):
    """How often somebody wants mails of one kind; without a row, the usual (`enums`)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="mail_choices")
    kind = models.CharField(max_length=20, choices=MailKind.choices)
    cadence = models.CharField(max_length=10, choices=MailCadence.choices)
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["user", "kind"], name="mail_choice_once_a_kind"),
            models.CheckConstraint(
                condition=Q(kind__in=MailKind.values), name="mail_choice_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(cadence__in=MailCadence.values), name="mail_choice_cadence_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.kind} {self.cadence}"


class DigestLine(models.Model):
    """One thing that waits for somebody's next digest: a sentence and where to read more."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="digest_lines")
    kind = models.CharField(max_length=20, choices=MailKind.choices)
    line = models.CharField(max_length=500)
    url = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=MailKind.values), name="digest_line_kind_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["user", "kind", "created_at"],
                condition=Q(sent_at__isnull=True),
                name="digest_line_waiting",
            )
        ]

    def __str__(self) -> str:
        return self.line
