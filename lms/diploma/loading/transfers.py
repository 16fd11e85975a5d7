"""The demonstration's cities, transfers and talks, each once: what people have done with
them since stays."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from lms.accounts.models import City, User
from lms.core import audit
from lms.core.clock import instant_of
from lms.core.models import AuditEvent
from lms.diploma.loading.experiences import loaded_experiences
from lms.diploma.loading.sources import read
from lms.programme.models import Edition
from lms.timetable.enums import SessionKind
from lms.timetable.models import Session
from peer_exchange.actions.cities import add_topic, save_city_profile, show_member
from peer_exchange.actions.following import follow
from peer_exchange.actions.talks import accept_talk, propose_talk
from peer_exchange.actions.transfer_evidence import (
    add_evidence,
    answer_follow_up,
    ask_follow_up,
)
from peer_exchange.actions.transfers import (
    claim_transfer,
    confirm_transfer,
    dispute_transfer,
    move_transfer,
)
from peer_exchange.models import CityExperience, Theme, Transfer
from peer_exchange.selectors.breaks import breaks_of
from peer_exchange.selectors.cities import profile_of

LOADED = "transfers.loaded"
SESSIONS_AFTER = timedelta(days=10)


def load_transfers(edition: Edition, people: Mapping[str, User], at: datetime) -> None:
    """`people`: key of people.yaml → account. The steps lie within the day before `at`, but
    for transfers that say how long ago they began; two sessions to come leave a break for
    talks."""
    if AuditEvent.objects.filter(verb=LOADED, details__edition=edition.slug).exists():
        return
    data = read("exchange/transfers.yaml")
    cities = {city.slug: city for city in City.objects.filter(slug__in=data["cities"])}
    _load_cities(data, cities, people, at)
    experiences = _loaded_experiences(edition)
    for row in data["transfers"]:
        if row["of"] in experiences:
            transfer = _load_transfer(row, experiences[row["of"]], people, at)
            _follow_up(transfer, row, people[row["by"]], at)
    _load_sessions(edition, data["sessions"], at)
    _load_talks(edition, data["talks"], cities, people, at)
    for row in data["follows"]:
        if row["of"] in experiences:
            follow(experience=experiences[row["of"]], by=people[row["by"]], at=at)
    audit.record(by=None, verb=LOADED, target=edition, at=at, edition=edition.slug)


def _load_cities(
    data: Mapping[str, Any], cities: Mapping[str, City], people: Mapping[str, User], at: datetime
) -> None:
    for slug, row in data["cities"].items():
        if profile_of(cities[slug]).version:
            continue
        values = {
            "population": row["population"],
            "languages": row["languages"],
            "office_name": row["office"],
            "about": row["about"],
        }
        save_city_profile(
            city=cities[slug], base_version=0, values=values, by=people[row["by"]], at=at
        )
    for row in data["topics"]:
        theme = Theme.objects.get(slug=row["theme"])
        add_topic(
            city=cities[row["city"]], kind=row["kind"], theme=theme, words=row["words"],
            by=people[row["by"]], at=at,
        )  # fmt: skip
    for row in data["shown"]:
        show_member(city=cities[row["city"]], does=row["does"], by=people[row["by"]], at=at)


def _loaded_experiences(edition: Edition) -> dict[str, CityExperience]:
    """Key of experiences.yaml → the text, as far as it is published."""
    ids = loaded_experiences(edition)
    published = CityExperience.objects.published().select_related("city").in_bulk(ids.values())
    return {key: published[pk] for key, pk in ids.items() if pk in published}


def _load_transfer(
    row: Mapping[str, Any], experience: CityExperience, people: Mapping[str, User], at: datetime
) -> Transfer:
    by = people[row["by"]]
    # As many steps as there are fit in: an hour each, or a fortnight each.
    days_ago = row.get("days_ago")
    at = at - (timedelta(days=days_ago) if days_ago else timedelta(hours=20))
    pace = timedelta(days=14) if days_ago else timedelta(hours=1)
    transfer = claim_transfer(
        experience=experience, city=by.enrolments.get(edition=experience.edition_id).city,
        why=row["why"], by=by, at=at,
    )  # fmt: skip
    if row.get("confirmed"):
        transfer = _confirm(transfer, experience, at + pace)
    for number, step in enumerate(row.get("steps", ()), start=2):
        transfer = move_transfer(
            transfer=transfer, base_version=transfer.version, to=step["to"], why=step["why"],
            by=by, at=at + number * pace,
        )  # fmt: skip
    if row.get("confirmed") and transfer.answer == "waiting":
        transfer = _confirm(transfer, experience, at + 10 * pace)
    for piece in row.get("evidence", ()):
        add_evidence(transfer=transfer, by=by, at=at + 11 * pace, **piece)
    if "disputed" in row:
        transfer = dispute_transfer(
            transfer=transfer, base_version=transfer.version, reason=row["disputed"],
            by=_author(experience), at=at + pace,
        )  # fmt: skip
    return transfer


def _confirm(transfer: Transfer, experience: CityExperience, at: datetime) -> Transfer:
    return confirm_transfer(
        transfer=transfer, base_version=transfer.version, by=_author(experience), at=at
    )


def _author(experience: CityExperience) -> User:
    author: User | None = experience.authors.first()
    assert author is not None
    return author


def _follow_up(transfer: Transfer, row: Mapping[str, Any], by: User, at: datetime) -> None:
    """Ask what is due, as the sweep does, and answer where the row has an answer."""
    for one in transfer.follow_ups.filter(due_at__lte=at):
        asked_at = max(one.due_at, at - timedelta(days=1))
        ask_follow_up(follow_up=one, by=None, at=asked_at)
        if "follow_up" in row:
            answer_follow_up(follow_up=one, answer=row["follow_up"], by=by, at=at)


def _load_sessions(edition: Edition, rows: list[Mapping[str, Any]], at: datetime) -> None:
    day: date = (at + SESSIONS_AFTER).date()
    for row in rows:
        starts_at, ends_at = (
            instant_of(datetime.combine(day, time.fromisoformat(row[name])), edition.time_zone)
            for name in ("from", "to")
        )
        Session.objects.get_or_create(
            edition=edition,
            key=row["key"],
            defaults={
                "kind": SessionKind.SOCIAL,
                "title": row["title"],
                "place": "Online",
                "starts_at": starts_at,
                "ends_at": ends_at,
                "time_zone": edition.time_zone,
                "is_required": False,
            },
        )


def _load_talks(
    edition: Edition,
    rows: list[Mapping[str, Any]],
    cities: Mapping[str, City],
    people: Mapping[str, User],
    at: datetime,
) -> None:
    slots = breaks_of(edition, at)
    for row in rows:
        by = people[row["from"]]
        talk = propose_talk(
            edition=edition, from_city=by.enrolments.get(edition=edition).city,
            to_city=cities[row["to"]], starts_at=slots[row["slot"]].starts_at,
            about=row["about"], place=row["place"], by=by, at=at,
        )  # fmt: skip
        if accepted_by := row.get("accepted_by"):
            accept_talk(talk=talk, by=people[accepted_by], at=at)
