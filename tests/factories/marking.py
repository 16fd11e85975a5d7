"""Projects in an instructor's hands: rubrics, attempts, marks, grades.

project_in(edition)                → Project with a published rubric
submitted(edition, city=…)         → Attempt, waiting to be marked
in_marking(attempt, marker)        → Assessment, begun
marked(assessment, level="sound")  → the same with a level for every criterion
provisional / agreed / released    → Grade, reached through the actions
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from wagtail.models import Page

from assessments.actions.annotating import annotate
from assessments.actions.carrying_out import begin_release, release_part
from assessments.actions.grades import agree_grade
from assessments.actions.marking import save_marks, start_marking, submit_assessment
from assessments.actions.releasing import release_grade
from assessments.actions.rubric import publish_rubric
from assessments.actions.snippets import keep_snippet
from assessments.enums import SubmissionStatus
from assessments.models import (
    Annotation,
    Assessment,
    Attempt,
    AttemptMember,
    CompletionPolicy,
    Grade,
    GuidelinesPage,
    GuidelinesVersion,
    Project,
    Release,
    Rubric,
    Snippet,
    Submission,
    TeamMember,
)
from lms.accounts.models import City, User
from lms.core.canonical import hash_of
from lms.programme.models import Edition, Enrolment
from tests.factories.programme import EnrolmentFactory

RECEIVED_AT = datetime(2025, 12, 5, 9, 0, tzinfo=UTC)
MARKED_AT = datetime(2025, 12, 10, 9, 0, tzinfo=UTC)
DEADLINE = datetime(2025, 12, 12, 23, 59, tzinfo=UTC)


def level(key: str, points: Any) -> dict[str, Any]:
    return {
        "key": key,
        "title": key.capitalize(),
        "points": points,
        "descriptor": f"What {key} work shows.",
    }


def criterion(key: str, weight: Any, levels: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    return {
        "key": key,
        "title": f"Criterion {key}",
        "description": "What is looked at.",
        "weight": weight,
        "levels": levels or [level("strong", 3), level("sound", 2), level("weak", 0)],
    }


def rubric_content(**changes: Any) -> dict[str, Any]:
    """Two criteria of 60 and 40 per cent; 50 per cent pass."""
    return {
        "pass_percent": 50,
        "criteria": [criterion("need", 60), criterion("measurement", 40)],
        **changes,
    }


def rubric_in(edition: Edition, **changes: Any) -> Rubric:
    rubric = Rubric.objects.create(edition=edition, title="Rubric of the project")
    publish_rubric(rubric=rubric, content=rubric_content(**changes), by=None, at=RECEIVED_AT)
    return rubric


def project_in(edition: Edition) -> Project:
    """The edition's project, made at the first call."""
    begun = Project.objects.filter(edition=edition).first()
    if begun is not None:
        return begun
    page = Page.get_first_root_node().add_child(
        instance=GuidelinesPage(
            title=f"Guidelines {edition.slug}", intro="<p>Write.</p>", integrity="<p>Honestly.</p>"
        )
    )
    project = Project.objects.create(
        edition=edition,
        rubric=rubric_in(edition),
        guidelines_page=page,
        deadline_wall=DEADLINE,
        deadline_zone="Europe/Madrid",
    )
    content = {
        "title": "Guidelines",
        "summary": "",
        "intro": "<p>Write.</p>",
        "sections": [
            {
                "key": "rationale",
                "title": "Why work internationally",
                "help": "",
                "recommended_words": 100,
                "required": True,
            }
        ],
        "files": {"types": ["pdf"], "max_mb": 20, "max_count": 3, "note": ""},
        "integrity": "",
    }
    GuidelinesVersion.objects.create(
        project=project,
        number=1,
        content=content,
        sha256=hash_of(content),
        published_at=RECEIVED_AT - timedelta(days=60),
    )
    return project


def submitted(
    edition: Edition,
    city: City | None = None,
    *,
    enrolment: Enrolment | None = None,
    at: datetime = RECEIVED_AT,
    is_late: bool = False,
) -> Attempt:
    """An attempt as `submit_project` leaves it, written directly."""
    project = project_in(edition)
    if enrolment is None:
        enrolment = EnrolmentFactory.create(edition=edition, **({"city": city} if city else {}))
    guidelines = project.guidelines.latest("number")
    sections = {"rationale": "Our harbour needs quieter ferries."}
    submission = Submission.objects.create(
        edition=edition,
        project=project,
        owner=enrolment,
        status=SubmissionStatus.SUBMITTED,
        sections=sections,
        guidelines=guidelines,
        created_at=at - timedelta(days=20),
        saved_at=at,
        submitted_at=at,
    )
    TeamMember.objects.create(
        project=project, submission=submission, enrolment=enrolment, joined_at=at
    )
    return attempt_of(submission, at=at, is_late=is_late)


def attempt_of(submission: Submission, *, at: datetime, is_late: bool = False) -> Attempt:
    project = submission.project
    attempt = Attempt.objects.create(
        submission=submission,
        project=project,
        owner=submission.owner,
        number=submission.attempt,
        receipt=f"R-{submission.pk:06d}-{submission.attempt}",
        idempotency_key=f"key-{submission.pk}-{submission.attempt}",
        request_sha256="0" * 64,
        received_at=at,
        submitted_by=submission.owner.user,
        sections=submission.sections,
        content_sha256=hash_of(submission.sections),
        guidelines=submission.guidelines,
        rubric=project.rubric.versions.latest("number"),
        deadline_at=project.deadline_at,
        deadline_zone=project.deadline_zone,
        effective_deadline_at=project.deadline_at,
        is_late=is_late,
    )
    AttemptMember.objects.create(
        attempt=attempt,
        enrolment=submission.owner,
        name=str(submission.owner.user),
        city_name=submission.owner.city.name,
    )
    return attempt


def team_mate_of(attempt: Attempt) -> TeamMember:
    """Somebody of the city who has written the project as well."""
    place = EnrolmentFactory.create(
        edition=attempt.submission.edition, city=attempt.submission.owner.city
    )
    return TeamMember.objects.create(
        project=attempt.project, submission=attempt.submission, enrolment=place,
        joined_at=attempt.received_at,
    )  # fmt: skip


def in_marking(attempt: Attempt, marker: User, at: datetime = MARKED_AT) -> Assessment:
    return start_marking(submission=attempt.submission, by=marker, at=at)


def marked(
    assessment: Assessment, chosen: str = "sound", at: datetime = MARKED_AT, **levels: str
) -> Assessment:
    """`levels`: criterion key → level key where it is not `chosen`."""
    criteria = assessment.attempt.rubric.criteria.all()
    return save_marks(
        assessment=assessment,
        base_version=assessment.version,
        marks={
            criterion.key: {
                "level": levels.get(criterion.key, chosen),
                "comment": f"A comment on {criterion.key}.",
            }
            for criterion in criteria
        },
        overall="An overall word from the marker.",
        by=assessment.marker,
        at=at,
    )


def annotated(assessment: Assessment) -> Annotation:
    """With a comment on the whole of the first section."""
    return annotate(
        assessment=assessment,
        receipt=assessment.attempt.receipt,
        key="key-of-the-first-comment",
        section=min(assessment.attempt.guidelines.section_keys),
        anchor={"kind": "section"},
        text="A comment at a place.",
        by=assessment.marker,
        at=MARKED_AT,
    )


def snippet_of(marker: User, edition: Edition) -> Snippet:
    """A comment kept for oneself."""
    return keep_snippet(edition=edition, text="A comment kept.", by=marker, at=MARKED_AT)


def provisional(attempt: Attempt, marker: User, chosen: str = "sound", **levels: str) -> Grade:
    assessment = marked(in_marking(attempt, marker), chosen, **levels)
    annotated(assessment)
    submit_assessment(
        assessment=assessment, base_version=assessment.version, by=marker, at=MARKED_AT
    )
    return Grade.objects.get(submission=attempt.submission)


def agreed(attempt: Attempt, marker: User, chosen: str = "sound", **levels: str) -> Grade:
    grade = provisional(attempt, marker, chosen, **levels)
    agree_grade(grade=grade, base_version=grade.version, by=marker, at=MARKED_AT)
    grade.refresh_from_db()
    return grade


def released(attempt: Attempt, marker: User, chosen: str = "sound", **levels: str) -> Grade:
    grade = agreed(attempt, marker, chosen, **levels)
    return release_now(grade, marker)


def on_its_way(attempt: Attempt, marker: User) -> Grade:
    """Agreed and decided to be released, within the time to undo it."""
    grade = agreed(attempt, marker)
    release_grade(grade=grade, base_version=grade.version, by=marker, at=MARKED_AT)
    return grade


def release_now(grade: Grade, by: User, at: datetime = MARKED_AT) -> Grade:
    """Decided so long before that the time to undo it is over at `at`."""
    release = release_grade(
        grade=grade, base_version=grade.version, by=by, at=at - timedelta(minutes=10)
    )
    carry_out(release, at)
    grade.refresh_from_db()
    return grade


def carry_out(release: Release, at: datetime = MARKED_AT) -> Release:
    """What the worker does when the time to undo a release is over."""
    begin_release(release=release, at=at)
    for part in set(release.items.values_list("part", flat=True)):
        release_part(release=release, part=part, at=at)
    release.refresh_from_db()
    return release


def asking_only(edition: Edition, **fields: Any) -> CompletionPolicy:
    """A policy that asks for nothing but what `fields` names."""
    return CompletionPolicy.objects.create(
        edition=edition,
        **{
            "activity_percent": 0,
            "requires_attendance": False,
            "requires_sharing": False,
            "requires_project": False,
            "requires_presentation": False,
            **fields,
        },
    )
