"""Reads behind the pages and the API."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from lms.accounts.models import City, User
from lms.core import clock
from lms.core.text import count_words
from lms.programme.enums import TAKING_PART, Role
from lms.programme.models import Edition
from lms.programme.selectors import standing_of
from peer_exchange.enums import OPTIONAL_PARTS, Attachment, ExperienceStatus, FacetKind, Part
from peer_exchange.evidence_links import LINKS_MOST, lines_without_link
from peer_exchange.models import CityExperience, Response
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


def own_experiences(user: User, edition: Edition) -> Experiences:
    """All texts of the cities the reader writes for, the ones in work first."""
    standing = standing_of(user)
    own = Q(city__in=standing.team_cities(edition.pk)) | Q(
        pk__in=CityExperience.objects.filter(authors=user).values("pk")
    )
    return (
        CityExperience.objects.visible_to(user)
        .filter(own, edition=edition)
        # A new version is in work until it has taken the text's place.
        .exclude(revises__isnull=False, status=ExperienceStatus.ARCHIVED)
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


def experience_in_full(user: Any, edition_slug: str, pk: int) -> CityExperience | None:
    return (
        CityExperience.objects.visible_to(user)
        .with_words()
        .select_related("city", "edition__programme", "revises__edition")
        .filter(pk=pk, edition__slug=edition_slug)
        .first()
    )


def responses_to(experience: CityExperience, user: User) -> QuerySet[Response]:
    return (
        Response.objects.visible_to(user)
        .filter(experience=experience)
        .select_related("author", "city", "experience")
    )


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
    texts = experience.plain_texts
    required = [(part.value, part.label) for part in Part if part not in OPTIONAL_PARTS]
    for name, label in [("title", _("Title")), ("summary", _("Summary")), *required]:
        if not count_words(texts[name]):
            missing[name] = _("“%(part)s” is still empty.") % {"part": label}
    missing.update(_missing_beside_the_text(experience))
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


def _missing_beside_the_text(experience: CityExperience) -> dict[str, Any]:
    missing: dict[str, Any] = {}
    if not count_words(experience.contact_name):
        missing["contact_name"] = _("Say who can be asked about it.")
    if experience.contact_email and not _is_email(experience.contact_email):
        missing["contact_email"] = _("The email address of who to ask is not complete.")
    lines = lines_without_link(experience.links)
    if lines:
        missing["links"] = _(
            "Line %(line)d of the links has no address that begins with https://."
        ) % {"line": lines[0]}
    elif len(experience.evidence_links) > LINKS_MOST:
        missing["links"] = _("Give at most %(count)d links.") % {"count": LINKS_MOST}
    pictures = [file for file in experience.files.attached() if file.kind == Attachment.PICTURE]
    if any(not count_words(picture.alt) for picture in pictures):
        missing["pictures"] = _("Say what each picture shows, for those who do not see it.")
    return missing


def _is_email(value: str) -> bool:
    try:
        validate_email(value)
    except ValidationError:
        return False
    return True


def experience_abilities(user: Any, experience: CityExperience) -> dict[str, bool]:
    """What the reader may do with the experience in its present state."""
    status = experience.status
    writes = user.has_perm("peer_exchange.write_experience", experience)
    of_the_city = user.has_perm("peer_exchange.clear_experience", experience)
    is_draft = status == ExperienceStatus.DRAFT and not experience.given_up_at
    is_out = status == ExperienceStatus.PUBLISHED and not experience.revises_id
    waits = experience.is_under_embargo(clock.now())
    return {
        "edit": writes and is_draft,
        "submit": writes and is_draft,
        "clear": of_the_city and status == ExperienceStatus.CITY_CLEARANCE,
        "return": status in RETURNABLE and may_return(user, experience),
        "publish": status == ExperienceStatus.IN_MODERATION and may_moderate(user, experience),
        "archive": status == ExperienceStatus.PUBLISHED and may_archive(user, experience),
        "respond": is_out
        and not waits
        and user.has_perm("peer_exchange.respond_to_experience", experience),
        "rework": writes and is_out,
        "give_up": writes and is_draft and bool(experience.revises_id),
        "take_up": writes and experience.given_up_at is not None,
        "change_embargo": of_the_city
        and (
            status == ExperienceStatus.IN_MODERATION
            or (status == ExperienceStatus.PUBLISHED and waits)
        ),
        "see_history": writes,
    }


def response_abilities(user: User, response: Response) -> dict[str, bool]:
    hides = may_hide_response(user, response)
    is_hidden = response.hidden_at is not None
    return {
        "edit": not is_hidden and may_edit_response(user, response),
        "hide": hides and not is_hidden,
        "show": hides and is_hidden,
    }
