"""Taking a single earlier wording out of a response's history, and bringing it back."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lms.accounts.models import User
from lms.core import audit, outbox
from lms.core.errors import Conflict, InvalidInput, PermissionDenied
from lms.core.text import clean_reason
from peer_exchange import tasks
from peer_exchange.actions.cleaning import REASON_MAX
from peer_exchange.actions.responses import locked_response
from peer_exchange.models import Response, ResponseRevision, WithheldWording
from peer_exchange.rules import may_hide_response


@transaction.atomic
def withhold_wording(
    *, response: Response, number: int, reason: str, by: User, at: datetime
) -> WithheldWording:
    """Take an earlier wording away, for example because somebody's address stands in it:
    readers see that there was one, its author and the moderators read it and the reason.

    Raises Conflict for the wording of now: that is hidden with the whole response.
    """
    response, revision = _locked_wording(response, number, by=by)
    newest = response.revisions.order_by("-number").first()
    if newest is None or newest.pk == revision.pk:
        raise Conflict(_("This is what stands there now: hide the response instead."))
    if WithheldWording.objects.filter(revision=revision).exists():
        raise Conflict(_("This wording has been taken away already."))
    withheld = WithheldWording.objects.create(
        revision=revision,
        reason=clean_reason(reason, longest=REASON_MAX),
        withheld_at=at,
        withheld_by=by,
    )
    audit.record(
        by=by, verb="response.wording_withheld", target=response, at=at, number=number,
        reason=withheld.reason,
    )  # fmt: skip
    outbox.enqueue(tasks.send_wording_withheld, response_id=response.pk, number=number)
    return withheld


@transaction.atomic
def bring_wording_back(*, response: Response, number: int, by: User, at: datetime) -> None:
    """Undo `withhold_wording`; the audit trail keeps both."""
    response, revision = _locked_wording(response, number, by=by)
    deleted, _rows = WithheldWording.objects.filter(revision=revision).delete()
    if not deleted:
        raise Conflict(_("This wording was not taken away."))
    audit.record(by=by, verb="response.wording_brought_back", target=response, at=at, number=number)


def _locked_wording(
    response: Response, number: int, *, by: User
) -> tuple[Response, ResponseRevision]:
    response = locked_response(response)
    by.forget_roles()
    if not may_hide_response(by, response):
        own = response.author_id == by.pk
        raise PermissionDenied(
            _("Another moderator decides about your own response.") if own else None
        )
    revision = response.revisions.filter(number=number).first()
    if revision is None:
        raise InvalidInput(errors={"number": [_("The response has no such wording.")]})
    return response, revision
