"""Two hundred people at work, and two editions to mark. Written in bulk: no messages, no audit."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from assessments.actions.marking import start_marking
from assessments.enums import SubmissionStatus
from assessments.models import Assessment, Attempt, Project, Submission
from lms.core import clock
from lms.diploma.loading.project import load_project
from lms.programme.enums import Role
from lms.programme.models import Edition, Enrolment, RoleAssignment
from modules.models import CoursePage
from scripts.stack.people import (
    analyse,
    enrol,
    make_cities,
    make_drafts,
    make_people,
    session_cookie,
    write_alone,
)

PARTICIPANTS = 200
MANY = 10_000
BEGUN = 40  # projects in marking


@dataclass(frozen=True)
class Population:
    """`cookies` and `drafts` go together: a participant's session, their draft."""

    edition: Edition
    cookies: list[str]
    drafts: list[Submission]
    few: Edition  # PARTICIPANTS submissions to mark
    many: Edition  # MANY of them
    markers: list[str]  # sessions of instructors of both
    marked: list[tuple[str, Assessment]]  # a marker's session, what they are marking


def populate() -> Population:
    at = clock.now()
    edition = Edition.objects.get()
    cities = make_cities()
    writers = enrol(edition, make_people("writer", PARTICIPANTS), cities, at)
    drafts = make_drafts(edition.project, writers, at, _half_written)
    few, many = (_another_edition(edition, number, at) for number in (101, 102))
    _submitted(few.project, enrol(few, make_people("few", PARTICIPANTS), cities, at), at)
    _submitted(many.project, enrol(many, make_people("many", MANY), cities, at), at)
    markers = make_people("marker", 4)
    RoleAssignment.objects.bulk_create(
        RoleAssignment(edition=marked, user=marker, role=Role.INSTRUCTOR)
        for marked in (few, many)
        for marker in markers
    )
    begun = [
        start_marking(submission=submission, by=markers[number % len(markers)], at=at)
        for number, submission in enumerate(few.submissions.order_by("pk")[:BEGUN])
    ]
    analyse()
    return Population(
        edition=edition,
        cookies=[session_cookie(place.user) for place in writers],
        drafts=drafts,
        few=few,
        many=many,
        markers=[session_cookie(marker) for marker in markers],
        marked=[(session_cookie(one.marker), one) for one in begun],
    )


def _half_written(_writer: int, _section: str) -> str:
    """About a thousand words."""
    sentence = "Our city works with its neighbours on <strong>water</strong> and on mobility. "
    return f"<p>{sentence * 9}</p>" * 10


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
    write_alone(submissions, at)
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
