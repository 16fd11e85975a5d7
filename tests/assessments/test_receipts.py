"""Receipts that can be checked later, and that tell nothing to who does not hold them."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from assessments.actions import reopen_draft, withdraw_submission
from assessments.models import Attempt
from assessments.selectors.receipts import Matched, ReceiptState, check_receipt, code_of
from lms.programme.models import Edition
from tests.factories.assessments import SUBMITTED_AT, attach, hand_in, handed_in, start, write
from tests.factories.teams import team

WRONG_TRIES = int(settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"]["failed_receipt"].split("/")[0])


@pytest.fixture
def attempt(edition: Edition) -> Attempt:
    submission = write(start(edition))
    attach(submission)
    return hand_in(submission)


def test_code_content_and_file_show_that_one_holds_it(attempt: Attempt) -> None:
    file = attempt.files.get()

    for held, matched in (
        ({"code": code_of(attempt)}, Matched.CODE),
        ({"code": code_of(attempt).lower().replace("-", " ")}, Matched.CODE),
        ({"sha256": attempt.content_sha256.upper()}, Matched.CONTENT),
        ({"sha256": file.sha256}, Matched.FILE),
    ):
        checked = check_receipt(attempt.receipt.lower(), **held)
        assert checked is not None, held
        assert (checked.attempt, checked.matched, checked.stands) == (attempt, matched, True)


def test_without_it_nothing_is_confirmed(attempt: Attempt, edition: Edition) -> None:
    other = handed_in(edition)

    for number, held in (
        (attempt.receipt, {}),
        (attempt.receipt, {"code": ""}),
        (attempt.receipt, {"code": code_of(other)}),
        (attempt.receipt, {"sha256": other.content_sha256}),
        (attempt.receipt, {"sha256": "0" * 64}),
        (attempt.receipt, {"code": "İ" * 8, "sha256": "xyz"}),
        ("RB-2025-AAAAAA", {"code": code_of(attempt)}),
        ("' OR 1=1", {"code": code_of(attempt)}),
    ):
        assert check_receipt(number, **held) is None, (number, held)


def test_it_says_what_became_of_the_attempt(attempt: Attempt) -> None:
    submission, owner = attempt.submission, attempt.owner.user

    def state() -> ReceiptState:
        checked = check_receipt(attempt.receipt, code=code_of(Attempt.objects.get(pk=attempt.pk)))
        assert checked is not None
        return checked.state

    later = SUBMITTED_AT + timedelta(hours=1)
    assert state() == ReceiptState.STANDS
    withdraw_submission(submission=submission, number=submission.attempt, by=owner, at=later)
    assert state() == ReceiptState.WITHDRAWN
    reopen_draft(submission=submission, by=owner, at=later)
    assert state() == ReceiptState.REOPENED
    hand_in(submission, key="the-second-time")
    assert state() == ReceiptState.REPLACED


def test_the_public_page_tells_no_name_and_no_text(edition: Edition, client: Client) -> None:
    submission = write(team(edition), context="The harbour is ours.")
    attempt = hand_in(submission)
    address = f"/receipts/{attempt.receipt}/verify/"

    for answer in (
        client.get(address),
        client.get(address, {"code": code_of(attempt)}),
        client.post(address, {"sha256": attempt.content_sha256}),
        client.get(address, {"code": "WRNG-WRNG"}),
    ):
        page = answer.content.decode()
        for secret in (
            *(member.name for member in attempt.members.all()),
            submission.owner.city.name,
            "harbour",
        ):
            assert secret not in page
    confirmed = client.get(address, {"code": code_of(attempt)})
    assert "Genuine, and it stands." in confirmed.content.decode()
    unknown = client.get("/receipts/RB-2025-AAAAAA/verify/", {"code": "WRNG-WRNG"})
    wrong = client.get(address, {"code": "WRNG-WRNG"})
    assert (unknown.status_code, wrong.status_code) == (404, 404)
    assert "This cannot be confirmed." in unknown.content.decode()


def test_guessing_soon_has_to_wait(attempt: Attempt, client: Client) -> None:
    """By the page and by the API together; right answers are no tries."""
    right = {"receipt": attempt.receipt, "code": code_of(attempt)}
    for _ in range(WRONG_TRIES + 1):
        assert client.post("/api/v1/receipts/verify/", right).status_code == 200
    for _ in range(WRONG_TRIES - 1):
        wrong = {**right, "code": "WRNG-WRNG"}
        assert client.post("/api/v1/receipts/verify/", wrong).status_code == 404
    address = f"/receipts/{attempt.receipt}/verify/"
    assert client.post(address, {"code": "WRNG-WRNG"}).status_code == 404

    assert client.post(address, {"code": code_of(attempt)}).status_code == 429
    assert client.post("/api/v1/receipts/verify/", right).status_code == 429


def test_mail_page_and_paper_carry_the_same_code(
    edition: Edition, client: Client, mailoutbox: Any, django_capture_on_commit_callbacks: Any
) -> None:
    submission = write(start(edition))
    with django_capture_on_commit_callbacks(execute=True):
        attempt = hand_in(submission)
    client.force_login(submission.owner.user)

    assert f"/verify/?code={code_of(attempt)}" in mailoutbox[0].body
    assert code_of(attempt) in client.get(f"/receipts/{attempt.receipt}/").content.decode()
    answer = client.get(f"/receipts/{attempt.receipt}/pdf/")
    assert answer.content.startswith(b"%PDF")
    assert (
        code_of(attempt) in client.get(f"/api/v1/submissions/{attempt.receipt}/").content.decode()
    )


def test_the_checklist_says_what_to_look_at_before(edition: Edition, client: Client) -> None:
    submission = write(team(edition), context="Too short.", objectives="word " * 80)
    client.force_login(submission.owner.user)

    page = client.get(f"/project/{edition.slug}/submit/").content.decode()

    assert "Far shorter than recommended, which is allowed:" in page
    assert "2 of about 100 words" in page
    assert "80 of about 100 words" not in page
    assert "You submit for your team:" in page
