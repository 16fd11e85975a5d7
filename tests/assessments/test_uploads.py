"""Files that arrive in pieces: what a broken connection, two tabs or a crash leave behind."""

import base64
import re
import socket
from datetime import timedelta
from hashlib import sha1, sha256
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from knox.models import get_token_model

from assessments.actions import leave_team, remove_file
from assessments.actions.sweeping import sweep_uploads
from assessments.enums import UploadStatus
from assessments.models import ProjectFile, Submission, Upload
from lms.accounts.enums import TokenScope
from lms.core import clock
from lms.core.partial_files import PartialFile
from lms.core.storage import evidence, sha256_of
from lms.programme.models import Edition
from tests.assessments.test_files import sized
from tests.factories import teams
from tests.factories.assessments import WRITTEN_AT, attach, hand_in, pdf, pdf_upload, start, write
from tests.factories.programme import EditionFactory, participant
from tests.factories.uploads import PIECE, TUS, Sender, checksum, upload_at

MEGABYTE = 1024 * 1024


@pytest.fixture
def submission(edition: Edition) -> Submission:
    """The guidelines of these tests allow three PDF files of 1 MB."""
    return start(edition)


@pytest.fixture
def sender(submission: Submission) -> Sender:
    return Sender(submission.owner.user)


@pytest.fixture
def content() -> bytes:
    return pdf(padding=50_000)


@pytest.fixture(autouse=True)
def empty_disk(settings: Any, tmp_path: Path) -> None:
    settings.UPLOADS_ROOT = str(tmp_path / "uploads")


def kept() -> list[Path]:
    """What lies on the disk of uploads."""
    return [path for path in Path(site.UPLOADS_ROOT).rglob("*") if path.is_file()]


def stored(file: ProjectFile) -> bytes:
    with evidence().open(file.stored_as) as opened:
        return bytes(opened.read())


def test_a_file_in_pieces_is_attached_as_it_was(
    sender: Sender, submission: Submission, content: bytes
) -> None:
    address = sender.begin(submission, "Anexo nº 2 – 城市.pdf", content)
    first = sender.append(address, content[:20_000], offset=0)
    assert (first.status_code, first["Upload-Offset"]) == (204, "20000")
    assert "Upload-Expires" in first
    assert submission.files.count() == 0

    last = sender.append(address, content[20_000:], offset=20_000)

    assert (last.status_code, last["Upload-Offset"]) == (204, str(len(content)))
    file = submission.files.get()
    assert (file.name, file.size, file.media_type) == (
        "Anexo nº 2 – 城市.pdf", len(content), "application/pdf",
    )  # fmt: skip
    assert (file.sha256, stored(file)) == (sha256(content).hexdigest(), content)
    detail = sender.client.get(address).json()
    assert (detail["status"], detail["file"]) == ("finished", str(file.pk))
    assert kept() == []


def test_what_the_server_can_do_is_said(sender: Sender) -> None:
    answer = sender.client.options(reverse("api:v1:upload-list"))

    assert answer.status_code == 204
    assert (answer["Tus-Version"], answer["Tus-Max-Size"]) == ("1.0.0", str(500 * MEGABYTE))
    assert set(answer["Tus-Extension"].split(",")) == {
        "creation", "creation-with-upload", "checksum", "expiration", "termination",
    }  # fmt: skip
    assert answer["Tus-Checksum-Algorithm"] == "sha256,sha1"


def test_another_version_of_the_protocol_is_refused(
    sender: Sender, submission: Submission, content: bytes
) -> None:
    address = sender.begin(submission, "a.pdf", content)
    answer = sender.client.head(address, headers={"Tus-Resumable": "0.2.2"})
    assert (answer.status_code, answer["Tus-Version"]) == (412, "1.0.0")


def test_the_first_piece_may_come_with_the_announcement(
    sender: Sender, submission: Submission, content: bytes
) -> None:
    begun = sender.announce(submission, "a.pdf", len(content), body=content[:9_000])
    assert (begun.status_code, begun["Upload-Offset"]) == (201, "9000")
    whole = sender.announce(submission, "b.pdf", len(pdf()), body=pdf())

    assert whole.status_code == 201
    assert [file.name for file in submission.files.all()] == ["b.pdf"]
    assert sender.offset(begun["Location"]) == 9_000


def test_a_client_that_knows_only_post_is_understood(
    sender: Sender, submission: Submission, content: bytes
) -> None:
    address = sender.begin(submission, "a.pdf", content)
    headers = TUS | {"Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"}
    answer = sender.client.generic("POST", address, content, content_type=PIECE, headers=headers)
    assert answer.status_code == 204
    assert submission.files.get().sha256 == sha256(content).hexdigest()
    assert sender.client.post(address).status_code == 405


SHIFTS = ("none", "one back", "one ahead", "a piece back", "a piece ahead")
PIECES = st.lists(
    st.tuples(
        st.integers(1, 9_000), st.sampled_from(SHIFTS), st.sampled_from(["", "right", "wrong"])
    ),
    max_size=12,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(padding=st.integers(1, 20_000), pieces=PIECES)
@pytest.mark.one_database("sqlite")
@pytest.mark.django_db
def test_however_it_is_cut_repeated_and_mixed_the_bytes_are_the_same(
    edition: Edition, padding: int, pieces: list[tuple[int, str, str]]
) -> None:
    """Pieces of any size, repeated, too early, damaged: in the end the file is the file,
    and only then it is there."""
    submission = start(edition)
    sender = Sender(submission.owner.user)
    content = pdf(padding=padding)
    address = sender.begin(submission, "a.pdf", content)
    at = 0
    for size, shift, seal in [*pieces, (len(content), "none", "")]:
        if at == len(content):
            break
        moved = dict(zip(SHIFTS, (0, -1, 1, -size, size), strict=True))[shift]
        offset = max(0, at + moved)
        piece = content[offset : offset + size]
        sealed = {"": {}, "right": {"Upload_Checksum": checksum(piece)}}.get(
            seal, {"Upload_Checksum": checksum(piece + b"x")}
        )
        answer = sender.append(address, piece, offset=offset, **sealed)
        if offset != at:
            assert answer.status_code in {409, 413}
        elif seal == "wrong":
            assert answer.status_code == 460
        else:
            assert answer.status_code == 204
            at += len(piece)
        assert submission.files.count() == (1 if at == len(content) else 0)
        assert sender.offset(address) == at

    assert stored(submission.files.get()) == content


@pytest.mark.parametrize("algorithm", [sha256, sha1])
def test_a_damaged_piece_is_dropped_whole(
    sender: Sender, submission: Submission, content: bytes, algorithm: Any
) -> None:
    address = sender.begin(submission, "a.pdf", content)
    piece = content[:30_000]
    name = algorithm(b"").name
    digest = base64.b64encode(algorithm(piece).digest()).decode()

    damaged = sender.append(
        address, piece[:-1] + b"?", offset=0, Upload_Checksum=f"{name} {digest}"
    )

    assert (damaged.status_code, damaged.json()["code"]) == (460, "checksum_mismatch")
    assert damaged.reason_phrase == "Checksum Mismatch"
    assert (sender.offset(address), kept()) == (0, [])
    right = sender.append(address, piece, offset=0, Upload_Checksum=f"{name} {digest}")
    assert (right.status_code, right["Upload-Offset"]) == (204, "30000")


@pytest.mark.parametrize("seal", ["md5 abc=", "sha256", "sha256 ***", "sha256 é"])
def test_a_checksum_nobody_can_check_is_refused(
    sender: Sender, submission: Submission, content: bytes, seal: str
) -> None:
    address = sender.begin(submission, "a.pdf", content)
    answer = sender.append(address, content, offset=0, Upload_Checksum=seal)
    assert answer.status_code == (460 if seal == "sha256" else 400)
    assert sender.offset(address) == 0


def test_the_whole_file_is_held_to_the_hash_it_was_announced_with(
    sender: Sender, submission: Submission, content: bytes
) -> None:
    other = sender.send(submission, "a.pdf", content, sha256=sha256(b"other").hexdigest())
    right = sender.send(submission, "b.pdf", content, sha256=sha256(content).hexdigest())

    assert other.status_code == 422
    assert "not the file that was sent" in other.json()["detail"]
    assert right.status_code == 204
    assert [file.name for file in submission.files.all()] == ["b.pdf"]
    assert kept() == []


def send_and_break_off(url: str, address: str, cookies: str, piece: bytes, **headers: str) -> None:
    """A connection that ends before the promised number of bytes."""
    host, port = url.removeprefix("http://").split(":")
    lines = [
        f"PATCH {address} HTTP/1.1", f"Host: {host}:{port}", f"Cookie: {cookies}",
        f"Content-Type: {PIECE}", "Tus-Resumable: 1.0.0",
        *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items()), "", "",
    ]  # fmt: skip
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall("\r\n".join(lines).encode() + piece)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(4096):
            pass


@pytest.mark.django_db(transaction=True)
def test_what_came_before_the_connection_broke_is_kept(live_server: Any, content: bytes) -> None:
    """Without a checksum every byte counts; with one, nothing can be said of a part."""
    submission = start(EditionFactory.create())
    sender = Sender(submission.owner.user)
    address = sender.begin(submission, "a.pdf", content)
    path = "/" + address.split("/", 3)[3]
    cookies = f"{site.SESSION_COOKIE_NAME}={sender.client.cookies[site.SESSION_COOKIE_NAME].value}"
    cookies += f"; csrftoken={'b' * 32}"
    promised = {"X_CSRFToken": "b" * 32, "Content_Length": "25000"}

    send_and_break_off(
        live_server.url, path, cookies, content[:10_000], Upload_Offset="0", **promised
    )
    send_and_break_off(
        live_server.url, path, cookies, content[10_000:20_000], Upload_Offset="10000",
        Upload_Checksum=checksum(content[10_000:35_000]), **promised,
    )  # fmt: skip

    assert sender.offset(address) == 10_000
    assert sender.append(address, content[10_000:], offset=10_000).status_code == 204
    assert stored(submission.files.get()) == content


def test_more_than_was_announced_is_refused_before_it_is_read(
    sender: Sender, submission: Submission, content: bytes
) -> None:
    address = sender.begin(submission, "a.pdf", content)
    answer = sender.append(address, content + b"x", offset=0)
    assert (answer.status_code, sender.offset(address)) == (413, 0)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Upload-Offset": "-1"}, 400),
        ({"Upload-Offset": "one"}, 400),
        ({"Upload-Offset": "9" * 40}, 400),
        ({"Content-Type": "text/plain"}, 415),
    ],
)
def test_a_piece_that_does_not_say_what_it_is_is_refused(
    sender: Sender, submission: Submission, content: bytes, headers: dict[str, str], status: int
) -> None:
    address = sender.begin(submission, "a.pdf", content)
    kind = headers.pop("Content-Type", PIECE)
    answer = sender.client.generic(
        "PATCH", address, content, content_type=kind, headers=TUS | {"Upload-Offset": "0"} | headers
    )
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    assert sender.offset(address) == 0


@pytest.mark.parametrize(
    ("name", "size", "metadata", "status", "reason"),
    [
        ("a.pdf", 0, {}, 422, "empty"),
        ("a.pdf", MEGABYTE + 1, {}, 413, "larger than 1 MB"),
        ("a.docx", 1000, {}, 422, ".pdf"),
        ("a.svg", 1000, {}, 422, ".pdf"),
        ("..", 1000, {}, 422, "no name"),
        ("a" * 252 + ".pdf", 1000, {}, 422, "longer than 255"),
        ("a\x00.pdf", 1000, {}, 422, "NUL"),
        ("a\nb.pdf", 1000, {}, 422, "control character"),
        ("a.pdf", 1000, {"sha256": "xyz"}, 422, "hexadecimal"),
        ("a.pdf", 1000, {"project": "0"}, 404, ""),
        ("a.pdf", 1000, {"project": "٣"}, 404, ""),
        ("a.pdf", 1000, {"project": "9" * 5000}, 404, ""),
    ],
)
def test_what_is_plainly_refused_is_refused_before_a_byte_is_sent(
    sender: Sender, submission: Submission, name: str, size: int, metadata: dict[str, str],
    status: int, reason: str,
) -> None:  # fmt: skip
    answer = sender.announce(submission, name, size, **metadata)
    assert (answer.status_code, reason in answer.json()["detail"]) == (status, True)
    assert Upload.objects.count() == 0


@pytest.mark.parametrize(
    "header", ["filename", "filename ***", "filename é", "filename YQ==,filename YQ=="]
)
def test_metadata_that_cannot_be_read_is_refused(
    sender: Sender, submission: Submission, header: str
) -> None:
    answer = sender.announce(submission, "a.pdf", 1000, headers={"Upload-Metadata": header})
    assert answer.status_code in {400, 404}


def test_a_file_at_the_limit_arrives(sender: Sender, submission: Submission) -> None:
    assert sender.send(submission, "a.pdf", sized(MEGABYTE)).status_code == 204
    assert submission.files.get().size == MEGABYTE


def test_the_first_bytes_tell_what_is_refused_and_the_rest_need_not_be_sent(
    sender: Sender, submission: Submission
) -> None:
    page = b"<!doctype html><script>alert(1)</script>".ljust(9_000)
    address = sender.begin(submission, "a.pdf", page)

    answer = sender.append(address, page[:3_000], offset=0)
    after = sender.append(address, page[3_000:], offset=3_000)

    assert (answer.status_code, "HTML" in answer.json()["detail"]) == (422, True)
    assert (after.status_code, after.json()["code"]) == (410, "upload_gone")
    assert "HTML" in after.json()["detail"]
    assert sender.client.head(address, headers=TUS).status_code == 410
    assert (upload_at(address).status, kept()) == (UploadStatus.REFUSED, [])


def test_what_only_the_whole_file_shows_is_refused_at_the_end(
    sender: Sender, submission: Submission
) -> None:
    broken = sender.send(submission, "a.pdf", b"%PDF-1.7 nothing".ljust(5_000))
    locked = sender.send(submission, "a.pdf", pdf(password="secret"))

    assert (broken.status_code, "cannot be opened" in broken.json()["detail"]) == (422, True)
    assert (locked.status_code, "protected" in locked.json()["detail"]) == (422, True)
    assert (submission.files.count(), kept()) == (0, [])


def test_a_cancelled_upload_leaves_nothing(
    sender: Sender, submission: Submission, content: bytes
) -> None:
    address = sender.begin(submission, "a.pdf", content)
    sender.append(address, content[:10_000], offset=0)

    assert sender.client.delete(address, headers=TUS).status_code == 204

    assert kept() == []
    assert sender.append(address, content[10_000:], offset=10_000).status_code == 410
    assert sender.client.delete(address, headers=TUS).status_code == 410


def test_an_attached_file_is_not_cancelled(sender: Sender, submission: Submission) -> None:
    address = sender.begin(submission, "a.pdf", pdf())
    sender.append(address, pdf(), offset=0)
    assert sender.client.delete(address, headers=TUS).status_code == 409
    assert (submission.files.attached().count(), sender.offset(address)) == (1, len(pdf()))


def test_uploads_that_have_begun_hold_their_places(sender: Sender, submission: Submission) -> None:
    places = [sender.begin(submission, f"{n}.pdf", pdf(padding=n + 1)) for n in range(3)]
    full = sender.announce(submission, "4.pdf", 1000)
    assert (full.status_code, full.json()["code"]) == (409, "too_many_files")

    sender.client.delete(places[0], headers=TUS)
    assert sender.announce(submission, "4.pdf", 1000).status_code == 201


def test_a_file_without_a_place_waits_until_there_is_one(
    sender: Sender, submission: Submission
) -> None:
    address = sender.begin(submission, "late.pdf", pdf(padding=5))
    files = [attach(submission, pdf_upload(f"{n}.pdf")) for n in range(3)]

    full = sender.append(address, pdf(padding=5), offset=0)
    assert (full.status_code, full.json()["code"]) == (409, "too_many_files")
    remove_file(file=files[0], by=submission.owner.user, at=WRITTEN_AT)
    answer = sender.client.post(f"{address}finish/", {}, content_type="application/json")

    assert (answer.status_code, answer.json()["status"]) == (200, "finished")
    assert {file.name for file in submission.files.attached()} == {"1.pdf", "2.pdf", "late.pdf"}


def test_a_submitted_project_takes_no_more_pieces(
    sender: Sender, submission: Submission, content: bytes
) -> None:
    address = sender.begin(submission, "a.pdf", content)
    hand_in(write(submission), without="all")
    answer = sender.append(address, content, offset=0)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_a_draft")
    assert submission.files.count() == 0


def test_nobody_else_sees_or_continues_an_upload(
    sender: Sender, submission: Submission, content: bytes
) -> None:
    address = sender.begin(submission, "a.pdf", content)
    neighbour = Sender(participant(submission.edition))

    assert neighbour.client.head(address, headers=TUS).status_code == 404
    assert neighbour.append(address, content, offset=0).status_code == 404
    assert neighbour.client.delete(address, headers=TUS).status_code == 404
    assert neighbour.client.post(f"{address}finish/").status_code == 404
    assert neighbour.announce(submission, "b.pdf", 1000).status_code == 404
    assert Sender().append(address, content, offset=0).status_code == 401
    assert sender.offset(address) == 0


def test_a_team_mate_cancels_and_somebody_who_has_left_goes_on_with_nothing(
    edition: Edition, content: bytes
) -> None:
    submission = teams.team(edition)
    colleague = teams.mates(submission)[-1].user
    owner, mate = Sender(submission.owner.user), Sender(colleague)
    one = mate.begin(submission, "a.pdf", content)
    other = mate.begin(submission, "b.pdf", content)
    mate.append(other, content[:9_000], offset=0)
    assert owner.client.delete(one, headers=TUS).status_code == 204

    leave_team(submission=submission, by=colleague, at=clock.now())

    assert mate.append(other, content[9_000:], offset=9_000).status_code == 404
    assert owner.offset(other) == 9_000
    assert submission.files.count() == 0


def test_an_upload_goes_on_with_a_new_token_when_the_old_one_has_ended(
    submission: Submission, content: bytes
) -> None:
    def token() -> tuple[Any, str]:
        made, key = get_token_model().objects.create(
            user=submission.owner.user, name="script", scope=TokenScope.WRITE
        )
        return made, str(key)

    old, key = token()
    first = Sender(token=key)
    address = first.begin(submission, "a.pdf", content)
    first.append(address, content[:15_000], offset=0)
    old.delete()

    assert first.append(address, content[15_000:], offset=15_000).status_code == 401
    second = Sender(token=token()[1])
    offset = second.offset(address)
    assert second.append(address, content[offset:], offset=offset).status_code == 204
    assert stored(submission.files.get()) == content


def test_what_a_crash_left_half_written_is_written_again(
    sender: Sender, submission: Submission, content: bytes
) -> None:
    """Bytes that no row counts are dropped; bytes that are gone are asked for again."""
    address = sender.begin(submission, "a.pdf", content)
    sender.append(address, content[:20_000], offset=0)
    partial = PartialFile(upload_at(address).pk)
    with partial.path.open("ab") as file:
        file.write(b"half of a piece that no row knows")
    assert sender.offset(address) == 20_000
    with partial.path.open("r+b") as file:
        file.truncate(7_000)

    assert sender.offset(address) == 7_000
    assert sender.append(address, content[20_000:], offset=20_000).status_code == 409
    assert sender.append(address, content[7_000:], offset=7_000).status_code == 204
    assert stored(submission.files.get()) == content


def blocked_store(settings: Any, tmp_path: Path) -> None:
    blocked = tmp_path / "a-file-where-the-folder-should-be"
    blocked.write_text("")
    settings.STORAGES = {
        **settings.STORAGES,
        "evidence": {**settings.STORAGES["evidence"], "OPTIONS": {"location": str(blocked)}},
    }


def test_an_outage_of_the_store_is_said_and_the_file_is_attached_later(
    sender: Sender, submission: Submission, content: bytes, settings: Any, tmp_path: Path
) -> None:
    stores = settings.STORAGES
    blocked_store(settings, tmp_path)
    address = sender.begin(submission, "a.pdf", content)

    away = sender.append(address, content, offset=0)

    assert (away.status_code, away.json()["code"]) == (503, "storage_away")
    assert sender.client.get(address).json()["status"] == "received"
    assert (sender.offset(address), submission.files.count()) == (len(content), 0)
    settings.STORAGES = stores
    assert sweep_uploads(at=clock.now() + timedelta(minutes=3)) == (1, 0)
    assert stored(submission.files.get()) == content
    assert sender.client.get(address).json()["status"] == "finished"


def test_a_full_disk_of_uploads_keeps_what_was_there(
    sender: Sender, submission: Submission, content: bytes, settings: Any, tmp_path: Path
) -> None:
    address = sender.begin(submission, "a.pdf", content)
    sender.append(address, content[:20_000], offset=0)
    whole, blocked = settings.UPLOADS_ROOT, tmp_path / "no-folder"
    blocked.write_text("")
    settings.UPLOADS_ROOT = str(blocked)
    try:
        away = sender.append(address, content[20_000:], offset=20_000)
    finally:
        settings.UPLOADS_ROOT = whole

    assert (away.status_code, away.json()["code"]) == (503, "storage_away")
    assert sender.offset(address) == 20_000


def test_forgotten_uploads_expire_and_others_do_not(
    sender: Sender, submission: Submission, content: bytes
) -> None:
    old = sender.begin(submission, "a.pdf", content)
    sender.append(old, content[:10_000], offset=0)
    soon = upload_at(old).expires_at - timedelta(microseconds=1)
    assert sweep_uploads(at=soon) == (0, 0)
    Upload.objects.filter(pk=upload_at(old).pk).update(expires_at=clock.now())
    new = sender.begin(submission, "b.pdf", content)

    gone = sender.append(old, content[10_000:], offset=10_000)
    assert sweep_uploads(at=clock.now()) == (0, 1)

    assert gone.status_code == 410
    assert (upload_at(old).status, upload_at(new).status) == ("expired", "receiving")
    assert kept() == []


def test_the_page_lists_what_is_on_its_way_and_cancels_it(
    sender: Sender, submission: Submission, content: bytes
) -> None:
    """Also without JavaScript, and on the page before submitting."""
    address = sender.begin(submission, "Big plan.pdf", content)
    sender.append(address, content[: len(content) * 2 // 5], offset=0)
    slug = submission.edition.slug

    pages = {
        name: sender.client.get(reverse(f"assessments:{name}", args=[slug])).content.decode()
        for name in ("project", "submit")
    }
    assert all("Big plan.pdf" in page for page in pages.values())
    assert re.search("(39|40)&nbsp;% of", pages["project"])
    cancelled = sender.client.post(
        reverse("assessments:cancel_upload", args=[upload_at(address).pk])
    )

    assert cancelled.status_code == 302
    assert upload_at(address).status == UploadStatus.CANCELLED


def test_pieces_have_a_measure_of_their_own(
    sender: Sender, submission: Submission, content: bytes, monkeypatch: Any
) -> None:
    from rest_framework.throttling import SimpleRateThrottle

    rates = {**SimpleRateThrottle.THROTTLE_RATES, "user": "2/min", "upload": "50/min"}
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", rates)
    address = sender.begin(submission, "a.pdf", content)

    for offset in range(0, 20_000, 1_000):
        piece = content[offset : offset + 1_000]
        assert sender.append(address, piece, offset=offset).status_code == 204
    assert sender.client.get(address).status_code == 200
    assert sender.client.get(address).status_code == 429


def test_equal_content_of_an_upload_and_a_form_is_one_attachment(
    sender: Sender, submission: Submission
) -> None:
    file = attach(submission, pdf_upload("a.pdf"))
    assert sender.send(submission, "a.pdf", pdf()).status_code == 204
    assert list(submission.files.all()) == [file]
    assert file.sha256 == sha256_of(pdf_upload("a.pdf"))
