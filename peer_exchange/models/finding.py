from typing import Any, Self
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lms.accounts.models import User
from lms.programme.models import Edition
from peer_exchange.enums import DigestCadence
from peer_exchange.models.experience import CityExperience


class ExperienceWords(models.Model):
    """What a search looks through: an experience's words in their normal form, and what
    it is counted by. Written by `actions.indexing` alone.

    The index itself is kept by the database (`peer_exchange.fulltext_index`): a generated
    column with a GIN index on PostgreSQL, an FTS5 table on SQLite. `tags`: "t3 f12",
    the ids of themes and facets.
    """

    experience: Any = models.OneToOneField(
        CityExperience, primary_key=True, on_delete=models.PROTECT, related_name="words"
    )
    tags = models.CharField(max_length=1000, blank=True)
    language = models.CharField(max_length=12, blank=True)
    title = models.TextField(blank=True)
    summary = models.TextField(blank=True)
    labels = models.TextField(blank=True)
    body = models.TextField(blank=True)

    class Meta:
        verbose_name_plural = "experience words"

    def __str__(self) -> str:
        return self.title


class IndexStamp(models.Model):
    """Changes with every transaction after which what is published is counted otherwise:
    its row (`ONLY`) never holds the same stamp twice, also where one was rolled back."""

    ONLY = 1

    stamp = models.UUIDField(default=uuid4)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="index_stamp_stands_alone")]

    def __str__(self) -> str:
        return str(self.stamp)


class SearchWord(models.Model):
    """A word of some published text, for whoever mistypes it. Whether a reader may be
    offered it is asked of the texts they may read, every time."""

    word = models.CharField(max_length=64, unique=True)
    initial = models.CharField(max_length=1)
    ending = models.CharField(max_length=2)
    length = models.PositiveSmallIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["initial", "length"], name="search_word_by_initial"),
            models.Index(fields=["ending", "length"], name="search_word_by_ending"),
        ]

    def __str__(self) -> str:
        return self.word


class SavedSearchQuerySet(models.QuerySet["SavedSearch"]):
    def visible_to(self, user: User) -> Self:
        """One's own alone: what somebody looks for is nobody else's business."""
        return self.filter(user=user)

    def kept(self) -> Self:
        return self.filter(removed_at__isnull=True)


class SavedSearch(models.Model):
    """A search somebody wants to keep, with a letter about what is new in it.

    `wanted`: {"q", "exact", "chosen": {group: [value]}} as `peer_exchange.wanted` reads
    it; `fingerprint` tells the same search again. What came out before `looked_at` is not
    new. `digest_at`: when its next letter is due, empty without one.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="saved_searches")
    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    wanted = models.JSONField()
    fingerprint = models.CharField(max_length=64, editable=False)
    cadence = models.CharField(
        max_length=10, choices=DigestCadence.choices, default=DigestCadence.WEEKLY
    )
    created_at = models.DateTimeField()
    looked_at = models.DateTimeField(help_text=_("What came out until then has been told."))
    digest_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = SavedSearchQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "saved searches"
        constraints = [
            models.CheckConstraint(
                condition=Q(cadence__in=DigestCadence.values), name="saved_search_cadence_known"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="saved_search_has_a_name"),
            models.CheckConstraint(
                condition=Q(digest_at__isnull=True)
                | (Q(removed_at__isnull=True) & ~Q(cadence=DigestCadence.NEVER)),
                name="saved_search_due_only_where_wanted",
            ),
            models.UniqueConstraint(
                fields=["user", "edition", "fingerprint"], name="saved_search_once"
            ),
        ]
        indexes = [models.Index(fields=["digest_at"], name="saved_search_due")]

    def __str__(self) -> str:
        return self.name


class ToldExperience(models.Model):
    """An experience that a letter about a saved search has named: never again in another,
    also when it is published anew."""

    search = models.ForeignKey(SavedSearch, on_delete=models.PROTECT, related_name="told")
    experience = models.ForeignKey(CityExperience, on_delete=models.PROTECT, related_name="+")
    told_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["search", "experience"], name="experience_told_once")
        ]

    def __str__(self) -> str:
        return f"{self.search}: {self.experience_id}"
