"""Who somebody is in an edition: read once a request, remembered on the user."""

from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import AnonymousUser

from lms.accounts.models import User
from lms.programme.enums import TAKING_PART, EnrolmentStatus, Role
from lms.programme.models import Edition, Enrolment, RoleAssignment
from lms.programme.workflow import ENROLMENT_MOVES


@dataclass(frozen=True)
class Standing:
    """All of a person's places and roles: edition id → what they are there."""

    enrolments: dict[int, Enrolment] = field(default_factory=dict)
    roles: frozenset[tuple[int, str, int | None]] = frozenset()

    def has_role(self, edition_id: int, *roles: str) -> bool:
        return any(held[0] == edition_id and held[1] in roles for held in self.roles)

    def editions_as(self, *roles: str) -> frozenset[int]:
        """Ids of the editions in which the person has one of these roles."""
        return frozenset(of for of, role, _city in self.roles if role in roles)

    def team_cities(self, edition_id: int) -> frozenset[int]:
        """Cities whose experiences the person may write: their team's and their own."""
        cities = {
            city
            for of, role, city in self.roles
            if of == edition_id and role == Role.CITY_TEAM and city
        }
        enrolment = self.enrolments.get(edition_id)
        if enrolment:
            cities.add(enrolment.city_id)
        return frozenset(cities)

    @property
    def cities(self) -> frozenset[int]:
        """Every city the person speaks for, in whichever edition."""
        return frozenset().union(*(self.team_cities(of) for of in self.edition_ids))

    @property
    def edition_ids(self) -> frozenset[int]:
        return frozenset(self.enrolments) | {held[0] for held in self.roles}


def standing_of(user: User | AnonymousUser | Any) -> Standing:
    """Two queries the first time in a request, none after (see User.forget_roles)."""
    if not user.is_authenticated or not user.is_active:
        return Standing()
    # By attribute, not vars(): request.user is a lazy wrapper around the person whom
    # permission checks are handed, and both must remember and forget as one.
    person: Any = user
    remembered: Standing | None = getattr(person, "remembered_roles", None)
    if remembered is None:
        enrolments = Enrolment.objects.filter(user=person, status__in=TAKING_PART)
        places = {e.edition_id: e for e in enrolments.select_related("edition__programme", "city")}
        for enrolment in places.values():
            # One person, so that what is remembered of them is remembered everywhere.
            enrolment.user = person
        remembered = Standing(
            enrolments=places,
            roles=frozenset(
                RoleAssignment.objects.filter(user=person).values_list(
                    "edition_id", "role", "city_id"
                )
            ),
        )
        person.remembered_roles = remembered
    return remembered


def people_with_role(edition: Edition, role: str) -> Any:
    return User.objects.filter(roles__edition=edition, roles__role=role, is_active=True).distinct()


def moves_by_hand(enrolment: Enrolment) -> list[tuple[str, str]]:
    """Where a coordinator may move a place: (state, label). A place is completed by its
    certificate alone (D16)."""
    targets = ENROLMENT_MOVES.moves.get(EnrolmentStatus(enrolment.status), ())
    return [(to.value, str(to.label)) for to in targets if to != EnrolmentStatus.COMPLETED]
