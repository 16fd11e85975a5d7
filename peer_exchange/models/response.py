from typing import Any, Self

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q

from lms.accounts.models import City, User
from lms.programme.enums import Role
from lms.programme.selectors import standing_of
from peer_exchange.enums import Part, ResponseKind
from peer_exchange.models.experience import CityExperience


class ResponseQuerySet(models.QuerySet["Response"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Responses are written to the cohort: people of the edition read those to
        experiences they see; what is hidden stays with its author and the moderators."""
        if user.is_superuser:
            return self
        if not user.is_authenticated:
            return self.none()
        standing = standing_of(user)
        looked_after = standing.editions_as(Role.MODERATOR, Role.COORDINATOR)
        return self.filter(
            Q(hidden_at__isnull=True) | Q(author=user) | Q(experience__edition__in=looked_after),
            experience__edition__in=standing.edition_ids,
            experience__in=CityExperience.objects.visible_to(user).values("pk"),
        )

    def shown(self) -> Self:
        return self.filter(hidden_at__isnull=True)


class Response(models.Model):
    """What somebody of the edition answers to a city's experience, or to a response.

    Threads are two floors high: `thread` is the response at the head of it, empty for the
    head itself, `parent` the one that is answered. `position` counts the replies of a
    thread from 1 in the order they came, `reply_count` (of a head) those that are not
    hidden; both are kept under the lock of the experience. `part`: what of the text it is
    about; empty for all of it. A question may have an `answer`: a reply in its thread.
    """

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
    parent: Any = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="replies"
    )
    thread: Any = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="thread_replies"
    )
    position = models.PositiveIntegerField(default=0)
    reply_count = models.PositiveIntegerField(default=0)
    part = models.CharField(max_length=12, choices=Part.choices, blank=True)
    kind = models.CharField(
        max_length=10, choices=ResponseKind.choices, default=ResponseKind.RESPONSE
    )
    body = models.TextField()
    fingerprint = models.CharField(
        max_length=64, editable=False, help_text="Hash of the words: the same text is told by it."
    )
    created_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True, blank=True)
    answer: Any = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="answers"
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
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
                fields=["experience", "author", "fingerprint"],
                condition=Q(parent__isnull=True),
                name="response_same_text_once",
            ),
            models.UniqueConstraint(
                fields=["parent", "author", "fingerprint"], name="reply_same_text_once"
            ),
            models.UniqueConstraint(
                fields=["thread", "position"],
                condition=Q(thread__isnull=False),
                name="reply_position_once",
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=True, thread__isnull=True, position=0)
                | Q(parent__isnull=False, thread__isnull=False, position__gte=1, reply_count=0),
                name="response_in_a_thread_or_its_head",
            ),
            models.CheckConstraint(
                condition=Q(part="") | Q(part__in=Part.values), name="response_part_known"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=ResponseKind.values), name="response_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answered_by__isnull=True, answer__isnull=True)
                | Q(
                    kind=ResponseKind.QUESTION,
                    answered_at__isnull=False,
                    answered_by__isnull=False,
                    answer__isnull=False,
                ),
                name="response_answered_question",
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
        indexes = [
            models.Index(fields=["author", "created_at"]),
            models.Index(
                fields=["experience", "-id"],
                condition=Q(thread__isnull=True),
                name="response_heads_of_experience",
            ),
            models.Index(
                fields=["experience", "id"],
                condition=Q(kind=ResponseKind.QUESTION, answered_at__isnull=True),
                name="response_open_questions",
            ),
            models.Index(fields=["fingerprint"], name="response_by_fingerprint"),
        ]

    def __str__(self) -> str:
        return f"{self.author}: {self.experience}"

    @property
    def head_id(self) -> int:
        """Id of the response at the head of its thread, perhaps its own."""
        return self.thread_id or self.pk

    @property
    def is_open_question(self) -> bool:
        return self.kind == ResponseKind.QUESTION and self.answered_at is None


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


class WithheldWording(models.Model):
    """A moderator took one earlier wording away, perhaps because of somebody's personal
    data in it: readers learn that there was one. The words stay with the author and the
    moderators; taking this back deletes the row."""

    revision = models.OneToOneField(
        ResponseRevision, on_delete=models.PROTECT, related_name="withheld"
    )
    reason = models.TextField()
    withheld_at = models.DateTimeField()
    withheld_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="wording_withheld_with_reason")
        ]

    def __str__(self) -> str:
        return str(self.revision)


class Mention(models.Model):
    """Somebody whose name a response calls with an @."""

    response = models.ForeignKey(Response, on_delete=models.PROTECT, related_name="mentions")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="exchange_mentions")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["response", "user"], name="mention_once_a_response")
        ]

    def __str__(self) -> str:
        return f"@{self.user}"
