from collections.abc import Iterable
from typing import Any, cast

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from lms.accounts.typed import SignedInRequest, sign_in_required, typed_before_sign_in
from lms.core import clock
from lms.programme.selectors import standing_of
from peer_exchange.addresses import address_of
from peer_exchange.enums import ExperienceStatus, Part
from peer_exchange.models import CityExperience, Response
from peer_exchange.selectors import (
    cities_to_write_for,
    experience_abilities,
    missing_from,
    own_experiences,
    sharing_of,
)
from peer_exchange.selectors.revisions import changes_of_reworking, revisions_for, reworking_of
from peer_exchange.selectors.shown import shown
from peer_exchange.selectors.transfers import transfers_of_experience
from peer_exchange.structured_data import card_address, structured_data
from peer_exchange.views.conversation import conversation_section
from peer_exchange.views.finding import finding_section
from peer_exchange.views.places import (
    edition_or_404,
    experience_or_404,
    key_in,
    readable_or_sign_in,
)

# Of the city's own texts: beside the others, and on a page of theirs.
OWN_FIRST, OWN_A_PAGE = 6, 30
TONES = {
    ExperienceStatus.DRAFT: "neutral",
    ExperienceStatus.CITY_CLEARANCE: "attention",
    ExperienceStatus.IN_MODERATION: "info",
    ExperienceStatus.PUBLISHED: "good",
    ExperienceStatus.ARCHIVED: "neutral",
}


@require_safe
@sign_in_required
def experience_list(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    edition = edition_or_404(request, edition_slug)
    found = finding_section(request, edition)
    # Who searches sees what was found alone.
    own = (
        []
        if found["wanted"].is_narrowed
        else list(own_experiences(request.user, edition)[: OWN_FIRST + 1])
    )
    standing = standing_of(request.user)
    enrolment = standing.enrolments.get(edition.pk)
    return render(
        request,
        "peer_exchange/list.html",
        {
            "edition": edition,
            **found,
            "own": _own_rows(own[:OWN_FIRST]),
            "has_more_own": len(own) > OWN_FIRST,
            "may_write": bool(cities_to_write_for(request.user, edition)),
            "is_asked": bool(standing.team_cities(edition.pk)),
            "sharing": sharing_of(enrolment) if enrolment else None,
            "may_moderate": request.user.has_perm("peer_exchange.view_moderation", edition),
            "may_export": request.user.has_perm("peer_exchange.export_experiences", edition),
        },
    )


@require_safe
@sign_in_required
def own_list(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    edition = edition_or_404(request, edition_slug)
    own = Paginator(own_experiences(request.user, edition), OWN_A_PAGE)
    page = own.get_page(request.GET.get("page"))
    context = {"edition": edition, "own": _own_rows(page), "page_obj": page}
    return render(request, "peer_exchange/own.html", context)


def _own_rows(experiences: Iterable[CityExperience]) -> list[dict[str, Any]]:
    return [{"experience": e, "tone": TONES[ExperienceStatus(e.status)]} for e in experiences]


@require_safe
@readable_or_sign_in
def detail(request: HttpRequest, edition_slug: str, pk: int) -> HttpResponse:
    experience = experience_or_404(request, edition_slug, pk)
    page = shown(experience, to=request.user)
    context: dict[str, Any] = {
        "edition": experience.edition,
        "experience": experience,
        "page": page,
        "version_count": revisions_for(request.user, experience).count(),
        **({"structured_data": structured_data(page)} if page.is_shared else {}),
        **({"card": card_address(page)} if page.is_shared else {}),
    }
    if request.user.is_authenticated:
        context |= _for_people(cast(SignedInRequest, request), experience)
    return render(request, "peer_exchange/detail.html", context)


def _places_missing(experience: CityExperience) -> list[tuple[str, str]]:
    """(where in the editor, what is missing there), in the order of the form."""
    places = {"pictures": "pictures", **{part: f"section-{part}" for part in Part.values}}
    return [
        (places.get(name, f"id_{name}"), said) for name, said in missing_from(experience).items()
    ]


def _for_people(request: SignedInRequest, experience: CityExperience) -> dict[str, Any]:
    """What stands about the text for somebody who has signed in."""
    abilities = experience_abilities(request.user, experience)
    typed = typed_before_sign_in(request, form=address_of(experience, "respond"))
    is_draft = experience.status == ExperienceStatus.DRAFT
    revises = experience.revises
    return {
        "tone": TONES[ExperienceStatus(experience.status)],
        "abilities": abilities,
        "transfers_here": transfers_of_experience(request.user, experience),
        "missing": _places_missing(experience) if is_draft and abilities["submit"] else [],
        "waits": experience.is_under_embargo(clock.now()),
        "reworking": reworking_of(experience) if abilities["see_history"] else None,
        "changes": changes_of_reworking(experience) if revises else None,
        **conversation_section(request, experience, abilities, typed=typed),
        "written": _just_written(request, experience),
    }


def _just_written(request: SignedInRequest, experience: CityExperience) -> bool:
    """Whether the reader comes from having published a response of theirs here."""
    written = key_in(request.GET, "written")
    mine = Response.objects.filter(pk=written, experience=experience, author=request.user)
    return bool(written) and mine.exists()
