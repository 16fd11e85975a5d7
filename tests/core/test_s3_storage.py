"""Evidence in an S3-compatible store, spoken to over HTTP as boto3 does.

The store here is a small double that keeps objects in memory and answers the calls we
use: HEAD, GET, PUT, DELETE, and uploads in parts. It refuses requests without a signature.
"""

import hashlib
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.urls import reverse

from assessments.actions.sweeping import sweep_uploads
from lms.core import clock
from lms.core.s3_storage import StoreAway
from lms.core.storage import evidence, read_chunks, store_by_content
from lms.programme.models import Edition
from tests.factories.assessments import pdf, start
from tests.factories.uploads import Sender, upload_at

MEGABYTE = 1024 * 1024


class Bucket(ThreadingHTTPServer):
    """`objects`: key → content. While `is_away`, it answers 503 to everything."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.objects: dict[str, bytes] = {}
        self.parts: dict[str, dict[int, bytes]] = {}
        self.asked: list[str] = []
        self.is_away = False


class Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Bucket

    def log_message(self, *_: Any) -> None:
        pass

    def do_HEAD(self) -> None:
        self._read(with_body=False)

    def do_GET(self) -> None:
        self._read(with_body=True)

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        key, query = self._place()
        if self._is_refused():
            return
        if "partNumber" in query:
            self.server.parts[query["uploadId"]][int(query["partNumber"])] = body
        else:
            self.server.objects[key] = body
        self._answer(200, headers={"ETag": f'"{hashlib.md5(body).hexdigest()}"'})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        key, query = self._place()
        if self._is_refused():
            return
        if "uploads" in query:
            upload = uuid4().hex
            self.server.parts[upload] = {}
            tags = f"<Bucket>b</Bucket><Key>{key}</Key><UploadId>{upload}</UploadId>"
            self._xml("InitiateMultipartUploadResult", tags)
        else:
            parts = self.server.parts.pop(query["uploadId"])
            named = [int(n) for n in re.findall(rb"<PartNumber>(\d+)<", body)]
            self.server.objects[key] = b"".join(parts[number] for number in named)
            self._xml("CompleteMultipartUploadResult", f"<Key>{key}</Key><ETag>x</ETag>")

    def do_DELETE(self) -> None:
        key, _ = self._place()
        if not self._is_refused():
            self.server.objects.pop(key, None)
            self._answer(204)

    def _read(self, *, with_body: bool) -> None:
        key, _ = self._place()
        if self._is_refused():
            return
        content = self.server.objects.get(key)
        if content is None:
            self._answer(404)
            return
        self._answer(200, content if with_body else b"", length=len(content))

    def _place(self) -> tuple[str, dict[str, str]]:
        parts = urlsplit(self.path)
        query = parse_qs(parts.query, keep_blank_values=True)
        self.server.asked.append(f"{self.command} {parts.path}")
        return parts.path.removeprefix("/evidence/"), {name: v[0] for name, v in query.items()}

    def _is_refused(self) -> bool:
        if self.server.is_away:
            self._answer(503)
        elif not self.headers.get("Authorization", "").startswith("AWS4-HMAC-SHA256 "):
            self._answer(403)
        else:
            return False
        return True

    def _xml(self, name: str, tags: str) -> None:
        space = "http://s3.amazonaws.com/doc/2006-03-01/"
        self._answer(200, f'<{name} xmlns="{space}">{tags}</{name}>'.encode())

    def _answer(
        self,
        status: int,
        body: bytes = b"",
        *,
        length: int | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def bucket(settings: Any) -> Iterator[Bucket]:
    server = Bucket()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.STORAGES = {
        **settings.STORAGES,
        "evidence": {
            "BACKEND": "lms.core.s3_storage.S3EvidenceStorage",
            "OPTIONS": {
                "bucket_name": "evidence",
                "location": "files",
                "endpoint_url": f"http://127.0.0.1:{server.server_port}",
                "region_name": "eu-west-1",
                "access_key": "key",
                "secret_key": "secret",
                "addressing_style": "path",
            },
        },
    }
    yield server
    server.shutdown()
    server.server_close()


def test_content_is_stored_under_its_hash_once_and_read_back(bucket: Bucket) -> None:
    name, digest = store_by_content(ContentFile(b"evidence"))
    again = store_by_content(ContentFile(b"evidence"))

    assert (name, digest) == again == (
        f"sha256/{digest[:2]}/{digest}", hashlib.sha256(b"evidence").hexdigest(),
    )  # fmt: skip
    assert bucket.objects == {f"files/{name}": b"evidence"}
    assert [asked.split()[0] for asked in bucket.asked] == ["HEAD", "PUT", "HEAD"]
    assert b"".join(read_chunks(name)) == b"evidence"


def test_a_large_file_goes_and_comes_in_parts(bucket: Bucket) -> None:
    content = bytes(range(256)) * (20 * MEGABYTE // 256)
    name, _ = store_by_content(ContentFile(content))

    chunks = list(read_chunks(name, MEGABYTE))

    assert b"".join(chunks) == content
    assert max(map(len, chunks)) <= MEGABYTE
    assert sum(asked.startswith("PUT") for asked in bucket.asked) == 3
    assert bucket.parts == {}


def test_no_object_has_a_public_url(bucket: Bucket) -> None:
    name, _ = store_by_content(ContentFile(b"evidence"))
    with pytest.raises(ValueError, match="no public URL"):
        storages["evidence"].url(name)


def test_an_outage_is_an_error_as_of_a_disk(bucket: Bucket) -> None:
    name, _ = store_by_content(ContentFile(b"evidence"))
    bucket.is_away = True

    with pytest.raises(StoreAway):
        store_by_content(ContentFile(b"other"))
    with pytest.raises(StoreAway):
        list(read_chunks(name))


@pytest.mark.django_db
def test_an_upload_waits_for_the_store_and_is_downloaded_from_it(
    bucket: Bucket, edition: Edition
) -> None:
    submission = start(edition)
    sender = Sender(submission.owner.user)
    bucket.is_away = True
    address = sender.begin(submission, "a.pdf", pdf())
    away = sender.append(address, pdf(), offset=0)
    assert (away.status_code, away.json()["code"]) == (503, "storage_away")

    bucket.is_away = False
    late = upload_at(address).expires_at
    assert sweep_uploads(at=clock.now()) == (0, 0)  # somebody may just be at it
    finished = sender.client.post(f"{address}finish/")

    assert (finished.json()["status"], late > clock.now()) == ("finished", True)
    file = submission.files.get()
    answer: Any = sender.client.get(reverse("assessments:file", args=[file.pk]))
    assert b"".join(answer.streaming_content) == pdf()
    assert evidence().exists(file.stored_as)
