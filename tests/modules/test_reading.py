"""Reading pages: who may, what they show, and that every step works as a plain form."""

import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from lms.accounts.models import User
from lms.diploma.loading.editors import set_up_groups
from lms.programme.enums import EnrolmentStatus
from lms.programme.models import Edition, Enrolment
from modules.actions import save_written_answer
from modules.models import ActivityPage, ActivityProgress, CoursePage, LessonPage
from tests.factories.accounts import PASSWORD, AdministratorFactory, CityFactory, UserFactory
from tests.factories.modules import RIGHT, WRONG, change, make_activity
from tests.factories.programme import (
    EditionFactory,
    city_team_member,
    coordinator,
    enrol,
    instructor,
    moderator,
    participant,
)

pytestmark = pytest.mark.django_db


def editor(edition: Edition) -> User:
    set_up_groups(edition.course.page)
    user = UserFactory.create()
    user.groups.add(Group.objects.get(name="Editors"))
    return user


def cancelled(edition: Edition) -> User:
    user = UserFactory.create()
    enrol(user, edition, status=EnrolmentStatus.CANCELLED)
    return user


def addresses(activity: ActivityPage) -> list[str]:
    url = activity.get_url()
    lesson_url = url.removesuffix(f"{activity.slug}/")
    return [re.sub(r"[^/]+/$", "", lesson_url), lesson_url, url]


@pytest.mark.parametrize(
    ("somebody", "status"),
    [
        (participant, 200),
        (instructor, 200),
        (coordinator, 200),
        (moderator, 200),
        (editor, 200),
        (lambda edition: AdministratorFactory.create(), 200),
        (lambda edition: city_team_member(edition, CityFactory.create()), 404),
        (lambda edition: participant(EditionFactory.create()), 404),
        (lambda edition: instructor(EditionFactory.create()), 404),
        (cancelled, 404),
        (lambda edition: UserFactory.create(), 404),
    ],
)
def test_lessons_are_read_by_those_who_take_part_teach_or_edit(
    client: Client, edition: Edition, lesson: LessonPage, somebody: Callable, status: int
) -> None:
    activity = make_activity(lesson, "answered")
    client.force_login(somebody(edition))

    assert [client.get(url).status_code for url in addresses(activity)] == [status] * 3


def test_anonymous_readers_are_led_to_sign_in_and_back(
    client: Client, edition: Edition, lesson: LessonPage
) -> None:
    person = participant(edition)
    url = make_activity(lesson).get_url()

    asked = client.get(url, follow=True)
    back = client.post(
        asked.redirect_chain[-1][0], {"login": person.email, "password": PASSWORD}, follow=True
    )

    assert back.request["PATH_INFO"] == url
    assert back.status_code == 200


@pytest.mark.parametrize("what", ["activity", "lesson", "course"])
def test_what_is_not_published_is_not_found(
    client: Client, edition: Edition, course: CoursePage, lesson: LessonPage, what: str
) -> None:
    activity = make_activity(lesson)
    {"activity": activity, "lesson": lesson, "course": course}[what].unpublish()
    client.force_login(participant(edition))

    assert client.get(activity.get_url()).status_code == 404
    assert client.post(f"{activity.get_url()}done/").status_code == 404


def test_the_right_answers_are_not_in_the_page_before_answering(
    client: Client, enrolment: Enrolment, lesson: LessonPage
) -> None:
    activity = make_activity(lesson, "answered")
    client.force_login(enrolment.user)

    before = client.get(activity.get_url()).content.decode()
    assert "Which network is the right one?" in before
    for secret in (
        "In use it is.",
        "Age proves little.",
        "Because of its purpose.",
        'data-state="right"',
    ):
        assert secret not in before

    client.post(f"{activity.get_url()}answers/", {"answer-q1": "b"})
    after = client.get(activity.get_url()).content.decode()
    assert "Age proves little." in after
    assert "Because of its purpose." in after
    for still_secret in ("In use it is.", "In 2017, 69 % said yes."):
        assert still_secret not in after


def test_an_activity_is_worked_through_with_plain_forms(
    client: Client, enrolment: Enrolment, lesson: LessonPage
) -> None:
    activity = make_activity(lesson, "score", threshold=100)
    url = activity.get_url()
    client.force_login(enrolment.user)

    nothing = client.post(f"{url}answers/", {})
    assert nothing.status_code == 422
    assert "Choose an answer first" in nothing.content.decode()

    client.post(f"{url}answers/", {f"answer-{key}": value for key, value in WRONG.items()})
    too_early = client.post(f"{url}done/")
    assert too_early.status_code == 409
    assert "0 of 2 answers are right; 100 % are needed." in too_early.content.decode()

    answered = client.post(
        f"{url}answers/", {f"answer-{key}": value for key, value in RIGHT.items()}
    )
    assert (answered.status_code, answered["Location"]) == (302, f"{url}#questions")
    done = client.post(f"{url}done/", follow=True)
    assert "You have done every activity of the course." in done.content.decode()
    assert ActivityProgress.objects.get().status == "done"


def test_htmx_gets_the_changed_part_only(
    client: Client, enrolment: Enrolment, lesson: LessonPage
) -> None:
    activity = make_activity(lesson, "answered")
    client.force_login(enrolment.user)
    headers = {"HX-Request": "true", "X-Requested-With": "fetch"}

    part = client.post(
        f"{activity.get_url()}answers/", {"answer-q1": "b"}, headers=headers
    ).content.decode()
    assert part.startswith('<section id="work"')
    assert "<html" not in part
    assert 'id="rail" aria-label="This lesson" hx-swap-oob="true"' in part

    refused = client.post(f"{activity.get_url()}done/", headers=headers)
    assert (refused.status_code, refused["Content-Type"]) == (409, "application/problem+json")
    assert refused.json()["code"] == "not_complete"


def test_the_text_saves_itself_and_tells_of_a_conflict(
    client: Client, enrolment: Enrolment, lesson: LessonPage
) -> None:
    """docs/design.md, Autosave; invariant 3."""
    url = f"{make_activity(lesson, 'written').get_url()}text/"
    client.force_login(enrolment.user)

    def save(body: Any) -> Any:
        return client.put(
            url,
            body if isinstance(body, str) else json.dumps(body),
            content_type="application/json",
            headers={"X-Requested-With": "fetch"},
        )

    saved = save({"base_version": 0, "values": {"text": "first"}})
    assert (saved.status_code, saved.json()["version"]) == (200, 1)

    stale = save({"base_version": 0, "values": {"text": "second"}})
    assert (stale.status_code, stale["Content-Type"]) == (409, "application/problem+json")
    assert (stale.json()["version"], stale.json()["stored"]) == (1, {"text": "first"})

    for wrong in (
        "{",
        "[]",
        {"base_version": "1", "values": {"text": "x"}},
        {"base_version": True, "values": {"text": "x"}},
        {"base_version": 1, "values": {"text": "x", "status": "done"}},
        {"base_version": 1, "values": {"text": 7}},
    ):
        assert save(wrong).status_code == 422
    assert save({"base_version": 1, "values": {"text": "x" * 100_001}}).status_code == 413
    assert ActivityProgress.objects.get().text == "first"


def test_mark_as_done_saves_the_text_beside_it(
    client: Client, enrolment: Enrolment, lesson: LessonPage
) -> None:
    """Without JavaScript nothing saves by itself: the button must not lose the text."""
    url = make_activity(lesson, "written").get_url()
    client.force_login(enrolment.user)

    short = client.post(f"{url}done/", {"text": "too short", "base_version": "0"})
    assert short.status_code == 409
    assert "too short</textarea>" in short.content.decode()

    client.post(f"{url}done/", {"text": "long enough now", "base_version": "1"})
    progress = ActivityProgress.objects.get()
    assert (progress.status, progress.text) == ("done", "long enough now")


def test_what_was_typed_survives_an_expired_session(
    client: Client, enrolment: Enrolment, lesson: LessonPage
) -> None:
    url = make_activity(lesson, "written").get_url()
    page = f"http://testserver{url}"

    client.post(
        f"{url}text/", {"text": "typed at length", "base_version": "0"}, headers={"Referer": page}
    )
    client.force_login(enrolment.user)
    back = client.get(url).content.decode()

    assert "typed at length</textarea>" in back
    assert not ActivityProgress.objects.exists()


def test_a_session_that_ended_is_answered_as_such_to_scripts(
    client: Client, lesson: LessonPage
) -> None:
    url = make_activity(lesson, "written").get_url()

    answer = client.put(
        f"{url}text/", "{}", content_type="application/json", headers={"X-Requested-With": "fetch"}
    )
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


def test_changes_need_a_post_and_a_place(
    client: Client, edition: Edition, lesson: LessonPage
) -> None:
    url = make_activity(lesson, "answered").get_url()
    client.force_login(participant(edition))
    moves = ("answers", "text", "done")
    assert {client.get(f"{url}{move}/").status_code for move in moves} == {405}

    client.force_login(instructor(edition))
    for move in moves:
        assert client.post(f"{url}{move}/", {"answer-q1": "a"}).status_code == 404


def test_course_and_lesson_say_where_to_continue(
    client: Client, enrolment: Enrolment, course: CoursePage, lesson: LessonPage
) -> None:
    first, second = (
        make_activity(lesson, title="The first"),
        make_activity(lesson, title="The second"),
    )
    client.force_login(enrolment.user)
    course_url, lesson_url, url = addresses(first)

    assert "Begin with “The first”." in client.get(course_url).content.decode()
    client.post(f"{url}done/")
    assert "Continue with “The second”." in client.get(course_url).content.decode()
    assert "Continue with “The second”." in client.get(lesson_url).content.decode()
    client.post(f"{second.get_url()}done/")
    assert "You have done every activity of the course." in client.get(course_url).content.decode()
    assert "This lesson is complete." in client.get(lesson_url).content.decode()


def test_editors_words_are_shown_as_text_not_as_markup(
    client: Client, enrolment: Enrolment, lesson: LessonPage
) -> None:
    activity = make_activity(lesson, title="<script>alert(1)</script>")
    change(activity, summary="<img src=x onerror=alert(1)>")
    client.force_login(enrolment.user)

    page = client.get(activity.get_url()).content.decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page


def test_text_typed_over_an_older_version_is_not_stored_over_the_newer_one(
    client: Client, enrolment: Enrolment, lesson: LessonPage, at: datetime
) -> None:
    """Invariant 3, over a sign-in: the page knows which text the words were typed over."""
    activity = make_activity(lesson, "written")
    url = activity.get_url()

    def save(text: str, base_version: int) -> None:
        save_written_answer(
            enrolment=enrolment,
            activity=activity,
            text=text,
            base_version=base_version,
            by=enrolment.user,
            at=at,
        )

    save("the first text", 0)
    typed = {"text": "typed on the first", "base_version": "1"}
    client.post(f"{url}text/", typed, headers={"Referer": f"http://testserver{url}"})
    save("the second, saved elsewhere", 1)
    client.force_login(enrolment.user)

    back = client.get(url).content.decode()
    [version] = re.findall(r'name="base_version" value="(\d+)"', back)
    assert re.findall(r'data-base-version="(\d+)"', back) == [version] == ["1"]

    for move in ("text", "done"):
        refused = client.post(f"{url}{move}/", {**typed, "base_version": version})
        page = refused.content.decode()
        assert refused.status_code == 409
        assert "typed on the first</textarea>" in page
        assert "the second, saved elsewhere" in page.split("data-stored")[1]
        assert re.findall(r'name="base_version" value="(\d+)"', page) == ["2"]
    assert ActivityProgress.objects.get().text == "the second, saved elsewhere"


@pytest.mark.parametrize(("text", "status"), [("x" * 100_001, 413), ("one NUL \0 too many", 422)])
def test_text_that_is_refused_is_still_in_its_form(
    client: Client, enrolment: Enrolment, lesson: LessonPage, text: str, status: int
) -> None:
    url = make_activity(lesson, "written").get_url()
    client.force_login(enrolment.user)

    for move in ("text", "done"):
        refused = client.post(f"{url}{move}/", {"text": text, "base_version": "0"})
        assert refused.status_code == status
        assert f"{text}</textarea>" in refused.content.decode()
    assert not ActivityProgress.objects.filter(version__gt=0).exists()


def test_headings_have_ids_of_their_own(
    client: Client, enrolment: Enrolment, lesson: LessonPage
) -> None:
    activity = make_activity(lesson, "answered")
    words = ("Why cities act", "Why cities act", "為什麼")
    change(activity, body=[{"type": "heading", "value": word} for word in words])
    client.force_login(enrolment.user)

    page = client.get(activity.get_url()).content.decode()

    ids = re.findall(r'<h2 id="(part-[0-9a-f-]{36})">', page)
    assert len(set(ids)) == len(words)
