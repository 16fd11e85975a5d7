"""Pages and requests about interactive content: as many queries for many as for one."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rest_framework.test import APIClient

from lms.programme.models import Edition, Enrolment
from modules.actions.h5p_content import update_questions
from modules.actions.h5p_results import mark_answer
from modules.h5p_frames import activity_iri
from modules.models import H5PContent, H5PStatement, LessonPage
from modules.selectors.h5p_library import contents_with_use
from tests.factories import h5p_playing as h5p
from tests.factories.accounts import AdministratorFactory
from tests.factories.h5p import question_set
from tests.factories.modules import change, make_activity, played
from tests.factories.programme import instructor, participant
from tests.queries import MANY

pytestmark = pytest.mark.django_db


def cost(client: Any, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(url).status_code == 200, url
    return len(queries)


@pytest.mark.parametrize("page", ["report/", "report.csv"])
def test_a_report_costs_the_same_for_one_and_for_many(
    edition: Edition, lesson: LessonPage, client: Client, page: str
) -> None:
    activity = h5p.make_interactive(lesson)

    def answered() -> None:
        enrolment = participant(edition).enrolments.get()
        for question, response in h5p.RIGHT.items():
            mark_answer(
                enrolment=enrolment, activity=activity, play=h5p.play_of(enrolment, activity),
                question=question, response=response, by=enrolment.user, at=h5p.AT,
            )  # fmt: skip

    answered()
    client.force_login(instructor(edition))
    url = f"{activity.public_path()}{page}"
    one = cost(client, url)
    for _ in range(MANY - 1):
        answered()

    assert cost(client, url) == one


def test_statements_cost_the_same_one_by_one_and_thirty_at_once(
    enrolment: Enrolment, lesson: LessonPage
) -> None:
    activity = h5p.make_interactive(lesson, h5p=h5p.upload(h5p.package("function () {}")))
    iri, play = activity_iri(activity.pk), h5p.play_token(enrolment.user, activity)
    api = APIClient()
    api.force_authenticate(enrolment.user)

    def send(count: int) -> int:
        said = [
            {
                "verb": {"id": "http://adlnet.gov/expapi/verbs/interacted"},
                "object": {"id": f"{iri}?subContentId={number}"},
            }
            for number in range(count)
        ]
        url = f"/api/v1/activities/{activity.pk}/statements/?play={play}"
        with CaptureQueriesContext(connection) as queries:
            assert api.post(url, said, format="json").status_code == 200
        return len(queries)

    send(1)
    assert send(30) == send(1)
    assert H5PStatement.objects.count() == 32


def test_the_installed_libraries_cost_the_same_for_one_and_for_many(client: Client) -> None:
    client.force_login(AdministratorFactory.create())
    url = reverse("h5p_library:libraries")
    h5p.upload(h5p.package("function () {}"))
    one = cost(client, url)
    for number in range(MANY - 1):
        h5p.upload(h5p.package("function () {}", f"Test.Player{number}"))

    assert cost(client, url) == one


def test_a_content_costs_the_same_with_many_versions_in_many_places(
    lesson: LessonPage, client: Client
) -> None:
    content, administrator = h5p.make_questions(), AdministratorFactory.create()
    client.force_login(administrator)
    url = reverse("h5p_library:content", args=[content.pk])
    change(make_activity(lesson), body=[played(content)])
    one = cost(client, url)
    for number in range(1, MANY):
        update_questions(
            content=content, question_set=question_set(f"Set {number}"), base_version=number,
            by=AdministratorFactory.create(), at=h5p.AT,
        )  # fmt: skip
        change(make_activity(lesson), body=[played(content)])

    assert H5PContent.objects.get(pk=content.pk).versions.count() == MANY
    assert contents_with_use().get(pk=content.pk).uses == MANY
    assert cost(client, url) == one
