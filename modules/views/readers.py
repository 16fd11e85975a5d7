"""Who reads a course, and as what. Who may not read it finds nothing."""

from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from lms.accounts.models import User
from lms.programme.models import Enrolment
from modules.models import ActivityPage, Course
from modules.selectors import (
    ActivityOutline,
    CourseOutline,
    LessonOutline,
    outline_of,
)
from modules.selectors.prepared import place_row


@dataclass(frozen=True)
class Reader:
    """`enrolment` is None for staff, editors and administrators: nothing is recorded."""

    user: User
    course: Course
    outline: CourseOutline
    enrolment: Enrolment | None


def reader_of(request: HttpRequest, edition_slug: str) -> Reader:
    """One query for a participant. 404 for everybody who may not read the course."""
    user = request.user
    assert isinstance(user, User)
    row = place_row(user.pk, edition_slug)
    reader = _participant(user, row) if row else _staff(user, edition_slug)
    if not reader.outline.title:
        raise Http404("The course is not published.")
    if reader.enrolment is not None:
        # The navigation of the page reads it and needs no query of its own.
        request.enrolment = reader.enrolment  # type: ignore[attr-defined]
    return reader


def _participant(user: User, row: tuple[Any, ...]) -> Reader:
    """`row` as `place_row` gives it; the edition comes from the cached outline."""
    enrolment_id, edition_id, city_id, status, course_id, version = row
    if course_id is None:
        raise Http404("The edition has no course yet.")
    database = connection.alias
    course = Course.from_db(
        database, ("id", "edition_id", "version"), (course_id, edition_id, version)
    )
    outline = outline_of(course)
    enrolment = Enrolment.from_db(
        database,
        ("id", "edition_id", "user_id", "city_id", "status"),
        (enrolment_id, edition_id, user.pk, city_id, status),
    )
    enrolment.user = user
    enrolment.edition = outline.edition
    course.edition = outline.edition
    return Reader(user=user, course=course, outline=outline, enrolment=enrolment)


def _staff(user: User, edition_slug: str) -> Reader:
    courses = Course.objects.select_related("edition", "page")
    course = get_object_or_404(courses, edition__slug=edition_slug)
    if not user.has_perm("modules.read_course", course):
        raise Http404
    return Reader(user=user, course=course, outline=outline_of(course), enrolment=None)


def lesson_or_404(reader: Reader, lesson_slug: str) -> LessonOutline:
    lesson = reader.outline.lesson(lesson_slug)
    if lesson is None:
        raise Http404
    return lesson


def place_or_404(
    reader: Reader, lesson_slug: str, activity_slug: str
) -> tuple[LessonOutline, ActivityOutline]:
    place = reader.outline.place_of(lesson_slug, activity_slug)
    if place is None:
        raise Http404
    return place


def own_activity_or_404(
    request: HttpRequest, edition_slug: str, lesson_slug: str, activity_slug: str
) -> tuple[Reader, Enrolment, ActivityPage]:
    """A live activity and the participant's place, read afresh for a change."""
    reader = reader_of(request, edition_slug)
    if reader.enrolment is None:
        raise Http404
    _lesson, activity = place_or_404(reader, lesson_slug, activity_slug)
    page = get_object_or_404(ActivityPage.objects.live(), pk=activity.id)
    return reader, reader.enrolment, page
