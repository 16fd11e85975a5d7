"""What the draft of an experience was before: for its writers alone."""

from typing import Self

from django.db import models
from django.db.models import Q

from lms.accounts.models import User
from lms.core.models import KeptText, KeptVersion
from lms.programme.selectors import standing_of
from peer_exchange.enums import VersionKind
from peer_exchange.models.experience import CityExperience, ExperienceAuthor


class ExperienceText(KeptText):
    """A text that once stood in a draft, kept once however often it came back. Append-only."""

    experience = models.ForeignKey(
        CityExperience, on_delete=models.PROTECT, related_name="kept_texts"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["experience", "sha256"], name="experience_text_once")
        ]

    def __str__(self) -> str:
        return f"{self.experience_id}: {self.sha256[:12]}"


class ExperienceVersionQuerySet(models.QuerySet["ExperienceVersion"]):
    def visible_to(self, user: User) -> Self:
        """Of texts one writes. Moderators read what was handed in, not how it came about."""
        if user.is_superuser:
            return self
        standing = standing_of(user)
        signed = ExperienceAuthor.objects.filter(user=user).values("experience")
        own = Q(experience__in=signed, experience__edition__in=standing.edition_ids)
        for edition_id in standing.edition_ids:
            cities = standing.team_cities(edition_id)
            own |= Q(experience__edition=edition_id, experience__city__in=cities)
        return self.filter(own)


class ExperienceVersion(KeptVersion):
    """A draft of an experience as it stood at one time. Append-only."""

    experience = models.ForeignKey(CityExperience, on_delete=models.PROTECT, related_name="history")
    kind = models.CharField(max_length=12, choices=VersionKind.choices)

    objects = ExperienceVersionQuerySet.as_manager()

    class Meta(KeptVersion.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=VersionKind.values), name="experience_version_kind_known"
            )
        ]

    def __str__(self) -> str:
        return f"{self.experience_id}: version {self.version}, {self.kind}"
