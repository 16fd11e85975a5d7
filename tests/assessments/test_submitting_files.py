"""What is handed in are the files that were seen, and only such as the guidelines take."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from assessments.actions import adopt_guidelines, remove_file, submit_project
from assessments.actions.at_deadline import (
    ask_for_deadline_submission,
    settle_deadline_submission,
)
from assessments.actions.drafts import NotADraft
from assessments.enums import DeadlineSubmissionStatus
from assessments.models import Attempt, Submission
from lms.accounts.models import User
from lms.core.errors import DomainError
from lms.programme.models import Edition
from tests.factories.assessments import (
    DEADLINE,
    SUBMITTED_AT,
    WRITTEN_AT,
    attach,
    hand_in,
    pdf,
    pdf_upload,
    publish,
    start,
    write,
)
from tests.factories.teams import mates, team
from tests.factories.uploads import Sender, upload_at

HIDDEN = r'<input type="hidden" name="([\w-]+)" value="([^"]*)"'


def check_page(client: Client, submission: Submission) -> tuple[str, dict[str, str]]:
    """Its address, and what the form on it would send."""
    address = reverse("assessments:submit", args=[submission.edition.slug])
    return address, dict(re.findall(HIDDEN, client.get(address).content.decode()))


def browser_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def api_of(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.mark.parametrize("change", ["removed", "added"])
def test_a_file_that_a_team_mate_has_changed_is_not_handed_in_or_left_out_unseen(
    edition: Edition, change: str
) -> None:
    submission = write(team(edition))
    ana, juma = mates(submission)
    annex = attach(submission)
    browser = browser_of(ana.user)
    address, form = check_page(browser, submission)
    if change == "removed":
        remove_file(file=annex, by=juma.user, at=WRITTEN_AT)
    else:
        attach(submission, pdf_upload("more.pdf"))

    refused = browser.post(address, form)

    assert (refused.status_code, Attempt.objects.count()) == (409, 0)
    assert "The files have changed meanwhile." in refused.content.decode()
    _address, seen = check_page(browser, submission)
    assert browser.post(address, seen).status_code == 302
    attached = set(submission.files.attached())
    assert {kept.file for kept in Attempt.objects.get().files.all()} == attached


def test_a_page_that_showed_no_file_does_not_hand_one_in(edition: Edition) -> None:
    submission = write(start(edition))
    browser = browser_of(submission.owner.user)
    address, form = check_page(browser, submission)
    attach(submission)

    assert form["files"] == ""
    assert browser.post(address, form).status_code == 409
    assert not Attempt.objects.exists()


def test_the_api_binds_files_where_they_are_named_and_asks_about_uploads(edition: Edition) -> None:
    submission = write(start(edition))
    file = attach(submission)
    user = submission.owner.user
    upload = upload_at(Sender(user).begin(submission, "plan.pdf", pdf(padding=500)))
    api, address = api_of(user), reverse("api:v1:project-submit", args=[submission.pk])

    def submit(key: str, **body: Any) -> tuple[int, Any]:
        said = {"base_version": submission.version} | body
        headers = {"Idempotency-Key": key}
        answer = api.post(address, said, format="json", headers=headers)
        return answer.status_code, answer.json()

    status, arriving = submit("key-of-nothing")
    assert (status, arriving["code"]) == (409, "still_arriving")
    assert arriving["uploads"] == [{"id": str(upload.pk), "name": "plan.pdf"}]
    status, others = submit("key-of-others", files=[], without="all")
    assert (status, others["code"], others["files"]) == (409, "files_changed", [str(file.pk)])
    assert submit("key-of-nonsense", without="most")[0] == 422

    bound = {"files": [str(file.pk)], "without": [str(upload.pk)]}
    status, receipt = submit("key-of-ours", **bound)
    again = submit("key-of-ours", **bound)
    other = submit("key-of-ours", **bound | {"without": "all"})

    assert (status, again[1]["receipt"]) == (201, receipt["receipt"])
    assert (other[0], other[1]["code"]) == (409, "idempotency_key_used")
    attempt = Attempt.objects.get()
    assert [left.upload for left in attempt.left_out.all()] == [upload]


def test_two_team_mates_have_one_receipt_if_they_saw_the_same(edition: Edition) -> None:
    submission = write(team(edition))
    ana, juma = mates(submission)
    file = str(attach(submission).pk)
    upload = upload_at(Sender(ana.user).begin(submission, "plan.pdf", pdf(padding=500)))

    def press(by: User, key: str, **said: Any) -> Attempt:
        return submit_project(
            submission=submission, base_version=submission.version, idempotency_key=key,
            by=by, at=SUBMITTED_AT, **said,
        )  # fmt: skip

    first = press(ana.user, "key-of-ana", files=[file], without=[str(upload.pk)])

    assert press(juma.user, "key-of-juma", without="all") == first
    for unlike in ({"files": [file]}, {"files": [], "without": "all"}):
        with pytest.raises(NotADraft):
            press(juma.user, "key-of-juma-2", **unlike)


def test_files_that_adopted_guidelines_do_not_take_are_said_and_not_handed_in(
    edition: Edition,
) -> None:
    submission = start(edition)
    page = submission.project.guidelines_page
    publish(page, max_file_mb=3)
    submission = move_to_newest(write(submission))
    large = attach(submission, pdf_upload("large.pdf", pdf(padding=1_200_000)))
    small = attach(submission)
    publish(page, max_file_mb=1, max_files=1, file_types=["pdf", "docx"])
    browser = browser_of(submission.owner.user)

    changes = browser.get(f"/project/{edition.slug}/guidelines/changes/").content.decode()
    submission = move_to_newest(submission)
    address, form = check_page(browser, submission)
    checked = browser.get(address).content.decode()
    by_api = api_of(submission.owner.user).post(
        reverse("api:v1:project-submit", args=[submission.pk]),
        {"base_version": submission.version},
        format="json",
        headers={"Idempotency-Key": "key-of-the-api"},
    )

    said = ["“large.pdf” is larger than 1 MB.", "The guidelines allow 1 file; 2 are attached."]
    assert all(sentence in text for sentence in said for text in (changes, checked))
    assert "idempotency_key" not in form
    assert (by_api.status_code, by_api.json()["code"]) == (422, "files_misfit")
    assert by_api.json()["errors"]["files"] == said
    remove_file(file=large, by=submission.owner.user, at=WRITTEN_AT)
    assert [file.file for file in hand_in(submission).files.all()] == [small]


def test_a_kind_that_is_no_longer_taken_is_not_handed_in_by_itself_either(
    edition: Edition,
) -> None:
    submission = write(start(edition))
    attach(submission)
    user = submission.owner.user
    wish = ask_for_deadline_submission(submission=submission, by=user, at=WRITTEN_AT)
    publish(submission.project.guidelines_page, file_types=["docx"])
    submission = move_to_newest(submission)
    reason = "“annex.pdf” is of a kind that the guidelines do not take (PDF)."

    desk = browser_of(user).get(f"/project/{edition.slug}/").content.decode()
    with pytest.raises(DomainError, match="annex"):
        hand_in(submission)
    settled = settle_deadline_submission(wish=wish, at=DEADLINE.replace(day=13))

    assert f"{reason} As it stands, nothing would be handed in." in " ".join(desk.split())
    assert (settled.status, settled.note) == (DeadlineSubmissionStatus.INCOMPLETE, reason)


def move_to_newest(submission: Submission) -> Submission:
    return adopt_guidelines(
        submission=submission, base_version=submission.version, by=submission.owner.user,
        at=WRITTEN_AT,
    )  # fmt: skip
