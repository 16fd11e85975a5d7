"""Whose names stand under a text: the edition knows them, the world those who agreed."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from lms.programme.selectors import standing_of
from peer_exchange.models import CityExperience, ShownMember
from peer_exchange.selectors.cities import speaking_for_cities


def knows_the_authors(user: Any, experience: CityExperience) -> bool:
    """People of the edition, and the authors themselves."""
    if not user.is_authenticated:
        return False
    if user.is_superuser or experience.edition_id in standing_of(user).edition_ids:
        return True
    return any(one.user_id == user.pk for one in experience.authorships.all())


def team_of(experience: CityExperience) -> str:
    """Who signs where nobody of the authors is named."""
    return _("The team of %(city)s") % {"city": experience.city}


def authors_for(user: Any, experiences: Iterable[CityExperience]) -> dict[int, list[Any]]:
    """Experience id → the authors whose names the reader is told, in order; of who does not
    know them, those who agreed to be shown for that city and still belong to its people.
    No question to the database where the reader knows them all, else three."""
    found, rest = {}, []
    for experience in experiences:
        if knows_the_authors(user, experience):
            found[experience.pk] = [one.user for one in experience.authorships.all()]
        else:
            rest.append(experience)
    return found | agreed_authors(rest)


def agreed_authors(experiences: Iterable[CityExperience]) -> dict[int, list[Any]]:
    experiences = list(experiences)
    if not experiences:
        return {}
    cities = {experience.city_id for experience in experiences}
    people = {one.user_id for e in experiences for one in e.authorships.all()}
    agreed = set(
        ShownMember.objects.filter(
            city__in=cities, user__in=people, user__is_active=True
        ).values_list("city", "user")
    )
    if agreed:
        enrolled, in_team = speaking_for_cities(city__in=cities, user__in=people)
        agreed &= {*enrolled.values_list("city", "user"), *in_team.values_list("city", "user")}
    return {
        experience.pk: [
            one.user
            for one in experience.authorships.all()
            if (experience.city_id, one.user_id) in agreed
        ]
        for experience in experiences
    }
