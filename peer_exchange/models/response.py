from typing import Self

from django.db import models
from django.db.models import Q

from lms.accounts.models import City, User
from lms.programme.enums import Role
from lms.programme.selectors import standing_of
from peer_exchange.models.experience import CityExperience


class ResponseQuerySet(models.QuerySet["Response"]):
    def visible_to(self, user: User) -> Self:
        """Responses are written to the cohort: people of the edition read those to
        experiences they see; what is hidden stays with its author and the moderators."""
        if user.is_superuser:
            return self
        standing = standing_of(user)
        looked_after = [
            edition_id
            for edition_id in standing.edition_ids
            if standing.has_role(edition_id, Role.MODERATOR, Role.COORDINATOR)
        ]
        return self.filter(
            Q(hidden_at__isnull=True) | Q(author=user) | Q(experience__edition__in=looked_after),
            experience__edition__in=standing.edition_ids,
            experience__in=CityExperience.objects.visible_to(user).values("pk"),
        )

    def shown(self) -> Self:
        return self.filter(hidden_at__isnull=True)


class Response(models.Model):
    """What somebody of the edition answers to a city's experience."""

    experience = models.ForeignKey(
        CityExperience, on_delete=models.PROTECT, related_name="responses"
    )
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="exchange_responses")
    city = models.ForeignKey(
        City,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The city the author spoke for; empty for the programme's staff.",
    )
    body = models.TextField()
    fingerprint = models.CharField(
        max_length=64, editable=False, help_text="Hash of the words: the same text is told by it."
    )
    created_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True, blank=True)
    hidden_reason = models.TextField(blank=True)
    hidden_at = models.DateTimeField(null=True, blank=True)
    hidden_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = ResponseQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            # A retry, or two clicks, must not make two responses.
            models.UniqueConstraint(
                fields=["experience", "author", "fingerprint"], name="response_same_text_once"
            ),
            models.CheckConstraint(condition=~Q(body=""), name="response_says_something"),
            models.CheckConstraint(
                condition=Q(hidden_at__isnull=True, hidden_by__isnull=True, hidden_reason="")
                | (Q(hidden_at__isnull=False, hidden_by__isnull=False) & ~Q(hidden_reason="")),
                name="response_hidden_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(edited_at__isnull=True) | Q(edited_at__gte=models.F("created_at")),
                name="response_edited_after_writing",
            ),
        ]
        indexes = [models.Index(fields=["author", "created_at"])]

    def __str__(self) -> str:
        return f"{self.author}: {self.experience}"


class ResponseRevision(models.Model):
    """Every wording a response has had, the first included. Append-only."""

    response = models.ForeignKey(Response, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveSmallIntegerField()
    body = models.TextField()
    written_at = models.DateTimeField()

    class Meta:
        ordering = ["response", "number"]
        constraints = [
            models.UniqueConstraint(fields=["response", "number"], name="response_revision_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="response_revisions_from_one"),
            models.CheckConstraint(condition=~Q(body=""), name="response_revision_says_something"),
        ]

    def __str__(self) -> str:
        return f"{self.response} r{self.number}"
