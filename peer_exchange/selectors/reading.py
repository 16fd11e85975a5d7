"""Reads behind the pages and the API."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from lms.accounts.models import City, User
from lms.core import clock
from lms.core.text import count_words
from lms.programme.models import Edition
from lms.programme.selectors import standing_of
from peer_exchange.enums import OPTIONAL_PARTS, Attachment, ExperienceStatus, FacetKind, Part
from peer_exchange.evidence_links import LINKS_MOST, lines_without_link
from peer_exchange.models import CityExperience, Response
from peer_exchange.models.experience import FIRST_YEAR
from peer_exchange.rules import (
    may_archive,
    may_edit_response,
    may_hide_response,
    may_moderate,
    may_return,
)
from peer_exchange.selectors.cities import people_of_city

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
        .order_by(F("published_at").desc(nulls_first=True), "-saved_at", "-pk")
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


def cities_to_write_for(user: User, edition: Edition) -> list[City]:
    if user.is_superuser:
        enrolled = Q(enrolments__edition=edition) | Q(team__edition=edition)
        return list(City.objects.filter(enrolled).distinct())
    return list(City.objects.filter(pk__in=standing_of(user).team_cities(edition.pk)))


def colleagues_to_name(experience: CityExperience) -> QuerySet[User]:
    """People of the experience's city in its edition who are not authors yet."""
    people = people_of_city(experience.city_id, edition_id=experience.edition_id)
    return people.exclude(pk__in=experience.authorships.values("user"))


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
    missing.update(_wrong_years(experience.began_in, experience.ended_in))
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


def _wrong_years(began: int | None, ended: int | None) -> dict[str, Any]:
    this_year = clock.now().year
    wrong: dict[str, Any] = {}
    for name, year in (("began_in", began), ("ended_in", ended)):
        if year is not None and not FIRST_YEAR <= year <= this_year:
            wrong[name] = _("%(year)d is not a year in which it can have been done.") % {
                "year": year
            }
    if ended is not None and began is None:
        wrong["began_in"] = _("Say in which year it began, too.")
    elif not wrong and ended is not None and began is not None and ended < began:
        wrong["ended_in"] = _("It ended before it began: look at the two years again.")
    return wrong


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
    is_published = status == ExperienceStatus.PUBLISHED
    at = clock.now()
    return {
        "edit": writes and is_draft,
        "submit": writes and is_draft,
        "clear": of_the_city and status == ExperienceStatus.CITY_CLEARANCE,
        "return": status in RETURNABLE and may_return(user, experience),
        "publish": status == ExperienceStatus.IN_MODERATION and may_moderate(user, experience),
        "archive": is_published and may_archive(user, experience),
        "respond": experience.is_out(at)
        and user.has_perm("peer_exchange.respond_to_experience", experience),
        "rework": writes and is_published and not experience.revises_id,
        "give_up": writes and is_draft and bool(experience.revises_id),
        "take_up": writes and experience.given_up_at is not None,
        "change_embargo": of_the_city
        and (
            status == ExperienceStatus.IN_MODERATION
            or (is_published and experience.is_under_embargo(at))
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
