from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lms.accounts.models import City, User
from peer_exchange.enums import TopicKind
from peer_exchange.models.taxonomy import Theme

ABOUT_MAX = 3_000
WORDS_MAX = 300
DOES_MAX = 160
OFFICE_MAX = 200


class CityProfile(models.Model):
    """What a city says of itself. `languages`: ISO 639-1 codes with spaces between, in the
    city's own order. `version` counts the saves (invariant 3)."""

    city = models.OneToOneField(City, on_delete=models.PROTECT, related_name="profile")
    population = models.PositiveIntegerField(null=True, blank=True)
    languages = models.CharField(max_length=120, blank=True)
    office_name = models.CharField(max_length=OFFICE_MAX, blank=True)
    about = models.TextField(blank=True)
    website = models.URLField(max_length=300, blank=True)
    version = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField(null=True, blank=True)
    saved_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["city"]
        constraints = [
            models.CheckConstraint(
                condition=Q(saved_at__isnull=True, saved_by__isnull=True)
                | Q(saved_at__isnull=False, saved_by__isnull=False),
                name="city_profile_saved_pair",
            ),
            models.CheckConstraint(
                condition=Q(population__isnull=True) | Q(population__gte=1),
                name="city_profile_has_people",
            ),
        ]
        indexes = [models.Index(fields=["population"], name="city_profile_population")]

    def __str__(self) -> str:
        return str(self.city)

    @property
    def language_codes(self) -> tuple[str, ...]:
        return tuple(self.languages.split())


class ShownMember(models.Model):
    """Somebody of a city's team who agreed to be named on its page. No row: not shown.
    They take it back whenever they like."""

    city = models.ForeignKey(City, on_delete=models.PROTECT, related_name="shown_members")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="shown_in")
    does = models.CharField(max_length=DOES_MAX, blank=True, help_text=_("What they work on."))
    agreed_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["city", "user"], name="member_shown_once_a_city")
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.city}"


class CityTopic(models.Model):
    """One theme that a city looks for or has to give, in its own words."""

    city = models.ForeignKey(City, on_delete=models.PROTECT, related_name="topics")
    kind = models.CharField(max_length=8, choices=TopicKind.choices)
    theme: Any = models.ForeignKey(Theme, on_delete=models.PROTECT, related_name="topics")
    words = models.CharField(max_length=WORDS_MAX, blank=True)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["kind", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["city", "kind", "theme"],
                condition=Q(removed_at__isnull=True),
                name="city_topic_once",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=TopicKind.values), name="city_topic_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(removed_at__isnull=True, removed_by__isnull=True)
                | Q(removed_at__isnull=False, removed_by__isnull=False),
                name="city_topic_removed_pair",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.city}: {self.get_kind_display()} {self.theme}"


class DismissedMatch(models.Model):
    """A suggestion that a city does not want to see now; taking it back deletes the row."""

    city = models.ForeignKey(City, on_delete=models.PROTECT, related_name="dismissed_matches")
    other = models.ForeignKey(City, on_delete=models.PROTECT, related_name="+")
    dismissed_at = models.DateTimeField()
    dismissed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["city", "other"], name="match_dismissed_once"),
            models.CheckConstraint(
                condition=~Q(city=models.F("other")), name="match_is_another_city"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.city}: {self.other}"
