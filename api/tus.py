"""The resumable upload protocol tus 1.0: what its headers say. https://tus.io/protocols/"""

import base64
import re
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from assessments.actions.receiving import ALGORITHMS, Checksum
from lms.core.errors import DomainError

VERSION = "1.0.0"
EXTENSIONS = ("creation", "creation-with-upload", "checksum", "expiration", "termination")
PIECE = "application/offset+octet-stream"
_NUMBER = re.compile(r"\d{1,18}")


class WrongVersion(DomainError):
    """The client speaks another version of the protocol."""

    code = "tus_version"
    status = 412


class BadHeader(DomainError):
    """A header is missing or cannot be read."""

    code = "bad_header"
    status = 400


class NotAPiece(DomainError):
    code = "content_type"
    status = 415


class NoLength(DomainError):
    code = "content_length"
    status = 411


class PieceParser(BaseParser):
    """Leaves a piece where it is: whoever looks for a token of forms in a POST (a session's
    check does) finds nothing, and the bytes stay to be read."""

    media_type = PIECE

    def parse(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return {}


def require_version(request: Request) -> None:
    if request.headers.get("Tus-Resumable") != VERSION:
        raise WrongVersion(_("Send Tus-Resumable: %(version)s.") % {"version": VERSION})


def is_piece(request: Request) -> bool:
    return str(request.content_type or "").partition(";")[0].strip().lower() == PIECE


def require_piece(request: Request) -> None:
    if not is_piece(request):
        raise NotAPiece(_("Send Content-Type: %(type)s.") % {"type": PIECE})


def read_number(request: Request, name: str) -> int:
    sent = request.headers.get(name, "").strip()
    if not _NUMBER.fullmatch(sent):
        raise BadHeader(_("Send %(name)s: a number of bytes.") % {"name": name})
    return int(sent)


def read_content_length(request: Request) -> int:
    if "Content-Length" not in request.headers:
        raise NoLength(_("Send Content-Length."))
    return read_number(request, "Content-Length")


def read_metadata(request: Request) -> dict[str, str]:
    """Upload-Metadata: pairs of a key and a value in base64, separated by commas."""
    pairs: dict[str, str] = {}
    for pair in request.headers.get("Upload-Metadata", "").split(","):
        key, _space, encoded = pair.strip().partition(" ")
        if not key:
            continue
        try:
            value = base64.b64decode(encoded.strip(), validate=True).decode()
        except ValueError as error:  # no ASCII, no base64, or no UTF-8 in it
            raise BadHeader(_("Upload-Metadata holds a value that is no base64.")) from error
        if key in pairs:
            raise BadHeader(_("Upload-Metadata names a key twice."))
        pairs[key] = value
    return pairs


def read_checksum(request: Request) -> Checksum | None:
    """Upload-Checksum: an algorithm and, in base64, the hash of this request's bytes."""
    sent = request.headers.get("Upload-Checksum", "")
    if not sent:
        return None
    algorithm, _space, encoded = sent.partition(" ")
    if algorithm not in ALGORITHMS:
        raise BadHeader(_("Checksums are %(known)s.") % {"known": ", ".join(ALGORITHMS)})
    try:
        return Checksum(algorithm, base64.b64decode(encoded, validate=True))
    except ValueError as error:  # no ASCII, or no base64
        raise BadHeader(_("The checksum is no base64.")) from error
