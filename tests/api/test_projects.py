"""Projects, files and submissions through /api/v1/: the same actions, the same refusals."""

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from assessments.actions import lock_for_marking
from assessments.models import Attempt, GuidelinesPage, Submission
from lms.accounts.models import User
from lms.programme.models import Edition
from modules.actions import save_written_answer
from modules.models import CoursePage
from tests.factories.accounts import UserFactory
from tests.factories.assessments import (
    DEADLINE,
    SUBMITTED_AT,
    attach,
    guidelines_page,
    hand_in,
    handed_in,
    pdf,
    pdf_upload,
    project_in,
    publish,
    section,
    start,
    write,
)
from tests.factories.marking import rubric_in
from tests.factories.modules import lesson_of, make_activity, make_course
from tests.factories.programme import EditionFactory, coordinator, instructor, participant
from tests.queries import MANY

PROJECTS = "/api/v1/projects/"
FILES = "/api/v1/files/"
SUBMISSIONS = "/api/v1/submissions/"


def api_of(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.fixture
def submission(edition: Edition) -> Submission:
    return write(start(edition))


@pytest.fixture
def writer(submission: Submission) -> APIClient:
    return api_of(submission.owner.user)


def test_a_project_from_beginning_to_receipt(edition: Edition) -> None:
    project_in(edition)
    api = api_of(participant(edition))

    begun = api.post(PROJECTS, {"edition": edition.slug})
    assert (begun.status_code, begun.json()["status"]) == (201, "draft")
    address = f"{PROJECTS}{begun.json()['id']}/"
    assert api.post(PROJECTS, {"edition": edition.slug}).json()["id"] == begun.json()["id"]

    saved = api.put(
        f"{address}draft/",
        {"base_version": 0, "values": {"context": " A. ", "objectives": "B."}},
    )
    assert saved.json()["version"] == 1
    file = api.post(
        FILES, {"project": begun.json()["id"], "file": pdf_upload()}, format="multipart"
    )
    assert file.status_code == 201

    key = {"Idempotency-Key": "one-two-three-four"}
    sent = api.post(f"{address}submit/", {"base_version": 1}, headers=key)
    again = api.post(f"{address}submit/", {"base_version": 1}, headers=key)
    assert (sent.status_code, sent.json()["receipt"]) == (201, again.json()["receipt"])
    other = api.post(f"{address}submit/", {"base_version": 2}, headers=key)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_used")

    receipt = api.get(f"{SUBMISSIONS}{sent.json()['receipt']}/").json()
    assert receipt["sections"] == {"context": " A. ", "objectives": "B.", "notes": ""}
    assert [kept["id"] for kept in receipt["files"]] == [file.json()["id"]]
    assert receipt["abilities"] == {
        "withdraw": True,
        "return_for_revision": False,
        "rule_on_lateness": False,
    }

    first = {"attempt": 1}
    assert api.post(f"{address}withdraw/", first).json()["status"] == "withdrawn"
    assert api.post(f"{address}withdraw/", first).status_code == 409
    opened = api.post(f"{address}reopen/").json()
    assert (opened["status"], opened["attempt"]) == ("draft", 2)
    assert opened["receipts"] == [sent.json()["receipt"]]


def test_the_detail_says_what_counts(writer: APIClient, submission: Submission) -> None:
    publish(submission.project.guidelines_page, summary="New.")

    body = writer.get(f"{PROJECTS}{submission.pk}/").json()

    assert body["sections"]["context"] == "Our city on context."
    assert (body["guidelines"]["number"], body["guidelines"]["newer"]) == (1, 2)
    assert datetime.fromisoformat(body["deadline"]["effective_at"]) == DEADLINE
    assert body["deadline"]["zone"] == "Europe/Madrid"
    assert body["abilities"] == {
        "save_draft": True,
        "attach_file": True,
        "submit": True,
        "withdraw": False,
        "reopen": False,
        "return_for_revision": False,
        "invite": False,
        "remove": False,
        "leave": False,
        "arrange": False,
        "take_up": False,
    }
    moved = writer.post(
        f"{PROJECTS}{submission.pk}/adopt-guidelines/", {"base_version": submission.version}
    )
    assert moved.json()["guidelines"]["number"] == 2


def test_a_stale_draft_is_a_409_with_what_is_stored(
    writer: APIClient, submission: Submission
) -> None:
    """Invariant 3."""
    answer = writer.put(
        f"{PROJECTS}{submission.pk}/draft/", {"base_version": 0, "values": {"context": "Old."}}
    )

    assert (answer.status_code, answer["Content-Type"]) == (409, "application/problem+json")
    assert (answer.json()["version"], answer.json()["stored"]["context"]) == (
        1,
        "Our city on context.",
    )


@pytest.mark.parametrize(
    ("path", "method", "body", "status"),
    [
        ("draft/", "put", {"base_version": 1, "values": {"other": "x"}}, 422),
        ("draft/", "put", {"base_version": 1, "values": {"context": 5}}, 422),
        ("draft/", "put", {"base_version": 1, "values": {"context": "a\x00"}}, 422),
        ("draft/", "put", {"base_version": 1, "values": {"context": "x" * 200_001}}, 413),
        ("draft/", "put", {"base_version": 1, "values": {}, "owner": 3}, 422),
        ("draft/", "put", {"values": {}}, 422),
        ("submit/", "post", {"base_version": 1}, 422),
        ("submit/", "post", {"base_version": 1, "received_at": "2025-01-01"}, 422),
        ("withdraw/", "post", {"attempt": 1}, 409),
        ("withdraw/", "post", {}, 422),
        ("withdraw/", "post", {"status": "withdrawn"}, 422),
        ("reopen/", "post", {}, 409),
        ("return/", "post", {"reason": "Mine.", "base_version": 0}, 403),
    ],
)
def test_what_is_refused(
    writer: APIClient, submission: Submission, path: str, method: str, body: Any, status: int
) -> None:
    answer = getattr(writer, method)(f"{PROJECTS}{submission.pk}/{path}", body)

    submission.refresh_from_db()
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert (submission.version, submission.status) == (1, "draft")


def test_an_instructor_hands_a_project_back(edition: Edition) -> None:
    attempt = handed_in(edition)
    marker = instructor(edition)
    lock_for_marking(submission=attempt.submission, by=marker, at=SUBMITTED_AT)
    api = api_of(marker)
    address = f"{PROJECTS}{attempt.submission_id}/"
    assert api.get(address).json()["abilities"]["return_for_revision"] is True

    until = datetime.now(tz=timezone(timedelta(hours=14))) + timedelta(days=30)
    why = {"reason": "Why?", "base_version": attempt.submission.version}
    naive = api.post(
        f"{address}return/",
        {**why, "until_at": until.replace(tzinfo=None).isoformat()},
    )
    returned = api.post(
        f"{address}return/", {**why, "until_at": until.isoformat(), "until_zone": "Asia/Tokyo"}
    )

    assert naive.status_code == 422
    assert (returned.status_code, returned.json()["status"]) == (200, "returned_for_revision")
    seen = api_of(attempt.submitted_by).get(address).json()
    assert seen["revision"]["reason"] == "Why?"
    assert datetime.fromisoformat(seen["revision"]["until_at"]) == until


def test_drafts_are_their_writer_s_and_submissions_are_read_by_the_staff(edition: Edition) -> None:
    submission = write(start(edition))
    attach(submission)
    elsewhere = instructor(EditionFactory.create())
    address = f"{PROJECTS}{submission.pk}/"
    people = [instructor(edition), coordinator(edition), participant(edition), elsewhere]

    assert [api_of(p).get(address).status_code for p in people] == [404] * 4
    attempt = hand_in(submission)
    assert [api_of(p).get(address).status_code for p in people] == [200, 200, 404, 404]

    staff = api_of(people[0])
    assert staff.get(address).json()["sections"] is None
    assert staff.put(f"{address}draft/", {"base_version": 1, "values": {}}).status_code == 403
    assert staff.post(f"{address}withdraw/", {"attempt": 1}).status_code == 403
    for person, status in ((people[0], 200), (people[2], 404), (elsewhere, 404)):
        answer = api_of(person).get(f"{SUBMISSIONS}{attempt.receipt}/")
        assert answer.status_code == status


def test_nobody_begins_without_a_place(edition: Edition) -> None:
    project_in(edition)

    assert api_of(UserFactory.create()).post(PROJECTS, {"edition": edition.slug}).status_code == 404
    assert api_of(instructor(edition)).post(PROJECTS, {"edition": edition.slug}).status_code == 404


def test_without_a_sign_in_the_answer_is_401_json() -> None:
    for address in (PROJECTS, FILES, SUBMISSIONS):
        answer = APIClient().get(address)
        assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")


def test_files_come_and_go(writer: APIClient, submission: Submission) -> None:
    file = writer.post(
        FILES, {"project": submission.pk, "file": pdf_upload()}, format="multipart"
    ).json()
    address = f"{FILES}{file['id']}/"

    assert writer.get(address).json()["abilities"] == {"remove": True, "restore": False}
    assert writer.post(f"{address}remove/").json()["removed_at"] is not None
    assert writer.post(f"{address}restore/").json()["removed_at"] is None
    content = writer.get(file["content"], headers={"Accept": "application/pdf"})
    assert b"".join(content.streaming_content) == pdf()
    assert content["Content-Disposition"] == 'attachment; filename="annex.pdf"'


@pytest.mark.parametrize(
    ("upload", "status"),
    [
        (SimpleUploadedFile("a.pdf", b""), 422),
        (SimpleUploadedFile("a.pdf", b"<svg></svg>"), 422),
        (SimpleUploadedFile("a.pdf", b"%PDF-" + b"x" * 1024 * 1024), 413),
    ],
    ids=["empty", "type", "size"],
)
def test_a_refused_upload_says_why(
    writer: APIClient, submission: Submission, upload: SimpleUploadedFile, status: int
) -> None:
    upload.seek(0)
    answer = writer.post(FILES, {"project": submission.pk, "file": upload}, format="multipart")

    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert submission.files.count() == 0


@pytest.mark.parametrize("body", [[], {}, {"project": "x"}, {"project": None}])
def test_an_upload_names_its_project(writer: APIClient, body: Any) -> None:
    assert writer.post(FILES, body).status_code == 422


def test_a_foreign_file_or_project_is_not_found(edition: Edition, submission: Submission) -> None:
    file = attach(submission)
    stranger = api_of(participant(edition))

    assert stranger.get(f"{FILES}{file.pk}/").status_code == 404
    assert stranger.get(f"{FILES}{file.pk}/content/").status_code == 404
    assert stranger.post(f"{FILES}{file.pk}/remove/").status_code == 404
    upload = {"project": submission.pk, "file": pdf_upload()}
    assert stranger.post(FILES, upload, format="multipart").status_code == 404


@pytest.mark.parametrize("address", [PROJECTS, FILES, SUBMISSIONS])
def test_lists_ask_the_same_for_one_row_and_for_many(
    edition: Edition, address: str, django_assert_num_queries: Any
) -> None:
    def one() -> Attempt:
        submission = write(start(edition))
        attach(submission)
        return hand_in(submission)

    one()
    api = api_of(instructor(edition))
    with django_assert_num_queries(2) as few:
        assert len(api.get(address).json()["results"]) == 1
    for _ in range(MANY - 1):
        one()
    with django_assert_num_queries(len(few.captured_queries)):
        assert len(api.get(address).json()["results"]) == MANY


def test_an_answer_of_the_lessons_is_inserted_once(edition: Edition, at: datetime) -> None:
    activity = make_activity(
        lesson_of(make_course(edition)), rule="written", feeds="context", min_words=1
    )
    submission = start(edition)
    save_written_answer(
        enrolment=submission.owner,
        activity=activity,
        text="Because of our river.",
        base_version=0,
        by=submission.owner.user,
        at=at,
    )
    api = api_of(submission.owner.user)
    address = f"{PROJECTS}{submission.pk}/insert-answer/"
    sent = {"section": "context", "base_version": submission.version}

    inserted = api.post(address, sent)

    submission.refresh_from_db()
    assert (inserted.status_code, inserted.json()["version"]) == (200, submission.version)
    assert submission.sections["context"] == "<p>Because of our river.</p>"
    stale = api.post(address, sent)
    assert (stale.status_code, stale.json()["code"]) == (409, "stale_version")
    sent["base_version"] = submission.version
    again = api.post(address, sent)
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    nowhere = api.post(address, sent | {"section": "nowhere"})
    assert (nowhere.status_code, list(nowhere.json()["errors"])) == (422, ["section"])


NEW_DEADLINE = {
    "wall": "2026-01-23T23:59",
    "zone": "America/Montevideo",
    "grace_minutes": 60,
    "accepts_late": False,
}


def test_a_coordinator_sees_what_a_deadline_changes_and_then_sets_it(edition: Edition) -> None:
    attempt = handed_in(edition)
    participant(edition)
    api = api_of(coordinator(edition))
    address = f"/api/v1/editions/{edition.slug}/deadline/"

    seen = api.post(address, NEW_DEADLINE | {"preview": True})
    attempt.project.refresh_from_db()
    assert (seen.status_code, attempt.project.deadline_at) == (200, DEADLINE)
    done = api.post(address, NEW_DEADLINE)

    attempt.project.refresh_from_db()
    assert done.json() == seen.json()
    assert (done.json()["not_handed_in"], done.json()["handed_in"]) == (1, 1)
    assert done.json()["effective_at"] == "2026-01-24T03:59:00Z"
    assert attempt.project.effective_deadline_at.isoformat() == "2026-01-24T03:59:00+00:00"
    assert attempt.project.accepts_late is False


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"wall": "2026-01-23T23:59+01:00"}, "wall"),
        ({"wall": "tomorrow"}, "wall"),
        ({"wall": "9999-12-31T23:59"}, "wall"),
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"grace_minutes": -1}, "grace_minutes"),
        ({"grace_minutes": 10_000, "wall": "2026-01-23T23:59"}, None),
        ({"grace_minutes": 10_081}, "grace_minutes"),
    ],
)
def test_what_names_no_deadline_is_refused(
    edition: Edition, change: dict[str, Any], field: str | None
) -> None:
    project_in(edition)
    api = api_of(coordinator(edition))

    answer = api.post(f"/api/v1/editions/{edition.slug}/deadline/", NEW_DEADLINE | change)

    assert list(answer.json().get("errors", {})) == ([field] if field else [])
    assert answer.status_code == (422 if field else 200)


def test_an_instructor_sets_no_deadline(edition: Edition) -> None:
    project_in(edition)
    answer = api_of(instructor(edition)).post(
        f"/api/v1/editions/{edition.slug}/deadline/", NEW_DEADLINE
    )
    assert answer.status_code == 403


def test_a_text_of_a_section_that_newer_guidelines_removed_is_told_and_taken_along(
    writer: APIClient, submission: Submission
) -> None:
    """A program that was not told of the newer guidelines saves what it has."""
    kept = [section("context"), section("notes", required=False)]
    publish(submission.project.guidelines_page, sections=kept)
    at = f"{PROJECTS}{submission.pk}/"
    adopted = writer.post(f"{at}adopt-guidelines/", {"base_version": submission.version}).json()
    body = {
        "base_version": adopted["version"],
        "values": {"context": "Ours.", "objectives": "Typed for the old ones."},
    }

    saved = writer.put(f"{at}draft/", body).json()
    [aside] = writer.get(f"{at}set-aside/").json()
    moved = writer.post(
        f"{at}take-along/",
        {"key": "objectives", "into": "context", "base_version": saved["version"]},
    )

    assert saved["gone"] == ["objectives"]
    assert aside == {
        "key": "objectives", "title": "Objectives", "text": "Typed for the old ones.",
        "html": "<p>Typed for the old ones.</p>", "words": 5,
    }  # fmt: skip
    assert (moved.status_code, moved.json()["version"]) == (200, saved["version"] + 1)
    assert writer.get(f"{at}set-aside/").json() == []
    project = writer.get(at).json()
    assert project["sections"]["context"].split() == [
        "Ours.",
        "Typed",
        "for",
        "the",
        "old",
        "ones.",
    ]
    again = {"base_version": project["version"], "values": {"context": "Shorter."}}
    assert writer.put(f"{at}draft/", again).json()["gone"] == []


def test_the_checklist_says_what_submitting_would(edition: Edition) -> None:
    submission = start(edition)
    api = api_of(submission.owner.user)
    at = f"{PROJECTS}{submission.pk}/"

    empty = api.get(f"{at}checklist/").json()
    written = api.put(
        f"{at}draft/", {"base_version": 0, "values": {"context": "A.", "objectives": "B."}}
    ).json()
    ready = api.get(f"{at}checklist/").json()

    assert (empty["is_ready"], [one["key"] for one in empty["missing"]]) == (
        False, ["context", "objectives"],
    )  # fmt: skip
    assert (ready["is_ready"], ready["missing"], ready["version"]) == (True, [], written["version"])
    assert (ready["deadline_zone"], ready["is_closed"]) == ("Europe/Madrid", False)
    assert [one["key"] for one in ready["short"]] == ["context", "objectives"]
    assert api_of(coordinator(edition)).get(f"{at}checklist/").status_code == 404
    attempt = hand_in(Submission.objects.get(pk=submission.pk))
    rests = api.get(f"{at}checklist/")
    assert (rests.status_code, rests.json()["code"]) == (409, "not_a_draft")
    assert api_of(instructor(edition)).get(f"{at}checklist/").status_code == 403
    paper = api.get(f"{SUBMISSIONS}{attempt.receipt}/pdf/")
    assert (paper.status_code, paper["Content-Type"]) == (200, "application/pdf")
    assert paper.content.startswith(b"%PDF")
    assert paper["Cache-Control"] == "private, no-store"


def test_what_is_asked_can_be_read_before_one_begins(edition: Edition) -> None:
    project = project_in(edition)
    publish(project.guidelines_page, summary="New.")
    api = api_of(participant(edition))
    address = f"/api/v1/editions/{edition.slug}/project/"

    newest, first = api.get(address).json(), api.get(address, {"version": 1}).json()

    assert newest["guidelines"]["content"]["summary"] == "New."
    assert (newest["newest_guidelines"], first["newest_guidelines"]) == (2, 2)
    assert first["guidelines"]["number"] == 1
    assert datetime.fromisoformat(newest["deadline_at"]) == DEADLINE
    assert api.get(address, {"version": 9}).status_code == 404
    assert api_of(UserFactory.create()).get(address).status_code == 404


def test_an_edition_is_given_its_project(edition: Edition) -> None:
    course = make_course(edition)
    page = GuidelinesPage.objects.get(pk=guidelines_page(edition).pk)
    page.move(CoursePage.objects.get(pk=course.pk), pos="last-child")
    GuidelinesPage.objects.get(pk=page.pk).save_revision().publish()
    body = {
        "guidelines_page": page.pk, "rubric": rubric_in(edition).pk, "wall": "2026-01-23T23:59",
        "zone": "Europe/Madrid", "grace_minutes": 15, "accepts_late": True,
    }  # fmt: skip
    address = f"/api/v1/editions/{edition.slug}/make-project/"
    assert api_of(participant(edition)).post(address, body).status_code == 403
    api = api_of(coordinator(edition))

    wrong = api.post(address, {**body, "rubric": 99_999})
    made = api.post(address, body)
    again = api.post(address, body)

    assert (wrong.status_code, [*wrong.json()["errors"]]) == (422, ["rubric"])
    assert (made.status_code, made.json()["guidelines"]["number"]) == (201, 1)
    assert made.json()["effective_deadline_at"] == "2026-01-23T23:14:00Z"
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    begun = api_of(participant(edition)).post(PROJECTS, {"edition": edition.slug})
    assert begun.status_code == 201
