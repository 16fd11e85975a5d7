"""Keys that a sender gives a request, to tell its repetition from another one (invariant 2)."""

import re

from django.utils.translation import gettext as _

from lms.core.errors import Conflict, InvalidInput

_KEY = re.compile(r"[\x21-\x7e]{8,80}")


class KeyUsed(Conflict):
    """The idempotency key belongs to another request."""

    code = "idempotency_key_used"


def require_key(key: str) -> None:
    if not _KEY.fullmatch(key):
        raise InvalidInput(
            errors={"idempotency_key": [_("Send 8 to 80 visible ASCII characters.")]}
        )


def key_used(**extra: object) -> KeyUsed:
    return KeyUsed(_("This key was used for another request."), **extra)
