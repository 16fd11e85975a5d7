"""Twelve participants at twelve different stages, brought there by the real actions."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from assessments.actions import attach_file, save_draft, start_project, submit_project
from assessments.actions.carrying_out import begin_release, release_part
from assessments.actions.grades import agree_grade
from assessments.actions.marking import save_marks, start_marking, submit_assessment
from assessments.actions.presentations import record_presentation
from assessments.actions.releasing import release_grade
from assessments.models import Assessment, Grade, Project, Submission
from lms.diploma.loading.conversation import load_conversation
from lms.diploma.loading.experiences import load_experiences
from lms.diploma.loading.people import Person, load_cities, load_people
from lms.diploma.loading.playing import play_questions
from lms.diploma.loading.sources import read
from lms.diploma.loading.transfers import load_transfers
from lms.programme.models import Edition, Enrolment
from lms.timetable.actions import record_attendance
from lms.timetable.models import Session
from modules.actions import answer_questions, complete_activity, save_written_answer
from modules.models import ActivityPage, ActivityProgress

PRESENTED_ON = date(2025, 11, 21)
# How far each stage has come: activities done (None: all of them), then the rest.
ACTIVITIES_DONE = {"new": 0, "lesson_1": 2, "lesson_3": 14}
STAGES = (
    "new",
    "lesson_1",
    "lesson_3",
    "lessons_done",
    "experience_shared",
    "project_draft",
    "project_submitted",
    "project_in_marking",
    "project_agreed",
    "project_released",
    "certificate_ready",
    "certified",
)


@dataclass(frozen=True)
class Cohort:
    edition: Edition
    people: dict[str, Person]
    at: datetime

    def by(self, key: str) -> Any:
        return self.people[key].user


def load_cohort(
    edition: Edition, at: datetime, *, new_activities: Collection[int] = ()
) -> list[Person]:
    """Accounts and stages; people who had a place before are left as they are, but for
    this: who had done all lessons also does those activities that came with this load."""
    already = set(Enrolment.objects.filter(edition=edition).values_list("user__email", flat=True))
    with transaction.atomic():
        cities = load_cities()
        people = load_people(edition, cities, at)
        cohort = Cohort(edition, people, at)
        newcomers = [
            person
            for person in people.values()
            if person.enrolment and person.user.email not in already
        ]
        for person in newcomers:
            _take_lessons(cohort, person)
            if _has_reached(person, "lessons_done"):
                _attend(cohort, person)
        for person in people.values():
            if (
                person.enrolment
                and person not in newcomers
                and _has_reached(person, "lessons_done")
            ):
                _take_lessons(cohort, person, only=new_activities)
        accounts = {key: person.user for key, person in people.items()}
        load_experiences(edition, accounts, at)
        load_conversation(edition, accounts, at)
        load_transfers(edition, accounts, at)
        for person in newcomers:
            _bring_project(cohort, person)
    return list(people.values())


def _has_reached(person: Person, stage: str) -> bool:
    return STAGES.index(person.stage or "new") >= STAGES.index(stage)


def _take_lessons(cohort: Cohort, person: Person, *, only: Collection[int] | None = None) -> None:
    assert person.enrolment is not None
    activities = ActivityPage.objects.live().filter(
        path__startswith=cohort.edition.course.page.path
    )
    if only is not None:
        activities = activities.filter(pk__in=only)
    for activity in activities.order_by("path")[: ACTIVITIES_DONE.get(person.stage or "new")]:
        _do(person, activity, cohort.at)


def _do(person: Person, activity: ActivityPage, at: datetime) -> None:
    enrolment = person.enrolment
    assert enrolment is not None
    who: dict[str, Any] = {"enrolment": enrolment, "activity": activity, "by": person.user}
    if activity.rule == "written":
        text = _long_answer(activity, str(enrolment.city))
        progress = ActivityProgress.objects.filter(enrolment=enrolment, activity=activity).first()
        base = progress.version if progress else 0
        save_written_answer(**who, text=text, base_version=base, at=at)
    elif activity.requirement.questions:
        answers = {q.key: sorted(q.right) for q in activity.requirement.questions}
        answer_questions(**who, answers=answers, at=at)
    if activity.h5p_id:
        play_questions(person, activity, at)
    complete_activity(**who, at=at)


def _long_answer(activity: ActivityPage, city: str) -> str:
    """A demonstration answer with the words the activity asks for."""
    sentences = [
        f"Demonstration answer of {city}.",
        "We asked every department which partner abroad it would miss, and for which result.",
        "Three relations passed this test, two did not, and one nobody could remember.",
        "For the three we named a responsible person, a date and something that can be counted.",
        "The two others we shall hand over to the associations that keep them alive, with thanks.",
    ]
    text = " ".join(sentences)
    needed = activity.min_words or 0
    while len(text.split()) < needed:
        text += " " + sentences[1] + " " + sentences[3]
    return text


def _attend(cohort: Cohort, person: Person) -> None:
    assert person.enrolment is not None
    for session in Session.objects.filter(edition=cohort.edition, is_required=True):
        record_attendance(
            session=session,
            enrolment=person.enrolment,
            status="present",
            by=cohort.by("c1"),
            at=cohort.at,
        )


def _bring_project(cohort: Cohort, person: Person) -> None:
    if not _has_reached(person, "project_draft"):
        return
    submission = _write(cohort, person)
    if not _has_reached(person, "project_submitted"):
        return
    _submit(cohort, person, submission)
    if not _has_reached(person, "project_in_marking"):
        return
    assessment = _mark(cohort, submission, finished=_has_reached(person, "project_agreed"))
    if not _has_reached(person, "project_agreed"):
        return
    submit_assessment(
        assessment=assessment,
        base_version=assessment.version,
        by=assessment.marker,
        at=cohort.at,
    )
    grade = Grade.objects.get(submission=submission)
    agree_grade(grade=grade, base_version=grade.version, by=cohort.by("i2"), at=cohort.at)
    if _has_reached(person, "project_released"):
        _release(cohort, grade)
    if _has_reached(person, "certified"):
        assert person.enrolment is not None
        record_presentation(
            enrolment=person.enrolment,
            presented_on=PRESENTED_ON,
            by=cohort.by("i1"),
            at=cohort.at,
        )


def _release(cohort: Cohort, grade: Grade) -> None:
    """Decided so early that the time to undo it is over."""
    grade.refresh_from_db()
    release = release_grade(
        grade=grade,
        base_version=grade.version,
        by=cohort.by("i2"),
        at=cohort.at - timedelta(hours=2),
    )
    begin_release(release=release, at=cohort.at)
    release_part(release=release, part=0, at=cohort.at)


def _write(cohort: Cohort, person: Person) -> Submission:
    assert person.enrolment is not None
    project = Project.objects.get(edition=cohort.edition)
    submission = start_project(
        project=project, enrolment=person.enrolment, by=person.user, at=cohort.at
    )
    texts = _texts(person.key, str(person.enrolment.city))
    if not _has_reached(person, "project_submitted"):
        texts = dict(list(texts.items())[:3])
    return save_draft(
        submission=submission,
        values=texts,
        base_version=submission.version,
        by=person.user,
        at=cohort.at,
    )


def _texts(key: str, city: str) -> dict[str, str]:
    data = read("exchange/projects.yaml")
    for project in data["projects"]:
        if project["author"] == key:
            return dict(project["sections"])
    return {
        section: text.replace("{city}", city)
        for section, text in data["template"]["sections"].items()
    }


def _submit(cohort: Cohort, person: Person, submission: Submission) -> None:
    assert person.enrolment is not None
    from lms.core.paper import print_page

    page = print_page(
        f"<html lang='en'><title>Annex</title><h1>Annex: partners of {person.enrolment.city}</h1>"
        "<p>A demonstration annex of one page. Nothing in it describes the real city.</p>"
    )
    upload = SimpleUploadedFile("annex.pdf", page, content_type="application/pdf")
    attach_file(submission=submission, upload=upload, by=person.user, at=cohort.at)
    submission.refresh_from_db()
    submit_project(
        submission=submission,
        by=person.user,
        at=cohort.at,
        base_version=submission.version,
        idempotency_key=f"demonstration-{person.key}",
    )


def _mark(cohort: Cohort, submission: Submission, *, finished: bool) -> Assessment:
    assessment = start_marking(submission=submission, by=cohort.by("i1"), at=cohort.at)
    criteria = list(assessment.attempt.rubric.criteria.prefetch_related("levels"))
    marks = {
        criterion.key: {
            "level": criterion.levels.all()[number % 2].key,
            "comment": _comment(number),
        }
        for number, criterion in enumerate(criteria[: None if finished else 2])
    }
    return save_marks(
        assessment=assessment,
        base_version=assessment.version,
        marks=marks,
        overall="Demonstration feedback: a strategy your council could discuss next month.",
        by=cohort.by("i1"),
        at=cohort.at,
    )


def _comment(number: int) -> str:
    comments = (
        "Demonstration comment: the need is local and the evidence supports it.",
        "Demonstration comment: say who answers for this when the budget is cut.",
        "Demonstration comment: two of these dates can be checked; make it all of them.",
    )
    return comments[number % len(comments)]
