"""Sessions of the week; attendance is recorded through its action."""

from datetime import UTC, datetime, timedelta

import factory
from factory.django import DjangoModelFactory

from lms.timetable.enums import SessionKind
from lms.timetable.models import Session
from tests.factories.programme import EditionFactory

MONDAY = datetime(2025, 11, 17, 8, 30, tzinfo=UTC)


class SessionFactory(DjangoModelFactory[Session]):
    class Meta:
        model = Session

    edition = factory.SubFactory(EditionFactory)
    key = factory.Sequence(lambda n: f"session-{n}")
    kind = SessionKind.KNOWLEDGE
    title = factory.Sequence(lambda n: f"Session {n}")
    starts_at = factory.Sequence(lambda n: MONDAY + timedelta(hours=2 * n))
    ends_at = factory.LazyAttribute(lambda session: session.starts_at + timedelta(hours=1))
    time_zone = "Europe/Madrid"
