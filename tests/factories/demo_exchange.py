"""The demonstration's exchange, without the rest of the diploma.

people = people_of_the_demo(edition)     → key of people.yaml → account
load_demo_exchange(edition, people, at)  → experiences, conversation, transfers
"""

from collections.abc import Mapping
from datetime import datetime

from lms.accounts.models import City, User
from lms.diploma.loading.conversation import load_conversation
from lms.diploma.loading.exchange import load_exchange_settings
from lms.diploma.loading.experiences import load_experiences
from lms.diploma.loading.sources import read
from lms.diploma.loading.transfers import load_transfers
from lms.programme.models import Edition
from tests.factories.programme import city_team_member, moderator, participant


def people_of_the_demo(edition: Edition) -> dict[str, User]:
    """Those whom the exchange needs, with its themes and facets."""
    edition.languages = "en, es, fr"
    edition.save()
    data = read("people.yaml")
    cities = {row["slug"]: City.objects.create(**row) for row in data["cities"]}
    people: dict[str, User] = {
        row["key"]: participant(edition, cities[row["city"]], name=row["name"])
        for row in data["people"]
        if row["role"] == "participant"
    }
    people["t1"] = city_team_member(edition, cities["nairobi"])
    people["m1"] = moderator(edition)
    load_exchange_settings(edition)
    return people


def load_demo_exchange(edition: Edition, people: Mapping[str, User], at: datetime) -> None:
    load_experiences(edition, people, at)
    load_conversation(edition, people, at)
    load_transfers(edition, people, at)
