"""The library of interactive content in the CMS, screen by screen."""

import io
import json
from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from h5p.package import read_package
from lms.accounts.models import User
from modules.models import ActivityPage, CoursePage, LessonPage
from tests.factories.accounts import UserFactory
from tests.factories.h5p import make_questions, make_uploaded
from tests.factories.modules import change, make_activity, played
from tests.modules.h5p_authoring.looking import (
    screens,
    signed_in,
    tides,
)
from tests.queries import MANY

pytestmark = pytest.mark.django_db


def test_editors_and_administrators_see_every_screen(
    editor: User, administrator: User, at: datetime
) -> None:
    for content in (make_uploaded(by=administrator, at=at), make_questions(by=editor, at=at)):
        for person in (editor, administrator):
            client = signed_in(person)
            assert [client.get(url).status_code for url in screens(content)] == [200] * len(
                screens(content)
            )


def test_others_see_none(administrator: User, at: datetime, course: CoursePage) -> None:
    content = make_uploaded(by=administrator, at=at)
    outsider = signed_in(UserFactory.create())
    for client in (outsider, Client()):
        for url in screens(content):
            answer = client.get(url)
            assert answer.status_code == 302, url
            assert "/login/" in answer["Location"], url


def test_staff_of_the_cms_without_pages_to_write_are_turned_away(
    administrator: User, at: datetime
) -> None:
    from django.contrib.auth.models import Permission

    content = make_uploaded(by=administrator, at=at)
    person = UserFactory.create()
    person.user_permissions.add(Permission.objects.get(codename="access_admin"))
    client = signed_in(person)
    for url in screens(content):
        assert client.get(url).status_code == 403, url
    assert client.post(reverse("h5p_library:upload"), {"file": tides()}).status_code == 403


@pytest.mark.parametrize("count", [1, MANY])
def test_the_list_asks_as_much_for_many_as_for_one(
    editor: User, at: datetime, count: int, django_assert_max_num_queries: Any
) -> None:
    for number in range(count):
        make_questions(by=editor, at=at, title=f"Set {number}")
    client = signed_in(editor)
    client.get(reverse("h5p_library:index"))
    with django_assert_max_num_queries(22):
        client.get(reverse("h5p_library:index"))


def test_the_list_is_searched_and_comes_as_a_table(
    editor: User, at: datetime, lesson: LessonPage
) -> None:
    rivers = make_questions(by=editor, at=at, title="Rivers")
    make_questions(by=editor, at=at, title="=Formula")
    change(make_activity(lesson), body=[played(rivers)])
    client = signed_in(editor)

    found = client.get(reverse("h5p_library:index"), {"q": "river"})
    assert [content.title for content in found.context["object_list"]] == ["Rivers"]
    rows = client.get(reverse("h5p_library:csv")).content.decode("utf-8-sig").splitlines()
    assert len(rows) == 3
    assert rows[1].startswith("'=Formula,")
    assert rows[2].startswith("Rivers,Rambla question set 1.0.0,Questions written here,1,1,")


def test_a_content_shows_its_frame_and_where_it_is_used(
    editor: User, at: datetime, lesson: LessonPage
) -> None:
    content = make_questions(by=editor, at=at)
    activity = change(make_activity(lesson), body=[played(content)])
    page = signed_in(editor).get(reverse("h5p_library:content", args=[content.pk]))

    shown = page.content.decode()
    assert 'sandbox="allow-scripts"' in shown
    assert activity.title in shown
    frame = signed_in(editor).get(page.context["player"].address)
    assert frame.status_code == 200


def test_a_download_is_a_package_that_reads(editor: User, at: datetime) -> None:
    content = make_questions(by=editor, at=at)
    answer = signed_in(editor).get(reverse("h5p_library:download", args=[content.current_id]))
    assert answer["Content-Disposition"] == 'attachment; filename="rivers.h5p"'
    assert read_package(io.BytesIO(answer.content)).problems == ()


def test_a_preview_is_marked_and_nothing_is_kept(editor: User, at: datetime) -> None:
    content = make_questions(by=editor, at=at)
    url = reverse("h5p_library:mark", args=[content.current_id])
    client = signed_in(editor)
    body = json.dumps({"question": "paris", "response": ["seine"]})
    assert client.post(url, body, content_type="application/json").json()["correct"] is True
    for unreadable in ("{", "[" * 100_000):
        answer = client.post(url, unreadable, content_type="application/json")
        assert answer.status_code == 400


def test_an_activity_chooses_its_content(editor: User, at: datetime, lesson: LessonPage) -> None:
    content = make_questions(by=editor, at=at)
    activity = make_activity(lesson)
    client = signed_in(editor)
    page = client.get(reverse("wagtailadmin_pages:edit", args=[activity.pk])).content.decode()
    assert "Choose an H5P activity" in page
    chosen = client.get(reverse("h5p_chooser:chosen", args=[content.pk])).json()
    assert chosen["result"]["title"] == "Rivers"
    assert ActivityPage.objects.get(pk=activity.pk).h5p is None
