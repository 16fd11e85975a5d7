"""Uploads: how long a file takes in pieces, beside a plain Django upload view; and how much
memory the workers want for a large one.

Both store the same bytes on the same disk. The plain view takes one multipart request and
saves it; “by its hash” is the same view storing by content, as files of projects are. Ours
asks who sends, puts each piece safe on the disk (fsync), checks what the file is, and
attaches it: `ratio_to_floor` is the time of the plain one ÷ our time, 0.77 being 1.3 times
as long. “With checksums” each piece carries its SHA-256, as the page's do
(frontend/src/uploads/sealed.ts): counting it here, before the piece is sent, is part of our
time then, as checking it there is; the plain view has nothing like it.
"""

import base64
import http.client
import math
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from subprocess import Popen
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.urls import reverse

from assessments.models import GuidelinesVersion, ProjectFile, Submission
from lms.core import clock
from scripts.bench.population import Population
from scripts.bench.rows import timed_row
from scripts.stack import TOKEN
from scripts.stack.pdf_files import MEGABYTE, write_pdf
from scripts.stack.serving import children_of

SIZE, LARGE = 100 * MEGABYTE, 500 * MEGABYTE
# What our client sends over a quick line (frontend/src/uploads/transfer.ts).
FIRST_PIECE, LARGEST_PIECE = MEGABYTE, 128 * MEGABYTE
PIECE_SECONDS = 5.0
BOUNDARY = "the-edge-of-a-part"
RESUMABLE = "upload 100 MB: resumable, with checksums"


def upload_rows(people: Population, server: "Popen[bytes]", port: int, rounds: int) -> list[Any]:
    submission, cookie = people.drafts[0], f"{people.cookies[0]}; csrftoken={TOKEN}"
    _allow_large_files(submission)
    ways: dict[str, Callable[[Path], None]] = {
        "upload 100 MB: plain view": lambda path: _send_plain(port, cookie, path, "name"),
        "upload 100 MB: plain view, by its hash": lambda path: _send_plain(
            port, cookie, path, "hash"
        ),
        "upload 100 MB: resumable": lambda path: _send_in_pieces(
            port, cookie, submission, path, is_sealed=False
        ),
        RESUMABLE: lambda path: _send_in_pieces(port, cookie, submission, path, is_sealed=True),
    }
    took: dict[str, list[float]] = {name: [] for name in ways}
    with tempfile.TemporaryDirectory(dir=settings.VAR_DIR) as folder:
        path = Path(folder) / "plan.pdf"
        try:
            for _ in range(rounds):
                for name, send in ways.items():
                    write_pdf(path, SIZE)  # other bytes each time: equal ones are kept once
                    started = time.perf_counter()
                    send(path)
                    took[name].append((time.perf_counter() - started) * 1000)
                    _forget(submission)
            rows = [timed_row(name, times, scale=SIZE // MEGABYTE) for name, times in took.items()]
            for row in rows:
                row["ratio_to_floor"] = round(rows[0]["p50_ms"] / row["p50_ms"], 2)
            write_pdf(path, LARGE)
            rows += _memory_rows(server, path, ways)
        finally:
            _forget(submission)
    return rows


def _memory_rows(
    server: "Popen[bytes]", path: Path, ways: dict[str, Callable[[Path], None]]
) -> list[Any]:
    """The most memory that a worker has had meanwhile, over what it had before."""
    for process in children_of(server.pid):
        Path(f"/proc/{process}/clear_refs").write_text("5")
    before = {process: _peak_mb(process) for process in children_of(server.pid)}
    started = time.perf_counter()
    ways[RESUMABLE](path)
    took = (time.perf_counter() - started) * 1000
    grown = max(_peak_mb(process) - before[process] for process in children_of(server.pid))
    row = timed_row(
        f"upload 500 MB: workers grew by {grown:.0f} MB", [took], scale=LARGE // MEGABYTE
    )
    return [{**row, "memory_mb": round(grown, 1)}]


def _peak_mb(process: int) -> float:
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def _send_plain(port: int, cookie: str, path: Path, kept_by: str) -> None:
    head = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; '
        f'filename="{path.name}"\r\nContent-Type: application/pdf\r\n\r\n'
    ).encode()
    tail = f"\r\n--{BOUNDARY}--\r\n".encode()
    length = len(head) + path.stat().st_size + len(tail)

    def body() -> Iterator[bytes]:
        yield head
        yield from _part(path, 0, path.stat().st_size)
        yield tail

    headers = {
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
        "Content-Length": str(length),
    }
    _ask(port, cookie, "POST", f"/bench/upload/?by={kept_by}", 200, headers, body())


def _send_in_pieces(
    port: int, cookie: str, submission: Submission, path: Path, *, is_sealed: bool
) -> None:
    metadata = {"filename": path.name, "project": str(submission.pk)}
    said = ",".join(
        f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in metadata.items()
    )
    headers = {
        "Upload-Length": str(path.stat().st_size), "Upload-Metadata": said,
        "Idempotency-Key": uuid4().hex,
    }  # fmt: skip
    begun = _ask(port, cookie, "POST", reverse("api:v1:upload-list"), 201, headers)
    address = "/" + begun["Location"].split("/", 3)[3]
    offset, size, left = 0, FIRST_PIECE, path.stat().st_size
    while left:
        size = min(size, left)
        began = time.perf_counter()
        headers = {
            "Content-Type": "application/offset+octet-stream", "Upload-Offset": str(offset),
            "Content-Length": str(size),
        }  # fmt: skip
        if is_sealed:
            headers["Upload-Checksum"] = _checksum(path, offset, size)
        _ask(port, cookie, "PATCH", address, 204, headers, _part(path, offset, size))
        offset, left = offset + size, left - size
        size = _next_piece(size / (time.perf_counter() - began), left)


def _ask(
    port: int,
    cookie: str,
    method: str,
    path: str,
    expect: int,
    headers: dict[str, str],
    body: Any = b"",
) -> Any:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    named = {"Cookie": cookie, "X-CSRFToken": TOKEN, "Tus-Resumable": "1.0.0", **headers}
    connection.request(method, path, body, named)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    assert answer.status == expect, (answer.status, content[:2000])
    return answer.headers


def _part(path: Path, offset: int, size: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(offset)
        while piece := file.read(min(MEGABYTE, size)):
            yield piece
            size -= len(piece)


def _checksum(path: Path, offset: int, size: int) -> str:
    digest = sha256()
    for piece in _part(path, offset, size):
        digest.update(piece)
    return f"sha256 {base64.b64encode(digest.digest()).decode()}"


def _next_piece(bytes_per_second: float, left: int) -> int:
    """As much as goes in a few seconds; what is left, in equal parts."""
    size = min(LARGEST_PIECE, int(bytes_per_second * PIECE_SECONDS))
    return math.ceil(left / max(1, math.ceil(left / size)))


def _allow_large_files(submission: Submission) -> None:
    pinned = submission.guidelines
    content = {**pinned.content, "files": {**pinned.content["files"], "max_mb": 510}}
    content["files"] |= {"types": ["pdf"], "max_count": 9}
    newer = GuidelinesVersion.objects.create(
        project=pinned.project, number=pinned.number + 1000, content=content,
        sha256=pinned.sha256, published_at=clock.now(),
    )  # fmt: skip
    Submission.objects.filter(pk=submission.pk).update(guidelines=newer)


def _forget(submission: Submission) -> None:
    """The bytes, and the places that the files take."""
    files = ProjectFile.objects.filter(submission=submission, removed_at=None)
    files.update(removed_at=clock.now(), removed_by=submission.owner.user)
    for kept in ("bench-evidence", "bench-plain"):
        shutil.rmtree(settings.VAR_DIR / kept, ignore_errors=True)
