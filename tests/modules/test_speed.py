"""What a page costs does not grow with the course or the cohort."""

import re
from typing import Any

import pytest
from django.db import connection
from django.shortcuts import render
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.safestring import mark_safe

from lms.programme.enums import Role
from lms.programme.models import Edition, Enrolment, RoleAssignment
from modules.models import CoursePage, LessonPage
from modules.selectors import course_progress
from modules.views.frame import in_frame
from tests.factories.modules import make_activity, make_lesson
from tests.factories.programme import coordinator, instructor, participant
from tests.queries import MANY

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
    for _ in range(MANY - 1):
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
def test_the_cohort_costs_the_same_for_one_and_for_many(
    client: Client, edition: Edition, lesson: LessonPage, name: str
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
    before = _count(client, url)
    take_part(29)

    assert _count(client, url) == before


def _count(client: Client, url: str) -> int:
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


TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w{64})"')


def test_the_frame_shows_each_reader_what_the_ordinary_page_would(
    edition: Edition, lesson: LessonPage
) -> None:
    """The frame is cached with stand-ins for the person; whatever base.html begins to
    say about people must be among them."""
    activity = make_activity(lesson, "answered")
    for fields in (
        {"name": 'Ada <b>&</b> "Co", Nairobi', "time_zone": "Africa/Nairobi"},
        {"name": "", "time_zone": "America/Montevideo"},
    ):
        client = Client()
        client.force_login(participant(edition, **fields))
        shown = client.get(activity.get_url())
        request = shown.wsgi_request
        body = mark_safe("<p>Words</p>")

        framed = in_frame(request, request.user, edition, title="A & B", body=body)
        ordinary = render(
            request, "modules/activity.html", {"title": "A & B", "body": body, "is_railed": True}
        )

        one, other = (TOKEN.sub("", page.content.decode()) for page in (framed, ordinary))
        assert one == other
        assert "slot-" not in shown.content.decode()


def test_a_participant_who_also_teaches_keeps_the_way_to_both(
    client: Client, edition: Edition, lesson: LessonPage
) -> None:
    person = participant(edition)
    RoleAssignment.objects.create(edition=edition, user=person, role=Role.INSTRUCTOR)
    client.force_login(person)

    shown = client.get(make_activity(lesson).get_url()).content.decode()

    assert f"/project/{edition.slug}/" in shown
    assert f"/marking/{edition.slug}/" in shown


def test_cached_forms_carry_the_token_of_their_reader(edition: Edition, lesson: LessonPage) -> None:
    url = make_activity(lesson, "answered").get_url()
    for _ in range(2):
        client = Client(enforce_csrf_checks=True)
        client.force_login(participant(edition))
        tokens = TOKEN.findall(client.get(url).content.decode())
        assert len(tokens) == 2  # the questions, and signing out
        for token in tokens:
            sent = {"csrfmiddlewaretoken": token, "answer-q1": "a"}
            assert client.post(f"{url}answers/", sent).status_code == 302
        assert client.post(f"{url}answers/", {"answer-q1": "a"}).status_code == 403


def test_a_message_is_shown_once_and_to_its_reader_only(
    edition: Edition, lesson: LessonPage
) -> None:
    url = make_activity(lesson, "written").get_url()
    told, other = Client(), Client()
    told.post(f"{url}text/", {"text": "typed"}, headers={"Referer": f"http://testserver{url}"})
    for client in (told, other):
        client.force_login(participant(edition))

    notice = "Your session had ended."
    pages = [client.get(url).content.decode() for client in (told, other, told)]
    assert [notice in page for page in pages] == [True, False, False]
