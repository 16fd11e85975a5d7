"""People, cities and organisations. Deterministic: the same call order gives the same rows."""

from typing import Any

import factory
from factory.django import DjangoModelFactory

from lms.accounts.enums import OrganisationKind, Region
from lms.accounts.models import City, Organisation, User

PASSWORD = "a-password-for-tests-only"

# Hashing a password takes most of the time of a test that makes people; with
# one hash for all of them, a factory-made user costs one INSERT.
_password_hash: dict[str, str] = {}


def hashed(password: str) -> str:
    from django.contrib.auth.hashers import make_password

    if password not in _password_hash:
        _password_hash[password] = make_password(password)
    return _password_hash[password]


class CityFactory(DjangoModelFactory[City]):
    class Meta:
        model = City
        django_get_or_create = ("slug",)

    name = factory.Sequence(lambda n: f"City {n}")
    slug = factory.LazyAttribute(lambda city: city.name.lower().replace(" ", "-"))
    country = "ES"
    region = Region.EUROPE
    latitude = 41.39
    longitude = 2.17
    time_zone = "Europe/Madrid"


class OrganisationFactory(DjangoModelFactory[Organisation]):
    class Meta:
        model = Organisation

    name = factory.Sequence(lambda n: f"Organisation {n}")
    kind = OrganisationKind.CITY_GOVERNMENT
    city = factory.SubFactory(CityFactory)


class UserFactory(DjangoModelFactory[User]):
    """Signs in with PASSWORD (or `client.force_login`)."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Person {n}")
    email = factory.Sequence(lambda n: f"person-{n}@rambla.example")
    time_zone = "Europe/Madrid"

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **kwargs: Any) -> User:
        kwargs["password"] = hashed(kwargs.pop("password", PASSWORD))
        return super()._create(model_class, *args, **kwargs)


class AdministratorFactory(UserFactory):
    """A superuser: every permission, though never a way round a conflict of interest."""

    name = factory.Sequence(lambda n: f"Administrator {n}")
    is_staff = True
    is_superuser = True
