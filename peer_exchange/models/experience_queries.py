"""Who reads which experience: the one gate of lists, searches, feeds, maps and files."""

from typing import TYPE_CHECKING, Any, Self

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Exists, OuterRef, Q

from lms.accounts.models import User
from lms.core import clock
from lms.programme.enums import Role
from lms.programme.models import Edition
from lms.programme.selectors import standing_of
from peer_exchange.enums import CLEARED, Visibility
from peer_exchange.enums import ExperienceStatus as S

if TYPE_CHECKING:
    from peer_exchange.models.experience import CityExperience  # noqa: F401


class CityExperienceQuerySet(models.QuerySet["CityExperience"]):
    def visible_to(self, user: User | AnonymousUser | Any) -> Self:
        """What somebody may read; nobody at all (AnonymousUser) what is public.

        The city's team and the authors see their own in every state; moderators
        and coordinators from moderation on; everybody else what is published and no
        longer under embargo, as far as its visibility reaches. The new version of a
        published text is its city's and the moderators' until it takes the text's place.
        """
        out = Q(status=S.PUBLISHED, revises__isnull=True) & _not_under_embargo()
        if not user.is_authenticated:
            return self.filter(out, visibility=Visibility.PUBLIC)
        if user.is_superuser:
            return self
        standing = standing_of(user)
        editions = standing.edition_ids
        signed = self.model.authors.through._default_manager.filter(
            experience=OuterRef("pk"), user=user
        )
        own = Q(Exists(signed), edition__in=editions)
        for edition_id in editions:
            own |= Q(edition=edition_id, city__in=standing.team_cities(edition_id))
        looked_after = standing.editions_as(Role.MODERATOR, Role.COORDINATOR)
        of_my_programmes = Edition.objects.filter(programme__editions__in=editions)
        reaches = (
            Q(visibility=Visibility.COHORT, edition__in=editions)
            | Q(visibility=Visibility.MEMBERS, edition__in=of_my_programmes.values("pk"))
            | Q(visibility=Visibility.PUBLIC)
        )
        return self.filter(own | Q(edition__in=looked_after, status__in=CLEARED) | (out & reaches))

    def published(self) -> Self:
        """Texts of the exchange; a new version of one is no text of its own."""
        return self.filter(status=S.PUBLISHED, revises__isnull=True)

    def readable(self) -> Self:
        """Published and no longer under embargo: others than the city have it before them."""
        return self.published().filter(_not_under_embargo())

    def with_words(self) -> Self:
        """With all that a list shows beside the text."""
        return self.select_related("city", "edition").prefetch_related(
            "themes", "facets", "authorships__user"
        )


def _not_under_embargo() -> Q:
    return Q(embargo_until__isnull=True) | Q(embargo_until__lte=clock.now())
