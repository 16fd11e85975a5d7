"""Participants with a session and a draft each. Written in bulk: no messages, no audit."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.cached_db import SessionStore
from django.db import connection

from assessments.models import Project, Submission, TeamMember
from lms.accounts.enums import Region
from lms.accounts.models import City, User
from lms.programme.enums import EnrolmentStatus
from lms.programme.models import Edition, Enrolment

BACKEND = settings.AUTHENTICATION_BACKENDS[1]


def make_cities() -> list[City]:
    return City.objects.bulk_create(
        City(
            name=f"Measured city {n}", slug=f"measured-{n}", country="ES", region=Region.EUROPE,
            latitude=0, longitude=0, time_zone="Europe/Madrid",
        )
        for n in range(20)
    )  # fmt: skip


def make_people(kind: str, number: int) -> list[User]:
    password = make_password(None)
    return User.objects.bulk_create(
        [
            User(
                email=f"{kind}-{n}@people.example",
                name=f"{kind.title()} {n}",
                password=password,
                time_zone="Europe/Madrid",
            )
            for n in range(number)
        ],
        batch_size=2000,
    )


def enrol(
    edition: Edition, people: list[User], cities: list[City], at: datetime
) -> list[Enrolment]:
    return Enrolment.objects.bulk_create(
        [
            Enrolment(
                edition=edition,
                user=person,
                city=cities[n % len(cities)],
                status=EnrolmentStatus.GUARANTEED,
                created_at=at,
            )
            for n, person in enumerate(people)
        ],
        batch_size=2000,
    )


def make_drafts(
    project: Project, owners: list[Enrolment], at: datetime, text: Callable[[int, str], str]
) -> list[Submission]:
    """A project for each, half written: `text` of the writer's number and the section."""
    # It is written before its deadline.
    project.deadline_wall = at + timedelta(days=30)
    project.save()
    guidelines = project.guidelines.first()
    assert guidelines is not None
    drafts = Submission.objects.bulk_create(
        Submission(
            edition=project.edition, project=project, owner=owner, guidelines=guidelines,
            sections={key: text(n, key) for key in guidelines.section_keys},
            created_at=at, saved_at=at,
        )
        for n, owner in enumerate(owners)
    )  # fmt: skip
    write_alone(drafts, at)
    return drafts


def write_alone(submissions: list[Submission], at: datetime) -> None:
    """Who writes a project is in its team, also alone."""
    TeamMember.objects.bulk_create(
        (
            TeamMember(
                project=submission.project, submission=submission, enrolment=submission.owner,
                joined_at=at,
            )
            for submission in submissions
        ),
        batch_size=2000,
    )  # fmt: skip


def session_cookie(person: User) -> str:
    """A signed-in browser's cookie."""
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = BACKEND
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.set_expiry(datetime.now(UTC) + timedelta(days=1))
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def analyse() -> None:
    """What autovacuum would have done after a while."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
