"""“Submit” was pressed in time while files were on their way: these count as on time."""

from datetime import datetime, timedelta

import pytest
from django.urls import reverse

from assessments.actions import declare_intent, remove_file
from assessments.actions.drafts import NotADraft
from assessments.actions.intents import NothingArriving
from assessments.actions.receiving import receive_bytes
from assessments.actions.submitting import DeadlinePassed
from assessments.actions.uploads import begin_upload
from assessments.models import Project, Submission, SubmitIntent, Upload
from assessments.selectors.project import readiness_of
from lms.core.errors import StaleVersion
from lms.programme.models import Edition
from tests.factories.assessments import (
    DEADLINE,
    WRITTEN_AT,
    attach,
    hand_in,
    pdf,
    pdf_upload,
    start,
    write,
)
from tests.factories.programme import EditionFactory
from tests.factories.uploads import Sender
from tests.races import at_once

MICROSECOND = timedelta(microseconds=1)
WINDOW = timedelta(minutes=30)
CONTENT = pdf(padding=300)


@pytest.fixture
def submission(edition: Edition) -> Submission:
    return write(start(edition))


def begin(submission: Submission, at: datetime, name: str = "plan.pdf") -> Upload:
    return begin_upload(
        submission=submission, name=name, size=len(CONTENT), by=submission.owner.user, at=at
    )


def arrive(upload: Upload, at: datetime) -> Upload:
    pieces = iter([CONTENT])
    return receive_bytes(
        upload=upload, read=lambda size: next(pieces, b""), length=len(CONTENT), offset=0,
        by=upload.created_by, at=at,
    )  # fmt: skip


def declare(submission: Submission, at: datetime) -> SubmitIntent:
    submission.refresh_from_db()
    return declare_intent(
        submission=submission, base_version=submission.version, by=submission.owner.user, at=at
    )


@pytest.mark.parametrize(
    ("after", "is_late"),
    [(-MICROSECOND, False), (timedelta(0), False), (MICROSECOND, True)],
    ids=["1 µs before", "exactly at", "1 µs after"],
)
def test_the_window_closes_to_the_microsecond(
    submission: Submission, after: timedelta, is_late: bool
) -> None:
    upload = begin(submission, DEADLINE - timedelta(minutes=1))
    intent = declare(submission, DEADLINE)
    arrive(upload, DEADLINE + timedelta(minutes=9))

    attempt = hand_in(submission, at=DEADLINE + WINDOW + after)

    assert intent.until_at == DEADLINE + WINDOW
    assert attempt.is_late is is_late
    assert attempt.files.count() == 1
    assert attempt.effective_deadline_at == (DEADLINE if is_late else DEADLINE + WINDOW)
    assert ("files were still arriving" in attempt.effective_reason) is not is_late


@pytest.mark.parametrize("after", [-MICROSECOND, timedelta(0)])
def test_an_intent_is_in_time_until_the_deadline(submission: Submission, after: timedelta) -> None:
    begin(submission, WRITTEN_AT + timedelta(days=11))
    assert declare(submission, DEADLINE + after).declared_at == DEADLINE + after


def test_an_intent_after_the_deadline_is_none(submission: Submission) -> None:
    begin(submission, DEADLINE - timedelta(minutes=1))
    with pytest.raises(DeadlinePassed):
        declare(submission, DEADLINE + MICROSECOND)
    assert hand_in(submission, at=DEADLINE + timedelta(minutes=2), without="all").is_late


def test_without_uploads_there_is_nothing_to_wait_for(submission: Submission) -> None:
    with pytest.raises(NothingArriving):
        declare(submission, DEADLINE)


def test_saying_it_twice_is_saying_it_once(submission: Submission) -> None:
    begin(submission, DEADLINE - timedelta(minutes=5))
    first = declare(submission, DEADLINE - timedelta(minutes=4))
    assert declare(submission, DEADLINE + timedelta(minutes=4)) == first
    begin(submission, DEADLINE - timedelta(minutes=3), "another.pdf")
    second = declare(submission, DEADLINE - timedelta(minutes=2))
    assert (second.uploads.count(), SubmitIntent.objects.count()) == (2, 2)


def test_a_text_changed_in_the_window_is_late(submission: Submission) -> None:
    upload = begin(submission, DEADLINE - timedelta(minutes=1))
    declare(submission, DEADLINE)
    arrive(upload, DEADLINE + timedelta(minutes=1))
    submission.refresh_from_db()
    write(submission, at=DEADLINE + timedelta(minutes=2), context="Better words.")

    assert hand_in(submission, at=DEADLINE + timedelta(minutes=3)).is_late


def test_a_file_begun_in_the_window_is_late_and_without_it_the_rest_is_not(
    submission: Submission,
) -> None:
    before = attach(submission, pdf_upload("before.pdf"))
    upload = begin(submission, DEADLINE - timedelta(minutes=1))
    declare(submission, DEADLINE)
    arrive(upload, DEADLINE + timedelta(minutes=1))
    stranger = arrive(
        begin(submission, DEADLINE + timedelta(minutes=2), "new.pdf"),
        DEADLINE + timedelta(minutes=3),
    ).file
    assert stranger is not None
    at = DEADLINE + timedelta(minutes=4)

    assert readiness_of(submission, at).is_late
    remove_file(file=stranger, by=submission.owner.user, at=at)
    attempt = hand_in(submission, at=at)

    assert not attempt.is_late
    assert {file.name for file in attempt.files.all()} == {before.name, "plan.pdf"}


def test_where_late_projects_are_refused_the_window_is_open_all_the_same(
    submission: Submission,
) -> None:
    Project.objects.update(accepts_late=False, upload_window_minutes=5)
    upload = begin(submission, DEADLINE - timedelta(minutes=1))
    declare(submission, DEADLINE)
    arrive(upload, DEADLINE + timedelta(minutes=1))
    submission = Submission.objects.get(pk=submission.pk)

    with pytest.raises(DeadlinePassed):
        hand_in(submission, at=DEADLINE + timedelta(minutes=5) + MICROSECOND)
    assert not hand_in(submission, at=DEADLINE + timedelta(minutes=5)).is_late


def test_an_intent_is_about_the_stored_text_of_a_draft(submission: Submission) -> None:
    begin(submission, DEADLINE - timedelta(minutes=1))
    with pytest.raises(StaleVersion):
        declare_intent(submission=submission, base_version=0, by=submission.owner.user, at=DEADLINE)
    hand_in(submission, at=DEADLINE, without="all")
    with pytest.raises(NotADraft):
        declare(submission, DEADLINE)


def test_page_and_api_note_the_intent(edition: Edition) -> None:
    """The deadline of a project that is due next year."""
    submission = write(start(edition))
    project = submission.project
    project.deadline_wall = project.deadline_wall.replace(year=2099)
    project.save()
    sender = Sender(submission.owner.user)
    sender.begin(submission, "plan.pdf", CONTENT)
    page = reverse("assessments:submit", args=[edition.slug])

    offered = sender.client.get(page).content.decode()
    by_api = sender.client.post(
        reverse("api:v1:project-intent", args=[submission.pk]),
        {"base_version": submission.version}, content_type="application/json",
    )  # fmt: skip
    by_page = sender.client.post(
        reverse("assessments:intend", args=[edition.slug]), {"base_version": submission.version}
    )

    assert "One file is still on its way" in offered
    assert (by_api.status_code, by_page.status_code) == (200, 302)
    assert datetime.fromisoformat(by_api.json()["until_at"]) == project.deadline_at + WINDOW
    assert SubmitIntent.objects.count() == 1
    assert "You wanted to submit with them" in sender.client.get(page).content.decode()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_an_intent_and_a_save_follow_one_another() -> None:
    """Whoever comes second sees what the first has done."""
    submission = write(start(EditionFactory.create()))
    begin(submission, DEADLINE - timedelta(minutes=1))

    said, saved = at_once(
        lambda: declare(submission, DEADLINE), lambda: write(submission, context="Other words.")
    )

    stored = Submission.objects.get(pk=submission.pk)
    assert isinstance(saved, Submission)
    assert isinstance(said, SubmitIntent | StaleVersion)
    if isinstance(said, SubmitIntent):
        assert said.version in {submission.version, stored.version}
