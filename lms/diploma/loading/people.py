"""The demonstration cohort: plainly invented people in real places."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group

from lms.accounts.models import City, User
from lms.diploma.loading.sources import read
from lms.programme.actions import move_enrolment, offer_place
from lms.programme.enums import EnrolmentStatus, Role
from lms.programme.models import Edition, Enrolment, RoleAssignment

PASSWORD = "rambla-demo-2025"  # noqa: S105 -- development only; refused without DEBUG


@dataclass(frozen=True)
class Person:
    """A line of people.yaml and the account made from it."""

    key: str
    role: str
    stage: str | None
    user: User
    enrolment: Enrolment | None


def load_cities() -> dict[str, City]:
    return {
        row["slug"]: City.objects.get_or_create(slug=row["slug"], defaults=row)[0]
        for row in read("people.yaml")["cities"]
    }


def load_people(edition: Edition, cities: dict[str, City], at: datetime) -> dict[str, Person]:
    """Accounts with the development password, their places and roles. key → person."""
    people = {}
    for row in read("people.yaml")["people"]:
        city = cities[row["city"]] if row["city"] else None
        user = _account(row, city)
        enrolment = None
        if row["role"] == "participant":
            assert city is not None
            enrolment = _place(edition, user, city, at)
        elif row["role"] in Role.values:
            RoleAssignment.objects.get_or_create(
                edition=edition,
                user=user,
                role=row["role"],
                city=city if row["role"] == Role.CITY_TEAM else None,
            )
        people[row["key"]] = Person(row["key"], row["role"], row["stage"], user, enrolment)
    return people


def _account(row: dict[str, str], city: City | None) -> User:
    user = User.objects.filter(email=row["email"]).first()
    if user is None:
        user = User.objects.create(
            email=row["email"],
            password=_hashed_password(),
            name=row["name"],
            time_zone=city.time_zone if city else "Europe/Madrid",
            is_superuser=row["role"] == "administrator",
            is_staff=row["role"] == "administrator",
        )
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    groups = {"editor": "Editors", "administrator": "Administrators"}
    if row["role"] in groups:
        user.groups.add(Group.objects.get(name=groups[row["role"]]))
    return user


@cache
def _hashed_password() -> str:
    """Hashing is slow on purpose; all demonstration accounts have the same password."""
    return make_password(PASSWORD)


def _place(edition: Edition, user: User, city: City, at: datetime) -> Enrolment:
    enrolment = Enrolment.objects.filter(edition=edition, user=user).first()
    if enrolment is None:
        enrolment = offer_place(edition=edition, user=user, city=city, by=None, at=at)
        enrolment = move_enrolment(
            enrolment=enrolment, to=EnrolmentStatus.GUARANTEED, by=None, at=at
        )
    return enrolment
