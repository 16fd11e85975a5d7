"""Invariant 9: an unreleased mark appears nowhere a participant can reach.

Every address that can be read, as the permission matrix lists them, is asked by the
participant, with the numbers of their own project; so are their messages.
"""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.db import transaction
from django.http import HttpResponse
from django.urls import reverse
from pypdf import PdfReader

from assessments.actions.completion import review_completion
from assessments.models import Grade
from lms.accounts.models import User
from lms.programme.models import Edition
from tests.architecture.scene import (
    AT,
    Scene,
    at_history,
    begin_project,
    make_scene,
)
from tests.architecture.scene_of_marking import at_desk, at_rubric, at_two_markers
from tests.architecture.scene_of_releases import at_no_release
from tests.architecture.test_permissions import MATRIX, Browser, Line, ask, parameters
from tests.factories import assessments, marking, programme

SECRETS = ("66.67", "66,67", "A comment on need.", "An overall word from the marker.",
           "A comment at a place.", "A comment kept.")  # fmt: skip
# What there is of a judgement before the release: for its participant it is not there.
NOT_THERE = {
    "api:v1:appeal-detail",
    "api:v1:grade-feedback",
    "api:v1:grade-history",
    "assessments:feedback_pdf",
    "assessments:own_appeal",
    "api:v1:annotation-detail",
    "api:v1:snippet-detail",
    "api:v1:assessment-detail",
    "api:v1:certificate-detail",
    "api:v1:certificate-pdf",
    "api:v1:grade-detail",
    "api:v1:presentation-detail",
    "assessments:certificate_pdf",
    "assessments:verify",
}
# Handed in, it cannot be handed in: the reader is led to the project. A published text that
# is under no embargo has none to be changed.
ELSEWHERE = {"assessments:submit", "peer_exchange:embargo"}
# What is asked of a draft alone.
OF_A_DRAFT = {"api:v1:project-checklist"}
ASKED_OF_AN_EDITION = {"api:v1:talk-breaks", "api:v1:city-matches"}
READABLE = [line for line in MATRIX if line.method == "GET"]


def test_the_probe_covers_what_a_participant_reads() -> None:
    read = {line.address for line in READABLE if "participant" in line.may}
    assert {
        "dashboard:home", "assessments:project", "assessments:receipt", "assessments:receipt_pdf",
        "assessments:certificate", "api:v1:submission-detail", "api:v1:project-detail",
        "api:v1:project-list", "api:v1:completion-detail", "api:v1:progress-list",
        "api:v1:file-list", "api:v1:grade-list",
    } <= read  # fmt: skip


def unreleased(step: Callable[..., Grade]) -> Callable[[Scene, User], None]:
    """The participant's project with a grade that is not released."""

    def project(scene: Scene, participant: User) -> None:
        enrolment = participant.enrolments.get()
        instructor = scene.people["instructor"]
        assert instructor is not None
        submission, _joined, _set_aside = begin_project(scene, participant)
        file = assessments.attach(submission)
        attempt = assessments.hand_in(submission, without="all")
        at_history(scene, submission)
        at_rubric(scene, attempt)
        grade = step(attempt, instructor)
        at_desk(scene, attempt)
        at_no_release(scene, grade)
        at_two_markers(scene)
        review_completion(enrolment=enrolment, at=AT)
        scene.at("assessments", pk=submission.pk, receipt=attempt.receipt, code="NONEISSUED00")
        scene.at("assessments:file", pk=file.pk)
        scene.at("assessments:completion_person", pk=enrolment.pk)
        scene.at("assessments:certificate_pdf", pk=enrolment.pk)
        scene.at("api:v1:assessment", pk=attempt.assessments.get().pk)
        scene.at("api:v1:certificate", pk=enrolment.pk)
        scene.at("api:v1:completion", pk=enrolment.pk)
        scene.at("api:v1:file", pk=file.pk)
        scene.at("api:v1:grade", pk=grade.pk)
        scene.at("api:v1:marking-queue", receipt=attempt.receipt)
        scene.at("api:v1:presentation", pk=enrolment.pk)
        scene.at("api:v1:project", pk=submission.pk)
        scene.at("api:v1:submission", receipt=attempt.receipt)

    return project


@pytest.fixture(scope="module")
def scene(django_db_setup: None, django_db_blocker: Any) -> Any:
    """As far as a grade goes without being shown: marked, agreed, and in a release that can
    still be undone."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_scene(unreleased(marking.on_its_way))
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def browser(scene: Scene, django_db_blocker: Any) -> Browser:
    """The participant's."""
    with django_db_blocker.unblock():
        return Browser(scene.people["participant"])


@pytest.mark.one_database("postgresql")
@pytest.mark.xdist_group("unreleased scene")
@pytest.mark.django_db
@pytest.mark.parametrize("line", READABLE, ids=str)
def test_an_unreleased_grade_appears_nowhere_for_its_participant(
    line: Line, scene: Scene, browser: Browser
) -> None:
    _path, names = next(parameters(line.address))

    address = reverse(line.address, kwargs=scene.kwargs_of(line.address, names))
    if line.address in ASKED_OF_AN_EDITION:
        address += f"?edition={scene.edition.slug}"
    answer = ask(browser, "GET", address, {}, scene.headers)

    words = words_of(answer)
    assert [secret for secret in SECRETS if secret in words] == []
    if line.address in NOT_THERE:
        assert answer.status_code == 404
    elif line.address in OF_A_DRAFT:
        assert answer.status_code == 409
    elif "participant" in line.may:
        # 204: there is nothing to tell.
        assert answer.status_code in ({302} if line.address in ELSEWHERE else {200, 204})


@pytest.mark.parametrize("step", [marking.provisional, marking.agreed, marking.on_its_way])
def test_no_message_tells_an_unreleased_grade(
    step: Any, edition: Edition, django_capture_on_commit_callbacks: Any
) -> None:
    attempt = marking.submitted(edition)
    with django_capture_on_commit_callbacks(execute=True):
        step(attempt, programme.instructor(edition))
    assert [message for message in mail.outbox if attempt.owner.user.email in message.to] == []


def words_of(answer: HttpResponse) -> str:
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if content.startswith(b"%PDF-"):
        return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    # A picture has no words, but its bytes may hold some.
    return content.decode(errors="replace")
