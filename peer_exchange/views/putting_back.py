"""Taking something out and putting it back: what comes of either button."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404
from django.utils.translation import gettext as _

from lms.accounts.typed import SignedInRequest
from lms.core import clock
from lms.core.errors import Conflict


def remove_or_restore(
    request: SignedInRequest,
    move: str,
    *,
    remove: Callable[..., Any],
    restore: Callable[..., Any],
    **thing: Any,
) -> None:
    """Do what the address says (`move`), and say so; also where it had been done already.
    `thing`: what the two actions take besides `by` and `at`."""
    actions = {"remove": remove, "restore": restore}
    if move not in actions:
        raise Http404
    try:
        actions[move](by=request.user, at=clock.now(), **thing)
    except Conflict as error:
        messages.info(request, str(error.sentence))
    else:
        done = _("Taken out. You can put it back below.") if move == "remove" else _("Put back.")
        messages.success(request, done)
