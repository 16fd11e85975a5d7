"""What people want to hear of, and from whom they do not."""

from django.db import models
from django.db.models import Q

from lms.accounts.models import City, User
from peer_exchange.enums import Distance, NoticeReason
from peer_exchange.models.experience import CityExperience
from peer_exchange.models.response import Response


class Follow(models.Model):
    """Somebody follows an experience (its responses) or a city (what it publishes)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="follows")
    experience = models.ForeignKey(
        CityExperience,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="followings",
    )
    city = models.ForeignKey(
        City, null=True, blank=True, on_delete=models.PROTECT, related_name="followings"
    )
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(experience__isnull=False, city__isnull=True)
                | Q(experience__isnull=True, city__isnull=False),
                name="follow_one_thing",
            ),
            models.UniqueConstraint(fields=["experience", "user"], name="follow_experience_once"),
            models.UniqueConstraint(fields=["city", "user"], name="follow_city_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.experience or self.city}"


class KeptAway(models.Model):
    """Somebody keeps another person away: muted, I do not read them; blocked, they do not
    answer, mention or reach me either. Never told to the other."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="kept_away")
    other = models.ForeignKey(User, on_delete=models.CASCADE, related_name="kept_away_by")
    distance = models.CharField(max_length=8, choices=Distance.choices)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "kept away"
        constraints = [
            models.UniqueConstraint(fields=["user", "other"], name="kept_away_once"),
            models.CheckConstraint(condition=~Q(user=models.F("other")), name="kept_away_another"),
            models.CheckConstraint(
                condition=Q(distance__in=Distance.values), name="kept_away_distance_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.other} {self.distance}"


class Notice(models.Model):
    """Somebody is to be told of a response, or (without one) of a new experience.

    It holds no word of either: what it says is read when the mail is written, so that
    nothing hidden meanwhile is told. `told_at`: told, or found to be nothing to tell.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notices")
    experience = models.ForeignKey(CityExperience, on_delete=models.PROTECT, related_name="+")
    response = models.ForeignKey(
        Response, null=True, blank=True, on_delete=models.PROTECT, related_name="notices"
    )
    reason = models.CharField(max_length=10, choices=NoticeReason.choices)
    created_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(reason__in=NoticeReason.values), name="notice_reason_known"
            ),
            # A batch that is run twice tells nobody twice.
            models.UniqueConstraint(
                fields=["response", "user"],
                condition=~Q(reason=NoticeReason.ANSWER),
                name="notice_of_response_once",
            ),
            models.UniqueConstraint(
                fields=["response", "user"],
                condition=Q(reason=NoticeReason.ANSWER),
                name="notice_of_answer_once",
            ),
            models.UniqueConstraint(
                fields=["experience", "user"],
                condition=Q(response__isnull=True),
                name="notice_of_experience_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["user", "created_at"],
                condition=Q(told_at__isnull=True),
                name="notice_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.reason}"
