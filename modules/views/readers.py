"""Who reads a course, and as what. Who may not read it finds nothing."""

from dataclasses import dataclass

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from lms.accounts.models import User
from lms.programme.models import Edition, Enrolment
from modules.models import ActivityPage, Course
from modules.selectors import (
    ActivityOutline,
    CourseOutline,
    LessonOutline,
    outline_of,
)
from modules.selectors.reading import Place, place_of


@dataclass(frozen=True)
class Reader:
    """`enrolment` is None for staff, editors and administrators: nothing is recorded.
    `framed_in`: the edition of somebody who takes part and has no other work."""

    user: User
    course: Course
    outline: CourseOutline
    enrolment: Enrolment | None
    framed_in: Edition | None = None


def reader_of(request: HttpRequest, edition_slug: str) -> Reader:
    """One query for a participant. 404 for everybody who may not read the course."""
    user = request.user
    assert isinstance(user, User)
    place = place_of(user, edition_slug)
    reader = _participant(user, place) if place else _staff(user, edition_slug)
    if not reader.outline.title:
        raise Http404("The course is not published.")
    if reader.framed_in:
        # The navigation of the page reads it and needs no query of its own.
        request.enrolment = reader.enrolment  # type: ignore[attr-defined]
    return reader


def _participant(user: User, place: Place) -> Reader:
    if place.course is None:
        raise Http404("The edition has no course yet.")
    return Reader(
        user=user,
        course=place.course,
        outline=outline_of(place.course),
        enrolment=place.enrolment,
        framed_in=None if place.has_other_work else place.enrolment.edition,
    )


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
