"""Every wording of a response; a moderator takes a single one away."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lms.accounts.typed import SignedInRequest, sign_in_required
from lms.core import clock
from lms.core.errors import PermissionDenied
from lms.core.forms import act_on
from lms.core.word_diff import difference_of
from peer_exchange.actions.wordings import bring_wording_back, withhold_wording
from peer_exchange.addresses import place_of
from peer_exchange.forms import ReasonForm
from peer_exchange.models import Response
from peer_exchange.rules import may_hide_response
from peer_exchange.selectors.wordings import Wording, wordings_of
from peer_exchange.templatetags.conversation import said
from peer_exchange.views.places import response_or_404


@require_safe
@sign_in_required
def history(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """For whoever may read the response now."""
    return _history_page(request, response_or_404(request, edition_slug, pk))


@require_POST
@sign_in_required
def withhold(request: SignedInRequest, edition_slug: str, pk: int, number: int) -> HttpResponse:
    response = response_or_404(request, edition_slug, pk)
    if not may_hide_response(request.user, response):
        raise PermissionDenied
    form = _reason_form(number, request.POST)
    outcome = act_on(
        form, withhold_wording, response=response, number=number, by=request.user, at=clock.now()
    )
    if outcome.is_done:
        messages.success(request, _("Taken away. You can bring it back here."))
        return redirect("peer_exchange:wordings", edition_slug, pk)
    return _history_page(request, response, refused={number: form}, status=outcome.status)


@require_POST
@sign_in_required
def bring_back(request: SignedInRequest, edition_slug: str, pk: int, number: int) -> HttpResponse:
    response = response_or_404(request, edition_slug, pk)
    bring_wording_back(response=response, number=number, by=request.user, at=clock.now())
    messages.success(request, _("Readers find this wording again."))
    return redirect("peer_exchange:wordings", edition_slug, pk)


def _history_page(
    request: SignedInRequest,
    response: Response,
    *,
    refused: dict[int, ReasonForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    refused = refused or {}
    rows = [
        {
            "wording": one,
            "revision": one.revision,
            "changes": _changes(one),
            "form": refused.get(one.revision.number) or _reason_form(one.revision.number),
            "is_refused": one.revision.number in refused,
        }
        for one in reversed(wordings_of(request.user, response))
    ]
    return render(
        request,
        "peer_exchange/response_history.html",
        {
            "edition": response.experience.edition,
            "experience": response.experience,
            "response": response,
            "wordings": rows,
            "place": place_of(response),
        },
        status=status,
    )


def _changes(wording: Wording) -> str:
    html = str(said(wording.body))
    if wording.before is None:
        return html
    return difference_of(str(said(wording.before.body)), html).html


def _reason_form(number: int, data: object = None) -> ReasonForm:
    hint = _("The author and the other moderators read this.")
    return ReasonForm(data, hint=hint, auto_id=f"wording-{number}-%s")
