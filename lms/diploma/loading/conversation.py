"""The demonstration's questions, answers and reports, once: what people have done with them
since stays."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from lms.accounts.models import User
from lms.core import audit
from lms.core.models import AuditEvent
from lms.diploma.loading.experiences import loaded_experiences
from lms.diploma.loading.sources import read
from lms.programme.models import Edition
from peer_exchange.actions import edit_response, follow, report, respond_to_experience
from peer_exchange.enums import ExperienceStatus, ResponseKind
from peer_exchange.models import CityExperience, Response

LOADED = "conversation.loaded"


def load_conversation(edition: Edition, people: Mapping[str, User], at: datetime) -> None:
    """`people`: key of people.yaml → account. All is said within the day before `at`."""
    if AuditEvent.objects.filter(verb=LOADED, details__edition=edition.slug).exists():
        return
    ids = loaded_experiences(edition)
    for row in read("exchange/conversation.yaml"):
        experience = CityExperience.objects.filter(
            pk=ids.get(row["experience"], 0), status=ExperienceStatus.PUBLISHED
        ).first()
        if experience is not None:
            _load(experience, row["said"], people, at - timedelta(hours=22))
            follow(city=experience.city, by=people["p1"], at=at)
    audit.record(by=None, verb=LOADED, target=edition, at=at, edition=edition.slug)


def _load(
    experience: CityExperience,
    rows: list[dict[str, Any]],
    people: Mapping[str, User],
    at: datetime,
) -> None:
    said: dict[str, Response] = {}
    for number, row in enumerate(rows):
        moment = at + timedelta(minutes=90 * number)
        said[row["key"]] = respond_to_experience(
            experience=experience,
            body=row["body"],
            parent_id=said[row["under"]].pk if "under" in row else None,
            part=row.get("part", ""),
            kind=row.get("kind", ResponseKind.RESPONSE),
            answers=row.get("answers", False),
            by=people[row["author"]],
            at=moment,
        )
        if "better" in row:
            edit_response(
                response=said[row["key"]],
                body=row["better"],
                by=people[row["author"]],
                at=moment + timedelta(minutes=20),
            )
        for one in row.get("reported", ()):
            report(
                experience=experience,
                response_id=said[row["key"]].pk,
                reason=one["reason"],
                words=one.get("words", ""),
                by=people[one["by"]],
                at=moment + timedelta(hours=1),
            )
