"""Files beside a project: what is taken, what is refused, who fetches them."""

from pathlib import Path
from threading import Event
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from zeal import zeal_ignore

from assessments.actions import attach_file, remove_file, restore_file
from assessments.actions.drafts import NotADraft
from assessments.actions.files import TooManyFiles
from assessments.models import ProjectFile, Submission
from lms.core.errors import InvalidInput, PermissionDenied, TooLarge
from lms.core.file_checks import MEGABYTE
from lms.core.storage import StorageAway, evidence, sha256_of, store_by_content
from lms.programme.models import Edition
from tests.factories.assessments import (
    WRITTEN_AT,
    attach,
    hand_in,
    handed_in,
    pdf,
    pdf_upload,
    publish,
    section,
    start,
    write,
)
from tests.factories.programme import (
    EditionFactory,
    coordinator,
    instructor,
    moderator,
    participant,
)
from tests.races import at_once


def stored_blobs() -> set[str]:
    root = Path(evidence().path(""))
    return {path.name for path in root.rglob("*") if path.is_file()}


@pytest.fixture
def submission(edition: Edition) -> Submission:
    """The guidelines of these tests allow three files of 1 MB."""
    return start(edition)


def sized(total: int) -> bytes:
    """A PDF of exactly `total` bytes."""
    padding = total - len(pdf(padding=1))
    while (content := pdf(padding=padding)) and len(content) != total:
        padding += total - len(content)
    return content


def test_a_file_is_stored_by_its_content_under_the_name_it_came_with(
    submission: Submission,
) -> None:
    upload = pdf_upload("Anexo nº 2 – 城市.pdf")

    file = attach(submission, upload)

    assert (file.name, file.media_type) == ("Anexo nº 2 – 城市.pdf", "application/pdf")
    assert (file.size, file.sha256) == (len(pdf()), sha256_of(upload))
    assert file.stored_as == f"sha256/{file.sha256[:2]}/{file.sha256}"
    with evidence().open(file.stored_as) as stored:
        assert stored.read() == pdf()


def test_equal_files_of_two_people_are_stored_once(
    submission: Submission, edition: Edition
) -> None:
    first, second = attach(submission), attach(start(edition))

    assert first.pk != second.pk
    assert first.stored_as == second.stored_as


def test_attaching_the_same_file_again_is_the_same_attachment(submission: Submission) -> None:
    assert attach(submission) == attach(submission)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("a" * 251 + ".pdf", "a" * 251 + ".pdf"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\me\\plan.PDF", "plan.PDF"),
        (" été.pdf ", "été.pdf"),
    ],
    ids=["255 characters", "folders", "Windows", "white space"],
)
def test_names_are_kept_whole_without_folders(submission: Submission, name: str, kept: str) -> None:
    upload = pdf_upload()
    upload._name = name  # type: ignore[attr-defined]

    assert attach(submission, upload).name == kept


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.pdf", b"", "empty"),
        ("a.pdf", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "SVG"),
        ("a.pdf", b"<!doctype html><script>alert(1)</script>", "HTML"),
        ("a.docx", b"PK\x03\x04" + b"\0" * 100, "Attach PDF"),
        ("a.pdf", b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "png"),
        ("a.pdf", b"%PDF-1.7 and then nothing that a PDF is made of", "cannot be opened"),
        ("a.pdf", pdf(password="secret"), "protected"),
        ("a.pdf", pdf(pages=0), "no pages"),
        ("a.html", pdf(), "does not end in .pdf"),
        ("a", pdf(), "does not end in .pdf"),
        ("..", pdf(), "no name"),
        ("a" * 252 + ".pdf", pdf(), "longer than 255"),
        ("a\x00.pdf", pdf(), "NUL"),
        ("a\ud800.pdf", pdf(), "surrogate"),
    ],
    ids=[
        "zero bytes", "SVG", "HTML", "Word", "picture", "broken", "encrypted", "no pages",
        "extension against content", "no extension", "no name", "long name", "NUL", "surrogate",
    ],
)  # fmt: skip
def test_a_refused_file_leaves_nothing_behind(
    submission: Submission, name: str, content: bytes, reason: str
) -> None:
    upload = SimpleUploadedFile("a.pdf", content)
    upload._name = name  # type: ignore[attr-defined]
    before = stored_blobs()

    with pytest.raises(InvalidInput) as refused:
        attach(submission, upload)

    assert reason in str(refused.value.errors["file"][0])
    assert ProjectFile.objects.count() == 0
    assert stored_blobs() == before


def test_a_file_at_the_limit_is_taken_and_one_byte_more_is_not(submission: Submission) -> None:
    before = stored_blobs()
    with pytest.raises(TooLarge):
        attach(submission, pdf_upload(content=sized(MEGABYTE + 1)))
    assert stored_blobs() == before

    assert attach(submission, pdf_upload(content=sized(MEGABYTE))).size == MEGABYTE


def test_there_is_room_for_as_many_files_as_the_guidelines_say(submission: Submission) -> None:
    files = [attach(submission, pdf_upload(f"{number}.pdf")) for number in range(3)]

    with pytest.raises(TooManyFiles):
        attach(submission, pdf_upload("4.pdf"))
    remove_file(file=files[0], by=submission.owner.user, at=WRITTEN_AT)
    attach(submission, pdf_upload("4.pdf"))
    with pytest.raises(TooManyFiles):
        restore_file(file=files[0], by=submission.owner.user, at=WRITTEN_AT)

    assert submission.files.attached().count() == 3


def test_a_removed_file_can_be_put_back(submission: Submission) -> None:
    file = attach(submission)

    removed = remove_file(file=file, by=submission.owner.user, at=WRITTEN_AT)
    assert (removed.removed_at, removed.removed_by) == (WRITTEN_AT, submission.owner.user)
    assert stored_blobs() >= {file.sha256}

    restore_file(file=file, by=submission.owner.user, at=WRITTEN_AT)
    assert list(submission.files.attached()) == [file]


def test_only_its_owner_changes_a_draft_s_files(submission: Submission, edition: Edition) -> None:
    file = attach(submission)

    for by in (participant(edition), instructor(edition)):
        with pytest.raises(PermissionDenied):
            remove_file(file=file, by=by, at=WRITTEN_AT)
        with pytest.raises(PermissionDenied):
            attach_file(submission=submission, upload=pdf_upload("b.pdf"), by=by, at=WRITTEN_AT)


def test_files_of_an_attempt_rest(edition: Edition) -> None:
    """Invariant 1, also below the actions."""
    submission = write(start(edition))
    file = attach(submission)
    hand_in(submission)

    with pytest.raises(NotADraft):
        remove_file(file=file, by=submission.owner.user, at=WRITTEN_AT)
    with pytest.raises(NotADraft):
        attach(submission, pdf_upload("late.pdf"))
    with pytest.raises(IntegrityError), transaction.atomic():
        ProjectFile.objects.filter(pk=file.pk).update(sha256="0" * 64)
    with pytest.raises(IntegrityError), transaction.atomic():
        ProjectFile.objects.filter(pk=file.pk).delete()


def test_attaching_and_removing_in_turn_has_an_end(
    submission: Submission, monkeypatch: Any
) -> None:
    """Files taken off stay as evidence; what stays is bounded, and can be put back."""
    monkeypatch.setattr("assessments.actions.files.MAX_STORED", 4)
    for number in range(4):
        last = attach(submission, pdf_upload(f"{number}.pdf", pdf(padding=number + 1)))
        remove_file(file=last, by=submission.owner.user, at=WRITTEN_AT)
    before = stored_blobs()

    with pytest.raises(TooManyFiles):
        attach(submission, pdf_upload("5.pdf", pdf(padding=9)))

    assert stored_blobs() == before
    restore_file(file=last, by=submission.owner.user, at=WRITTEN_AT)
    assert submission.files.attached().get() == last


def test_what_is_no_draft_stores_no_content(submission: Submission) -> None:
    hand_in(write(submission))
    before = stored_blobs()
    with pytest.raises(NotADraft):
        attach(submission, pdf_upload("late.pdf", pdf(padding=7)))
    assert stored_blobs() == before


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_nobody_waits_while_a_file_is_stored(monkeypatch: Any) -> None:
    """A save is answered while the upload's content is being written."""
    submission = start(EditionFactory.create())
    storing, saved = Event(), Event()

    def slowly(file: Any, digest: str) -> tuple[str, str]:
        storing.set()
        assert saved.wait(10), "The save waited for the file."
        return store_by_content(file, digest)

    def save() -> Any:
        assert storing.wait(10)
        answer = write(submission)
        saved.set()
        return answer

    monkeypatch.setattr("assessments.actions.files.store_by_content", slowly)
    results = at_once(lambda: attach(submission), save)

    assert sorted(type(result).__name__ for result in results) == ["ProjectFile", "Submission"]


def test_an_outage_of_the_storage_is_said_and_keeps_nothing(
    submission: Submission, settings: Any, tmp_path: Path
) -> None:
    blocked = tmp_path / "a-file-where-the-folder-should-be"
    blocked.write_text("")
    settings.STORAGES = {
        **settings.STORAGES,
        "evidence": {**settings.STORAGES["evidence"], "OPTIONS": {"location": str(blocked)}},
    }

    with pytest.raises(StorageAway):
        attach(submission)

    assert ProjectFile.objects.count() == 0


def test_a_download_is_an_attachment_with_its_whole_name(
    client: Client, submission: Submission
) -> None:
    file = attach(submission, pdf_upload('Anexo – 城市 "2".pdf'))
    client.force_login(submission.owner.user)

    response = client.get(reverse("assessments:file", args=[file.pk]))

    assert b"".join(response.streaming_content) == pdf()  # type: ignore[attr-defined]
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == (
        "attachment; filename*=utf-8''Anexo%20%E2%80%93%20%E5%9F%8E%E5%B8%82%20%222%22.pdf"
    )
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-store"


def test_staff_fetch_files_only_when_they_were_handed_in(client: Client, edition: Edition) -> None:
    submission = write(start(edition))
    file = attach(submission)
    extra = attach(submission, pdf_upload("never-handed-in.pdf"))
    remove_file(file=extra, by=submission.owner.user, at=WRITTEN_AT)
    elsewhere = EditionFactory.create()
    staff = [instructor(edition), coordinator(edition)]
    others = [participant(edition), moderator(edition), instructor(elsewhere)]

    def answers(people: list[Any], of: ProjectFile) -> set[int]:
        found = set()
        for person in people:
            client.force_login(person)
            found.add(client.get(reverse("assessments:file", args=[of.pk])).status_code)
        return found

    assert answers(staff + others, file) == {404}
    hand_in(submission)
    assert answers(staff, file) == {200}
    assert answers(others, file) == {404}
    assert answers(staff, extra) == {404}

    client.logout()
    response = client.get(reverse("assessments:file", args=[file.pk]))
    assert (response.status_code, "login" in response["Location"]) == (302, True)


def test_the_page_takes_files_and_says_why_not(client: Client, submission: Submission) -> None:
    client.force_login(submission.owner.user)
    edition = submission.edition
    address = reverse("assessments:attach", args=[edition.slug])

    taken = client.post(address, {"file": pdf_upload()})
    empty = client.post(address, {"file": pdf_upload("b.pdf", b"")})
    large = client.post(address, {"file": pdf_upload("b.pdf", sized(MEGABYTE + 1))})
    missing = client.post(address, {})

    assert taken.status_code == 302
    assert (empty.status_code, "The file is empty." in empty.content.decode()) == (422, True)
    assert (large.status_code, "larger than 1 MB" in large.content.decode()) == (413, True)
    assert missing.status_code == 422
    assert [file.name for file in submission.files.all()] == ["annex.pdf"]


def test_text_typed_beside_a_file_is_saved_with_it(client: Client, submission: Submission) -> None:
    """Without JavaScript a button of the page sends the whole desk."""
    client.force_login(submission.owner.user)
    edition = submission.edition

    # Two actions lock the row one after the other: two reads, and no loop.
    with zeal_ignore([{"model": "assessments.Submission", "field": "get()"}]):
        client.post(
            reverse("assessments:attach", args=[edition.slug]),
            {"file": pdf_upload(), "base_version": 0, "context": "Typed meanwhile."},
        )
        file = submission.files.get()
        client.post(
            reverse("assessments:remove_file", args=[file.pk]),
            {"base_version": 1, "context": "Typed once more."},
        )
    stale = client.post(
        reverse("assessments:restore_file", args=[file.pk]),
        {"base_version": 0, "context": "From an old page."},
    )

    submission.refresh_from_db()
    file.refresh_from_db()
    assert submission.sections == {"context": "<p>Typed once more.</p>"}
    assert file.removed_at is not None
    assert stale.status_code == 409
    assert "From an old page." in stale.content.decode()


def test_a_foreign_file_is_not_found(client: Client, edition: Edition) -> None:
    submission = write(start(edition))
    file = attach(submission)
    hand_in(submission)
    client.force_login(participant(edition))

    for name in ("remove_file", "restore_file"):
        assert client.post(reverse(f"assessments:{name}", args=[file.pk])).status_code == 404


def test_limits_are_those_of_the_pinned_guidelines(edition: Edition) -> None:
    submission = start(edition)
    publish(submission.project.guidelines_page, max_files=0, sections=[section("context")])

    assert attach(submission).removed_at is None
    assert handed_in(edition).guidelines.number == 2
