"""Who learned what from whom: the list of an edition, its picture, and one transfer."""

from typing import Any

from django.core.paginator import Paginator
from django.forms import BaseForm
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from lms.accounts.typed import SignedInRequest, sign_in_required, typed_before_sign_in
from lms.core import clock
from lms.core.csv_files import csv_file, minute
from lms.programme.selectors import standing_of
from peer_exchange.actions.transfers import step_to_take_back
from peer_exchange.enums import Answer, TransferStatus
from peer_exchange.models import Transfer
from peer_exchange.rules import may_read
from peer_exchange.selectors.flows import describe_flows, draw_flows, flow_table, flows_of
from peer_exchange.selectors.transfer_search import (
    Side,
    narrowed_transfers,
    transfers_wanted,
)
from peer_exchange.selectors.transfers import (
    Transfers,
    events_for,
    evidence_of,
    next_steps,
    side_of,
    transfer_abilities,
    transfers_of_edition,
    waiting_for_word,
)
from peer_exchange.transfer_forms import EvidenceForm, StepForm, WhyForm
from peer_exchange.views.places import edition_or_404

PAGE_SIZE = 20
TONES = {
    TransferStatus.ADOPTED: "good",
    TransferStatus.SUSTAINED: "good",
    TransferStatus.STOPPED: "neutral",
}
ANSWER_TONES = {
    Answer.WAITING: "neutral", Answer.CONFIRMED: "good", Answer.DISPUTED: "attention",
}  # fmt: skip


def transfer_or_404(request: SignedInRequest, edition_slug: str, pk: int) -> Transfer:
    visible = Transfer.objects.visible_to(request.user).with_words()
    return get_object_or_404(visible, pk=pk, edition__slug=edition_slug)


def address_of_transfer(transfer: Transfer, name: str = "transfer", *more: Any) -> str:
    return reverse(f"peer_exchange:{name}", args=[transfer.edition.slug, transfer.pk, *more])


@require_safe
@sign_in_required
def transfer_list(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    edition = edition_or_404(request, edition_slug)
    everything = transfers_of_edition(request.user, edition)
    flows = flows_of(everything)
    wanted = transfers_wanted(request.GET)
    rows = narrowed_transfers(everything, wanted, request.user)
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(
        request,
        "peer_exchange/transfers.html",
        {
            "edition": edition,
            "page_obj": page,
            "rows": [_row(transfer) for transfer in page],
            "flows": flows,
            "flow_rows": flow_table(flows),
            "drawing": draw_flows(flows),
            "description": describe_flows(flows),
            "statuses": TransferStatus.choices,
            "answers": Answer.choices,
            "sides": Side.choices if standing_of(request.user).cities else [],
            "wanted": wanted,
            "cities": _cities_in(flows),
            "waiting": list(waiting_for_word(request.user).with_words()[:20]),  # type: ignore[attr-defined]
        },
    )


def _cities_in(flows: list[Any]) -> list[tuple[str, str]]:
    named = {(f.source_slug, f.source) for f in flows} | {(f.city_slug, f.city) for f in flows}
    return sorted(named, key=lambda one: one[1])


def _row(transfer: Transfer) -> dict[str, Any]:
    return {
        "transfer": transfer,
        "tone": TONES.get(TransferStatus(transfer.status), "info"),
        "answer_tone": ANSWER_TONES[Answer(transfer.answer)],
    }


@require_safe
@sign_in_required
def export(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """What the reader may see of the edition's transfers (CSV)."""
    edition = edition_or_404(request, edition_slug)
    rows = narrowed_transfers(
        transfers_of_edition(request.user, edition), transfers_wanted(request.GET), request.user
    )
    return csv_file(f"transfers-{edition.slug}", transfer_table(rows))


def transfer_table(rows: Transfers) -> list[list[object]]:
    heading: list[object] = [
        _("City"), _("Learned from"), _("Experience"), _("State"), _("Word of the source city"),
        _("Begun (UTC)"), _("Last step (UTC)"), _("Why"), _("Reason for stopping"),
    ]  # fmt: skip
    lines: list[list[object]] = [
        [
            t.city.name, t.source_city.name, str(t.experience), t.get_status_display(),
            t.get_answer_display(), minute(t.claimed_at), minute(t.moved_at), t.why,
            t.stopped_reason,
        ]
        for t in rows.iterator(chunk_size=500)
    ]  # fmt: skip
    return [heading, *lines]


@require_safe
@sign_in_required
def flows_csv(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    edition = edition_or_404(request, edition_slug)
    flows = flows_of(transfers_of_edition(request.user, edition))
    return csv_file(f"flows-{edition.slug}", flow_table(flows))


@require_safe
@sign_in_required
def detail(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    transfer = transfer_or_404(request, edition_slug, pk)
    typed = {}
    for name, address in forms_of(transfer).items():
        if kept := typed_before_sign_in(request, form=address):
            typed[name] = kept.dict()
            break
    return transfer_page(request, transfer, typed=typed)


def forms_of(transfer: Transfer) -> dict[str, str]:
    """The forms of the page by name: where each is sent to."""
    return {
        "step": address_of_transfer(transfer, "transfer_step"),
        "dispute": address_of_transfer(transfer, "transfer_word", "dispute"),
        "ask-again": address_of_transfer(transfer, "transfer_word", "ask-again"),
        "evidence": address_of_transfer(transfer, "transfer_evidence"),
    }


def blank_form(name: str, transfer: Transfer, data: Any = None, initial: Any = None) -> BaseForm:
    if name == "step":
        return StepForm(data, initial=initial, steps=next_steps(transfer))
    if name == "evidence":
        return EvidenceForm(data, initial=initial)
    if name == "dispute":
        label = _("What is not right?")
        hint = _("The other city reads this and can answer. Nobody else does.")
        return WhyForm(data, initial=initial, name="reason", label=label, hint=hint)
    label = _("What do you say to that?")
    return WhyForm(data, initial=initial, name="why", label=label)


def follow_up_form(months: int, data: Any = None, initial: Any = None) -> WhyForm:
    return WhyForm(
        data,
        initial=initial,
        name="answer",
        label=_("How is it going?"),
        hint=_("What is in use, what changed, what you would tell the next city."),
        auto_id=f"id_{months}_%s",
    )


def transfer_page(
    request: SignedInRequest,
    transfer: Transfer,
    *,
    bound: dict[str, BaseForm] | None = None,
    typed: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    """`bound`: forms that were sent and not accepted, by name (`follow-up-6` for one of
    those); `typed`: what was in one before the session ended."""
    at, abilities, bound = clock.now(), transfer_abilities(request.user, transfer), bound or {}
    forms = {
        name.replace("-", "_"): bound.get(name)
        or blank_form(name, transfer, initial=(typed or {}).get(name))
        for name in forms_of(transfer)
    }
    events = events_for(request.user, transfer)
    step = step_to_take_back(events, at=at) if abilities["take_back"] else None
    follow_ups = [
        {
            "row": row,
            "is_due": row.due_at <= at,
            "form": bound.get(f"follow-up-{row.months}")
            or follow_up_form(row.months, initial={"answer": row.answer}),
        }
        for row in transfer.follow_ups.select_related("answered_by")
    ]
    return render(
        request,
        "peer_exchange/transfer.html",
        {
            "edition": transfer.edition,
            "transfer": transfer,
            "abilities": abilities,
            "side": side_of(request.user, transfer),
            "states": _states(transfer),
            "tone": TONES.get(TransferStatus(transfer.status), "info"),
            "answer_tone": ANSWER_TONES[Answer(transfer.answer)],
            "forms": forms,
            "open_form": next(iter(bound), "") or next(iter(typed or {}), ""),
            "events": events,
            "step_to_take_back": step,
            "evidence": evidence_of(transfer, with_removed=abilities["add_evidence"]),
            "follow_ups": follow_ups,
            "may_read_experience": may_read(request.user, transfer.experience),
        },
        status=status,
    )


def _states(transfer: Transfer) -> list[dict[str, Any]]:
    """The way in order, with where the city is; where it stopped, as far as it came."""
    way: list[str] = [s for s in TransferStatus.values if s != TransferStatus.STOPPED]
    here = transfer.status
    if here == TransferStatus.STOPPED:
        last = transfer.events.exclude(from_status__in=["", here]).last()
        here = last.from_status if last else TransferStatus.INTERESTED
    place = way.index(here)
    stopped = transfer.status == TransferStatus.STOPPED
    return [
        {
            "label": TransferStatus(state).label,
            "state": "done" if n < place or (stopped and n == place) else
            "here" if n == place else "open",
        }
        for n, state in enumerate(way)
    ]  # fmt: skip
