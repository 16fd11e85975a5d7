"""A file in pieces, as tus clients send it: asking where to go on whenever an answer is lost."""

import base64
import random
from hashlib import sha256
from urllib.parse import urlsplit

from django.urls import reverse

from scripts.chaos.browser import Browser, Unreachable, as_json
from scripts.chaos.journal import FinishedUpload, Journal
from scripts.stack.pdf_files import small_pdf

TUS = {"Tus-Resumable": "1.0.0"}
KILOBYTE = 1024


def upload_file(browser: Browser, journal: Journal, chance: random.Random) -> str:
    """The id of the attached file."""
    content = small_pdf(chance.randbytes(chance.randint(20, 120) * KILOBYTE))
    name = f"plan-{len(journal.uploads) + 1}.pdf"
    key = chance.randbytes(16).hex()
    address = _begin(browser, journal, name, len(content), key)
    offset = 0
    while offset < len(content):
        size = chance.randint(8, 40) * KILOBYTE
        offset = _send_piece(browser, address, offset, content[offset : offset + size])
    finish = f"{address}finish/"
    answer = browser.ask_until_answered("POST", finish, *as_json({}))
    if answer.status != 200 or answer.json()["status"] != "finished":
        raise answer.unexpected("the end of an upload")
    number = str(answer.json()["id"])
    journal.uploads.append(FinishedUpload(number, name, sha256(content).hexdigest()))
    return str(answer.json()["file"])


def _begin(browser: Browser, journal: Journal, name: str, size: int, key: str) -> str:
    """The address of the upload, the same after a lost answer: every try has the same key.
    One that were begun twice would be on its way still when the project is submitted."""
    path = reverse("api:v1:upload-list")
    metadata = {"filename": name, "project": str(journal.submission)}
    said = ",".join(
        f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in metadata.items()
    )
    headers = {
        **TUS,
        "Upload-Length": str(size),
        "Upload-Metadata": said,
        "Idempotency-Key": key,
    }
    answer = browser.ask_until_answered("POST", path, b"", headers)
    if answer.status != 201:
        raise answer.unexpected("the beginning of an upload")
    return urlsplit(answer.headers["Location"]).path


def _send_piece(browser: Browser, address: str, offset: int, piece: bytes) -> int:
    """Where the next piece begins."""
    headers = {
        **TUS,
        "Upload-Offset": str(offset),
        "Content-Type": "application/offset+octet-stream",
    }
    try:
        answer = browser.ask("PATCH", address, piece, headers)
        if answer.status == 204:
            return int(answer.headers["Upload-Offset"])
        if answer.status != 409 and not answer.is_busy:
            raise answer.unexpected("a piece of an upload")
    except Unreachable:
        pass
    browser.counts["uploads asked where to go on"] += 1
    browser.wait(0.1)
    answer = browser.ask_until_answered("HEAD", address, b"", TUS)
    if answer.status != 200:
        raise answer.unexpected("an upload that was interrupted")
    return int(answer.headers["Upload-Offset"])
