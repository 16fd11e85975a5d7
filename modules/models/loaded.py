from typing import Any

from django.db import models
from django.db.models import Q

from lms.programme.models import Edition


class LoadedPage(models.Model):
    """A page that `load_diploma` made, and how it left it.

    A page whose newest revision is another one was edited by a person, and one
    that is gone was deleted by a person: loading again touches neither.
    """

    edition = models.ForeignKey(
        Edition, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    key = models.CharField(max_length=200)
    page = models.ForeignKey(
        "wagtailcore.Page", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    source_sha256 = models.CharField(max_length=64)
    revision_id = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            # Two, for SQLite takes one NULL for another than the next.
            models.UniqueConstraint(
                fields=["key"], condition=Q(edition__isnull=True), name="loaded_page_once"
            ),
            models.UniqueConstraint(
                fields=["edition", "key"],
                condition=Q(edition__isnull=False),
                name="loaded_page_once_in_an_edition",
            ),
        ]

    def __str__(self) -> str:
        return self.key

    def is_as_loaded(self, page: Any) -> bool:
        return bool(page.latest_revision_id == self.revision_id)
