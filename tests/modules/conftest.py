import pytest

from lms.programme.models import Edition, Enrolment
from modules.models import CoursePage, LessonPage
from tests.factories.modules import lesson_of, make_course
from tests.factories.programme import participant


@pytest.fixture
def course(edition: Edition) -> CoursePage:
    return make_course(edition)


@pytest.fixture
def lesson(course: CoursePage) -> LessonPage:
    return lesson_of(course)


@pytest.fixture
def enrolment(edition: Edition) -> Enrolment:
    return participant(edition).enrolments.get()
