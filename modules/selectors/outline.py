"""The shape of a course, the same for everybody: read once a version and process."""

from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from wagtail.rich_text import expand_db_html

from lms.accounts.models import User
from lms.core.kept import Kept
from modules.enums import ActivityKind
from modules.models import ActivityPage, Course, CoursePage, LessonPage
from modules.models.content import ActivityContent, content_of


@dataclass(frozen=True)
class ActivityOutline:
    id: int
    slug: str
    kind: str
    kind_label: str
    title: str
    summary: str
    url: str
    minutes: int
    feeds: str


@dataclass(frozen=True)
class LessonOutline:
    id: int
    number: int
    slug: str
    title: str
    summary: str
    url: str
    aims: tuple[str, ...]
    skills: tuple[str, ...]
    activities: tuple[ActivityOutline, ...]

    @property
    def minutes(self) -> int:
        return sum(activity.minutes for activity in self.activities)


@dataclass(frozen=True)
class CourseOutline:
    """Live lessons with their live activities. `title` is empty while the course is not live."""

    title: str = ""
    url: str = ""
    intro: SafeString = field(default_factory=SafeString)
    lessons: tuple[LessonOutline, ...] = ()

    @property
    def activities(self) -> tuple[ActivityOutline, ...]:
        """All activities, in the order in which they are read."""
        return tuple(activity for lesson in self.lessons for activity in lesson.activities)

    def lesson(self, slug: str) -> LessonOutline | None:
        return next((lesson for lesson in self.lessons if lesson.slug == slug), None)

    def place_of(self, lesson_slug: str, slug: str) -> tuple[LessonOutline, ActivityOutline] | None:
        lesson = self.lesson(lesson_slug)
        for activity in lesson.activities if lesson else ():
            if activity.slug == slug:
                assert lesson
                return lesson, activity
        return None


_outlines: Kept[CourseOutline] = Kept(64)
_contents: Kept[ActivityContent | None] = Kept(1024)


def outline_of(course: Course) -> CourseOutline:
    """The course as participants may see it. No query once this version was read."""
    key = (course.pk, course.version, get_language())
    return _outlines.get(key, lambda: _read_outline(course))


def content_for(course: Course, activity_id: int) -> ActivityContent | None:
    """A live activity of the course, rendered. No query once this version was read."""

    def read() -> ActivityContent | None:
        page = ActivityPage.objects.live().filter(pk=activity_id).first()
        return content_of(page) if page else None

    return _contents.get((course.pk, course.version, activity_id, get_language()), read)


def _read_outline(course: Course) -> CourseOutline:
    page = CoursePage.objects.live().filter(pk=course.page_id).select_related("edition").first()
    if page is None or page.edition_id != course.edition_id:
        return CourseOutline()
    edition_slug = page.edition.slug
    lessons = LessonPage.objects.child_of(page).live().order_by("number", "path")
    activities = ActivityPage.objects.descendant_of(page).live().order_by("path")
    below: dict[str, list[ActivityPage]] = {}
    for activity in activities.defer_streamfields():
        below.setdefault(activity.path[: -activity.steplen], []).append(activity)
    return CourseOutline(
        title=page.title,
        url=reverse("modules:course", args=[edition_slug]),
        intro=SafeString(expand_db_html(page.intro)),
        lessons=tuple(
            _lesson_outline(lesson, edition_slug, below.get(lesson.path, []))
            for lesson in lessons.prefetch_related("skills")
        ),
    )


def _lesson_outline(lesson: Any, edition_slug: str, activities: list[Any]) -> LessonOutline:
    return LessonOutline(
        id=lesson.pk,
        number=lesson.number,
        slug=lesson.slug,
        title=lesson.title,
        summary=lesson.summary,
        url=reverse("modules:lesson", args=[edition_slug, lesson.slug]),
        aims=tuple(str(child.value) for child in lesson.aims),
        skills=tuple(skill.title for skill in lesson.skills.all()),
        activities=tuple(
            ActivityOutline(
                id=activity.pk,
                slug=activity.slug,
                kind=activity.kind,
                kind_label=str(ActivityKind(activity.kind).label),
                title=activity.title,
                summary=activity.summary,
                url=reverse("modules:activity", args=[edition_slug, lesson.slug, activity.slug]),
                minutes=activity.minutes,
                feeds=activity.feeds,
            )
            for activity in activities
        ),
    )


@dataclass(frozen=True)
class ActivityPlace:
    course: Course
    lesson: LessonOutline
    activity: ActivityOutline


def activity_place(user: User, activity_id: int) -> ActivityPlace | None:
    """A published activity by its id, if its course is open to `user`."""
    for course in Course.objects.visible_to(user).select_related("edition"):
        for lesson in outline_of(course).lessons:
            for activity in lesson.activities:
                if activity.id == activity_id:
                    return ActivityPlace(course, lesson, activity)
    return None
