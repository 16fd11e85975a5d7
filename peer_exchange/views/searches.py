"""One's own saved searches."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lms.accounts.enums import MailCadence, MailKind
from lms.accounts.mailing import wants
from lms.accounts.typed import SignedInRequest, sign_in_required
from lms.core import clock
from lms.core.csv_files import csv_file, minute
from lms.core.errors import Conflict, InvalidInput, TooLarge
from lms.programme.models import Edition
from peer_exchange.actions.searches import (
    NAME_MAX,
    change_search,
    remove_search,
    restore_search,
    save_search,
)
from peer_exchange.enums import DigestCadence
from peer_exchange.models import SavedSearch
from peer_exchange.search_notifications import results_of
from peer_exchange.views.places import edition_or_404, key_in
from peer_exchange.wanted import Wanted, kept_wanted, wanted_from

REFUSALS = (InvalidInput, Conflict, TooLarge)


@require_safe
@sign_in_required
def searches(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    edition = edition_or_404(request, edition_slug)
    return _page(request, edition)


@require_safe
@sign_in_required
def export(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """One's own searches (CSV)."""
    edition = edition_or_404(request, edition_slug)
    rows = [
        [
            search.name,
            _words_of(kept_wanted(search.wanted)),
            search.get_cadence_display(),
            minute(search.created_at),
            request.build_absolute_uri(results_of(search)),
        ]
        for search in _kept(request, edition)
    ]
    header = [_("Name"), _("Looks for"), _("Letters"), _("Saved at (UTC)"), _("Address")]
    return csv_file(f"searches-{edition.slug}", [header, *rows])


@require_POST
@sign_in_required
def save(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    edition = edition_or_404(request, edition_slug)
    try:
        wanted = wanted_from(QueryDict(request.POST.get("search", "").removeprefix("?")))
        search = save_search(
            edition=edition,
            wanted=wanted,
            name=request.POST.get("name", "") or _words_of(wanted)[:NAME_MAX],
            cadence=request.POST.get("cadence", ""),
            by=request.user,
            at=clock.now(),
        )
    except REFUSALS as error:
        return _page(request, edition, refused=error.sentences)
    messages.success(request, _("“%(search)s” is saved.") % {"search": search.name})
    return redirect("peer_exchange:searches", edition.slug)


@require_POST
@sign_in_required
def change(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    edition = edition_or_404(request, edition_slug)
    search = _search_or_404(request, edition, pk)
    try:
        change_search(
            search=search,
            name=request.POST.get("name", ""),
            cadence=request.POST.get("cadence", ""),
            by=request.user,
            at=clock.now(),
        )
    except REFUSALS as error:
        return _page(request, edition, refused=error.sentences)
    messages.success(request, _("Changed."))
    return redirect("peer_exchange:searches", edition.slug)


@require_POST
@sign_in_required
def remove(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    edition = edition_or_404(request, edition_slug)
    search = _search_or_404(request, edition, pk)
    remove_search(search=search, by=request.user, at=clock.now())
    page = reverse("peer_exchange:searches", args=[edition.slug])
    return redirect(f"{page}?removed={search.pk}")


@require_POST
@sign_in_required
def restore(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    edition = edition_or_404(request, edition_slug)
    search = _search_or_404(request, edition, pk)
    try:
        restore_search(search=search, by=request.user, at=clock.now())
    except REFUSALS as error:
        return _page(request, edition, refused=error.sentences)
    messages.success(request, _("“%(search)s” is back.") % {"search": search.name})
    return redirect("peer_exchange:searches", edition.slug)


def _page(
    request: SignedInRequest, edition: Edition, *, refused: list[str] | None = None
) -> HttpResponse:
    mine = SavedSearch.objects.visible_to(request.user).filter(edition=edition)
    removed = mine.exclude(removed_at=None).filter(pk=key_in(request.GET, "removed")).first()
    rows = [
        {
            "search": search,
            "words": _words_of(kept_wanted(search.wanted)),
            "address": results_of(search),
        }
        for search in _kept(request, edition)
    ]
    context = {
        "edition": edition,
        "rows": rows,
        "removed": removed,
        "refused": refused,
        "cadences": DigestCadence.choices,
        "name_max": NAME_MAX,
        "are_stopped": wants(request.user, MailKind.SAVED_SEARCHES) == MailCadence.NEVER,
        "are_weekly": wants(request.user, MailKind.SAVED_SEARCHES) == MailCadence.WEEKLY,
    }
    return render(request, "peer_exchange/searches.html", context, status=422 if refused else 200)


def _kept(request: SignedInRequest, edition: Edition) -> Any:
    return (
        SavedSearch.objects.visible_to(request.user)
        .kept()
        .filter(edition=edition)
        .select_related("edition")
    )


def _search_or_404(request: SignedInRequest, edition: Edition, pk: int) -> SavedSearch:
    mine = SavedSearch.objects.visible_to(request.user).filter(edition=edition)
    return get_object_or_404(mine, pk=pk)


def _words_of(wanted: Wanted) -> str:
    """“tram · climate-change · europe”."""
    chosen = [value for values in wanted.chosen.values() for value in values]
    years = f"{wanted.since or '…'}–{wanted.until or '…'}" if wanted.years else ""
    return " · ".join(words for words in [wanted.q, *chosen, years] if words)
