"""Pages on paper: receipts and certificates, from templates, without the network."""

from typing import Any
from urllib.parse import unquote

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.template.loader import render_to_string
from weasyprint import HTML
from weasyprint.urls import URLFetcher, URLFetcherResponse

STATIC = "static:"

# Built from frontend/ for names from every city (templates/components/paper_fonts.css).
# What they lack comes from the fonts of the server.
SUBSETS = ("latin", "latin-ext", "vietnamese", "cyrillic", "cyrillic-ext", "greek")
FONTS = {
    "subsets": SUBSETS,
    "serif": ", ".join([*(f"'Serif {one}'" for one in SUBSETS), "'Noto Serif'", "serif"]),
    "sans": ", ".join([*(f"'Sans {one}'" for one in SUBSETS), "'Noto Sans'", "sans-serif"]),
}


class OwnFilesOnly(URLFetcher):
    """`static:fonts/…` from our static files and `data:`; every other address is refused."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols=("data",))

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        if not url.startswith(STATIC):
            return super().fetch(url, headers)
        name = unquote(url.removeprefix(STATIC))
        path = finders.find(name)
        if path is None:
            with staticfiles_storage.open(name) as file:
                return URLFetcherResponse(url, body=file.read())
        with open(path, "rb") as file:
            return URLFetcherResponse(url, body=file.read())


def render_pdf(template: str, context: dict[str, Any]) -> bytes:
    """The template, with `fonts` beside its context, as a tagged PDF. Fonts and images
    come from `static:` only."""
    page = render_to_string(template, {"fonts": FONTS, **context})
    html = HTML(string=page, url_fetcher=OwnFilesOnly())
    document: bytes = html.write_pdf(pdf_tags=True)
    return document
