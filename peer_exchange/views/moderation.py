from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from lms.accounts.typed import SignedInRequest, sign_in_required
from lms.core.csv_files import csv_file
from lms.core.text import count_words
from peer_exchange.enums import CLEARED, FacetKind, Part
from peer_exchange.models import CityExperience
from peer_exchange.selectors import (
    experience_abilities,
    waiting_for_moderation,
    with_response_counts,
)
from peer_exchange.views.places import edition_or_404

PAGE_SIZE = 30


@require_safe
@sign_in_required
def queue(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    edition = edition_or_404(request, edition_slug)
    if not request.user.has_perm("peer_exchange.view_moderation", edition):
        raise Http404
    page = Paginator(waiting_for_moderation(edition), PAGE_SIZE).get_page(request.GET.get("page"))
    waiting = [
        {
            "experience": experience,
            "may_publish": experience_abilities(request.user, experience)["publish"],
            "words": sum(count_words(text) for text in experience.texts.values()),
        }
        for experience in page
    ]
    return render(
        request,
        "peer_exchange/moderation.html",
        {"edition": edition, "waiting": waiting, "page_obj": page},
    )


@require_safe
@sign_in_required
def export(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """All experiences that left their city, one line each (CSV), for the edition's staff."""
    edition = edition_or_404(request, edition_slug)
    if not request.user.has_perm("peer_exchange.export_experiences", edition):
        raise Http404
    experiences = with_response_counts(
        CityExperience.objects.visible_to(request.user)
        .filter(edition=edition, status__in=CLEARED)
        .with_words()
        .order_by("pk")
    )
    rows = (_row(experience) for experience in experiences)
    return csv_file(f"experiences-{edition.slug}", [_header(), *rows])


def _header() -> list[str]:
    return [
        _("Number"),
        _("City"),
        _("Country"),
        _("Region"),
        _("Title"),
        _("State"),
        _("Authors"),
        _("Themes"),
        *(str(kind.label) for kind in FacetKind),
        _("Cleared by"),
        _("Published at (UTC)"),
        _("Words"),
        _("Responses"),
    ]


def _row(experience: Any) -> list[Any]:
    published = experience.published_at
    return [
        experience.pk,
        experience.city.name,
        experience.city.country,
        experience.city.get_region_display(),
        experience.title,
        experience.get_status_display(),
        "; ".join(str(authorship.user) for authorship in experience.authorships.all()),
        "; ".join(theme.name for theme in experience.themes.all()),
        *("; ".join(names) for _kind, names in experience.facet_words),
        experience.cleared_by_name,
        published.strftime("%Y-%m-%d %H:%M") if published else "",
        sum(count_words(getattr(experience, part)) for part in Part),
        experience.response_count,
    ]
