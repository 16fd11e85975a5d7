from typing import Self

from django.db import models
from django.db.models import F, Q

from lms.accounts.models import City, User
from lms.programme.models import Edition
from lms.programme.selectors import standing_of
from peer_exchange.enums import TalkStatus

NOTE_MAX = 1_000
PLACE_MAX = 200


class TalkQuerySet(models.QuerySet["Talk"]):
    def visible_to(self, user: User) -> Self:
        """Talks are between two cities: their people, and nobody else."""
        standing = standing_of(user)
        mine = Q(pk__in=[])
        for edition_id in standing.edition_ids:
            cities = standing.team_cities(edition_id)
            if cities:
                mine |= Q(edition=edition_id) & (Q(from_city__in=cities) | Q(to_city__in=cities))
        return self.filter(mine)

    def with_words(self) -> Self:
        return self.select_related(
            "edition", "from_city", "to_city", "proposed_by", "answered_by", "accepted_by"
        )


class Talk(models.Model):
    """A one-to-one talk: one person of a city asks another city; whoever of that city
    accepts is the one who comes. `replaces`: the proposal that this other time answers."""

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="talks")
    from_city = models.ForeignKey(City, on_delete=models.PROTECT, related_name="talks_proposed")
    to_city = models.ForeignKey(City, on_delete=models.PROTECT, related_name="talks_received")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    about = models.CharField(max_length=NOTE_MAX, blank=True)
    place = models.CharField(max_length=PLACE_MAX, blank=True)
    status = models.CharField(
        max_length=10, choices=TalkStatus.choices, default=TalkStatus.PROPOSED
    )
    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="talks_proposed")
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    answer = models.CharField(max_length=NOTE_MAX, blank=True)
    accepted_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="talks_accepted"
    )
    replaces = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaced_by"
    )

    objects = TalkQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=TalkStatus.values), name="talk_status_known"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="talk_ends_after_start"
            ),
            models.CheckConstraint(
                condition=~Q(from_city=F("to_city")), name="talk_with_another_city"
            ),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answered_by__isnull=True)
                | Q(answered_at__isnull=False, answered_by__isnull=False),
                name="talk_answered_pair",
            ),
            models.CheckConstraint(
                condition=Q(status=TalkStatus.PROPOSED, answered_at__isnull=True)
                | (~Q(status=TalkStatus.PROPOSED) & Q(answered_at__isnull=False)),
                name="talk_answered_state",
            ),
            models.CheckConstraint(
                condition=~Q(status=TalkStatus.ACCEPTED) | Q(accepted_by__isnull=False),
                name="talk_accepted_by_somebody",
            ),
            # The same proposal twice is one: two clicks, a retry.
            models.UniqueConstraint(
                fields=["edition", "from_city", "to_city", "starts_at"],
                condition=Q(status=TalkStatus.PROPOSED),
                name="talk_proposed_once",
            ),
        ]
        indexes = [
            models.Index(fields=["to_city", "status"], name="talk_for_city"),
            models.Index(fields=["from_city", "status"], name="talk_from_city"),
        ]

    def __str__(self) -> str:
        return f"{self.from_city} · {self.to_city}"


class TalkSeat(models.Model):
    """Somebody's place in an agreed talk: the database itself refuses the same person at
    the same time twice. Calling a talk off deletes its seats."""

    talk = models.ForeignKey(Talk, on_delete=models.PROTECT, related_name="seats")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="talk_seats")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        ordering = ["starts_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["user", "starts_at"], name="talk_seat_once"),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="talk_seat_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.talk}"
