"""A small tus client on Django's test client, and files of every kind we know.

sender = Sender(user)                        signed in; Sender(user, token=…) by token
place = sender.begin(submission, "a.pdf", content)     → the upload's address
sender.append(place, content[:100], offset=0)          → the answer
"""

import base64
import io
import zipfile
from hashlib import sha256
from typing import Any

from django.test import Client
from django.urls import reverse
from PIL import Image

from assessments.models import Submission, Upload
from lms.accounts.models import User

TUS = {"Tus-Resumable": "1.0.0"}
PIECE = "application/offset+octet-stream"
OPEN_XML = "application/vnd.openxmlformats-officedocument."
MAIN_PARTS = {
    "docx": ("word/document.xml", "wordprocessingml.document.main+xml"),
    "pptx": ("ppt/presentation.xml", "presentationml.presentation.main+xml"),
    "xlsx": ("xl/workbook.xml", "spreadsheetml.sheet.main+xml"),
}


class Sender:
    def __init__(self, user: User | None = None, *, token: str = "") -> None:
        self.client = Client(
            enforce_csrf_checks=True,
            headers={"Authorization": f"Token {token}"} if token else None,
        )
        if user is not None and not token:
            self.client.force_login(user)
            # As the page has it: without it a session's POST is refused.
            csrf = self.client.get(reverse("core:form_token")).json()["token"]
            self.client.defaults["HTTP_X_CSRFTOKEN"] = csrf

    def announce(
        self,
        submission: Submission,
        name: str,
        size: int,
        *,
        body: bytes = b"",
        headers: dict[str, str] | None = None,
        **metadata: str,
    ) -> Any:
        said = {"filename": name, "project": str(submission.pk), **metadata}
        return self.client.generic(
            "POST",
            reverse("api:v1:upload-list"),
            body,
            content_type=PIECE if body else "application/json",
            headers=TUS
            | {"Upload-Length": str(size), "Upload-Metadata": encoded(said)}
            | (headers or {}),
        )

    def begin(self, submission: Submission, name: str, content: bytes, **metadata: str) -> str:
        answer = self.announce(submission, name, len(content), **metadata)
        assert answer.status_code == 201, answer.content
        return str(answer["Location"])

    def append(self, address: str, piece: bytes, *, offset: int, **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.generic(
            "PATCH",
            address,
            piece,
            content_type=PIECE,
            headers=TUS | {"Upload-Offset": str(offset)} | named,
            CONTENT_TYPE=PIECE,  # also without a body
            CONTENT_LENGTH=str(len(piece)),
        )

    def offset(self, address: str) -> int:
        answer = self.client.head(address, headers=TUS)
        assert answer.status_code == 200, answer.status_code
        return int(answer["Upload-Offset"])

    def send(self, submission: Submission, name: str, content: bytes, **metadata: str) -> Any:
        """All of it in one piece."""
        return self.append(self.begin(submission, name, content, **metadata), content, offset=0)


def encoded(metadata: dict[str, str]) -> str:
    return ",".join(
        f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in metadata.items()
    )


def checksum(piece: bytes) -> str:
    return f"sha256 {base64.b64encode(sha256(piece).digest()).decode()}"


def upload_at(address: str) -> Upload:
    return Upload.objects.get(pk=address.rstrip("/").rpartition("/")[2])


def packed(files: dict[str, bytes | str], *, compress: bool = True) -> bytes:
    content = io.BytesIO()
    method = zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED
    with zipfile.ZipFile(content, "w", method) as archive:
        for name, data in files.items():
            # Of no time: a test's name may hold the bytes, and is to be the same everywhere.
            archive.writestr(zipfile.ZipInfo(name), data, archive.compression)
    return content.getvalue()


def office(kind: str, *, extra: dict[str, bytes | str] | None = None, types: str = "") -> bytes:
    """The least that is a docx, pptx or xlsx."""
    path, main = MAIN_PARTS[kind]
    return packed(
        {
            "[Content_Types].xml": (
                '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
                f'<Override PartName="/{path}" ContentType="{OPEN_XML}{main}"/>{types}</Types>'
            ),
            path: "<document/>",
            **(extra or {}),
        }
    )


def open_document(kind: str, *, extra: dict[str, bytes | str] | None = None) -> bytes:
    name = {"odt": "text", "odp": "presentation"}[kind]
    return packed(
        {
            "mimetype": f"application/vnd.oasis.opendocument.{name}",
            "content.xml": "<document/>",
            **(extra or {}),
        }
    )


def picture(kind: str) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (4, 4), "navy").save(content, kind)
    return content.getvalue()
