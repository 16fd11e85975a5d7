"""Reads behind the pages and the API."""

from typing import Any

from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from lms.accounts.models import City, User
from lms.core.text import count_words
from lms.programme.enums import TAKING_PART, Role
from lms.programme.models import Edition
from lms.programme.selectors import standing_of
from peer_exchange.enums import ExperienceStatus, FacetKind, Part
from peer_exchange.models import CityExperience, Facet, Response, Theme
from peer_exchange.rules import (
    may_archive,
    may_edit_response,
    may_hide_response,
    may_moderate,
    may_return,
)

Experiences = QuerySet[CityExperience]

RETURNABLE = (ExperienceStatus.CITY_CLEARANCE, ExperienceStatus.IN_MODERATION)


def may_open_exchange(user: User, edition: Edition) -> bool:
    """Its people, and whoever may read something that is published there."""
    if user.is_superuser or edition.pk in standing_of(user).edition_ids:
        return True
    return CityExperience.objects.visible_to(user).filter(edition=edition).exists()


def with_response_counts(experiences: Experiences) -> Experiences:
    """`.response_count`: responses that are not hidden (joined to nothing else)."""
    shown = (
        Response.objects.shown()
        .filter(experience=OuterRef("pk"))
        .order_by()
        .values("experience")
        .annotate(total=Count("pk"))
        .values("total")
    )
    return experiences.annotate(
        response_count=Coalesce(Subquery(shown, output_field=IntegerField()), 0)
    )


def published_experiences(user: User, edition: Edition) -> Experiences:
    """What the reader may read of the edition, newest first."""
    published = CityExperience.objects.visible_to(user).published().filter(edition=edition)
    return with_response_counts(published.with_words()).order_by("-published_at", "-pk")


def own_experiences(user: User, edition: Edition) -> Experiences:
    """All texts of the cities the reader writes for, the ones in work first."""
    standing = standing_of(user)
    own = Q(city__in=standing.team_cities(edition.pk)) | Q(
        pk__in=CityExperience.objects.filter(authors=user).values("pk")
    )
    return (
        CityExperience.objects.visible_to(user)
        .filter(own, edition=edition)
        .with_words()
        .order_by("published_at", "-saved_at")
    )


def waiting_for_moderation(edition: Edition) -> Experiences:
    """The moderation queue, longest waiting first."""
    return (
        CityExperience.objects.filter(edition=edition, status=ExperienceStatus.IN_MODERATION)
        .with_words()
        .order_by("cleared_at", "pk")
    )


def experience_in_full(user: User, edition_slug: str, pk: int) -> CityExperience | None:
    return (
        CityExperience.objects.visible_to(user)
        .with_words()
        .filter(pk=pk, edition__slug=edition_slug)
        .first()
    )


def responses_to(experience: CityExperience, user: User) -> QuerySet[Response]:
    return (
        Response.objects.visible_to(user)
        .filter(experience=experience)
        .select_related("author", "city", "experience")
    )


def themes_with_counts(experiences: Experiences) -> QuerySet[Any]:
    """All themes; `.count`: how many of the experiences have it."""
    return Theme.objects.annotate(
        count=Count("experiences", filter=Q(experiences__in=experiences.order_by().values("pk")))
    )


def facets_with_counts(experiences: Experiences) -> QuerySet[Any]:
    return Facet.objects.annotate(
        count=Count("experiences", filter=Q(experiences__in=experiences.order_by().values("pk")))
    )


def counts_by_region(experiences: Experiences) -> dict[str, int]:
    rows = experiences.order_by().values("city__region").annotate(total=Count("pk", distinct=True))
    return {row["city__region"]: row["total"] for row in rows}


def cities_to_write_for(user: User, edition: Edition) -> list[City]:
    if user.is_superuser:
        enrolled = Q(enrolments__edition=edition) | Q(team__edition=edition)
        return list(City.objects.filter(enrolled).distinct())
    return list(City.objects.filter(pk__in=standing_of(user).team_cities(edition.pk)))


def colleagues_to_name(experience: CityExperience) -> QuerySet[User]:
    """People of the experience's city in its edition who are not authors yet."""
    edition, city = experience.edition_id, experience.city_id
    enrolled = Q(
        enrolments__edition=edition,
        enrolments__city=city,
        enrolments__status__in=TAKING_PART,
    )
    in_team = Q(roles__edition=edition, roles__city=city, roles__role=Role.CITY_TEAM)
    return (
        User.objects.filter(enrolled | in_team, is_active=True)
        .exclude(pk__in=experience.authorships.values("user"))
        .distinct()
    )


def missing_from(experience: CityExperience) -> dict[str, Any]:
    """What a text lacks before it can be submitted: field → sentence."""
    missing: dict[str, Any] = {}
    for name, label in [("title", _("Title")), ("summary", _("Summary")), *Part.choices]:
        if not count_words(getattr(experience, name)):
            missing[name] = _("“%(part)s” is still empty.") % {"part": label}
    if not experience.themes.all():
        missing["themes"] = _("Choose at least one theme.")
    kinds = {facet.kind for facet in experience.facets.all()}
    wanted = {
        FacetKind.METHOD: ("methods", _("Choose at least one method.")),
        FacetKind.SCOPE: ("scopes", _("Choose at least one scope.")),
        FacetKind.ACTOR: ("actors", _("Choose who took part.")),
    }
    missing.update(words for kind, words in wanted.items() if kind not in kinds)
    return missing


def experience_abilities(user: User, experience: CityExperience) -> dict[str, bool]:
    """What the reader may do with the experience in its present state."""
    status = experience.status
    writes = user.has_perm("peer_exchange.write_experience", experience)
    of_the_city = user.has_perm("peer_exchange.clear_experience", experience)
    return {
        "edit": writes and status == ExperienceStatus.DRAFT,
        "submit": writes and status == ExperienceStatus.DRAFT,
        "clear": of_the_city and status == ExperienceStatus.CITY_CLEARANCE,
        "return": status in RETURNABLE and may_return(user, experience),
        "publish": status == ExperienceStatus.IN_MODERATION and may_moderate(user, experience),
        "archive": status == ExperienceStatus.PUBLISHED and may_archive(user, experience),
        "respond": status == ExperienceStatus.PUBLISHED
        and user.has_perm("peer_exchange.respond_to_experience", experience),
    }


def response_abilities(user: User, response: Response) -> dict[str, bool]:
    hides = may_hide_response(user, response)
    is_hidden = response.hidden_at is not None
    return {
        "edit": not is_hidden and may_edit_response(user, response),
        "hide": hides and not is_hidden,
        "show": hides and is_hidden,
    }
