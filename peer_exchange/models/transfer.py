from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from lms.accounts.models import City, User
from lms.programme.enums import Role
from lms.programme.models import Edition
from lms.programme.selectors import standing_of
from peer_exchange.enums import Answer, TransferEventKind, TransferStatus
from peer_exchange.models.experience import CityExperience

S = TransferStatus
EVIDENCE_TITLE_MAX = 160
# After so many months the adopting city is asked how it is going.
FOLLOW_UP_MONTHS = (6, 12)


def _pair(step: str, *, text: str = "") -> Q:
    """`<step>_at` and `<step>_by` are set together or not at all; so is the `text`."""
    done = Q(**{f"{step}_at__isnull": False, f"{step}_by__isnull": False})
    not_done = Q(**{f"{step}_at__isnull": True, f"{step}_by__isnull": True})
    if text:
        return (done & ~Q(**{text: ""})) | (not_done & Q(**{text: ""}))
    return done | not_done


class TransferQuerySet(models.QuerySet["Transfer"]):
    def visible_to(self, user: User) -> Self:
        """The two cities see theirs; staff those of their editions; everybody else those of
        experiences they may read, unless the source city disputes the claim."""
        if user.is_superuser:
            return self
        standing = standing_of(user)
        cities = standing.cities
        looked_after = standing.editions_as(Role.MODERATOR, Role.COORDINATOR)
        return self.filter(
            Q(city__in=cities)
            | Q(source_city__in=cities)
            | Q(edition__in=looked_after)
            | (
                ~Q(answer=Answer.DISPUTED)
                & Q(experience__in=CityExperience.objects.visible_to(user).values("pk"))
            )
        )

    def counted(self) -> Self:
        """Those that a picture of who learned from whom may show."""
        return self.exclude(answer=Answer.DISPUTED)

    def with_words(self) -> Self:
        return self.select_related("experience", "city", "source_city", "edition", "claimed_by")


class Transfer(models.Model):
    """One city taking up another's practice. The adopting city claims, the source confirms.

    `edition` is where the claim was made; afterwards whoever speaks for one of the two
    cities acts, in whichever edition. `source_city` is the experience's, kept here for the
    constraint and for pictures. `version` counts the events (invariant 3): replaying them
    gives the state.
    """

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="transfers")
    experience = models.ForeignKey(
        CityExperience, on_delete=models.PROTECT, related_name="transfers"
    )
    source_city = models.ForeignKey(City, on_delete=models.PROTECT, related_name="transfers_out")
    city = models.ForeignKey(City, on_delete=models.PROTECT, related_name="transfers_in")
    status = models.CharField(max_length=16, choices=S.choices, default=S.INTERESTED)
    why = models.TextField(help_text=_("What the city hopes for, in its own words."))
    version = models.PositiveIntegerField(default=0)
    claimed_at = models.DateTimeField()
    claimed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    moved_at = models.DateTimeField()
    stopped_reason = models.TextField(blank=True)
    stopped_at = models.DateTimeField(null=True, blank=True)
    stopped_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    answer = models.CharField(max_length=10, choices=Answer.choices, default=Answer.WAITING)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    disputed_reason = models.TextField(blank=True)

    objects = TransferQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            # One city, one practice, one transfer; after stopping it may begin anew.
            models.UniqueConstraint(
                fields=["experience", "city"],
                condition=~Q(status=S.STOPPED),
                name="transfer_once_a_city",
            ),
            models.CheckConstraint(
                condition=~Q(city=F("source_city")), name="transfer_from_another_city"
            ),
            models.CheckConstraint(condition=Q(status__in=S.values), name="transfer_status_known"),
            models.CheckConstraint(
                condition=Q(answer__in=Answer.values), name="transfer_answer_known"
            ),
            models.CheckConstraint(
                condition=_pair("stopped", text="stopped_reason"),
                name="transfer_stopped_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(status=S.STOPPED, stopped_at__isnull=False)
                | (~Q(status=S.STOPPED) & Q(stopped_at__isnull=True)),
                name="transfer_stopped_state",
            ),
            models.CheckConstraint(condition=_pair("answered"), name="transfer_answered_pair"),
            models.CheckConstraint(
                condition=Q(answer=Answer.WAITING, answered_at__isnull=True)
                | (~Q(answer=Answer.WAITING) & Q(answered_at__isnull=False)),
                name="transfer_answered_state",
            ),
            models.CheckConstraint(
                condition=(Q(answer=Answer.DISPUTED) & ~Q(disputed_reason=""))
                | (~Q(answer=Answer.DISPUTED) & Q(disputed_reason="")),
                name="transfer_disputed_with_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["city", "status"], name="transfer_of_city"),
            models.Index(fields=["source_city", "answer"], name="transfer_of_source"),
            models.Index(fields=["edition", "-id"], name="transfer_of_edition"),
        ]

    def __str__(self) -> str:
        return f"{self.source_city} → {self.city}: {self.experience}"


class TransferEvent(models.Model):
    """Who did what to a transfer, when, and why. Append-only.

    `from_status` and `to_status` are the state before and after; the same where the event
    is no step. `by` is empty where the platform itself asked.
    """

    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT, related_name="events")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=20, choices=TransferEventKind.choices)
    from_status = models.CharField(max_length=16, choices=S.choices, blank=True)
    to_status = models.CharField(max_length=16, choices=S.choices)
    why = models.TextField(blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["transfer", "number"]
        constraints = [
            models.UniqueConstraint(fields=["transfer", "number"], name="transfer_event_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="transfer_events_from_one"),
            models.CheckConstraint(
                condition=Q(kind__in=TransferEventKind.values), name="transfer_event_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(to_status__in=S.values) & Q(from_status__in=["", *S.values]),
                name="transfer_event_states_known",
            ),
            models.CheckConstraint(
                condition=~Q(kind=TransferEventKind.DISPUTED) | ~Q(why=""),
                name="transfer_dispute_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(kind=TransferEventKind.MOVED, to_status=S.STOPPED) | ~Q(why=""),
                name="transfer_stop_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.transfer} #{self.number}"


class TransferEvidence(models.Model):
    """A link or a note that shows how a practice was taken up. What is taken out stays."""

    transfer: Any = models.ForeignKey(Transfer, on_delete=models.PROTECT, related_name="evidence")
    title = models.CharField(max_length=EVIDENCE_TITLE_MAX)
    url = models.URLField(max_length=500, blank=True)
    note = models.TextField(blank=True)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(url="") | ~Q(note=""), name="transfer_evidence_shows_something"
            ),
            models.CheckConstraint(
                condition=_pair("removed"), name="transfer_evidence_removed_pair"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class FollowUp(models.Model):
    """Some months after the claim the adopting city is asked once how it is going.

    `due_on` is a date in the city's zone; `due_at` is that morning there, as an instant.
    """

    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT, related_name="follow_ups")
    months = models.PositiveSmallIntegerField()
    due_on = models.DateField()
    due_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["transfer", "months"]
        constraints = [
            models.UniqueConstraint(fields=["transfer", "months"], name="follow_up_once"),
            models.CheckConstraint(
                condition=Q(months__in=FOLLOW_UP_MONTHS), name="follow_up_months_known"
            ),
            models.CheckConstraint(
                condition=_pair("answered", text="answer"), name="follow_up_answered_with_words"
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(asked_at__isnull=True), name="follow_up_not_asked"
            )
        ]

    def __str__(self) -> str:
        return f"{self.transfer}: {self.months}"
