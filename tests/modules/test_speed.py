"""What a page costs does not grow with the course or the cohort."""

from typing import Any

import pytest
from django.test import Client

from lms.programme.models import Edition, Enrolment
from modules.models import CoursePage, LessonPage
from modules.selectors import course_progress
from tests.factories.modules import make_activity, make_lesson
from tests.factories.programme import coordinator, instructor, participant

pytestmark = pytest.mark.django_db


def test_a_reading_page_takes_four_queries_however_long_the_course(
    client: Client, enrolment: Enrolment, lesson: LessonPage, django_assert_max_num_queries: Any
) -> None:
    """Session and person, then two of our own: the place with its course, the progress."""
    activity = make_activity(lesson, "answered")
    client.force_login(enrolment.user)
    urls = [activity.get_url(), lesson.get_url(), lesson.get_parent().specific.get_url()]

    def cost() -> list[int]:
        costs = []
        for url in urls:
            client.get(url)
            with django_assert_max_num_queries(4) as queries:
                assert client.get(url).status_code == 200
            costs.append(len(queries))
        return costs

    short = cost()
    for _ in range(29):
        make_activity(lesson, "answered")
    for other in list(lesson.get_children())[:20]:
        client.post(f"{other.specific.get_url()}answers/", {"answer-q1": "a"})

    assert cost() == short


def test_progress_takes_two_queries_at_most(
    edition: Edition, course: CoursePage, lesson: LessonPage, django_assert_max_num_queries: Any
) -> None:
    make_activity(lesson)
    enrolment = Enrolment.objects.get(pk=participant(edition).enrolments.get().pk)
    course_progress(enrolment)
    fresh = Enrolment.objects.select_related("edition").get(pk=enrolment.pk)

    with django_assert_max_num_queries(2):
        assert course_progress(fresh).total == 1


def test_an_edition_without_a_course_has_no_progress(edition: Edition) -> None:
    progress = course_progress(participant(edition).enrolments.get())

    assert (progress.total, progress.percent, progress.is_complete) == (0, 0, False)
    assert progress.next_activity is None


@pytest.mark.parametrize("name", ["progress/", "progress.csv"])
def test_the_cohort_costs_the_same_for_one_and_for_thirty(
    client: Client, edition: Edition, lesson: LessonPage, django_assert_num_queries: Any, name: str
) -> None:
    activity = make_activity(lesson)
    client.force_login(coordinator(edition))
    url = f"/learn/{edition.slug}/{name}"

    def take_part(number: int) -> None:
        for _ in range(number):
            with_work = Client()
            with_work.force_login(participant(edition))
            with_work.post(f"{activity.get_url()}done/")

    take_part(1)
    client.get(url)
    with django_assert_num_queries(_count(client, url)) as _:
        client.get(url)
    before = _count(client, url)
    take_part(29)

    assert _count(client, url) == before


def _count(client: Client, url: str) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


def test_the_cohort_is_followed_by_those_who_teach_it(
    client: Client, edition: Edition, course: CoursePage, lesson: LessonPage
) -> None:
    make_activity(lesson)
    make_lesson(course, 2)
    person = participant(edition, name="=HYPERLINK(evil), Nairobi")
    pages = [f"/learn/{edition.slug}/progress/", f"/learn/{edition.slug}/progress.csv"]

    client.force_login(person)
    assert [client.get(page).status_code for page in pages] == [404, 404]

    client.force_login(instructor(edition))
    shown, exported = (client.get(page) for page in pages)
    assert "0 of 1" in shown.content.decode()
    rows = exported.content.decode("utf-8-sig").splitlines()
    assert rows[0].startswith("Participant,City,Lesson 1: done of 1,Lesson 2: done of 0,Done,Of")
    # A spreadsheet must not run what somebody called themselves.
    assert rows[1].startswith('"\'=HYPERLINK(evil), Nairobi"')
