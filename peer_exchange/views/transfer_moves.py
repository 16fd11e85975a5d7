"""One POST for everything that is done with a transfer."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from lms.accounts.typed import SignedInRequest, sign_in_required, typed_before_sign_in
from lms.core import clock
from lms.core.errors import Conflict, PermissionDenied, StaleVersion
from lms.core.forms import act_on
from lms.programme.selectors import standing_of
from peer_exchange.actions.transfer_evidence import (
    add_evidence,
    answer_follow_up,
    remove_evidence,
    restore_evidence,
)
from peer_exchange.actions.transfers import (
    ask_again,
    claim_transfer,
    confirm_transfer,
    dispute_transfer,
    move_transfer,
    take_back_step,
)
from peer_exchange.models import FollowUp, Transfer, TransferEvidence
from peer_exchange.selectors.transfers import claims_open_to
from peer_exchange.transfer_forms import ClaimForm
from peer_exchange.views.places import experience_or_404, number_of
from peer_exchange.views.putting_back import remove_or_restore
from peer_exchange.views.transfers import (
    address_of_transfer,
    blank_form,
    follow_up_form,
    transfer_or_404,
    transfer_page,
)


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required
def claim(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """Our city is interested: for which city, and what it hopes for."""
    experience = experience_or_404(request, edition_slug, pk)
    cities = claims_open_to(request.user, experience)
    if not cities:
        return _nothing_to_claim(request, experience)
    typed = typed_before_sign_in(request, form=request.path)
    form = ClaimForm(
        request.POST if request.method == "POST" else None,
        initial=typed.dict() if typed else None,
        cities=cities,
    )
    status = 200
    if request.method == "POST":
        outcome = act_on(
            form, claim_transfer, experience=experience, by=request.user, at=clock.now()
        )
        if outcome.is_done:
            said = _("%(city)s is asked to confirm it. Say here how far you come.")
            messages.success(request, said % {"city": experience.city})
            return redirect(address_of_transfer(outcome.result))
        status = outcome.status
    context = {"edition": experience.edition, "experience": experience, "form": form}
    context["city"] = cities[0] if len(cities) == 1 else None
    return render(request, "peer_exchange/claim.html", context, status=status)


def _nothing_to_claim(request: SignedInRequest, experience: Any) -> HttpResponse:
    """Not one's to claim, or claimed already: then the transfer says how it stands."""
    mine = Transfer.objects.visible_to(request.user).filter(
        experience=experience, city__in=standing_of(request.user).cities
    )
    transfer = mine.select_related("edition").order_by("-pk").first()
    if transfer is None:
        raise PermissionDenied(_("Somebody who speaks for another city can say this."))
    messages.info(request, _("Your city has already said that it is interested."))
    return redirect(address_of_transfer(transfer))


@require_POST
@sign_in_required
def step(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    transfer = transfer_or_404(request, edition_slug, pk)
    return _with_form(
        request, transfer, "step", move_transfer, _("Saved. The other city sees it too.")
    )


@require_POST
@sign_in_required
def word(request: SignedInRequest, edition_slug: str, pk: int, move: str) -> HttpResponse:
    """Confirm, dispute, ask again, take the last step back."""
    transfer = transfer_or_404(request, edition_slug, pk)
    if move == "dispute":
        return _with_form(request, transfer, move, dispute_transfer, _("Your reason is with them."))
    if move == "ask-again":
        return _with_form(request, transfer, move, ask_again, _("The other city is asked again."))
    plain = {
        "confirm": (confirm_transfer, _("Confirmed. Thank you.")),
        "take-back": (take_back_step, _("The last step is taken back.")),
    }
    if move not in plain:
        raise Http404
    action, done = plain[move]
    try:
        action(
            transfer=transfer,
            base_version=number_of(request.POST.get("base_version")),
            by=request.user,
            at=clock.now(),
        )
    except (StaleVersion, Conflict) as error:
        messages.warning(request, str(error.sentence))
        return redirect(address_of_transfer(transfer))
    messages.success(request, done)
    return redirect(address_of_transfer(transfer))


def _with_form(
    request: SignedInRequest, transfer: Transfer, name: str, action: Any, done: str
) -> HttpResponse:
    form = blank_form(name, transfer, request.POST)
    known: dict[str, Any] = {"transfer": transfer, "by": request.user, "at": clock.now()}
    if name != "evidence":
        known["base_version"] = number_of(request.POST.get("base_version"))
    outcome = act_on(form, action, **known)
    if outcome.is_done:
        messages.success(request, done)
        return redirect(address_of_transfer(transfer))
    if not outcome.refusal:
        _require_same(transfer, name, request)
    now = transfer_or_404(request, transfer.edition.slug, transfer.pk)
    return transfer_page(request, now, bound={name: form}, status=outcome.status)


def _require_same(transfer: Transfer, name: str, request: SignedInRequest) -> None:
    """A form that is wrong is shown again only to who could have sent a right one."""
    perm = "answer_transfer" if name == "dispute" else "move_transfer"
    if not request.user.has_perm(f"peer_exchange.{perm}", transfer):
        raise PermissionDenied


@require_POST
@sign_in_required
def evidence(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    transfer = transfer_or_404(request, edition_slug, pk)
    return _with_form(request, transfer, "evidence", add_evidence, _("Added."))


@require_POST
@sign_in_required
def move_evidence(request: SignedInRequest, edition_slug: str, pk: int, move: str) -> HttpResponse:
    piece = get_object_or_404(TransferEvidence.objects.select_related("transfer"), pk=pk)
    transfer = transfer_or_404(request, edition_slug, piece.transfer_id)
    remove_or_restore(
        request, move, remove=remove_evidence, restore=restore_evidence, evidence=piece
    )
    return redirect(address_of_transfer(transfer) + "#evidence")


@require_POST
@sign_in_required
def follow_up(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    row = get_object_or_404(FollowUp.objects.select_related("transfer"), pk=pk)
    transfer = transfer_or_404(request, edition_slug, row.transfer_id)
    form = follow_up_form(row.months, request.POST)
    outcome = act_on(form, answer_follow_up, follow_up=row, by=request.user, at=clock.now())
    if outcome.is_done:
        messages.success(request, _("Thank you. Other cities can read it."))
        return redirect(address_of_transfer(transfer) + f"#follow-up-{row.months}")
    if not outcome.refusal:
        _require_same(transfer, "follow-up", request)
    return transfer_page(
        request, transfer, bound={f"follow-up-{row.months}": form}, status=outcome.status
    )
