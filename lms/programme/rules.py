"""Who is who in an edition. Predicates take anything that has an `edition`."""

from typing import Any

import rules

from lms.programme.enums import Role
from lms.programme.selectors import standing_of


def edition_id_of(thing: Any) -> int:
    """The edition a thing belongs to: its own id for an edition."""
    if thing._meta.label_lower == "programme.edition":
        return int(thing.pk)
    return int(thing.edition_id)


def _role_predicate(name: str, *roles: str) -> rules.Predicate:
    def holds(user: Any, thing: Any) -> bool:
        return thing is not None and standing_of(user).has_role(edition_id_of(thing), *roles)

    return rules.predicate(name=name)(holds)


is_instructor = _role_predicate("is_instructor", Role.INSTRUCTOR)
is_coordinator = _role_predicate("is_coordinator", Role.COORDINATOR)
is_moderator = _role_predicate("is_moderator", Role.MODERATOR)
is_edition_staff = _role_predicate(
    "is_edition_staff", Role.INSTRUCTOR, Role.COORDINATOR, Role.MODERATOR
)


@rules.predicate
def is_participant(user: Any, thing: Any) -> bool:
    return thing is not None and edition_id_of(thing) in standing_of(user).enrolments


@rules.predicate
def belongs_to_edition(user: Any, thing: Any) -> bool:
    """Takes part or has any role there."""
    return thing is not None and edition_id_of(thing) in standing_of(user).edition_ids


@rules.predicate
def is_of_city(user: Any, thing: Any) -> bool:
    """In the team of the thing's city, or representing it, in its edition."""
    return thing is not None and thing.city_id in standing_of(user).team_cities(
        edition_id_of(thing)
    )


@rules.predicate
def coordinates_somewhere(user: Any) -> bool:
    return bool(standing_of(user).editions_as(Role.COORDINATOR))


rules.add_perm("programme.view_edition", belongs_to_edition)
rules.add_perm("programme.coordinate_edition", is_coordinator)
# Who marks, moderates and decides is chosen by administrators (they pass every
# permission), so that no coordinator widens their own part.
rules.add_perm("programme.assign_role", rules.always_deny)
# Whoever offers places makes the accounts for them.
rules.add_perm("accounts.invite_person", coordinates_somewhere)
