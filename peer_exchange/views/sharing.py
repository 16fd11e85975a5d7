"""What leaves the site: the card of a shared address, the document, the list for search
engines."""

from base64 import b64encode
from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import escape

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from lms.core.downloads import as_pdf
from lms.core.kept import Kept
from lms.core.pdf import render_pdf
from lms.core.storage import read_chunks
from lms.core.throttling import require_rarely
from peer_exchange.models import CityExperience
from peer_exchange.selectors.shown import Shown, shown
from peer_exchange.social_card import draw_card
from peer_exchange.views.attachments import keep_as_far_as_shared
from peer_exchange.views.places import experience_or_404, readable_or_sign_in

# The protocol's own limit for one file.
SITEMAP_MOST = 50_000
_cards: Kept[bytes] = Kept(200)
_documents: Kept[bytes] = Kept(20)


@require_safe
@readable_or_sign_in
def card(request: HttpRequest, edition_slug: str, pk: int) -> HttpResponse:
    experience = experience_or_404(request, edition_slug, pk)
    said = {
        "city": experience.city.name,
        "title": experience.title,
        "programme": experience.edition.programme.name,
    }

    def make() -> bytes:
        require_rarely(request, scope="card")
        return draw_card(**said)

    picture = _cards.get(tuple(said.values()), make)
    response = HttpResponse(picture, content_type="image/png")
    keep_as_far_as_shared(response, experience)
    return response


@require_safe
@readable_or_sign_in
def document(request: HttpRequest, edition_slug: str, pk: int) -> HttpResponse:
    """The experience on paper: a tagged PDF."""
    experience = experience_or_404(request, edition_slug, pk)
    page = shown(experience, to=request.user)

    def make() -> bytes:
        require_rarely(request, scope="document")
        return render_pdf("peer_exchange/experience_pdf.html", _on_paper(page))

    if page.is_shared:
        key = (experience.pk, experience.version, request.user.is_authenticated, *page.authors)
        content = _documents.get(key, make)
    else:
        content = make()
    name = slugify(f"{experience.city} {experience.title}")[:80] or f"experience-{experience.pk}"
    return as_pdf(content, name=f"{name}.pdf", cache="private, no-cache")


@require_safe
def sitemap(request: HttpRequest) -> HttpResponseBase:
    """What anybody on the web reads, for search engines."""
    public = (
        CityExperience.objects.visible_to(AnonymousUser())
        .order_by("-published_at", "-pk")
        .values_list("pk", "edition__slug", "published_at", "saved_at")[:SITEMAP_MOST]
    )
    response = StreamingHttpResponse(_sitemap(list(public)), content_type="application/xml")
    response["Cache-Control"] = "public, max-age=3600"
    return response


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    lines = [
        "User-agent: *",
        *(f"Disallow: {path}" for path in ("/api/", "/cms/", "/django-admin/", "/accounts/")),
        f"Sitemap: {settings.SITE_URL.rstrip('/')}{reverse('peer_exchange:sitemap')}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain")


def _sitemap(rows: list[Any]) -> Iterator[str]:
    host = settings.SITE_URL.rstrip("/")
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
    for pk, edition_slug, published_at, saved_at in rows:
        address = host + reverse("peer_exchange:detail", args=[edition_slug, pk])
        changed = max(published_at, saved_at).date().isoformat()
        yield f"<url><loc>{escape(address)}</loc><lastmod>{changed}</lastmod></url>\n"
    yield "</urlset>\n"


def _on_paper(page: Shown) -> dict[str, Any]:
    """Pictures stand in the document itself: nothing is fetched to print it."""
    pictures = []
    for picture in page.pictures:
        sizes = picture.file.sizes
        size = sizes[min(1, len(sizes) - 1)]
        content = b64encode(b"".join(read_chunks(size["stored_as"]))).decode()
        data = f"data:{picture.file.media_type};base64,{content}"
        pictures.append({"file": picture.file, "data": data})
    return {"page": page, "experience": page.experience, "pictures": pictures}
