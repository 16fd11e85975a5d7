from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from lms.accounts.typed import SignedInRequest, sign_in_required
from lms.core.csv_files import csv_file
from peer_exchange.enums import CLEARED
from peer_exchange.models import CityExperience
from peer_exchange.views.places import edition_or_404


@require_safe
@sign_in_required
def export(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """Links, pictures and files of all texts that left their city (CSV), for staff."""
    edition = edition_or_404(request, edition_slug)
    if not request.user.has_perm("peer_exchange.export_experiences", edition):
        raise Http404
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
    rows = (row for experience in experiences for row in _rows(experience))
    return csv_file(f"evidence-{edition.slug}", [header, *rows])


def _rows(experience: CityExperience) -> Iterator[list[Any]]:
    of = [experience.pk, experience.city.name, experience.title]
    for link in experience.evidence_links:
        yield [*of, _("Link"), link.title, link.url, "", "", ""]
    for file in experience.files.all():
        if file.removed_at is None:
            yield [
                *of, file.get_kind_display(), file.name, file.sha256, file.alt, file.caption,
                file.size,
            ]  # fmt: skip
