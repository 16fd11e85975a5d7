"""What a program asks twice with one key is done once (docs/adr/0021)."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from lms.accounts.models import KeptAnswer, User
from lms.core.idempotency import key_used, require_key

KEPT_FOR = timedelta(days=1)

# Status and JSON of an answer.
Answer = tuple[int, str]


class _Taken(Exception):
    """Somebody has asked with this key before, or is being answered."""


def answer_once(
    *, key: str, request_sha256: str, act: Callable[[], Answer], by: User, at: datetime
) -> tuple[Answer, bool]:
    """Do `act` and keep its answer with what it changed, or neither; asked again with the
    same key, the answer that was kept, and True.

    The second of two at once waits for the first. Whatever `act` raises undoes all of it,
    the key's row too. Raises KeyUsed where the key belongs to another request.
    """
    require_key(key)
    while True:
        try:
            with transaction.atomic():
                kept = _take_key(by, key, request_sha256, at)
                kept.status, kept.answer = answer = act()
                kept.save(update_fields=["status", "answer"])
                return answer, False
        except _Taken:
            earlier = KeptAnswer.objects.filter(user=by, key=key).first()
        # None: forgotten in this instant, so the key is free.
        if earlier is not None:
            if earlier.request_sha256 != request_sha256:
                raise key_used()
            return (earlier.status or 0, earlier.answer), True


def _take_key(by: User, key: str, request_sha256: str, at: datetime) -> KeptAnswer:
    """The key's row; PostgreSQL waits here while another request holds the key."""
    try:
        return KeptAnswer.objects.create(
            user=by, key=key, request_sha256=request_sha256, asked_at=at
        )
    except IntegrityError as error:
        raise _Taken from error


@transaction.atomic
def forget_answers(*, by: None, at: datetime) -> int:
    """Delete the answers kept for longer than a day; how many."""
    old = KeptAnswer.objects.filter(asked_at__lt=at - KEPT_FOR)
    deleted, _rows = old.delete()
    return deleted
