"""Releases, appeals and what is given back, as pages and through the API."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pypdf import PdfReader

from assessments.actions.appeals import make_appeal
from assessments.actions.carrying_out import begin_release
from assessments.enums import AppealStatus, GradeStatus, ReleaseStatus
from assessments.models import Appeal, Grade, MarkingPolicy, Release
from assessments.selectors.releasing import rehearse
from lms.accounts.models import User
from lms.core import clock
from lms.core.models import OutboxMessage
from lms.programme.models import Edition
from tests.factories.marking import (
    MARKED_AT,
    agreed,
    carry_out,
    project_in,
    provisional,
    release_now,
    released,
    submitted,
)
from tests.factories.programme import coordinator, enrol, instructor


def url(name: str, edition: Edition, *more: Any) -> str:
    return reverse(f"assessments:{name}", args=[edition.slug, *more])


@pytest.fixture
def boss(edition: Edition, client: Client) -> User:
    person = coordinator(edition)
    client.force_login(person)
    return person


def csv_of(answer: Any) -> list[str]:
    return answer.content.decode("utf-8-sig").splitlines()


def test_a_release_by_forms_alone(edition: Edition, boss: User, client: Client) -> None:
    """The rehearsal with the message as it would be sent; release; undo."""
    attempt = submitted(edition)
    agreed(attempt, instructor(edition))
    provisional(submitted(edition), instructor(edition))

    page = client.get(url("rehearsal", edition)).content.decode()
    person = attempt.owner.user
    assert f"&lt;{person.email}&gt;" in page
    assert f"Dear {person.get_short_name()}," in page
    assert "Marked, but not agreed." in page
    assert "Each dot is one project" in page
    html = client.get(url("release_message", edition, person.pk))
    assert "See your grade" in html.content.decode()
    assert "style-src 'unsafe-inline'" in html["Content-Security-Policy"]
    assert not Release.objects.exists()

    sha256 = rehearse(edition, boss).sha256
    answer = client.post(url("rehearsal", edition), {"sha256": sha256})
    release = Release.objects.get()
    assert answer.url == url("release", edition, release.pk)
    page = client.get(answer.url).content.decode()
    assert "Until then it can be undone" in page
    assert '<noscript><meta http-equiv="refresh"' in page
    client.post(url("move_release", edition, release.pk, "undo"), {"base_version": release.version})
    release.refresh_from_db()
    assert release.status == ReleaseStatus.UNDONE
    [_heading, line] = csv_of(client.get(url("releases_csv", edition)))
    assert f",Undone,{release.made_at.isoformat()},{boss}," in line


def test_a_rehearsal_that_is_out_of_date_is_shown_again(
    edition: Edition, boss: User, client: Client
) -> None:
    agreed(submitted(edition), instructor(edition))
    answer = client.post(url("rehearsal", edition), {"sha256": "0" * 64})
    assert answer.status_code == 409
    assert "What you see below is how they are now." in answer.content.decode()
    assert not Release.objects.exists()


def test_where_no_worker_comes_by_looking_begins_what_is_due(
    edition: Edition, boss: User, client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    """The embedded default: no broker, no beat."""
    grade = agreed(submitted(edition), instructor(edition))
    client.post(url("rehearsal", edition), {"sha256": rehearse(edition, boss).sha256})
    release = Release.objects.get()
    Release.objects.update(takes_effect_at=clock.now() - timedelta(seconds=1))

    with django_capture_on_commit_callbacks(execute=True):
        client.get(url("release", edition, release.pk))

    fragment = client.get(url("release", edition, release.pk), headers={"HX-Request": "true"})
    grade.refresh_from_db()
    assert grade.status == GradeStatus.RELEASED
    assert "<html" not in fragment.content.decode()
    assert "1 grade is with its participants." in fragment.content.decode()
    assert "hx-get" not in fragment.content.decode()


def test_where_no_worker_comes_by_a_part_that_failed_is_tried_again_by_looking(
    edition: Edition, boss: User, client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    grade = agreed(submitted(edition), instructor(edition))
    client.post(url("rehearsal", edition), {"sha256": rehearse(edition, boss).sha256})
    release = Release.objects.get()
    # Begun, and its part not handed over.
    begin_release(release=release, at=clock.now() + timedelta(hours=1))
    message = OutboxMessage.objects.get(task="assessments.tasks.release_part")
    later = clock.now() + timedelta(minutes=2)
    OutboxMessage.objects.filter(pk=message.pk).update(attempts=1, available_at=later)

    client.get(url("release", edition, release.pk))
    grade.refresh_from_db()
    assert grade.status == GradeStatus.AGREED
    OutboxMessage.objects.filter(pk=message.pk).update(available_at=clock.now())
    client.get(url("release", edition, release.pk))

    grade.refresh_from_db()
    assert grade.status == GradeStatus.RELEASED


def test_a_colleague_confirms_on_the_page(edition: Edition, boss: User, client: Client) -> None:
    MarkingPolicy.objects.create(project=project_in(edition), confirm_release=True)
    agreed(submitted(edition), instructor(edition))
    client.post(url("rehearsal", edition), {"sha256": rehearse(edition, boss).sha256})
    release = Release.objects.get()
    assert (
        "Confirm this release"
        not in client.get(url("release", edition, release.pk)).content.decode()
    )

    client.force_login(coordinator(edition))
    page = client.get(url("release", edition, release.pk)).content.decode()
    assert "Confirm this release" in page
    client.post(
        url("move_release", edition, release.pk, "confirm"),
        {"base_version": release.version, "sha256": release.sha256},
    )
    release.refresh_from_db()
    assert release.status == ReleaseStatus.SCHEDULED


def test_the_desk_releases_by_the_same_rules(edition: Edition, boss: User, client: Client) -> None:
    grade = agreed(submitted(edition), instructor(edition))
    desk = url("desk", edition, grade.submission_id)
    client.post(
        url("move_grade", edition, grade.submission_id, "release"), {"base_version": grade.version}
    )

    page = client.get(desk).content.decode()
    release = Release.objects.get()
    assert url("release", edition, release.pk) in page
    assert "Release it to the participant" not in page
    grade.refresh_from_db()
    assert grade.status == GradeStatus.AGREED


def test_names_are_hidden_where_the_edition_marks_without_them(
    edition: Edition, client: Client
) -> None:
    MarkingPolicy.objects.create(project=project_in(edition), is_anonymous=True)
    attempt = submitted(edition)
    agreed(attempt, instructor(edition))
    client.force_login(instructor(edition))
    person = attempt.owner.user

    pages = [
        client.get(url(name, edition)).content.decode()
        for name in ("releases", "rehearsal", "rehearsal_csv")
    ]
    api = client.get(f"/api/v1/releases/rehearsal/?edition={edition.slug}").content.decode()

    for said in (*pages, api):
        assert person.email not in said
        assert str(person) not in said
        assert attempt.owner.city.name not in said
    assert client.get(url("release_message", edition, person.pk)).status_code == 404


@pytest.mark.parametrize("name", ["releases", "rehearsal", "rehearsal_csv", "appeals"])
def test_pages_ask_as_often_for_six_as_for_one(
    edition: Edition, boss: User, client: Client, name: str
) -> None:
    marker = instructor(edition)
    counts = []
    for more in (1, 5):
        for _ in range(more):
            agreed(submitted(edition), marker)
            submitted(edition)
            grade = released(submitted(edition), marker)
            make_appeal(
                grade=grade, revision=1, reason="Section two.", by=grade.submission.owner.user,
                at=MARKED_AT,
            )  # fmt: skip
        client.get(url(name, edition))
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url(name, edition)).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_empty_pages_say_what_will_be_there(edition: Edition, boss: User, client: Client) -> None:
    assert "No final project yet" in client.get(url("releases", edition)).content.decode()
    project_in(edition)
    assert "No grade is ready" in client.get(url("rehearsal", edition)).content.decode()
    assert "Nobody has appealed" in client.get(url("appeals", edition)).content.decode()


# --- Afterwards ---------------------------------------------------------------------------


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


def test_the_history_as_page_api_and_csv(edition: Edition, boss: User, client: Client) -> None:
    attempt = submitted(edition)
    grade = released(attempt, instructor(edition))

    page = client.get(url("grade_history", edition, grade.submission_id)).content.decode()
    lines = csv_of(client.get(url("grade_history_csv", edition, grade.submission_id)))
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
    from assessments.actions.grades import agree_grade, reopen_grade

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


# --- The API -------------------------------------------------------------------------------


def test_a_release_through_the_api(edition: Edition, boss: User, client: Client) -> None:
    MarkingPolicy.objects.create(project=project_in(edition), confirm_release=True)
    grade = agreed(submitted(edition), instructor(edition))
    seen = client.get(f"/api/v1/releases/rehearsal/?edition={edition.slug}").json()
    assert (seen["ready"][0]["grade"], seen["message"]["subject"]) == (
        grade.pk,
        "Your project has been graded",
    )
    body = {"edition": edition.slug, "sha256": "0" * 64}
    stale = client.post("/api/v1/releases/", body, content_type="application/json")
    assert (stale.status_code, stale.json()["code"]) == (409, "changed_since_rehearsal")

    made = client.post(
        "/api/v1/releases/", {**body, "sha256": seen["sha256"]}, content_type="application/json"
    )
    release = made.json()
    assert (made.status_code, release["status"], release["total"]) == (
        201,
        "awaiting_confirmation",
        1,
    )
    assert release["abilities"] == {"confirm": False, "undo": True, "retry": False}
    client.force_login(coordinator(edition))
    confirmed = client.post(
        f"/api/v1/releases/{release['id']}/confirm/",
        {"base_version": release["version"], "sha256": seen["sha256"]},
        content_type="application/json",
    ).json()
    assert confirmed["status"] == "scheduled"
    carry_out(Release.objects.get(), clock.now() + timedelta(hours=3))
    items = client.get(f"/api/v1/releases/{release['id']}/items/").json()["results"]
    assert [(item["grade"], item["outcome"]) for item in items] == [(grade.pk, "released")]


def test_an_appeal_through_the_api(edition: Edition, client: Client) -> None:
    attempt = submitted(edition)
    grade = released(attempt, instructor(edition))
    Grade.objects.update(released_at=clock.now())
    client.force_login(attempt.owner.user)
    send: dict[str, Any] = {"content_type": "application/json"}
    assert client.get(f"/api/v1/grades/{grade.pk}/").json()["abilities"]["appeal"]
    made = client.post(
        "/api/v1/appeals/", {"grade": grade.pk, "revision": 1, "reason": "Section two."}, **send
    )
    appeal = made.json()
    assert (made.status_code, appeal["status"], appeal["markers"]) == (201, "received", [])

    marker = instructor(edition)
    client.force_login(marker)
    detail = f"/api/v1/appeals/{appeal['id']}/"
    given = client.post(f"{detail}assign/", {"base_version": 0, "marker": marker.pk}, **send).json()
    marks = [{"criterion": "need", "level": "strong"}]
    client.put(f"{detail}marks/", {"base_version": 0, "marks": marks}, **send)
    refused = client.post(f"{detail}uphold/", {"base_version": 1, "reason": "So."}, **send)
    done = client.post(f"{detail}amend/", {"base_version": 1, "reason": "Seen."}, **send).json()
    assert (given["marker"], refused.status_code, done["status"], done["decided_as"]) == (
        str(marker), 422, "amended", 2,
    )  # fmt: skip
    client.force_login(attempt.owner.user)
    own = client.get(detail).json()
    assert (own["marker"], own["assessment"], own["decision"]) == (None, None, "Seen.")


def test_somebody_who_also_takes_part_reads_no_release_item_of_their_own(
    edition: Edition, client: Client
) -> None:
    """Invariant 9: neither on the page, nor in the table, nor through the API."""
    colleague = instructor(edition)
    agreed(submitted(edition, enrolment=enrol(colleague, edition)), instructor(edition))
    boss = coordinator(edition)
    client.force_login(boss)
    client.post(url("rehearsal", edition), {"sha256": rehearse(edition, boss).sha256})
    release = Release.objects.get()
    client.force_login(colleague)

    said = [
        client.get(url(name, edition, release.pk)).content.decode()
        for name in ("release", "release_csv")
    ]
    items = client.get(f"/api/v1/releases/{release.pk}/items/").json()["results"]

    assert [text for text in said if "66.67" in text] == []
    assert items == []
