"""Which cities could talk to ours, and why."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lms.accounts.models import City
from lms.accounts.typed import SignedInRequest, sign_in_required
from lms.core import clock
from lms.core.csv_files import csv_file
from lms.core.errors import PermissionDenied
from lms.core.numbers import whole_number
from lms.programme.models import Edition
from lms.programme.selectors import standing_of
from peer_exchange.actions.cities import bring_match_back, dismiss_match
from peer_exchange.selectors.breaks import Slot
from peer_exchange.selectors.cities import cities_visible_to, topics_of
from peer_exchange.selectors.matching import Match, dismissed_by, matches_for
from peer_exchange.selectors.talks import free_breaks
from peer_exchange.views.places import edition_or_404


def own_city(request: SignedInRequest, edition: Edition) -> City:
    """The city for which the reader looks: `?for=`, or the one they have; PermissionDenied
    for who speaks for no city here."""
    cities = City.objects.filter(pk__in=standing_of(request.user).team_cities(edition.pk))
    asked = request.POST.get("for") or request.GET.get("for")
    if asked:
        cities = cities.filter(pk=whole_number(asked) or -1)
    city = cities.order_by("name").first()
    if city is None:
        raise PermissionDenied(_("Suggestions are for people who speak for a city."))
    return city


@require_safe
@sign_in_required
def match_list(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    edition = edition_or_404(request, edition_slug)
    if not standing_of(request.user).team_cities(edition.pk):
        return render(request, "peer_exchange/matches.html", {"edition": edition, "city": None})
    city = own_city(request, edition)
    return render(
        request,
        "peer_exchange/matches.html",
        {
            "edition": edition,
            "city": city,
            "rows": _with_breaks(request, edition, matches_for(request.user, city, edition)),
            "topics": topics_of(city),
            "dismissed": dismissed_by(city),
        },
    )


def _with_breaks(
    request: SignedInRequest, edition: Edition, matches: list[Match]
) -> list[tuple[Match, Slot | None]]:
    """Each suggestion with another break in which the reader is free, as far as there are
    any: a day is not planned into one half-hour."""
    free = free_breaks(request.user, edition, clock.now())
    return [
        (match, free[place % len(free)] if free else None) for place, match in enumerate(matches)
    ]


@require_POST
@sign_in_required
def move_match(
    request: SignedInRequest, edition_slug: str, city_slug: str, move: str
) -> HttpResponse:
    """Dismiss a suggestion, or bring it back."""
    edition = edition_or_404(request, edition_slug)
    other = get_object_or_404(cities_visible_to(request.user), slug=city_slug)
    moves = {"dismiss": dismiss_match, "bring-back": bring_match_back}
    if move not in moves:
        raise Http404
    moves[move](city=own_city(request, edition), other=other, by=request.user, at=clock.now())
    words = {"city": other}
    done = (
        _("%(city)s is no longer suggested to your city. You can bring it back below.")
        if move == "dismiss"
        else _("%(city)s may be suggested again.")
    )
    messages.success(request, done % words)
    return redirect("peer_exchange:matches", edition.slug)


@require_safe
@sign_in_required
def export(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    edition = edition_or_404(request, edition_slug)
    city = own_city(request, edition)
    heading: list[object] = [
        _("City"), _("Why"), _("You could help with"), _("They could help with"),
    ]  # fmt: skip
    rows: list[list[object]] = [
        [match.city.name, " ".join(match.reasons), match.gives, match.receives]
        for match in matches_for(request.user, city, edition)
    ]
    return csv_file(f"suggestions-{city.slug}", [heading, *rows])
