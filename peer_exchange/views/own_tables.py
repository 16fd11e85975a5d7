"""What people take away of their own (CSV): what they follow, whom they keep away, what
their city is asked."""

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from lms.accounts.typed import SignedInRequest, sign_in_required
from lms.core.csv_files import csv_file, minute
from peer_exchange.addresses import address_of, place_of
from peer_exchange.models import CityExperience, Follow
from peer_exchange.selectors.blocking import people_kept_away
from peer_exchange.selectors.threads import open_questions_of
from peer_exchange.views.places import edition_or_404, own_cities_in


@require_safe
@sign_in_required
def follows(request: SignedInRequest) -> HttpResponse:
    """All that one follows; an experience one may not read any more by its number alone."""
    rows = list(
        Follow.objects.filter(user=request.user)
        .select_related("city", "experience__city", "experience__edition")
        .order_by("pk")
    )
    readable = set(
        CityExperience.objects.visible_to(request.user)
        .filter(pk__in=[row.experience_id for row in rows if row.experience_id])
        .values_list("pk", flat=True)
    )
    heading: list[object] = [
        _("City"), _("Experience"), _("Number"), _("Address"), _("Followed since (UTC)"),
    ]  # fmt: skip
    lines: list[list[object]] = [heading]
    for row in rows:
        one = row.experience
        if one is None:
            told: list[object] = [str(row.city), "", "", ""]
        elif one.pk in readable:
            address = request.build_absolute_uri(address_of(one))
            told = [one.city.name, one.title, one.pk, address]
        else:
            told = ["", _("(no longer yours to read)"), one.pk, ""]
        lines.append([*told, minute(row.created_at)])
    return csv_file("what-i-follow", lines)


@require_safe
@sign_in_required
def kept_away(request: SignedInRequest) -> HttpResponse:
    heading: list[object] = [_("Person"), _("How"), _("Since (UTC)")]
    rows: list[list[object]] = [
        [row.other.name, row.get_distance_display(), minute(row.created_at)]
        for row in people_kept_away(request.user)
    ]
    return csv_file("people-i-keep-away", [heading, *rows])


@require_safe
@sign_in_required
def questions(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """What one's city is asked and nobody has answered yet."""
    edition = edition_or_404(request, edition_slug)
    cities = own_cities_in(request, edition)
    heading: list[object] = [
        _("Number"), _("Experience"), _("Asked by"), _("City"), _("Question"),
        _("Asked at (UTC)"), _("Address"),
    ]  # fmt: skip
    rows: list[list[object]] = [
        [
            one.pk, one.experience.title, one.author.name, str(one.city or ""), one.body,
            minute(one.created_at), request.build_absolute_uri(place_of(one)),
        ]
        for one in open_questions_of(edition.pk, cities)
    ]  # fmt: skip
    return csv_file(f"questions-{edition.slug}", [heading, *rows])
