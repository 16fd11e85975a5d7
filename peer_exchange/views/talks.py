"""One-to-one talks: propose, answer, propose another time, call off."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lms.accounts.models import City
from lms.accounts.typed import SignedInRequest, sign_in_required, typed_before_sign_in
from lms.core import clock
from lms.core.csv_files import csv_file, minute
from lms.core.errors import Conflict, IllegalMove, InvalidInput, PermissionDenied
from lms.core.forms import act_on
from lms.core.permissions import may_in_person
from lms.core.templatetags.moments import zone_name
from lms.programme.models import Edition
from peer_exchange.actions.talks import (
    accept_talk,
    cancel_talk,
    decline_talk,
    propose_another_time,
    propose_talk,
    withdraw_talk,
)
from peer_exchange.calendar_file import talk_file
from peer_exchange.enums import TalkStatus
from peer_exchange.models import Talk
from peer_exchange.selectors.breaks import Slot, breaks_of
from peer_exchange.selectors.cities import cities_of_edition, cities_visible_to
from peer_exchange.selectors.talks import free_breaks, talk_abilities, talks_of
from peer_exchange.transfer_forms import AnotherTimeForm, TalkForm
from peer_exchange.transfer_notifications import times_of
from peer_exchange.views.matching import own_city
from peer_exchange.views.places import edition_or_404

TONES = {TalkStatus.PROPOSED: "attention", TalkStatus.ACCEPTED: "good"}
REASON = ("decline", "cancel")


def talk_or_404(request: SignedInRequest, edition_slug: str, pk: int) -> Talk:
    talks = Talk.objects.visible_to(request.user).with_words()
    return get_object_or_404(talks, pk=pk, edition__slug=edition_slug)


@require_safe
@sign_in_required
def talk_list(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    edition = edition_or_404(request, edition_slug)
    at = clock.now()
    ahead: list[dict[str, Any]] = []
    past: list[dict[str, Any]] = []
    for talk in talks_of(request.user, edition):
        row = _row(request, talk, at)
        is_open = talk.status in (TalkStatus.PROPOSED, TalkStatus.ACCEPTED)
        (ahead if is_open and talk.ends_at > at else past).append(row)
    breaks = breaks_of(edition, at)
    return render(
        request,
        "peer_exchange/talks.html",
        {"edition": edition, "ahead": ahead, "past": past[::-1], "has_breaks": bool(breaks)},
    )


def _row(request: SignedInRequest, talk: Talk, at: datetime) -> dict[str, Any]:
    return {
        "talk": talk,
        "tone": TONES.get(TalkStatus(talk.status), "neutral"),
        "times": times_of(talk),
        "abilities": talk_abilities(request.user, talk, at),
    }


@require_safe
@sign_in_required
def export(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    edition = edition_or_404(request, edition_slug)
    heading: list[object] = [
        _("Proposed by"), _("To"), _("Begins (UTC)"), _("Ends (UTC)"), _("State"), _("About"),
        _("Place"), _("Answer"),
    ]  # fmt: skip
    rows: list[list[object]] = [
        [
            talk.from_city.name, talk.to_city.name, minute(talk.starts_at),
            minute(talk.ends_at), talk.get_status_display(), talk.about, talk.place,
            talk.answer,
        ]
        for talk in talks_of(request.user, edition)
    ]  # fmt: skip
    return csv_file(f"talks-{edition.slug}", [heading, *rows])


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required
def propose(request: SignedInRequest, edition_slug: str, city_slug: str) -> HttpResponse:
    edition = edition_or_404(request, edition_slug)
    from_city = own_city(request, edition)
    to_city = get_object_or_404(cities_visible_to(request.user), slug=city_slug)
    if from_city == to_city or not cities_of_edition(edition).filter(pk=to_city.pk).exists():
        raise PermissionDenied(_("A talk is with another city that takes part here."))
    slots = _free_slots(request, edition, from_city, to_city)
    typed = typed_before_sign_in(request)
    form = TalkForm(
        request.POST if request.method == "POST" else None,
        initial=typed.dict() if typed else {"starts_at": request.GET.get("starts_at", "")},
        slots=slots,
    )
    status = 200
    if request.method == "POST":
        outcome = act_on(
            form, propose_talk, edition=edition, from_city=from_city, to_city=to_city,
            by=request.user, at=clock.now(),
        )  # fmt: skip
        if outcome.is_done:
            messages.success(request, _("Proposed. They get a message."))
            return redirect("peer_exchange:talks", edition.slug)
        status = outcome.status
    context = {
        "edition": edition, "from_city": from_city, "to_city": to_city, "form": form,
        "has_slots": bool(slots),
    }  # fmt: skip
    return render(request, "peer_exchange/talk_propose.html", context, status=status)


def _free_slots(
    request: SignedInRequest, edition: Edition, own: City, other: City
) -> list[tuple[str, str]]:
    """Breaks in which the reader is free, in words: at the venue and for both cities."""
    free = free_breaks(request.user, edition, clock.now())
    zones = list(dict.fromkeys([edition.time_zone, own.time_zone, other.time_zone]))
    return [(slot.starts_at.isoformat(), _slot_words(slot, zones)) for slot in free]


def _slot_words(slot: Slot, zones: list[str]) -> str:
    there = ZoneInfo(zones[0])
    first, last = slot.starts_at.astimezone(there), slot.ends_at.astimezone(there)
    words = "{day}, {starts}–{ends} {zone}".format(
        day=date_format(first, "l j F"),
        starts=date_format(first, "H:i"),
        ends=date_format(last, "H:i"),
        zone=zone_name(zones[0]),
    )
    others = [
        f"{date_format(slot.starts_at.astimezone(ZoneInfo(zone)), 'j M, H:i')} {zone_name(zone)}"
        for zone in zones[1:]
    ]
    return f"{words} ({'; '.join(others)})" if others else words


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required
def another(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """Answer a proposal with another break."""
    talk = talk_or_404(request, edition_slug, pk)
    if not may_in_person(request.user, "peer_exchange.answer_talk", talk):
        raise PermissionDenied(_("The city that was asked answers."))
    if talk.status != TalkStatus.PROPOSED and request.method != "POST":
        return redirect("peer_exchange:talks", talk.edition.slug)
    slots = _free_slots(request, talk.edition, talk.to_city, talk.from_city)
    slots = [(at, words) for at, words in slots if at != talk.starts_at.isoformat()]
    form = AnotherTimeForm(request.POST if request.method == "POST" else None, slots=slots)
    status = 200
    if request.method == "POST":
        outcome = act_on(form, propose_another_time, talk=talk, by=request.user, at=clock.now())
        if outcome.is_done:
            messages.success(request, _("Proposed instead. They get a message."))
            return redirect("peer_exchange:talks", talk.edition.slug)
        status = outcome.status
    context = {
        "edition": talk.edition, "talk": talk, "times": times_of(talk), "form": form,
        "has_slots": bool(slots),
    }  # fmt: skip
    return render(request, "peer_exchange/talk_another.html", context, status=status)


@require_safe
@sign_in_required
def calendar_file(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """For the calendar of who goes; of an agreed talk only."""
    talk = talk_or_404(request, edition_slug, pk)
    if talk.status != TalkStatus.ACCEPTED:
        raise Http404
    return talk_file(talk)


@require_POST
@sign_in_required
def move_talk(request: SignedInRequest, edition_slug: str, pk: int, move: str) -> HttpResponse:
    talk = talk_or_404(request, edition_slug, pk)
    moves = {
        "accept": (accept_talk, _("Agreed. Put it into your calendar.")),
        "decline": (decline_talk, _("Declined. They get a message.")),
        "withdraw": (withdraw_talk, _("Withdrawn.")),
        "cancel": (cancel_talk, _("Called off. They get a message.")),
    }
    if move not in moves:
        raise Http404
    action, done = moves[move]
    extra = {"reason": request.POST.get("reason", "")} if move in REASON else {}
    try:
        action(talk=talk, by=request.user, at=clock.now(), **extra)
    except (Conflict, IllegalMove, InvalidInput) as error:
        messages.warning(request, " ".join(error.sentences))
    else:
        messages.success(request, done)
    return redirect("peer_exchange:talks", talk.edition.slug)
