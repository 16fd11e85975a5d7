"""One page for the mayor: on the screen, on paper, as a PDF."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from lms.accounts.models import City
from lms.accounts.typed import SignedInRequest, sign_in_required
from lms.core import clock
from lms.core.csv_files import csv_file
from lms.core.downloads import as_pdf
from lms.core.errors import PermissionDenied
from lms.core.pdf import render_pdf
from lms.core.throttling import require_rarely
from peer_exchange.models import Transfer
from peer_exchange.selectors.city_report import report_of
from peer_exchange.views.cities import city_or_404
from peer_exchange.views.transfers import transfer_table


def _own_city(request: SignedInRequest, slug: str) -> City:
    city = city_or_404(request, slug)
    if not request.user.has_perm("peer_exchange.edit_city", city):
        raise PermissionDenied(_("This report is for the city’s own people."))
    return city


@require_safe
@sign_in_required
def page(request: SignedInRequest, city_slug: str) -> HttpResponse:
    report = report_of(request.user, _own_city(request, city_slug))
    return render(request, "peer_exchange/city_report.html", {"report": report, "at": clock.now()})


@require_safe
@sign_in_required
def pdf(request: SignedInRequest, city_slug: str) -> HttpResponse:
    city = _own_city(request, city_slug)
    require_rarely(request, scope="document")
    report = report_of(request.user, city)
    context = {"report": report, "at": clock.now()}
    content = render_pdf("peer_exchange/city_report_pdf.html", context)
    return as_pdf(content, name=f"transfers-{report.city.slug}.pdf")


@require_safe
@sign_in_required
def export(request: SignedInRequest, city_slug: str) -> HttpResponse:
    """All transfers of the city, both ways, as far as the reader may see them (CSV)."""
    city = city_or_404(request, city_slug)
    visible = Transfer.objects.visible_to(request.user).with_words().order_by("-pk")
    rows = visible.filter(city=city) | visible.filter(source_city=city)
    return csv_file(f"transfers-{city.slug}", transfer_table(rows))
