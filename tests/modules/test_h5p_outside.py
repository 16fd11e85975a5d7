"""Contents that name other hosts: asked only where the operator allows it."""

import json
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from lms.core.kept import forget_all
from lms.programme.models import Enrolment
from modules.h5p_frames import frame_address
from modules.models import H5PContent, LessonPage
from tests.factories import h5p_playing as h5p
from tests.factories.accounts import AdministratorFactory

pytestmark = pytest.mark.django_db
PICTURE = "https://media.example.org/a.png"
SEMANTICS = [{"name": "picture", "type": "image", "label": "Picture"}]


@pytest.fixture
def content() -> H5PContent:
    files = {
        "content/content.json": json.dumps(
            {"picture": {"path": PICTURE, "mime": "image/png"}}
        ).encode(),
        "Test.Player-1.0/semantics.json": json.dumps(SEMANTICS).encode(),
    }
    return h5p.upload(h5p.package("function () {}", **files))


def policy_of(client: Client, enrolment: Enrolment, activity: Any, page: str) -> dict[str, str]:
    address = frame_address(enrolment.user, activity.h5p.current_id, activity.pk, page)
    policy = client.get(address)["Content-Security-Policy"]
    return dict(rule.partition(" ")[::2] for rule in policy.split("; "))


def test_a_host_is_asked_only_where_it_is_allowed_and_named(
    client: Client, settings: LazySettings, enrolment: Enrolment, lesson: LessonPage,
    content: H5PContent,
) -> None:  # fmt: skip
    named = h5p.make_interactive(lesson, h5p=content)
    plain = h5p.make_interactive(lesson)
    home = "http://testserver"
    client.force_login(enrolment.user)
    assert "media.example.org" not in policy_of(client, enrolment, named, home)["img-src"]
    page = client.get(named.get_url()).content.decode()
    assert f'<a href="{PICTURE}" target="_blank" rel="noopener noreferrer"' in page
    editor = Client()
    editor.force_login(AdministratorFactory.create())
    screen = reverse("h5p_library:content", args=[content.pk])
    assert "parts on other sites that are not allowed" in editor.get(screen).content.decode()

    settings.H5P_MEDIA_HOSTS = ["media.example.org"]
    forget_all()
    assert "https://media.example.org" in policy_of(client, enrolment, named, home)["img-src"]
    assert "media.example.org" not in policy_of(client, enrolment, plain, home)["img-src"]
    assert PICTURE not in client.get(named.get_url()).content.decode()
    assert "parts on other sites" not in editor.get(screen).content.decode()
