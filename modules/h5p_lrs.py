"""Forwarding statements to a learning record store (xAPI 1.0.3), under a pseudonym."""

import base64
import json
import urllib.error
import urllib.request
from collections.abc import Sequence
from typing import Any, Final

from django.conf import settings

from modules.h5p_frames import pseudonym
from modules.models import H5PStatement

_SECONDS: Final = 10
_STORED_BEFORE: Final = 409
_MALFORMED: Final = 400


class NotForwarded(Exception):
    """The store did not take the statements; the outbox tries again."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def send(rows: Sequence[H5PStatement]) -> None:
    """All at once; where the store has some of them from an earlier try, or does not take one
    for what it says, one by one: the others are not to be lost with it.

    Raises NotForwarded. Without a configured store nothing leaves the server.
    """
    if not settings.H5P_LRS_URL or not rows:
        return
    bodies = [statement_for_store(row) for row in rows]
    if _ask("POST", "", bodies) not in {_STORED_BEFORE, _MALFORMED}:
        return
    # The same id again with the same statement is a success by the standard.
    refused = [
        body["id"]
        for body in bodies
        if _ask("PUT", f"?statementId={body['id']}", body) == _MALFORMED
    ]
    if refused:
        raise NotForwarded(f"The store answered {_MALFORMED} to {', '.join(refused)}.")


def statement_for_store(row: H5PStatement) -> dict[str, Any]:
    """As it was received, with the pseudonym and our own times. Names of people, their
    addresses and their city stay here."""
    body = {name: value for name, value in row.statement.items() if name != "id"}
    return {
        **body,
        "id": str(row.statement_id),
        "actor": {
            "objectType": "Agent",
            "account": {
                "homePage": settings.SITE_URL,
                "name": pseudonym(row.enrolment.user_id),
            },
        },
        "context": {**body.get("context", {}), "registration": str(row.registration)},
        "timestamp": row.received_at.isoformat(),
    }


def _ask(method: str, query: str, body: Any) -> int:
    key = f"{settings.H5P_LRS_KEY}:{settings.H5P_LRS_SECRET}".encode()
    request = urllib.request.Request(  # noqa: S310 - the address is the operator's
        f"{settings.H5P_LRS_URL.rstrip('/')}/statements{query}",
        data=json.dumps(body).encode(),
        method=method,
        headers={
            "Content-Type": "application/json",
            "X-Experience-API-Version": "1.0.3",
            "Authorization": f"Basic {base64.b64encode(key).decode()}",
        },
    )
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=_SECONDS) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        if error.code in {_STORED_BEFORE, _MALFORMED}:
            return error.code
        raise NotForwarded(f"The store answered {error.code}.") from error
    except OSError as error:
        raise NotForwarded(f"The store did not answer: {error}.") from error
