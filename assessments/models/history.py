"""What a draft was before: for its writers, to look back and to bring back."""

from typing import Self

from django.db import models
from django.db.models import Q

from assessments.enums import DraftVersionKind
from assessments.models.submission import Submission
from assessments.models.team import is_in_team
from lms.accounts.models import User


class DraftText(models.Model):
    """A text that once stood in a section, kept once however often it came back. Append-only."""

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="kept_texts")
    sha256 = models.CharField(max_length=64)
    text = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["submission", "sha256"], name="draft_text_once")
        ]

    def __str__(self) -> str:
        return f"{self.submission_id}: {self.sha256[:12]}"


class DraftVersionQuerySet(models.QuerySet["DraftVersion"]):
    def visible_to(self, user: User) -> Self:
        """Of projects one writes, and of one's own that was set aside. Staff read what was
        handed in, not how it came about."""
        set_aside = Q(submission__owner__user=user, submission__parked_at__isnull=False)
        return self.filter(is_in_team(user, "submission") | set_aside)


class DraftVersion(models.Model):
    """A draft as it stood at one time. Append-only.

    `version`: the draft's, at that time. `sections`: section key → [hash of its text
    (`DraftText`), its words]; a section that was empty is missing. `changed`: the keys of
    those that differ from the version kept before.
    """

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="history")
    kind = models.CharField(max_length=12, choices=DraftVersionKind.choices)
    version = models.PositiveIntegerField()
    sections = models.JSONField()
    changed = models.JSONField()
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    objects = DraftVersionQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=DraftVersionKind.values), name="draft_version_kind_known"
            )
        ]

    def __str__(self) -> str:
        return f"{self.submission_id}: version {self.version}, {self.kind}"
