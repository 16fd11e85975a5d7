"""What the edition's staff take away: tables of the exchange (CSV)."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from lms.accounts.typed import SignedInRequest, sign_in_required
from lms.core.csv_files import csv_file, minute
from lms.core.text import count_words
from peer_exchange.enums import CLEARED, FacetKind, Part
from peer_exchange.models import CityExperience, Response
from peer_exchange.selectors import with_response_counts
from peer_exchange.views.places import edition_for_or_404

AT_ONCE = 2_000  # rows that are in memory


@require_safe
@sign_in_required
def experiences(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """All experiences that left their city, one line each (CSV), for the edition's staff."""
    edition = edition_for_or_404(request, edition_slug, "export_experiences")
    left = with_response_counts(
        CityExperience.objects.visible_to(request.user)
        .filter(edition=edition, status__in=CLEARED, revises__isnull=True)
        .with_words()
        .order_by("pk")
    )
    rows = (_experience_row(experience) for experience in left.iterator(AT_ONCE))
    return csv_file(f"experiences-{edition.slug}", [_experience_header(), *rows])


def _experience_header() -> list[str]:
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
        _("Began in"),
        _("Ended in"),
        _("Language"),
        _("Who may read it"),
        _("Who to ask"),
        _("Cleared by"),
        _("Embargo until (UTC)"),
        _("Published at (UTC)"),
        _("Words"),
        _("Responses"),
    ]


def _experience_row(experience: Any) -> list[Any]:
    texts = experience.plain_texts
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
        experience.began_in or "",
        experience.ended_in or "",
        experience.language,
        experience.get_visibility_display(),
        ", ".join(one for one in (experience.contact_name, experience.contact_office) if one),
        experience.cleared_by_name,
        minute(experience.embargo_until),
        minute(experience.published_at),
        sum(count_words(texts[part]) for part in Part),
        experience.response_count,
    ]


@require_safe
@sign_in_required
def responses(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """The conversation, one line a response (CSV), for the edition's staff. What a moderator
    has hidden is there without its words, and why it is hidden for those who moderate."""
    edition = edition_for_or_404(request, edition_slug, "export_experiences")
    heading = [
        _("Number"), _("City of the experience"), _("Experience"), _("Written by"),
        _("For the city"), _("Kind"), _("Part"), _("In answer to"), _("At (UTC)"), _("Words"),
        _("Answered"), _("Hidden"), _("Text"),
    ]  # fmt: skip
    written = (
        Response.objects.filter(
            experience__in=CityExperience.objects.visible_to(request.user)
            .filter(edition=edition)
            .values("pk")
        )
        .select_related("author", "city", "experience__city")
        .order_by("pk")
    )
    moderates = request.user.has_perm("peer_exchange.view_moderation", edition)
    rows = (_response_row(one, moderates) for one in written.iterator(AT_ONCE))
    return csv_file(f"responses-{edition.slug}", [heading, *rows])


def _response_row(response: Response, moderates: bool) -> list[Any]:
    hidden = _("yes") if response.hidden_at else ""
    return [
        response.pk, response.experience.city.name, response.experience.title,
        str(response.author), str(response.city or ""), response.get_kind_display(),
        response.get_part_display(), response.parent_id or "",
        minute(response.created_at), count_words(response.body),
        _("yes") if response.answered_at else "", response.hidden_reason if moderates else hidden,
        "" if response.hidden_at else response.body,
    ]  # fmt: skip


@require_safe
@sign_in_required
def evidence(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """Links, pictures and files of all texts that left their city (CSV), for staff."""
    edition = edition_for_or_404(request, edition_slug, "export_experiences")
    experiences = (
        CityExperience.objects.visible_to(request.user)
        .filter(edition=edition, status__in=CLEARED, revises__isnull=True)
        .select_related("city")
        .prefetch_related("files")
        .order_by("pk")
    )
    header = [
        _("Number"), _("City"), _("Title"), _("Kind"), _("Name"), _("Address or hash"),
        _("What it shows"), _("Caption"), _("Bytes"),
    ]  # fmt: skip
    rows = (row for experience in experiences for row in _evidence_rows(experience))
    return csv_file(f"evidence-{edition.slug}", [header, *rows])


def _evidence_rows(experience: CityExperience) -> Iterator[list[Any]]:
    of = [experience.pk, experience.city.name, experience.title]
    for link in experience.evidence_links:
        yield [*of, _("Link"), link.title, link.url, "", "", ""]
    for file in experience.files.all():
        if file.removed_at is None:
            yield [
                *of, file.get_kind_display(), file.name, file.sha256, file.alt, file.caption,
                file.size,
            ]  # fmt: skip
