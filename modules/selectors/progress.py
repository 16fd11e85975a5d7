"""How far a participant is: one query for what they did, the rest from the cache."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any

from lms.programme.models import Enrolment
from modules.enums import ActivityStatus
from modules.models import ActivityProgress, Course
from modules.models.questions import Played
from modules.selectors.h5p import played_by
from modules.selectors.outline import (
    ActivityOutline,
    CourseOutline,
    LessonOutline,
    outline_of,
)
from modules.selectors.reading import as_answers, as_instant, progress_rows


@dataclass(frozen=True)
class ActivityState:
    """`state`: "done", "begun" or "open"."""

    id: int
    slug: str
    kind: str
    kind_label: str
    title: str
    summary: str
    url: str
    minutes: int
    feeds: str
    state: str

    @property
    def is_done(self) -> bool:
        return self.state == ActivityStatus.DONE


@dataclass(frozen=True)
class LessonProgress:
    id: int
    number: int
    slug: str
    title: str
    summary: str
    url: str
    minutes: int
    activities: tuple[ActivityState, ...]

    @property
    def done(self) -> int:
        return sum(activity.is_done for activity in self.activities)

    @property
    def total(self) -> int:
        return len(self.activities)

    @property
    def is_complete(self) -> bool:
        return self.total > 0 and self.done == self.total

    @property
    def next_activity(self) -> ActivityState | None:
        return next((a for a in self.activities if not a.is_done), None)


@dataclass(frozen=True)
class CourseProgress:
    """A participant's way through a course; without a live course it has no lessons."""

    title: str
    url: str
    lessons: tuple[LessonProgress, ...]

    @property
    def done(self) -> int:
        return sum(lesson.done for lesson in self.lessons)

    @property
    def total(self) -> int:
        return sum(lesson.total for lesson in self.lessons)

    @property
    def percent(self) -> int:
        """Rounded down: 100 only when everything is done."""
        return self.done * 100 // self.total if self.total else 0

    @property
    def is_complete(self) -> bool:
        return self.total > 0 and self.done == self.total

    @property
    def next_activity(self) -> ActivityState | None:
        every = (activity for lesson in self.lessons for activity in lesson.activities)
        return next((activity for activity in every if not activity.is_done), None)


def course_of(enrolment: Enrolment) -> Course | None:
    """The course of the enrolment's edition, if it has one yet."""
    course: Course | None = getattr(enrolment.edition, "course", None)
    return course


def course_progress(enrolment: Enrolment) -> CourseProgress:
    """At most two queries when the outline is cached; one if the enrolment came with
    `select_related("edition__course")`."""
    course = course_of(enrolment)
    if course is None:
        return CourseProgress(title="", url="", lessons=())
    states = dict(
        ActivityProgress.objects.filter(enrolment=enrolment).values_list("activity_id", "status")
    )
    return progress_through(outline_of(course), states)


def progress_through(outline: CourseOutline, states: Mapping[int, str]) -> CourseProgress:
    """Join what everybody sees with one person's `states` (activity id → status)."""
    return CourseProgress(
        title=outline.title,
        url=outline.url,
        lessons=tuple(lesson_progress(lesson, states) for lesson in outline.lessons),
    )


def lesson_progress(lesson: LessonOutline, states: Mapping[int, str]) -> LessonProgress:
    return LessonProgress(
        id=lesson.id,
        number=lesson.number,
        slug=lesson.slug,
        title=lesson.title,
        summary=lesson.summary,
        url=lesson.url,
        minutes=lesson.minutes,
        activities=tuple(
            _activity_state(activity, states.get(activity.id, ActivityStatus.OPEN))
            for activity in lesson.activities
        ),
    )


def _activity_state(activity: ActivityOutline, state: str) -> ActivityState:
    return ActivityState(
        id=activity.id,
        slug=activity.slug,
        kind=activity.kind,
        kind_label=activity.kind_label,
        title=activity.title,
        summary=activity.summary,
        url=activity.url,
        minutes=activity.minutes,
        feeds=activity.feeds,
        state=str(state),
    )


@dataclass(frozen=True)
class FeedingAnswer:
    """A participant's written answer that feeds a section of the project (D5)."""

    activity_id: int
    section: str
    text: str


def answers_that_feed(enrolment: Enrolment) -> list[FeedingAnswer]:
    """In the order of the course; several activities may feed one section."""
    rows = ActivityProgress.objects.filter(enrolment=enrolment).exclude(text="")
    rows = rows.exclude(activity__feeds="").order_by("activity__path")
    return [
        FeedingAnswer(*row) for row in rows.values_list("activity_id", "activity__feeds", "text")
    ]


@dataclass(frozen=True)
class OwnWork:
    """What one participant has done with one activity, and where with the others."""

    states: dict[int, str]
    answers: dict[str, list[str]]
    text: str
    version: int
    saved_at: datetime | None
    done_at: datetime | None
    played: Played | None = None


def own_work(enrolment: Enrolment, activity_id: int, plays: bool = False) -> OwnWork:
    """One query: the states of all activities, and the words of this one. One more for
    the result where the activity `plays` an interactive content."""
    states: dict[int, str] = {}
    own: tuple[Any, ...] = ("", {}, 0, None, None)
    for row_id, status, *words in sorted(progress_rows(enrolment.pk), key=itemgetter(0)):
        states[row_id] = status
        if row_id == activity_id:
            own = tuple(words)
    text, answers, version, saved_at, done_at = own
    return OwnWork(
        states=states,
        answers=as_answers(answers),
        text=text,
        version=version,
        saved_at=as_instant(saved_at),
        done_at=as_instant(done_at),
        played=played_by(enrolment.pk, activity_id) if plays else None,
    )
