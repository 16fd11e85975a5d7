"""The marking queue as it is read: a row for each attempt in hand, and one more for each
marker who holds it, so that every list of it is a stretch of an index."""

from typing import Self

from django.db import models
from django.db.models import F, Q

from assessments.models.project import Project
from assessments.models.submission import Attempt, Submission
from lms.accounts.models import City, User

# What a list of the queue holds, under the name of its index.
LISTS = {
    "all": Q(),
    "unmarked": Q(is_unmarked=True),
    "free": Q(is_free=True),
    "second": Q(waits_for_second=True),
    "open": Q(is_open=True),
    "late": Q(is_late=True),
    "regrade": Q(needs_regrade=True),
    "to_agree": Q(is_to_agree=True),
    "agreed": Q(is_agreed=True),
}


class QueuePlaceQuerySet(models.QuerySet["QueuePlace"]):
    def of_everybody(self) -> Self:
        return self.filter(queue_of=0)

    def of_marker(self, marker_id: int) -> Self:
        return self.filter(queue_of=marker_id)


class QueuePlace(models.Model):
    """Where an attempt in hand stands in the queue. `marker` empty: in the queue of
    everybody; otherwise in that of whoever holds it.

    `queue_of` is the marker's id or, for everybody, 0: PostgreSQL reads an index in its order
    behind a column that equals something, but not behind one that is NULL.

    It repeats what other tables say (`actions.queueing` writes it with them): city, time
    and state in one row are what makes every filter and order a stretch of an index.

    `is_unmarked`: nobody has begun. `is_free`: nobody holds it.
    `waits_for_second`: two people mark it, and nobody is the second yet. `is_open`: no marks are in
    that answer it. `is_to_agree`: marked, and somebody has to agree on the grade; not while
    marks that were handed in are changed.
    `is_agreed`: waits for the release.
    """

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="queue")
    submission = models.ForeignKey(
        Submission, on_delete=models.PROTECT, related_name="queue_places"
    )
    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="queue_places")
    marker = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="queue_places"
    )
    queue_of = models.PositiveBigIntegerField()
    city = models.ForeignKey(City, on_delete=models.PROTECT, related_name="+")
    city_slug = models.SlugField(db_index=False)
    received_at = models.DateTimeField()
    is_unmarked = models.BooleanField()
    is_free = models.BooleanField()
    waits_for_second = models.BooleanField()
    is_open = models.BooleanField()
    is_late = models.BooleanField()
    needs_regrade = models.BooleanField()
    is_to_agree = models.BooleanField()
    is_agreed = models.BooleanField()

    objects = QueuePlaceQuerySet.as_manager()

    class Meta:
        ordering = ["received_at", "submission"]
        constraints = [
            models.UniqueConstraint(fields=["submission", "queue_of"], name="queue_place_once"),
            models.CheckConstraint(
                condition=Q(queue_of=0, marker=None)
                | Q(marker__isnull=False, queue_of=F("marker")),
                name="queue_place_of_everybody_or_a_marker",
            ),
        ]
        indexes = [
            models.Index(
                fields=["project", "queue_of", *first, "received_at", "submission"],
                condition=condition or None,
                name=f"queue_{name}{'_city' if first else ''}",
            )
            for name, condition in LISTS.items()
            for first in ([], ["city_slug"])
        ]

    def __str__(self) -> str:
        return f"{self.attempt}: {self.marker or 'everybody'}"


class MarkingLease(models.Model):
    """Somebody has this attempt open to begin it, until `expires_at`. It advises others
    to take another one; whoever begins first has it (invariant 4)."""

    attempt = models.OneToOneField(Attempt, on_delete=models.PROTECT, related_name="lease")
    holder = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    taken_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("taken_at")), name="marking_lease_ends_after_it_began"
            )
        ]

    def __str__(self) -> str:
        return f"{self.attempt}: {self.holder} until {self.expires_at:%H:%M:%S}"


class DeskVisit(models.Model):
    """Somebody has the desk of a project open, or had it at `seen_at`."""

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="visits")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    came_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        ordering = ["came_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["submission", "user"], name="desk_visit_once")
        ]

    def __str__(self) -> str:
        return f"{self.submission}: {self.user}"
