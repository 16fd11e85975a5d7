"""Two hundred people at work, and two editions to mark. Written in bulk: no messages, no audit."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.cached_db import SessionStore

from assessments.enums import SubmissionStatus
from assessments.models import Attempt, Project, Submission, TeamMember
from lms.accounts.enums import Region
from lms.accounts.models import City, User
from lms.core import clock
from lms.diploma.loading.project import load_project
from lms.programme.enums import EnrolmentStatus, Role
from lms.programme.models import Edition, Enrolment, RoleAssignment
from modules.models import CoursePage

PARTICIPANTS = 200
MANY = 10_000
BACKEND = settings.AUTHENTICATION_BACKENDS[1]


@dataclass(frozen=True)
class Population:
    """`cookies` and `drafts` go together: a participant's session, their draft."""

    edition: Edition
    cookies: list[str]
    drafts: list[Submission]
    few: Edition  # PARTICIPANTS submissions to mark
    many: Edition  # MANY of them
    markers: list[str]  # sessions of instructors of both


def populate() -> Population:
    at = clock.now()
    edition = Edition.objects.get()
    cities = _cities()
    writers = _enrol(edition, _people("writer", PARTICIPANTS), cities, at)
    drafts = _drafts(edition.project, writers, at)
    few, many = (_another_edition(edition, number, at) for number in (101, 102))
    _submitted(few.project, _enrol(few, _people("few", PARTICIPANTS), cities, at), at)
    _submitted(many.project, _enrol(many, _people("many", MANY), cities, at), at)
    markers = _people("marker", 4)
    RoleAssignment.objects.bulk_create(
        RoleAssignment(edition=marked, user=marker, role=Role.INSTRUCTOR)
        for marked in (few, many)
        for marker in markers
    )
    _analyse()
    return Population(
        edition=edition,
        cookies=[_session(place.user) for place in writers],
        drafts=drafts,
        few=few,
        many=many,
        markers=[_session(marker) for marker in markers],
    )


def _cities() -> list[City]:
    return City.objects.bulk_create(
        City(
            name=f"Measured city {n}", slug=f"measured-{n}", country="ES", region=Region.EUROPE,
            latitude=0, longitude=0, time_zone="Europe/Madrid",
        )
        for n in range(20)
    )  # fmt: skip


def _people(kind: str, number: int) -> list[User]:
    password = make_password(None)
    return User.objects.bulk_create(
        [
            User(
                email=f"{kind}-{n}@bench.example",
                name=f"{kind.title()} {n}",
                password=password,
                time_zone="Europe/Madrid",
            )
            for n in range(number)
        ],
        batch_size=2000,
    )


def _enrol(
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


def _drafts(project: Project, owners: list[Enrolment], at: datetime) -> list[Submission]:
    """A project half written: about a thousand words in each section."""
    # It is written before its deadline.
    project.deadline_wall = at + timedelta(days=30)
    project.save()
    guidelines = project.guidelines.first()
    assert guidelines is not None
    sentence = "Our city works with its neighbours on <strong>water</strong> and on mobility. "
    text = f"<p>{sentence * 9}</p>" * 10
    drafts = Submission.objects.bulk_create(
        Submission(
            edition=project.edition, project=project, owner=owner, guidelines=guidelines,
            sections=dict.fromkeys(guidelines.section_keys, text), created_at=at, saved_at=at,
        )
        for owner in owners
    )  # fmt: skip
    _each_alone(drafts, at)
    return drafts


def _each_alone(submissions: list[Submission], at: datetime) -> None:
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


def _submitted(project: Project, owners: list[Enrolment], at: datetime) -> None:
    guidelines, rubric = project.guidelines.first(), project.rubric.versions.first()
    assert guidelines is not None
    assert rubric is not None
    text = "<p>As it was handed in.</p>" * 50
    sections = dict.fromkeys(guidelines.section_keys, text)
    times = [at - timedelta(minutes=n) for n in range(len(owners))]
    submissions = Submission.objects.bulk_create(
        [
            Submission(
                edition=project.edition, project=project, owner=owner, guidelines=guidelines,
                status=SubmissionStatus.SUBMITTED, sections=sections, created_at=at, saved_at=at,
                submitted_at=time,
            )
            for owner, time in zip(owners, times, strict=True)
        ],
        batch_size=1000,
    )  # fmt: skip
    _each_alone(submissions, at)
    Attempt.objects.bulk_create(
        [
            Attempt(
                submission=submission, project=project, owner=owner, number=1,
                receipt=f"R{project.pk}-{n:06d}", idempotency_key=f"bench-{n}",
                request_sha256=sha256(b"").hexdigest(), received_at=time,
                submitted_by=owner.user, sections=sections,
                content_sha256=sha256(b"").hexdigest(), guidelines=guidelines, rubric=rubric,
                deadline_at=project.deadline_at, deadline_zone=project.deadline_zone,
                effective_deadline_at=project.deadline_at, is_late=False,
            )
            for n, (submission, owner, time) in enumerate(
                zip(submissions, owners, times, strict=True)
            )
        ],
        batch_size=1000,
    )  # fmt: skip


def _another_edition(like: Edition, number: int, at: datetime) -> Edition:
    edition = Edition.objects.create(
        programme=like.programme, number=number, slug=f"bench-{number}", name=f"Edition {number}",
        place="Barcelona", time_zone=like.time_zone, starts_on=like.starts_on,
        ends_on=like.ends_on,
    )  # fmt: skip
    course = CoursePage(title=edition.name, slug=edition.slug, edition=edition)
    like.course.page.get_parent().add_child(instance=course)
    load_project(edition, at)
    return edition


def _session(person: User) -> str:
    """A signed-in browser's cookie."""
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = BACKEND
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.set_expiry(datetime.now(UTC) + timedelta(days=1))
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def _analyse() -> None:
    """What autovacuum would have done after a while."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
