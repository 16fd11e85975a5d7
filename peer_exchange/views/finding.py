"""Search, facets, the map: pages on which experiences are found."""

from dataclasses import replace
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from lms.accounts.typed import SignedInRequest, sign_in_required
from lms.core.errors import InvalidInput
from lms.programme.models import Edition
from peer_exchange.enums import DigestCadence, FacetKind, Part
from peer_exchange.highlight import Marker
from peer_exchange.models import CityExperience
from peer_exchange.selectors import with_response_counts
from peer_exchange.selectors.finding import find, names_of_chosen, readable_in
from peer_exchange.selectors.world import spots_of
from peer_exchange.selectors.years import done_within
from peer_exchange.views.places import edition_or_404
from peer_exchange.wanted import Wanted, wanted_from
from peer_exchange.world_map import HEIGHT, WIDTH, frame_around

PAGE_SIZE = 12
LABELS = {
    "theme": _("Theme"),
    "region": _("Region"),
    "size": _("Size of the city"),
    "language": _("Language"),
    "city": _("City"),
    "since": _("Done since"),
    "until": _("Done until"),
    **{kind.value: kind.label for kind in FacetKind},
}


def finding_section(request: SignedInRequest, edition: Edition) -> dict[str, Any]:
    """What `_finding.html` shows: the form, what was chosen, a page of what was found."""
    wanted, refused = _wanted_of(request)
    found = find(wanted, done_within(readable_in(request.user, edition), wanted))
    page: Any = Paginator(found.ids, PAGE_SIZE).get_page(request.GET.get("page"))
    page.object_list = _shown(page.object_list, found.wanted)
    return {
        "wanted": found.wanted,
        "refused": refused,
        "instead_of": found.instead_of,
        "as_typed": replace(wanted, q=found.instead_of, is_exact=True).address(),
        "groups": _groups(found.facets),
        "chips": _chips(found.wanted, names_of_chosen(found)),
        "page_obj": page,
        "asked": found.wanted.address(),
        "cadences": DigestCadence.choices,
    }


@require_safe
@sign_in_required
def world(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """The cities on a map, drawn here: it needs no script and no other host."""
    edition = edition_or_404(request, edition_slug)
    wanted, refused = _wanted_of(request)
    found = find(wanted, done_within(readable_in(request.user, edition), wanted))
    spots = spots_of(found.city_of)
    # Where only some of the world was chosen, that is what the map shows.
    is_near = bool(spots and (wanted.chosen.get("region") or wanted.chosen.get("city")))
    frame = frame_around([(s.x, s.y) for s in spots]) if is_near else (0, 0, WIDTH, HEIGHT)
    return render(
        request,
        "peer_exchange/map.html",
        {
            "edition": edition,
            "spots": spots,
            "frame": " ".join(map(str, frame)),
            "is_near": is_near and frame[2] < WIDTH / 2,
            "wanted": found.wanted,
            "refused": refused,
            "total": sum(spot.count for spot in spots),
            "regions": found.facets["region"],
            "chips": _chips(found.wanted, names_of_chosen(found)),
            "asked": found.wanted.address(),
        },
    )


def _wanted_of(request: SignedInRequest) -> tuple[Wanted, list[str]]:
    """What the address asks for, or nothing and why it cannot be asked."""
    try:
        return wanted_from(request.GET), []
    except InvalidInput as error:
        return wanted_from(QueryDict()), error.sentences


def _shown(ids: list[int], wanted: Wanted) -> list[CityExperience]:
    rows = with_response_counts(CityExperience.objects.with_words()).in_bulk(ids)
    marker = Marker(wanted.query)
    parts = dict(Part.choices)
    experiences = [rows[pk] for pk in ids if pk in rows]
    if wanted.query.groups:
        for experience in experiences:
            hit = marker.hit(experience.plain_texts)
            experience.hit = hit  # type: ignore[attr-defined]
            experience.hit_part = parts.get(hit.part, "")  # type: ignore[attr-defined]
    return experiences


def _groups(facets: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"name": group, "label": LABELS[group], "values": values,
         "is_open": any(value.is_chosen for value in values)}
        for group, values in facets.items()
        if values
    ]  # fmt: skip


def _chips(wanted: Wanted, chosen: list[tuple[str, str, str]]) -> list[dict[str, Any]]:
    years = [
        {"group": LABELS[name], "name": str(year), "address": wanted.without_year(name).address()}
        for name, year in wanted.years.items()
    ]
    return years + [
        {"group": LABELS[group], "name": name, "address": wanted.without(group, value).address()}
        for group, value, name in chosen
    ]
