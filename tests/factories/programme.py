"""Programmes, editions, and what somebody is in one.

The shortcuts at the end make a person of a kind in one line:

    participant(edition, city=nairobi)   → User with a guaranteed place
    instructor(edition)                  → User
    city_team_member(edition, city)      → User
    enrol(user, edition)                 → Enrolment
"""

from datetime import UTC, date, datetime
from typing import Any

import factory
from factory.django import DjangoModelFactory

from lms.accounts.models import City, User
from lms.programme.enums import EnrolmentStatus, PhaseKind, Role
from lms.programme.models import Edition, Enrolment, Phase, Programme, RoleAssignment, Skill
from tests.factories.accounts import CityFactory, UserFactory

ENROLLED_AT = datetime(2025, 9, 1, 9, 0, tzinfo=UTC)


class ProgrammeFactory(DjangoModelFactory[Programme]):
    class Meta:
        model = Programme
        django_get_or_create = ("slug",)

    name = "Diploma in City Diplomacy"
    slug = "city-diplomacy"
    host = "Metropolis"
    partners = "University of Melbourne"


class SkillFactory(DjangoModelFactory[Skill]):
    class Meta:
        model = Skill

    programme = factory.SubFactory(ProgrammeFactory)
    slug = factory.Sequence(lambda n: f"skill-{n}")
    title = factory.Sequence(lambda n: f"Skill {n}")
    text = "What a person can do with it."


class EditionFactory(DjangoModelFactory[Edition]):
    """The brochure's dates and place (D1), unless told otherwise."""

    class Meta:
        model = Edition

    programme = factory.SubFactory(ProgrammeFactory)
    number = factory.Sequence(lambda n: n + 1)
    slug = factory.Sequence(lambda n: f"edition-{n + 1}")
    name = factory.Sequence(lambda n: f"Edition {n + 1}")
    place = "Barcelona"
    time_zone = "Europe/Madrid"
    starts_on = date(2025, 11, 17)
    ends_on = date(2025, 11, 21)


class PhaseFactory(DjangoModelFactory[Phase]):
    class Meta:
        model = Phase

    edition = factory.SubFactory(EditionFactory)
    kind = PhaseKind.IN_PERSON
    title = "The week in Barcelona"
    starts_on = date(2025, 11, 17)
    ends_on = date(2025, 11, 21)
    time_zone = "Europe/Madrid"


class EnrolmentFactory(DjangoModelFactory[Enrolment]):
    """A guaranteed place, so that lessons are open (D8)."""

    class Meta:
        model = Enrolment

    edition = factory.SubFactory(EditionFactory)
    user = factory.SubFactory(UserFactory)
    city = factory.SubFactory(CityFactory)
    status = EnrolmentStatus.GUARANTEED
    created_at = ENROLLED_AT


class RoleAssignmentFactory(DjangoModelFactory[RoleAssignment]):
    class Meta:
        model = RoleAssignment

    edition = factory.SubFactory(EditionFactory)
    user = factory.SubFactory(UserFactory)
    role = Role.INSTRUCTOR
    city = None


def enrol(user: User, edition: Edition, city: City | None = None, **fields: Any) -> Enrolment:
    city_field = {"city": city} if city else {}
    return EnrolmentFactory.create(user=user, edition=edition, **city_field, **fields)


def participant(edition: Edition, city: City | None = None, **user_fields: Any) -> User:
    user = UserFactory.create(**user_fields)
    enrol(user, edition, city)
    return user


def with_role(edition: Edition, role: Role, city: City | None = None, **user_fields: Any) -> User:
    user = UserFactory.create(**user_fields)
    RoleAssignmentFactory.create(edition=edition, user=user, role=role, city=city)
    return user


def instructor(edition: Edition, **user_fields: Any) -> User:
    return with_role(edition, Role.INSTRUCTOR, **user_fields)


def coordinator(edition: Edition, **user_fields: Any) -> User:
    return with_role(edition, Role.COORDINATOR, **user_fields)


def moderator(edition: Edition, **user_fields: Any) -> User:
    return with_role(edition, Role.MODERATOR, **user_fields)


def city_team_member(edition: Edition, city: City, **user_fields: Any) -> User:
    return with_role(edition, Role.CITY_TEAM, city=city, **user_fields)
