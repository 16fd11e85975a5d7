"""What was typed outlives a refusal and an expired session, on every form of judging."""

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse

from assessments.actions.marking import allocate_marker
from assessments.actions.revising import return_for_revision
from assessments.models import Assessment, Attempt, Grade
from lms.accounts.models import User
from lms.programme.models import Edition
from tests.factories.accounts import PASSWORD
from tests.factories.assessments import start, write
from tests.factories.marking import (
    MARKED_AT,
    agreed,
    in_marking,
    marked,
    provisional,
    submitted,
)
from tests.factories.programme import coordinator, instructor

WORDS = "Words that took an hour."


def url_of(attempt: Attempt, name: str = "desk", *more: str) -> str:
    edition = attempt.submission.edition
    return reverse(f"assessments:{name}", args=[edition.slug, attempt.submission_id, *more])


def sent_after_the_session_ended(
    client: Client, person: User, *, page: str, to: str, fields: dict[str, Any]
) -> BeautifulSoup:
    """The page as it comes back once the person has signed in again."""
    away = client.post(to, fields, headers={"Referer": f"http://testserver{page}"})
    assert away.status_code == 302
    client.login(email=person.email, password=PASSWORD)
    return read(client.get(page), 200)


def read(answer: Any, status: int) -> BeautifulSoup:
    assert answer.status_code == status
    return BeautifulSoup(answer.content, "html.parser")


def written(page: BeautifulSoup) -> dict[str, str]:
    return {one.dt.text: one.dd.text for one in page.select("[data-written] > div")}


def test_words_of_another_form_of_the_desk_leave_the_marks_as_they_are(
    edition: Edition, client: Client
) -> None:
    """A presentation typed beside stored marks must not blank the overall comment."""
    assessment = marked(in_marking(submitted(edition), instructor(edition)))
    attempt = assessment.attempt

    page = sent_after_the_session_ended(
        client,
        assessment.marker,
        page=url_of(attempt),
        to=url_of(attempt, "present_on_desk"),
        fields={"presented_on": "2025-11-20", "note": WORDS},
    )

    assert page.select_one("#overall").text.strip() == "An overall word from the marker."
    assert page.select_one("[name=note]").text.strip() == WORDS
    assert page.select_one("[name=presented_on]")["value"] == "2025-11-20"


def test_half_a_form_of_marks_keeps_the_stored_comment(edition: Edition, client: Client) -> None:
    assessment = marked(in_marking(submitted(edition), instructor(edition)))

    page = sent_after_the_session_ended(
        client,
        assessment.marker,
        page=url_of(assessment.attempt),
        to=url_of(assessment.attempt),
        fields={
            "comment-need": WORDS, "base_version": 1, "attempt": assessment.attempt.receipt,
        },
    )  # fmt: skip

    assert page.select_one("#overall").text.strip() == "An overall word from the marker."
    assert page.select_one("#comment-need").text.strip() == WORDS


def test_reasons_come_back_into_their_own_form(edition: Edition, client: Client) -> None:
    attempt, marker = submitted(edition), instructor(edition)
    allocate_marker(
        submission=attempt.submission, marker=marker, by=coordinator(edition), at=MARKED_AT
    )
    page = sent_after_the_session_ended(
        client, marker, page=url_of(attempt), to=url_of(attempt, "decline"),
        fields={"reason": WORDS, "base_version": 0},
    )  # fmt: skip
    form = page.select_one(f"form[action='{url_of(attempt, 'decline')}']")
    assert form.textarea.text.strip() == WORDS
    assert "open" in form.parent.attrs


def test_a_reason_to_reopen_comes_back(edition: Edition, client: Client) -> None:
    attempt, marker = submitted(edition), instructor(edition)
    grade = agreed(attempt, marker)
    page = sent_after_the_session_ended(
        client, marker, page=url_of(attempt), to=url_of(attempt, "reopen_grade"),
        fields={"reason": WORDS, "base_version": grade.version},
    )  # fmt: skip
    form = page.select_one(f"form[action='{url_of(attempt, 'reopen_grade')}']")
    assert form.textarea.text.strip() == WORDS


def test_a_return_comes_back_on_the_attempt_it_was_written_about(
    edition: Edition, client: Client
) -> None:
    """Invariant 3: the version is that of the page the words were typed on."""
    attempt, marker = submitted(edition), instructor(edition)
    in_marking(attempt, marker)
    address = url_of(attempt, "return")

    page = sent_after_the_session_ended(
        client, marker, page=address, to=address, fields={"reason": WORDS, "base_version": 7}
    )

    assert page.select_one("[name=reason]").text.strip() == WORDS
    assert page.select_one("main [name=base_version]")["value"] == "7"
    refused = read(client.post(address, {"reason": WORDS, "base_version": 7}), 409)
    assert written(refused) == {"Reason": WORDS}


def test_marks_sent_after_the_project_was_returned_are_given_back(
    edition: Edition, client: Client
) -> None:
    """409 and the words, not a page that is not there."""
    assessment = in_marking(submitted(edition), instructor(edition))
    submission = assessment.submission
    return_for_revision(
        submission=submission, base_version=submission.version, reason="Say who pays.",
        by=assessment.marker, at=MARKED_AT,
    )  # fmt: skip
    client.force_login(assessment.marker)
    fields = {"comment-need": WORDS, "level-need": "sound", "base_version": 0, "overall": "Hm."}

    refused = read(client.post(url_of(assessment.attempt), fields), 409)

    assert written(refused)["Comment need"] == WORDS
    assert written(refused)["Overall"] == "Hm."


def test_marks_for_a_project_nobody_marks_are_a_conflict(edition: Edition, client: Client) -> None:
    attempt = submitted(edition)
    client.force_login(instructor(edition))

    refused = client.post(url_of(attempt), {"overall": WORDS, "base_version": 0})
    program = client.put(
        url_of(attempt, "marks"),
        {"base_version": 0, "values": {"overall": WORDS}},
        content_type="application/json",
        headers={"X-Requested-With": "fetch"},
    )

    assert written(read(refused, 409)) == {"Overall": WORDS}
    assert (program.status_code, program.json()["code"]) == (409, "not_in_marking")


def test_marks_handed_over_meanwhile_are_given_back(edition: Edition, client: Client) -> None:
    assessment = in_marking(submitted(edition), instructor(edition))
    allocate_marker(
        submission=assessment.submission, marker=instructor(edition), by=assessment.marker,
        at=MARKED_AT,
    )  # fmt: skip
    client.force_login(assessment.marker)

    refused = client.post(url_of(assessment.attempt), {"overall": WORDS, "base_version": 0})

    assert written(read(refused, 403)) == {"Overall": WORDS}


def test_a_comment_that_is_too_long_stays_in_the_form(edition: Edition, client: Client) -> None:
    assessment = in_marking(submitted(edition), instructor(edition))
    client.force_login(assessment.marker)
    long = "word " * 4_001

    sent = {"overall": long, "base_version": 0, "attempt": assessment.attempt.receipt}

    page = read(client.post(url_of(assessment.attempt), sent), 413)

    assert page.select_one("#overall").text.strip() == long.strip()


def test_a_section_that_is_too_long_stays_on_the_desk(edition: Edition, client: Client) -> None:
    submission = write(start(edition))
    client.force_login(submission.owner.user)
    long = "word " * 40_001

    answer = client.post(
        reverse("assessments:draft", args=[edition.slug]),
        {"context": long, "objectives": WORDS, "base_version": submission.version},
    )

    page = read(answer, 413)
    assert page.select_one("[name=context]").text.strip() == long.strip()
    assert page.select_one("[name=objectives]").text.strip() == WORDS


@pytest.mark.parametrize("name", ["reopen_grade", "decline", "confirm_marks"])
def test_a_reason_that_comes_too_late_is_given_back(
    edition: Edition, client: Client, name: str
) -> None:
    attempt, marker = submitted(edition), instructor(edition)
    grade = provisional(attempt, marker)
    version = Assessment.objects.get().version if name == "decline" else grade.version
    client.force_login(marker)

    refused = client.post(url_of(attempt, name), {"reason": WORDS, "base_version": version})

    assert written(read(refused, 409)) == {"Reason": WORDS}


def test_reopening_the_marks_needs_the_version_one_has_seen(
    edition: Edition, client: Client
) -> None:
    """Invariant 3."""
    attempt, marker = submitted(edition), instructor(edition)
    provisional(attempt, marker)
    client.force_login(marker)

    stale = client.post(
        url_of(attempt, "reopen_marks"), {"base_version": 0, "attempt": attempt.receipt}
    )
    page = read(client.get(url_of(attempt)), 200)
    form = page.select_one(f"form[action='{url_of(attempt, 'reopen_marks')}']")
    sent = client.post(
        url_of(attempt, "reopen_marks"),
        {field["name"]: field["value"] for field in form.select("input[type=hidden]")},
    )

    assert (stale.status_code, sent.status_code) == (409, 302)
    assert Assessment.objects.get().status == "in_marking"


def test_a_grade_is_put_among_those_to_be_released_by_a_button(
    edition: Edition, client: Client
) -> None:
    attempt, marker = submitted(edition), instructor(edition)
    agreed(attempt, marker)
    client.force_login(marker)

    page = read(client.get(url_of(attempt)), 200)
    address = url_of(attempt, "move_grade", "prepare")
    form = page.select_one(f"form[action='{address}']")
    client.post(address, {"base_version": form.select_one("[name=base_version]")["value"]})
    again = read(client.get(url_of(attempt)), 200)

    assert Grade.objects.get().status == "ready_for_release"
    assert again.select_one(f"form[action='{address}']") is None
    assert again.select_one(f"form[action='{url_of(attempt, 'move_grade', 'release')}']")
