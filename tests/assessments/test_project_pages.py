"""The pages of a project, as a participant meets them."""

import io
import json
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from assessments.actions import withdraw_submission
from assessments.models import Attempt, Submission
from assessments.selectors.receipts import code_of
from lms.core.rich_text import text_of
from lms.programme.models import Edition
from modules.actions import save_written_answer
from tests.factories.accounts import UserFactory
from tests.factories.assessments import (
    SUBMITTED_AT,
    attach,
    hand_in,
    handed_in,
    pdf_upload,
    project_in,
    publish,
    section,
    start,
    write,
)
from tests.factories.modules import lesson_of, make_activity, make_course
from tests.factories.programme import EditionFactory, coordinator, instructor, participant


def page_of(name: str, edition: Edition) -> str:
    return reverse(f"assessments:{name}", args=[edition.slug])


@pytest.fixture
def submission(edition: Edition) -> Submission:
    return start(edition)


@pytest.fixture
def writer(client: Client, submission: Submission) -> Client:
    client.force_login(submission.owner.user)
    return client


def autosave(client: Client, edition: Edition, body: Any) -> Any:
    return client.put(
        page_of("draft", edition),
        body if isinstance(body, str) else json.dumps(body),
        content_type="application/json",
        headers={"X-Requested-With": "fetch"},
    )


def test_a_project_begins_with_one_button(client: Client, edition: Edition) -> None:
    project_in(edition)
    client.force_login(participant(edition))

    before = client.get(page_of("project", edition)).content.decode()
    begun = client.post(page_of("start", edition))
    after = client.get(begun["Location"]).content.decode()

    assert "Begin your project" in before
    assert "What to write about context." in after
    assert client.get(page_of("start", edition)).status_code == 405


def test_staff_are_shown_the_guidelines_and_strangers_nothing(
    client: Client, edition: Edition
) -> None:
    project_in(edition)
    client.force_login(instructor(edition))
    assert client.get(page_of("project", edition))["Location"] == page_of("guidelines", edition)

    for person in (UserFactory.create(), participant(EditionFactory.create())):
        client.force_login(person)
        for name in ("project", "guidelines"):
            assert client.get(page_of(name, edition)).status_code == 404
        for name in ("start", "draft", "attach", "submit", "withdraw", "reopen", "adopt"):
            assert client.post(page_of(name, edition)).status_code == 404


def test_autosave_answers_with_the_next_version(writer: Client, submission: Submission) -> None:
    answer = autosave(
        writer, submission.edition, {"base_version": 0, "values": {"context": "Typed."}}
    )

    submission.refresh_from_db()
    assert answer.json() == {
        "version": 1, "saved_at": submission.saved_at.isoformat(), "values": {},
    }  # fmt: skip
    assert submission.sections == {"context": "<p>Typed.</p>"}


def test_a_stale_autosave_is_told_all_that_is_stored(
    writer: Client, submission: Submission
) -> None:
    """Invariant 3."""
    write(submission)

    answer = autosave(
        writer, submission.edition, {"base_version": 0, "values": {"context": "Old."}}
    )

    assert (answer.status_code, answer["Content-Type"]) == (409, "application/problem+json")
    body = answer.json()
    assert (body["code"], body["version"]) == ("stale_version", 1)
    assert body["stored"]["objectives"] == "Our city on objectives."


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("not json", 422),
        ("[]", 422),
        ({"base_version": 0}, 422),
        ({"base_version": "0", "values": {}}, 422),
        ({"base_version": True, "values": {}}, 422),
        ({"base_version": -1, "values": {}}, 422),
        ({"base_version": 0, "values": {}, "status": "submitted"}, 422),
        ({"base_version": 0, "values": {"unknown": "x"}}, 422),
        ({"base_version": 0, "values": {"context": 5}}, 422),
        ('{"base_version": 0, "values": {"context": "a\\ud800"}}', 422),
        ('{"base_version": 0, "values": {"context": "a\\u0000"}}', 422),
        ("[" * 100_000, 422),
        ({"base_version": 0, "values": {"context": "x" * 200_001}}, 413),
        ({"base_version": 0, "values": {"context": "x" * 10_000_000}}, 413),
    ],
)
def test_autosave_refuses_what_it_cannot_keep(
    writer: Client, submission: Submission, body: Any, status: int
) -> None:
    answer = autosave(writer, submission.edition, body)

    submission.refresh_from_db()
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert answer.json()["detail"]
    assert submission.version == 0


def test_autosave_without_a_session_is_a_401_and_no_redirect(
    client: Client, submission: Submission
) -> None:
    answer = autosave(client, submission.edition, {"base_version": 0, "values": {}})

    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


def test_the_button_saves_without_javascript(writer: Client, submission: Submission) -> None:
    answer = writer.post(
        page_of("draft", submission.edition),
        {"base_version": 0, "context": "Line one.\r\nLine two.", "objectives": ""},
    )

    submission.refresh_from_db()
    assert answer["Location"] == page_of("project", submission.edition)
    assert submission.sections["context"] == "<p>Line one.<br>Line two.</p>"


def test_a_stale_page_shows_both_texts_and_saves_on_the_second_try(
    writer: Client, submission: Submission
) -> None:
    write(submission, context="From the other window.")
    typed = {"base_version": 0, "context": "From this window.", "objectives": "O.", "notes": "N."}

    stale = writer.post(page_of("draft", submission.edition), typed)
    text = stale.content.decode()

    assert stale.status_code == 409
    assert "From the other window." in text
    assert "From this window." in text
    assert 'name="base_version" value="1"' in text

    writer.post(page_of("draft", submission.edition), typed | {"base_version": 1})
    submission.refresh_from_db()
    assert submission.sections["context"] == "<p>From this window.</p>"


@pytest.mark.parametrize("version", ["", "x", "-1", "1" * 20, "²"])
def test_a_form_without_a_sensible_version_keeps_what_was_typed(
    writer: Client, submission: Submission, version: str
) -> None:
    answer = writer.post(
        page_of("draft", submission.edition), {"base_version": version, "context": "My words."}
    )

    assert answer.status_code == 422
    assert "My words." in answer.content.decode()


def test_words_typed_before_the_session_ended_come_back(
    client: Client, submission: Submission
) -> None:
    page = page_of("project", submission.edition)
    client.post(
        page_of("draft", submission.edition),
        {"base_version": 0, "context": "Typed without a session."},
        headers={"Referer": f"http://testserver{page}"},
    )

    client.force_login(submission.owner.user)
    text = client.get(page).content.decode()

    assert "Typed without a session." in text
    submission.refresh_from_db()
    assert submission.version == 0


def test_an_answer_of_the_lesson_goes_under_the_text(
    client: Client, edition: Edition, at: Any
) -> None:
    """D5: the project grows through the lessons."""
    publish(project_in(edition).guidelines_page, sections=[section("rationale")])
    submission = start(edition)
    activity = make_activity(lesson_of(make_course(edition)), rule="written")
    client.force_login(submission.owner.user)
    page = page_of("project", edition)
    assert "Lesson 1 gives you a first draft:" in client.get(page).content.decode()

    save_written_answer(
        enrolment=submission.owner,
        activity=activity,
        text="Because of our river.",
        base_version=0,
        by=submission.owner.user,
        at=at,
    )
    assert "Use my answer from lesson 1" in client.get(page).content.decode()
    for _ in range(2):
        submission.refresh_from_db()
        client.post(
            page_of("draft", edition),
            {
                "base_version": submission.version,
                "rationale": text_of(submission.sections.get("rationale", "First of all.")),
                "insert": "rationale",
            },
        )

    submission.refresh_from_db()
    assert submission.sections["rationale"] == "<p>First of all.</p><p>Because of our river.</p>"


def test_the_check_says_what_is_missing_and_when_it_is_due(
    writer: Client, submission: Submission
) -> None:
    write(submission, context="")

    text = writer.get(page_of("submit", submission.edition)).content.decode()

    assert "One section is still empty." in text
    assert "Write “Context”" in text
    assert "12 December 2025, 23:59" in text
    assert "Submit my project" not in text


def test_submitting_ends_on_the_receipt(writer: Client, submission: Submission) -> None:
    submission = write(submission)
    file = attach(submission, pdf_upload("annex.pdf"))
    check = writer.get(page_of("submit", submission.edition))
    sent = {
        "base_version": submission.version,
        "idempotency_key": check.context["idempotency_key"],
    }

    first = writer.post(page_of("submit", submission.edition), sent)
    again = writer.post(page_of("submit", submission.edition), sent)

    attempt = Attempt.objects.get()
    address = reverse("assessments:receipt", args=[attempt.receipt])
    assert first["Location"] == again["Location"] == address
    text = writer.get(address).content.decode()
    for words in (
        "Your project has arrived", attempt.receipt, file.sha256, attempt.guidelines.sha256,
        attempt.content_sha256, "Late",
    ):  # fmt: skip
        assert words in text
    project = writer.get(page_of("project", submission.edition)).content.decode()
    assert "Your project is with the instructors." in project
    assert "Withdraw my project" in project


def test_submitting_a_draft_that_moved_on_shows_it_again(
    writer: Client, submission: Submission
) -> None:
    submission = write(submission)

    answer = writer.post(
        page_of("submit", submission.edition),
        {"base_version": 0, "idempotency_key": "key-of-an-old-page"},
    )

    assert answer.status_code == 409
    assert "Nothing was submitted." in answer.content.decode()
    assert f'name="base_version" value="{submission.version}"' in answer.content.decode()


def test_submitting_what_is_incomplete_is_refused(writer: Client, submission: Submission) -> None:
    answer = writer.post(
        page_of("submit", submission.edition),
        {"base_version": 0, "idempotency_key": "key-of-a-page"},
    )

    assert answer.status_code == 422
    assert "2 sections are still empty." in answer.content.decode()


def test_a_project_goes_back_and_forth(writer: Client, edition: Edition) -> None:
    submission = Submission.objects.get()
    hand_in(write(submission))

    first = {"attempt": "1"}
    withdrawn = writer.post(page_of("withdraw", edition), first, follow=True).content.decode()
    assert "You withdrew your project." in withdrawn
    again = writer.post(page_of("withdraw", edition), first)
    assert (again.status_code, "not possible" in again.content.decode()) == (409, True)
    opened = writer.post(page_of("reopen", edition), follow=True).content.decode()

    assert "This is attempt 2." in opened
    assert writer.get(page_of("submit", edition)).status_code == 200


def test_writing_to_a_submitted_project_is_a_readable_conflict(
    writer: Client, submission: Submission
) -> None:
    hand_in(write(submission))

    answer = writer.post(
        page_of("draft", submission.edition), {"base_version": 1, "context": "Too late."}
    )

    assert answer.status_code == 409
    assert "Withdraw it to change it." in answer.content.decode()
    assert writer.get(page_of("submit", submission.edition)).status_code == 302


def test_a_receipt_is_for_its_owner_and_the_staff(client: Client, edition: Edition) -> None:
    attempt = handed_in(edition)
    pages = [
        reverse("assessments:receipt", args=[attempt.receipt]),
        reverse("assessments:receipt_pdf", args=[attempt.receipt]),
    ]

    answers = {}
    for name, person in (
        ("owner", attempt.submitted_by),
        ("instructor", instructor(edition)),
        ("coordinator", coordinator(edition)),
        ("peer", participant(edition)),
        ("stranger", UserFactory.create()),
    ):
        client.force_login(person)
        answers[name] = [client.get(page).status_code for page in pages]

    assert answers == {
        "owner": [200, 200],
        "instructor": [200, 200],
        "coordinator": [200, 200],
        "peer": [404, 404],
        "stranger": [404, 404],
    }
    client.force_login(attempt.submitted_by)
    assert client.get(pages[0].lower()).status_code == 200


def test_the_receipt_as_a_file_says_all_that_the_page_says(
    client: Client, edition: Edition
) -> None:
    submission = write(start(edition))
    file = attach(submission, pdf_upload("annex.pdf"))
    attempt = hand_in(submission)
    reader = attempt.submitted_by
    reader.time_zone = "Asia/Tokyo"
    reader.save()
    client.force_login(reader)

    response = client.get(reverse("assessments:receipt_pdf", args=[attempt.receipt]))

    assert response["Content-Disposition"] == f'attachment; filename="{attempt.receipt}.pdf"'
    pages = PdfReader(io.BytesIO(response.content)).pages
    # Long numbers are broken over lines.
    paper = re.sub(r"\s", "", "".join(page.extract_text() for page in pages))
    for words in (
        attempt.receipt, code_of(attempt), "annex.pdf", file.sha256, attempt.content_sha256,
        attempt.guidelines.sha256, "GuidelinesVersion1",
        "Deadline Saturday 13 December 2025, 07:59 Tokyo time (12 Dec, 23:59 in Madrid)"
        .replace(" ", ""),
    ):  # fmt: skip
        assert words in paper, paper


def test_an_earlier_receipt_says_that_it_is_one(client: Client, edition: Edition) -> None:
    attempt = handed_in(edition)
    client.force_login(attempt.submitted_by)
    withdraw_submission(
        submission=attempt.submission,
        number=attempt.submission.attempt,
        by=attempt.submitted_by,
        at=SUBMITTED_AT,
    )
    client.post(page_of("reopen", edition))

    text = client.get(reverse("assessments:receipt", args=[attempt.receipt])).content.decode()

    assert "It stays as evidence" in text


def test_the_desk_asks_as_much_for_many_sections_and_files_as_for_few(
    writer: Client, submission: Submission, django_assert_max_num_queries: Any
) -> None:
    make_course(submission.edition, lessons=2, activities=2)
    page = page_of("project", submission.edition)
    writer.get(page)

    with django_assert_max_num_queries(21):
        writer.get(page)
    for number in range(3):
        attach(submission, pdf_upload(f"{number}.pdf"))
    with django_assert_max_num_queries(21):
        writer.get(page)


def test_the_file_field_never_holds_up_the_text(writer: Client, submission: Submission) -> None:
    """It belongs to the draft's form: `required` would stop every other button of it."""
    text = writer.get(page_of("project", submission.edition)).content.decode()

    [field] = re.findall(r'<input type="file"[^>]*>', text)
    assert 'form="draft"' in field
    assert "required" not in field
