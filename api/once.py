"""`Idempotency-Key`: what is sent twice with one key is done once (docs/adr/0021)."""

import json
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Any, ClassVar

from django.utils.translation import gettext_lazy as _
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from lms.accounts.actions.answers import answer_once
from lms.accounts.models import User
from lms.core import clock
from lms.core.canonical import hash_of
from lms.core.errors import DomainError

KEY = "Idempotency-Key"
# Of an answer that was given before.
REPEATED = "Idempotent-Replayed"
WRITING = frozenset({"POST", "PUT"})
MULTIPART = "multipart/form-data"


class KeyNotTaken(DomainError):
    """This request is not answered from what was kept."""

    code = "idempotency_key_not_taken"
    status = 422
    sentence = _("This address takes no Idempotency-Key, or none with files. Send it without.")


class _Refused(Exception):
    def __init__(self, response: Response) -> None:
        self.response = response


if TYPE_CHECKING:
    Base = APIView
else:
    Base = object


class AnswersOnce(Base):
    """Of a view whose POST and PUT take an `Idempotency-Key`.

    `own_keys`: actions that keep the key with what it made, for as long as that is there.
    `keyless`: those that refuse one: what they do is not one transaction.
    """

    own_keys: ClassVar[frozenset[str]] = frozenset()
    keyless: ClassVar[frozenset[str]] = frozenset()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Once it is known who asks, and that they may: DRF looks for the handler next."""
        super().initial(request, *args, **kwargs)
        key = request.headers.get(KEY)
        method = request.method or ""
        if key is None or method not in WRITING or self._name in self.own_keys:
            return
        handler = getattr(self, method.lower(), None)
        if handler is None:
            return  # 405 of DRF's
        if self._name in self.keyless or _sends_files(request):
            raise KeyNotTaken
        setattr(self, method.lower(), partial(self._once, key, handler))

    @property
    def _name(self) -> str:
        return getattr(self, "action", None) or ""

    def _once(
        self,
        key: str,
        handler: Callable[..., Response],
        request: Request,
        *args: Any,
        **kwargs: Any,
    ) -> Response:
        by = request.user
        assert isinstance(by, User)

        def act() -> tuple[int, str]:
            response = handler(request, *args, **kwargs)
            if response.status_code >= 400:
                raise _Refused(response)
            said = JSONRenderer().render(response.data) if response.data is not None else b""
            return response.status_code, said.decode()

        try:
            (status, said), is_repeated = answer_once(
                key=key, request_sha256=_hash(request), act=act, by=by, at=clock.now()
            )
        except _Refused as refused:
            return refused.response
        answer = Response(json.loads(said) if said else None, status=status)
        if is_repeated:
            answer[REPEATED] = "true"
        return answer


def _sends_files(request: Request) -> bool:
    return str(request.content_type or "").lower().startswith(MULTIPART)


def _hash(request: Request) -> str:
    """What makes two requests the same: method, address, type and body, to the byte."""
    plain = request._request
    return hash_of(
        {
            "method": request.method,
            "address": plain.get_full_path(),
            "type": request.content_type or "",
            "body": sha256(plain.body).hexdigest(),
        }
    )
