"""Lessons, activities and progress through the API: the same actions, other clothes."""

from typing import Any

import pytest
from django.test import Client

from lms.programme.models import Edition, Enrolment
from modules.models import ActivityProgress, LessonPage
from tests.factories.accounts import AdministratorFactory, CityFactory, UserFactory
from tests.factories.modules import (
    RIGHT,
    WRONG,
    lesson_of,
    make_activity,
    make_course,
    make_lesson,
)
from tests.factories.programme import (
    EditionFactory,
    city_team_member,
    coordinator,
    instructor,
    participant,
)
from tests.queries import MANY

pytestmark = pytest.mark.django_db


@pytest.fixture
def lesson(edition: Edition) -> LessonPage:
    return lesson_of(make_course(edition))


@pytest.fixture
def enrolment(edition: Edition) -> Enrolment:
    return participant(edition).enrolments.get()


@pytest.fixture
def api(client: Client, enrolment: Enrolment) -> Client:
    """A browser of the participant."""
    client.force_login(enrolment.user)
    return client


def send(api: Client, url: str, body: Any, method: str = "post") -> Any:
    return getattr(api, method)(url, body, content_type="application/json")


def test_lessons_are_listed_in_their_order_with_ones_own_progress(
    api: Client, edition: Edition, lesson: LessonPage
) -> None:
    make_lesson(lesson.get_parent(), 2)
    activity = make_activity(lesson)
    make_course(EditionFactory.create())
    send(api, f"/api/v1/activities/{activity.pk}/complete/", {})

    listed = api.get("/api/v1/lessons/").json()

    assert listed["next"] is None
    assert [(row["number"], row["done"], row["total"]) for row in listed["results"]] == [
        (1, 1, 1),
        (2, 0, 0),
    ]
    assert listed["results"][0]["edition"] == edition.slug
    assert api.get("/api/v1/lessons/?edition=nowhere").json()["results"] == []
    detail = api.get(f"/api/v1/lessons/{lesson.pk}/").json()
    assert detail["activities"][0] | {"state": "done", "id": activity.pk} == detail["activities"][0]
    assert detail["abilities"] == {"record_progress": True}
    assert detail["aims"] == ["You can do it."]


def test_an_activity_is_worked_through(api: Client, lesson: LessonPage) -> None:
    url = f"/api/v1/activities/{make_activity(lesson, 'score').pk}/"
    fresh = api.get(url).json()
    assert fresh["mine"]["state"] == "open"
    assert fresh["body"].startswith('<div class="prose"><h2')
    assert fresh["abilities"] == {"answer": True, "write": False, "complete": True}

    early = send(api, f"{url}complete/", {})
    assert (early.status_code, early["Content-Type"]) == (409, "application/problem+json")
    assert (early.json()["code"], early.json()["missing"]) == (
        "not_complete",
        ["Answer 2 more questions."],
    )

    wrong = send(api, f"{url}answers/", {"answers": WRONG}).json()
    assert (wrong["mine"]["state"], wrong["mine"]["right"]) == ("begun", 0)
    assert wrong["questions"][0]["options"][1]["feedback"] == "Age proves little."
    assert send(api, f"{url}answers/", {"answers": RIGHT}).json()["mine"]["missing"] == []
    assert send(api, f"{url}complete/", {}).json()["mine"]["state"] == "done"


def test_right_answers_are_told_only_of_what_was_chosen(api: Client, lesson: LessonPage) -> None:
    url = f"/api/v1/activities/{make_activity(lesson, 'answered').pk}/"

    for question in api.get(url).json()["questions"]:
        assert (question["is_right"], question["explanation"]) == (None, "")
        assert {(o["is_right"], o["feedback"]) for o in question["options"]} == {(None, "")}


def test_a_text_is_saved_with_its_base_version(api: Client, lesson: LessonPage) -> None:
    url = f"/api/v1/activities/{make_activity(lesson, 'written').pk}/text/"

    saved = send(api, url, {"text": " kept as typed ", "base_version": 0}, "put").json()
    assert (saved["mine"]["text"], saved["mine"]["version"]) == (" kept as typed ", 1)

    stale = send(api, url, {"text": "other", "base_version": 0})
    assert stale.status_code == 409
    assert stale.json()["stored"] == {"text": " kept as typed "}


@pytest.mark.parametrize(
    ("move", "body"),
    [
        ("answers", {"answers": {"q9": ["a"]}}),
        ("answers", {"answers": {"q1": ["z"]}}),
        ("answers", {"answers": {"q1": "a"}}),
        ("answers", {"answers": {}}),
        ("answers", {"answers": RIGHT, "score": 100}),
        ("answers", {}),
        ("text", {"text": "null \x00", "base_version": 0}),
        ("text", {"text": "half \ud800", "base_version": 0}),
        ("text", {"text": "x"}),
        ("text", {"text": "x", "base_version": 0, "status": "done"}),
        ("complete", {"status": "done"}),
    ],
)
def test_bodies_that_say_something_else_are_refused(
    api: Client, lesson: LessonPage, move: str, body: dict
) -> None:
    activity = make_activity(lesson, "answered" if move == "answers" else "written")

    answer = send(api, f"/api/v1/activities/{activity.pk}/{move}/", body)

    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    assert not ActivityProgress.objects.exists()


def test_who_may_not_see_finds_nothing_and_who_may_only_read_is_told_so(
    client: Client, edition: Edition, lesson: LessonPage
) -> None:
    activity = make_activity(lesson)
    url, move = f"/api/v1/activities/{activity.pk}/", f"/api/v1/activities/{activity.pk}/complete/"
    assert (client.get(url).status_code, send(client, move, {}).status_code) == (401, 401)

    for stranger in (
        UserFactory.create(),
        participant(EditionFactory.create()),
        city_team_member(edition, CityFactory.create()),
    ):
        client.force_login(stranger)
        assert (client.get(url).status_code, send(client, move, {}).status_code) == (404, 404)
        assert client.get(f"/api/v1/lessons/{lesson.pk}/").status_code == 404
        assert client.get("/api/v1/lessons/").json()["results"] == []

    for reader in (instructor(edition), AdministratorFactory.create()):
        client.force_login(reader)
        shown = client.get(url).json()
        assert (shown["mine"], shown["abilities"]["complete"]) == (None, False)
        assert send(client, move, {}).status_code == 403

    client.force_login(participant(edition))
    activity.unpublish()
    assert (client.get(url).status_code, send(client, move, {}).status_code) == (404, 404)


def test_progress_is_ones_own_or_of_those_one_teaches(
    client: Client, edition: Edition, enrolment: Enrolment, lesson: LessonPage
) -> None:
    activity = make_activity(lesson)
    other = participant(edition)
    client.force_login(enrolment.user)
    send(client, f"/api/v1/activities/{activity.pk}/complete/", {})

    (mine,) = client.get("/api/v1/progress/").json()["results"]
    assert (mine["id"], mine["percent"], mine["is_complete"]) == (enrolment.pk, 100, True)
    theirs = f"/api/v1/progress/{other.enrolments.get().pk}/"
    assert client.get(theirs).status_code == 404

    client.force_login(instructor(edition))
    rows = client.get(f"/api/v1/progress/?edition={edition.slug}").json()["results"]
    assert [row["done"] for row in rows] == [0, 1]
    detail = client.get(theirs).json()
    assert detail["abilities"] == {"record_progress": False, "follow_progress": True}
    assert "text" not in str(detail)

    client.force_login(instructor(EditionFactory.create()))
    assert client.get("/api/v1/progress/").json()["results"] == []
    assert client.get(theirs).status_code == 404


@pytest.mark.parametrize("path", ["lessons/", "progress/"])
def test_lists_cost_the_same_for_one_and_for_many(
    client: Client,
    edition: Edition,
    lesson: LessonPage,
    django_assert_max_num_queries: Any,
    path: str,
) -> None:
    def cost() -> int:
        client.get(f"/api/v1/{path}?page_size=100")
        with django_assert_max_num_queries(20) as queries:
            assert client.get(f"/api/v1/{path}?page_size=100").status_code == 200
        return len(queries)

    participant(edition)
    client.force_login(coordinator(edition))
    few = cost()
    for number in range(2, 19):
        make_lesson(lesson.get_parent(), number)
    for _ in range(MANY - 1):
        participant(edition)

    assert cost() == few
