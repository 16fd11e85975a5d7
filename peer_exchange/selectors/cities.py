"""What a city says of itself, and who of its people agreed to be shown."""

from typing import Any

from django.db.models import Q, QuerySet

from lms.accounts.models import City, User
from lms.core.permissions import may_in_person
from lms.programme.enums import Role
from lms.programme.models import Edition, Enrolment, Programme, RoleAssignment
from lms.programme.selectors import standing_of
from peer_exchange.models import (
    CityExperience,
    CityProfile,
    CityTopic,
    ShownMember,
    Transfer,
)


def profile_of(city: City) -> CityProfile:
    """The stored profile; an empty one, not saved, where the city has said nothing yet."""
    stored = CityProfile.objects.filter(city=city).first()
    return stored or CityProfile(city=city)


def cities_visible_to(user: User) -> QuerySet[City]:
    """Cities of the programmes somebody belongs to, and those whose experience they may
    read; all of them for administrators."""
    if user.is_superuser:
        return City.objects.all()
    programmes = Programme.objects.filter(editions__in=standing_of(user).edition_ids).values("pk")
    enrolled, in_team = speaking_for_cities(edition__programme__in=programmes)
    readable = CityExperience.objects.visible_to(user).published()
    return City.objects.filter(
        Q(pk__in=enrolled.values("city"))
        | Q(pk__in=in_team.values("city"))
        | Q(pk__in=readable.order_by().values("city"))
    )


def city_abilities(user: User, city: City) -> dict[str, bool]:
    edits = bool(user.has_perm("peer_exchange.edit_city", city))
    is_own = may_in_person(user, "peer_exchange.edit_city", city)
    return {"edit": edits, "be_shown": is_own, "read_report": edits}


def shown_members(city: City) -> list[ShownMember]:
    """Those who agreed and still belong to the city's people; one query."""
    shown = ShownMember.objects.filter(city=city, user__is_active=True).select_related("user")
    return list(shown.filter(user__in=people_of_city(city)))


def people_of_city(city: City | int, *, edition_id: int | None = None) -> QuerySet[User]:
    """Who speaks for a city, in one edition or in any."""
    where = {"city": city} if edition_id is None else {"city": city, "edition": edition_id}
    enrolled, in_team = speaking_for_cities(**where)
    return User.objects.filter(
        Q(pk__in=enrolled.values("user")) | Q(pk__in=in_team.values("user")), is_active=True
    )


def cities_of_edition(edition: Edition) -> QuerySet[City]:
    """Cities of which somebody is there who could come."""
    enrolled, in_team = speaking_for_cities(edition=edition)
    return City.objects.filter(Q(pk__in=enrolled.values("city")) | Q(pk__in=in_team.values("city")))


def editions_to_talk(user: User, city: City) -> list[Edition]:
    """Editions in which somebody could ask another city for a talk."""
    standing = standing_of(user)
    if city.pk in standing.cities:
        return []
    mine = [e for e in standing.edition_ids if standing.team_cities(e)]
    enrolled, in_team = speaking_for_cities(city=city, edition__in=mine)
    is_there = Q(pk__in=enrolled.values("edition")) | Q(pk__in=in_team.values("edition"))
    return list(Edition.objects.filter(is_there))


def speaking_for_cities(**where: Any) -> tuple[QuerySet[Enrolment], QuerySet[RoleAssignment]]:
    """The places and the roles in which people speak for a city."""
    return (
        Enrolment.objects.taking_part().filter(**where),
        RoleAssignment.objects.filter(role=Role.CITY_TEAM, **where),
    )


def topics_of(city: City, *, with_removed: bool = False) -> list[CityTopic]:
    topics = CityTopic.objects.filter(city=city).select_related("theme")
    if not with_removed:
        topics = topics.filter(removed_at=None)
    return list(topics.order_by("kind", "theme__order", "pk"))


def experiences_of(user: User, city: City) -> QuerySet[CityExperience]:
    """What the reader may read of it, newest first."""
    published = CityExperience.objects.visible_to(user).published().filter(city=city)
    return published.with_words().order_by("-published_at", "-pk")


def transfers_both_ways(user: User, city: City) -> tuple[QuerySet[Transfer], QuerySet[Transfer]]:
    """(what the city learned from others, what others learned from it), newest first."""
    visible = Transfer.objects.visible_to(user).with_words().order_by("-pk")
    return visible.filter(city=city), visible.filter(source_city=city)
