"""What is given back on a released grade, its appeal and its history, as pages."""

import io
from typing import Any

from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from assessments.actions.grades import agree_grade, reopen_grade
from assessments.enums import AppealStatus
from assessments.models import Appeal, Grade
from lms.core import clock
from lms.programme.models import Edition
from tests.factories.marking import (
    MARKED_AT,
    agreed,
    release_now,
    released,
    submitted,
)
from tests.factories.programme import coordinator, instructor


def url(name: str, edition: Edition, *more: Any) -> str:
    return reverse(f"assessments:{name}", args=[edition.slug, *more])


def test_the_feedback_on_paper_is_there_once_released(edition: Edition, client: Client) -> None:
    """Invariant 9: for staff as well."""
    marker = instructor(edition)
    attempt = submitted(edition)
    grade = agreed(attempt, marker)
    paper = reverse("assessments:feedback_pdf", args=[grade.pk])
    for person in (attempt.owner.user, marker):
        client.force_login(person)
        assert client.get(paper).status_code == 404
        assert client.get(f"/api/v1/grades/{grade.pk}/feedback/").status_code == 404

    release_now(grade, marker)
    for person in (attempt.owner.user, marker):
        client.force_login(person)
        for address in (paper, f"/api/v1/grades/{grade.pk}/feedback/"):
            answer = client.get(address)
            words = " ".join(p.extract_text() for p in PdfReader(io.BytesIO(answer.content)).pages)
            assert answer["Content-Type"] == "application/pdf"
            for expected in ("66.67 %", "A comment on need.", "Sound", attempt.receipt):
                assert expected in words


def test_a_participant_appeals_and_a_colleague_amends_by_forms_alone(
    edition: Edition, client: Client
) -> None:
    attempt = submitted(edition)
    released(attempt, instructor(edition))
    Grade.objects.update(released_at=clock.now())
    client.force_login(attempt.owner.user)
    assert url("own_appeal", edition) in client.get(url("project", edition)).content.decode()
    refused = client.post(url("own_appeal", edition), {"revision": 1, "reason": ""})
    assert refused.status_code == 422
    client.post(url("own_appeal", edition), {"revision": 1, "reason": "Section two says it."})
    assert "Your appeal has arrived" in client.get(url("project", edition)).content.decode()

    appeal = Appeal.objects.get()
    client.force_login(instructor(edition))
    page = url("appeal", edition, appeal.pk)
    client.post(url("assign_appeal", edition, appeal.pk), {"base_version": 0, "take": "1"})
    form = {
        "base_version": 0, "attempt": attempt.receipt, "level-need": "strong", "move": "amend",
    }  # fmt: skip
    without = client.post(page, form)
    assert (without.status_code, "Say why." in without.content.decode()) == (422, True)
    assert 'value="strong" checked' in without.content.decode()
    client.post(page, {**form, "reason": "It is in section two."})

    appeal.refresh_from_db()
    assert appeal.status == AppealStatus.AMENDED
    client.force_login(attempt.owner.user)
    project = client.get(url("project", edition)).content.decode()
    assert "The grade was changed on appeal." in project
    assert "86.67 %" in project
    assert "It is in section two." in project


def test_the_history_as_page_api_and_csv(edition: Edition, client: Client) -> None:
    client.force_login(coordinator(edition))
    attempt = submitted(edition)
    grade = released(attempt, instructor(edition))

    page = client.get(url("grade_history", edition, grade.submission_id)).content.decode()
    lines = client.get(url("grade_history_csv", edition, grade.submission_id)).content.splitlines()
    entries = client.get(f"/api/v1/grades/{grade.pk}/history/").json()["entries"]

    assert "Marks handed in (First marker)." in page
    assert [entry["verb"] for entry in entries][-2:] == ["grade.agreed", "grade.released"]
    assert len(lines) == len(entries) + 1
    client.force_login(attempt.owner.user)
    own = client.get(f"/api/v1/grades/{grade.pk}/history/").json()["entries"]
    assert [(entry["verb"], entry["by"]) for entry in own] == [("grade.released", "")]


def test_what_was_decided_and_reopened_before_the_release_is_not_told(
    edition: Edition, client: Client
) -> None:
    """Invariant 9: the second revision was the first that its participant saw."""
    marker = instructor(edition)
    attempt = submitted(edition)
    grade = agreed(attempt, marker)
    who: dict[str, Any] = {"by": marker, "at": MARKED_AT}
    reopen_grade(grade=grade, base_version=grade.version, reason="A slip of mine.", **who)
    grade.refresh_from_db()
    agree_grade(grade=grade, base_version=grade.version, reason="A secret reason.", **who)
    grade.refresh_from_db()
    release_now(grade, marker)
    client.force_login(attempt.owner.user)

    page = client.get(url("project", edition)).content.decode()
    own = client.get(f"/api/v1/grades/{grade.pk}/history/").content.decode()

    assert "Why the grade changed" not in page
    assert "secret" not in page + own
