"""A project that hands itself in at the deadline waits for files on their way, names those
that do not arrive, and takes along nothing that came later."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from assessments.actions import declare_intent, remove_file
from assessments.actions.at_deadline import (
    ask_for_deadline_submission,
    settle_deadline_submission,
)
from assessments.actions.receiving import receive_bytes
from assessments.actions.submitting import StillArriving
from assessments.actions.sweeping import sweep_uploads
from assessments.actions.uploads import begin_upload, end_upload
from assessments.enums import DeadlineSubmissionStatus, UploadStatus
from assessments.models import Attempt, DeadlineSubmission, Project, Submission, Upload
from assessments.selectors.deadlines import due_wishes
from lms.core import clock
from lms.core.errors import InvalidInput
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

Status = DeadlineSubmissionStatus
MINUTE = timedelta(minutes=1)
MICROSECOND = timedelta(microseconds=1)
WINDOW = timedelta(minutes=30)
CONTENT = pdf(padding=4000)
HALF = len(CONTENT) // 2


@pytest.fixture
def submission(edition: Edition) -> Submission:
    return write(start(edition))


@pytest.fixture
def wish(submission: Submission) -> DeadlineSubmission:
    return ask_for_deadline_submission(
        submission=submission, by=submission.owner.user, at=WRITTEN_AT
    )


def begin(submission: Submission, at: Any = DEADLINE - MINUTE, name: str = "plan.pdf") -> Upload:
    return begin_upload(
        submission=submission, name=name, size=len(CONTENT), by=submission.owner.user, at=at
    )


def send(upload: Upload, until: int | None = None, *, at: Any, content: bytes = CONTENT) -> Upload:
    """The bytes that have not arrived, up to `until`."""
    upload.refresh_from_db()
    pieces = iter([content[upload.offset : until]])
    return receive_bytes(
        upload=upload, read=lambda size: next(pieces, b""), offset=upload.offset,
        length=len(content[upload.offset : until]), by=upload.created_by, at=at,
    )  # fmt: skip


def settle(wish: DeadlineSubmission, at: Any, **options: Any) -> DeadlineSubmission:
    return settle_deadline_submission(wish=wish, at=at, **options)


def names_in(attempt: Attempt) -> tuple[list[str], list[str]]:
    return [f.name for f in attempt.files.all()], [f.name for f in attempt.left_out.all()]


def test_it_waits_for_a_file_on_its_way_and_counts_as_of_the_deadline(
    submission: Submission, wish: DeadlineSubmission
) -> None:
    there = attach(submission, pdf_upload("there.pdf"))
    upload = begin(submission)
    send(upload, HALF, at=DEADLINE)

    assert settle(wish, DEADLINE + 2 * MINUTE).status == Status.WAITING
    assert due_wishes(DEADLINE + 2 * MINUTE) == [wish.pk]
    send(upload, at=DEADLINE + 5 * MINUTE)
    settled = settle(wish, DEADLINE + 6 * MINUTE)

    attempt = Attempt.objects.get()
    assert (settled.status, attempt.received_at, attempt.is_late) == (
        Status.SUBMITTED, DEADLINE, False,
    )  # fmt: skip
    assert names_in(attempt) == ([there.name, "plan.pdf"], [])


@pytest.mark.parametrize(
    ("after", "status"),
    [(-MICROSECOND, Status.WAITING), (timedelta(0), Status.WAITING),
     (MICROSECOND, Status.SUBMITTED)],
)  # fmt: skip
def test_the_window_over_it_hands_in_without_and_says_so(
    submission: Submission, wish: DeadlineSubmission, client: Client,
    django_capture_on_commit_callbacks: Any, after: timedelta, status: str,
) -> None:  # fmt: skip
    send(begin(submission), HALF, at=DEADLINE)

    with django_capture_on_commit_callbacks(execute=True):
        settled = settle(wish, DEADLINE + WINDOW + after)

    assert settled.status == status
    if status == Status.WAITING:
        return
    assert settled.attempt is not None
    assert names_in(settled.attempt) == ([], ["plan.pdf"])
    [letter] = mail.outbox
    assert f"plan.pdf ({HALF * 100 // len(CONTENT)} per cent had arrived)" in letter.body
    client.force_login(submission.owner.user)
    receipt = client.get(reverse("assessments:receipt", args=[settled.attempt.receipt]))
    assert "Not handed in, because they had not arrived" in receipt.content.decode()
    detail = client.get(reverse("api:v1:submission-detail", args=[settled.attempt.receipt]))
    assert detail.json()["left_out"][0] | {"upload": None} == {
        "upload": None, "name": "plan.pdf", "size": len(CONTENT), "offset": HALF, "note": "",
    }  # fmt: skip


def test_a_worker_that_is_days_late_finds_what_was_there_then(
    submission: Submission, wish: DeadlineSubmission
) -> None:
    """In the window: in. After it, or begun after the deadline: not in. Taken off after the
    deadline: in, as it stood. Expired since: named."""
    kept = attach(submission, pdf_upload("kept.pdf"))
    Project.objects.update(upload_window_minutes=5)
    in_window, too_late = begin(submission), begin(submission, name="late.pdf")
    send(in_window, at=DEADLINE + 4 * MINUTE)
    remove_file(file=kept, by=submission.owner.user, at=DEADLINE + 5 * MINUTE)
    send(too_late, at=DEADLINE + 6 * MINUTE)

    settle(wish, DEADLINE + timedelta(days=2))

    attempt = Attempt.objects.get()
    assert names_in(attempt) == (["kept.pdf", "plan.pdf"], ["late.pdf"])
    assert attempt.left_out.get().percent == 100


def test_what_expired_or_was_refused_since_is_named_and_what_was_cancelled_is_not(
    submission: Submission, wish: DeadlineSubmission
) -> None:
    expired, refused, cancelled = (begin(submission, name=f"{n}.pdf") for n in "abc")
    send(expired, HALF, at=DEADLINE)
    with pytest.raises(InvalidInput):
        send(refused, at=DEADLINE + MINUTE, content=b"%PDF-1.4 " + b"x" * (len(CONTENT) - 9))
    end_upload(
        upload=cancelled, status=UploadStatus.CANCELLED, by=cancelled.created_by, at=DEADLINE
    )
    assert sweep_uploads(at=DEADLINE + timedelta(days=2))[1] == 1

    settle(wish, DEADLINE + timedelta(days=2, minutes=1))

    left_out = {file.name: file.note for file in Attempt.objects.get().left_out.all()}
    assert set(left_out) == {"a.pdf", "b.pdf"}
    assert left_out["b.pdf"] == Upload.objects.get(pk=refused.pk).refused_because != ""


def test_what_has_arrived_whole_and_waits_for_our_store_is_waited_for(
    submission: Submission, wish: DeadlineSubmission
) -> None:
    upload = begin(submission)
    send(upload, HALF, at=DEADLINE)
    Upload.objects.filter(pk=upload.pk).update(
        status=UploadStatus.RECEIVED, offset=len(CONTENT), expires_at=DEADLINE + timedelta(days=1)
    )

    assert settle(wish, DEADLINE + 2 * WINDOW).status == Status.WAITING
    assert settle(wish, DEADLINE + timedelta(days=1)).status == Status.SUBMITTED


def test_a_window_that_was_promised_is_kept_though_another_is_set(
    submission: Submission, wish: DeadlineSubmission
) -> None:
    begin(submission)
    declare_intent(
        submission=submission, base_version=submission.version, by=submission.owner.user,
        at=DEADLINE,
    )  # fmt: skip
    Project.objects.update(upload_window_minutes=0)

    assert settle(wish, DEADLINE + WINDOW).status == Status.WAITING
    assert settle(wish, DEADLINE + WINDOW + MICROSECOND).status == Status.SUBMITTED


def test_nothing_complete_is_said_at_once_without_waiting_for_files(edition: Edition) -> None:
    submission = start(edition)
    wish = ask_for_deadline_submission(
        submission=submission, by=submission.owner.user, at=WRITTEN_AT
    )
    begin(submission)

    assert settle(wish, DEADLINE + MINUTE).status == Status.INCOMPLETE


def test_who_goes_on_without_them_is_in_time_as_was_wished(
    submission: Submission, wish: DeadlineSubmission, client: Client
) -> None:
    """By hand, after the deadline by the clock on the wall: nothing is waited for."""
    upload = begin(submission, DEADLINE - MINUTE)
    Upload.objects.update(expires_at=DEADLINE + timedelta(days=36_500))
    client.force_login(submission.owner.user)
    address = reverse("assessments:submit", args=[submission.edition.slug])
    form = {"base_version": submission.version, "idempotency_key": "a-key-of-the-page"}

    page = " ".join(client.get(address).content.decode().split())
    unknowing = client.post(address, form)
    knowing = client.post(address, form | {"without": str(upload.pk)})

    # Years after the window, to this test's clock: the page says what happens all the same.
    assert "your project hands itself in when these files have arrived" in page
    assert "plan.pdf" in page
    assert unknowing.status_code == 409
    assert "say that you submit without it" in unknowing.content.decode()
    attempt = Attempt.objects.get()
    assert knowing["Location"] == reverse("assessments:receipt", args=[attempt.receipt])
    assert (attempt.is_late, names_in(attempt)) == (False, ([], ["plan.pdf"]))


def test_submitting_by_hand_names_what_it_leaves_out(submission: Submission) -> None:
    upload = begin(submission)

    with pytest.raises(StillArriving):
        hand_in(submission, at=DEADLINE)
    attempt = hand_in(submission, at=DEADLINE, without=[str(upload.pk)])

    assert names_in(attempt) == ([], ["plan.pdf"])


def test_the_check_page_lists_what_is_on_its_way_before_it_says_anything_else(
    client: Client, edition: Edition
) -> None:
    """Without a script: what submitting now would mean, and the two ways on."""
    submission = write(start(edition))
    project = submission.project
    project.deadline_wall = project.deadline_wall.replace(year=2099)
    project.save()
    client.force_login(submission.owner.user)
    address = reverse("assessments:submit", args=[edition.slug])
    ready = " ".join(client.get(address).content.decode().split())
    upload = begin(submission, clock.now())

    waiting = " ".join(client.get(address).content.decode().split())
    client.post(
        reverse("assessments:intend", args=[edition.slug]), {"base_version": submission.version}
    )
    promised = " ".join(client.get(address).content.decode().split())

    assert "You can submit." in ready
    assert "You can submit." not in waiting + promised
    assert waiting.index("One file is still on its way.") < waiting.index("plan.pdf")
    assert waiting.index("handed in without it. The receipt would say so.") < waiting.index(
        "Before you press"
    )
    assert f'name="without" value="{upload.pk}"' in waiting
    assert "Submit when they have arrived" in waiting
    assert "You wanted to submit with them." in promised
