"""Checking a receipt later, by whoever holds it.

A number alone says nothing: there are few enough of them to be guessed. Whoever checks
shows that they hold more of the receipt: its short code, or the SHA-256 of its content or
of a file that stands on it. The answer tells when it was received and whether it stands,
and no name, no title, no text. A wrong code and a number that does not exist are answered
alike, and whoever is wrong too often waits (`FailedReceipts`).
"""

import re
from dataclasses import dataclass
from datetime import UTC
from hashlib import sha256 as _sha256
from hmac import compare_digest

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from assessments.enums import SubmissionStatus
from assessments.models import Attempt
from assessments.models.completion import CODE_ALPHABET
from lms.core.throttling import FailedTries

CODE_LENGTH = 8
_HASH = re.compile(r"[0-9a-f]{64}")
_NUMBER = re.compile(r"[A-Z0-9-]{1,24}")


class FailedReceipts(FailedTries):
    scope = "failed_receipt"


class ReceiptState(TextChoices):
    STANDS = "stands", _("It stands.")
    WITHDRAWN = "withdrawn", _("It was withdrawn by those who submitted it.")
    REOPENED = "reopened", _("The project is being worked on again.")
    REPLACED = "replaced", _("A later attempt has taken its place.")


class Matched(TextChoices):
    """What the reader showed that they hold."""

    CODE = "code", _("The number and the code belong together.")
    CONTENT = "content", _("The number and the content belong together.")
    FILE = "file", _("This file was submitted with it, unchanged.")


@dataclass(frozen=True)
class CheckedReceipt:
    attempt: Attempt
    state: ReceiptState
    matched: Matched

    @property
    def stands(self) -> bool:
        return self.state == ReceiptState.STANDS


def code_of(attempt: Attempt) -> str:
    """The short code that is printed on a receipt, "7F3K-9QXA". It follows from what is
    stored for ever, so it is the same on every print and needs no secret."""
    held = "\n".join(
        (
            attempt.receipt,
            attempt.idempotency_key,
            attempt.request_sha256,
            attempt.content_sha256,
            attempt.received_at.astimezone(UTC).isoformat(),
        )
    )
    number = int.from_bytes(_sha256(held.encode()).digest())
    signs = []
    for _place in range(CODE_LENGTH):
        number, sign = divmod(number, len(CODE_ALPHABET))
        signs.append(CODE_ALPHABET[sign])
    return f"{''.join(signs[:4])}-{''.join(signs[4:])}"


def check_receipt(number: str, *, code: str = "", sha256: str = "") -> CheckedReceipt | None:
    """None unless there is such a receipt and the code or the hash belongs to it."""
    number = number.strip().upper()
    if not _NUMBER.fullmatch(number):
        return None
    attempt = (
        Attempt.objects.filter(receipt=number)
        .select_related("submission", "project__edition__programme")
        .defer("sections", "submission__sections")
        .first()
    )
    if attempt is None:
        return None
    matched = _match(attempt, code=code, sha256=sha256.strip().lower())
    return CheckedReceipt(attempt, _state(attempt), matched) if matched else None


def _match(attempt: Attempt, *, code: str, sha256: str) -> Matched | None:
    given = "".join(sign for sign in code.upper() if sign.isalnum())
    if given and compare_digest(given.encode(), code_of(attempt).replace("-", "").encode()):
        return Matched.CODE
    if not _HASH.fullmatch(sha256):
        return None
    if compare_digest(sha256, attempt.content_sha256):
        return Matched.CONTENT
    return Matched.FILE if attempt.files.filter(sha256=sha256).exists() else None


def _state(attempt: Attempt) -> ReceiptState:
    submission = attempt.submission
    if submission.attempts.filter(number__gt=attempt.number).exists():
        return ReceiptState.REPLACED
    if submission.attempt != attempt.number:
        return ReceiptState.REOPENED
    if submission.status == SubmissionStatus.WITHDRAWN:
        return ReceiptState.WITHDRAWN
    if submission.status == SubmissionStatus.RETURNED_FOR_REVISION:
        return ReceiptState.REOPENED
    return ReceiptState.STANDS
