from datetime import UTC, datetime
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
from peer_exchange.models import CityExperience, Response
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
            "words": sum(count_words(text) for text in experience.plain_texts.values()),
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
        .filter(edition=edition, status__in=CLEARED, revises__isnull=True)
        .with_words()
        .order_by("pk")
    )
    rows = (_row(experience) for experience in experiences)
    return csv_file(f"experiences-{edition.slug}", [_header(), *rows])


def _minute(instant: datetime | None) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%d %H:%M") if instant else ""


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
        _("Language"),
        _("Who may read it"),
        _("Who to ask"),
        _("Cleared by"),
        _("Embargo until (UTC)"),
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
        experience.language,
        experience.get_visibility_display(),
        ", ".join(one for one in (experience.contact_name, experience.contact_office) if one),
        experience.cleared_by_name,
        _minute(experience.embargo_until),
        _minute(published),
        sum(count_words(experience.plain_texts[part]) for part in Part),
        experience.response_count,
    ]


@require_safe
@sign_in_required
def export_responses(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """The conversation, one line a response (CSV), for the edition's staff. What a moderator
    has hidden is there without its words."""
    edition = edition_or_404(request, edition_slug)
    if not request.user.has_perm("peer_exchange.export_experiences", edition):
        raise Http404
    heading = [
        _("Number"), _("City of the experience"), _("Experience"), _("Written by"),
        _("For the city"), _("Kind"), _("Part"), _("In answer to"), _("At (UTC)"), _("Words"),
        _("Answered"), _("Hidden"), _("Text"),
    ]  # fmt: skip
    responses = (
        Response.objects.filter(experience__edition=edition)
        .select_related("author", "city", "experience__city")
        .order_by("pk")
    )
    rows = (_response_row(response) for response in responses.iterator(2000))
    return csv_file(f"responses-{edition.slug}", [heading, *rows])


def _response_row(response: Response) -> list[Any]:
    return [
        response.pk, response.experience.city.name, response.experience.title,
        str(response.author), str(response.city or ""), response.get_kind_display(),
        response.get_part_display(), response.parent_id or "",
        response.created_at.strftime("%Y-%m-%d %H:%M"), count_words(response.body),
        _("yes") if response.answered_at else "", response.hidden_reason,
        "" if response.hidden_at else response.body,
    ]  # fmt: skip
