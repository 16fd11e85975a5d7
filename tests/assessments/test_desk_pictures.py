"""Pictures among the files of a project: looked at on the desk, sent as files all the same."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from assessments.models import MarkingPolicy, ProjectFile
from lms.programme.models import Edition
from tests.factories.assessments import attach, hand_in, pdf, project_in, publish, start, write
from tests.factories.programme import instructor, participant
from tests.factories.uploads import picture

pytestmark = pytest.mark.django_db


def test_a_picture_is_seen_on_the_desk_by_whoever_may_fetch_it(
    edition: Edition, client: Client
) -> None:
    publish(project_in(edition).guidelines_page, file_types=["png", "jpeg", "pdf"])
    submission = write(start(edition))
    attach(submission, SimpleUploadedFile('a "plan".png', picture("PNG")))
    attach(submission, SimpleUploadedFile("notes.pdf", pdf()))
    attempt = hand_in(submission)
    file = ProjectFile.objects.get(media_type="image/png")
    address = reverse("assessments:file", args=[file.pk])
    desk = reverse("assessments:desk", args=[edition.slug, submission.pk])
    client.force_login(instructor(edition))

    shown = re.findall(r'<img class="file__picture" src="([^"]+)" alt="([^"]+)"',
                       client.get(desk).content.decode())  # fmt: skip
    answer = client.get(address)

    assert shown == [(address, "a &quot;plan&quot;.png")]
    assert answer["Content-Type"] == "image/png"
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    # Where names are hidden, the name of the file is, too.
    MarkingPolicy.objects.create(project=attempt.project, is_anonymous=True)
    hidden = client.get(desk).content.decode()
    assert f'src="{address}"' in hidden
    assert "plan" not in hidden.split('class="file__picture"')[1].split(">")[0]
    client.force_login(participant(edition))
    assert client.get(address).status_code == 404
