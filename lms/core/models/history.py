"""What a draft was before: the two tables that every kind of draft keeps its history in."""

from django.conf import settings
from django.db import models


class KeptText(models.Model):
    """A text that once stood in a draft, kept once however often it came back."""

    sha256 = models.CharField(max_length=64)
    text = models.TextField()

    class Meta:
        abstract = True


class KeptVersion(models.Model):
    """A draft as it stood at one time.

    `version`: the draft's, at that time. `sections`: section key → [hash of its text, its
    words]; a section that was empty is missing. `changed`: the keys of those that differ
    from the version kept before. A model of it adds `kind` and the draft it belongs to.
    """

    version = models.PositiveIntegerField()
    sections = models.JSONField()
    changed = models.JSONField()
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        abstract = True
        ordering = ["-id"]
