"""What a draft was before: for its writers, to look back and to bring back."""

from typing import Self

from django.db import models
from django.db.models import Q

from assessments.enums import DraftVersionKind
from assessments.models.submission import Submission
from assessments.models.team import is_in_team
from lms.accounts.models import User
from lms.core.models import KeptText, KeptVersion


class DraftText(KeptText):
    """A text that once stood in a section, kept once however often it came back. Append-only."""

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="kept_texts")

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


class DraftVersion(KeptVersion):
    """A project's draft as it stood at one time. Append-only."""

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="history")
    kind = models.CharField(max_length=12, choices=DraftVersionKind.choices)

    objects = DraftVersionQuerySet.as_manager()

    class Meta(KeptVersion.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=DraftVersionKind.values), name="draft_version_kind_known"
            )
        ]

    def __str__(self) -> str:
        return f"{self.submission_id}: version {self.version}, {self.kind}"
