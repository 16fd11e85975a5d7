from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from lms.accounts.typed import SignedInRequest, sign_in_required, typed_before_sign_in
from lms.programme.selectors import standing_of
from peer_exchange.enums import ExperienceStatus, FacetKind, Part
from peer_exchange.filters import CountedExperienceFilter
from peer_exchange.forms import ResponseForm
from peer_exchange.models import CityExperience
from peer_exchange.selectors import (
    cities_to_write_for,
    experience_abilities,
    missing_from,
    own_experiences,
    policy_of,
    published_experiences,
    response_abilities,
    responses_to,
    sharing_of,
)
from peer_exchange.views.places import address_of, edition_or_404, experience_or_404

PAGE_SIZE = 12
RESPONSES_A_PAGE = 50

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
    readable = published_experiences(request.user, edition)
    narrowed = CountedExperienceFilter(request.GET or None, queryset=readable)
    page = Paginator(narrowed.qs, PAGE_SIZE).get_page(request.GET.get("page"))
    own = list(own_experiences(request.user, edition))
    enrolment = standing_of(request.user).enrolments.get(edition.pk)
    return render(
        request,
        "peer_exchange/list.html",
        {
            "edition": edition,
            "filter": narrowed,
            "is_narrowed": any(request.GET.get(name) for name in narrowed.filters),
            "is_narrowed_further": any(request.GET.get(name) for name in FacetKind.values),
            "page_obj": page,
            "own": [{"experience": e, "tone": TONES[ExperienceStatus(e.status)]} for e in own],
            "may_write": bool(cities_to_write_for(request.user, edition)),
            "sharing": sharing_of(enrolment) if enrolment else None,
            "may_moderate": request.user.has_perm("peer_exchange.view_moderation", edition),
            "may_export": request.user.has_perm("peer_exchange.export_experiences", edition),
        },
    )


@require_safe
@sign_in_required
def detail(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    experience = experience_or_404(request, edition_slug, pk)
    abilities = experience_abilities(request.user, experience)
    typed = typed_before_sign_in(request, form=address_of(experience, "respond"))
    is_draft = experience.status == ExperienceStatus.DRAFT
    return render(
        request,
        "peer_exchange/detail.html",
        {
            "edition": experience.edition,
            "experience": experience,
            "parts": [(part, part.label, getattr(experience, part)) for part in Part],
            "tone": TONES[ExperienceStatus(experience.status)],
            "abilities": abilities,
            "missing": missing_from(experience) if is_draft and abilities["submit"] else {},
            **responses_section(
                request, experience, abilities, typed=typed, page=request.GET.get("page")
            ),
        },
    )


def responses_section(
    request: SignedInRequest,
    experience: CityExperience,
    abilities: dict[str, bool],
    *,
    form: ResponseForm | None = None,
    typed: Any = None,
    page: str | int | None = None,
) -> dict[str, Any]:
    """What `_responses.html` shows: the responses, the form, what counts (D15b)."""
    answers = responses_to(experience, request.user)
    shown = Paginator(answers, RESPONSES_A_PAGE).get_page(page)
    enrolment = standing_of(request.user).enrolments.get(experience.edition_id)
    sharing = sharing_of(enrolment) if enrolment else None
    min_words = sharing.min_words if sharing else policy_of(experience.edition_id).min_words
    responses = [
        {
            "response": response,
            "is_own": response.author_id == request.user.pk,
            "verdict": sharing.verdicts.get(response.pk) if sharing else None,
            "abilities": response_abilities(request.user, response),
        }
        for response in shown
    ]
    has_responded = answers.filter(author=request.user).exists()
    return {
        "edition": experience.edition,
        "experience": experience,
        "abilities": abilities,
        "responses": responses,
        "page_of_responses": shown,
        # Once somebody has answered, the empty form steps back; one with words in it does not.
        "has_responded": has_responded and not form and not typed,
        "sharing": sharing,
        "is_own_city": sharing is not None
        and enrolment is not None
        and experience.city_id == enrolment.city_id,
        "min_words": min_words,
        "response_form": form
        or ResponseForm(goal=min_words, initial=typed.dict() if typed else None),
    }
