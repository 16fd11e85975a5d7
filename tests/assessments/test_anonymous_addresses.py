"""Every address that a marker reads, asked in an edition that marks anonymously."""

from typing import Any

import pytest
from django.db import transaction
from django.urls import reverse

from assessments.models import MarkingPolicy
from lms.accounts.models import City, User
from tests.architecture.scene import Scene, make_scene
from tests.architecture.test_permissions import MATRIX, Browser, Line, ask, parameters
from tests.assessments.test_anonymity import CITY, NAME, WORDS
from tests.assessments.test_unreleased import unreleased, words_of
from tests.factories.marking import agreed

pytestmark = pytest.mark.django_db


def hidden(scene: Scene, participant: User) -> None:
    """The participant's project, agreed and not released, in an edition without names."""
    enrolment = participant.enrolments.get()
    participant.name = NAME
    participant.save(update_fields=["name"])
    City.objects.filter(pk=enrolment.city_id).update(name=CITY)
    unreleased(agreed)(scene, participant)
    MarkingPolicy.objects.update_or_create(
        project=scene.edition.project, defaults={"is_anonymous": True}
    )


@pytest.fixture(scope="module")
def scene(django_db_setup: None, django_db_blocker: Any) -> Any:
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_scene(hidden)
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def browser(scene: Scene, django_db_blocker: Any) -> Browser:
    """The marker's."""
    with django_db_blocker.unblock():
        return Browser(scene.people["instructor"])


# What an instructor reads of people rather than of projects: who takes part, who was there,
# who has completed, what cities share. None of it says which project is whose.
OF_PEOPLE = (
    "modules:", "peer_exchange:", "programme:", "timetable:", "dashboard:",
    "assessments:completion", "assessments:conflicts", "api:v1:language-profile",
    "api:v1:completion", "api:v1:attendance", "api:v1:presentation", "api:v1:experience",
    "api:v1:response", "api:v1:progress", "api:v1:me", "api:v1:city", "api:v1:map",
    "api:v1:search", "api:v1:transfer", "api:v1:talk",
)  # fmt: skip
READ_BY_MARKERS = [
    line
    for line in MATRIX
    if line.method == "GET" and "instructor" in line.may and not line.address.startswith(OF_PEOPLE)
]


@pytest.mark.one_database("postgresql")
@pytest.mark.xdist_group("anonymous scene")
@pytest.mark.parametrize("line", READ_BY_MARKERS, ids=str)
def test_no_address_tells_a_marker_whose_project_it_is(
    line: Line, scene: Scene, browser: Browser
) -> None:
    _path, names = next(parameters(line.address))
    address = reverse(line.address, kwargs=scene.kwargs_of(line.address, names))
    answer = ask(browser, "GET", address, {}, scene.headers)
    told = f"{words_of(answer)} {' '.join(answer.headers.values())}"
    assert [word for word in WORDS if word in told] == []
