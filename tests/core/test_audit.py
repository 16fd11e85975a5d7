"""The audit trail."""

from datetime import datetime

import pytest

from lms.core import audit
from lms.core.logging import set_request_id
from lms.programme.models import Edition
from tests.factories.accounts import UserFactory
from tests.factories.programme import EditionFactory

pytestmark = pytest.mark.django_db


def test_an_event_says_who_did_what_to_which_thing_when(edition: Edition, at: datetime) -> None:
    coordinator = UserFactory.create()
    set_request_id("request-0001")

    audit.record(by=coordinator, verb="edition.opened", target=edition, at=at, places=25)

    (event,) = audit.events_of(edition)
    assert (event.actor, event.verb, event.at) == (coordinator, "edition.opened", at)
    assert (event.target_type, event.target_id) == ("programme.edition", str(edition.pk))
    assert event.details == {"places": 25}
    assert event.request_id == "request-0001"


def test_the_system_acts_without_a_person(edition: Edition, at: datetime) -> None:
    audit.record(by=None, verb="edition.closed", target=edition, at=at)
    assert audit.events_of(edition).get().actor is None


def test_events_are_those_of_one_thing_newest_first(edition: Edition, at: datetime) -> None:
    other = EditionFactory.create()
    for verb in ("first", "second"):
        audit.record(by=None, verb=verb, target=edition, at=at)
    audit.record(by=None, verb="elsewhere", target=other, at=at)

    assert [event.verb for event in audit.events_of(edition)] == ["second", "first"]
