import uuid
from typing import Any, Self

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q

from lms.accounts.models import User
from lms.programme.selectors import standing_of
from peer_exchange.enums import Attachment
from peer_exchange.models.experience import CityExperience

ALT_MAX = 500
CAPTION_MAX = 500


class ExperienceFileQuerySet(models.QuerySet["ExperienceFile"]):
    def attached(self) -> Self:
        return self.filter(removed_at=None)

    def visible_to(self, user: User | AnonymousUser | Any) -> Self:
        """What is attached to an experience that one reads; what was taken off stays with
        those who write it."""
        readable = CityExperience.objects.visible_to(user).values("pk")
        shown = self.filter(experience__in=readable)
        if user.is_authenticated and user.is_superuser:
            return shown
        standing = standing_of(user)
        written = Q(removed_at=None)
        for edition_id in standing.edition_ids:
            cities = standing.team_cities(edition_id)
            written |= Q(experience__edition=edition_id, experience__city__in=cities)
        return shown.filter(written)


class ExperienceFile(models.Model):
    """A picture or a file beside the text of an experience, stored by its hash.

    A picture is what we drew anew from the one that was sent, without what a camera
    writes into it, in the widths of `sizes`: [{"width", "height", "stored_as", "bytes"}],
    the smallest first; `sha256`, `size` and `stored_as` are of the widest.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    experience = models.ForeignKey(CityExperience, on_delete=models.PROTECT, related_name="files")
    kind = models.CharField(max_length=10, choices=Attachment.choices)
    name = models.CharField(max_length=255, help_text="As the city named it.")
    alt = models.CharField(max_length=ALT_MAX, blank=True)
    caption = models.CharField(max_length=CAPTION_MAX, blank=True)
    stored_as = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)
    sent_sha256 = models.CharField(
        max_length=64, help_text="Of what was sent: the same again is the same picture."
    )
    size = models.PositiveBigIntegerField(help_text="In bytes.")
    media_type = models.CharField(max_length=120)
    sizes = models.JSONField(default=list)
    uploaded_at = models.DateTimeField()
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = ExperienceFileQuerySet.as_manager()

    class Meta:
        ordering = ["uploaded_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=Attachment.values), name="experience_file_kind_known"
            ),
            models.CheckConstraint(condition=Q(size__gt=0), name="experience_file_not_empty"),
            models.CheckConstraint(
                condition=Q(removed_at__isnull=True, removed_by__isnull=True)
                | Q(removed_at__isnull=False, removed_by__isnull=False),
                name="experience_file_removed_pair",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def extension(self) -> str:
        """“PDF”: the content agreed with the name when it came."""
        return self.name.rpartition(".")[2].upper()

    @property
    def widest(self) -> dict[str, Any]:
        size: dict[str, Any] = self.sizes[-1]
        return size
