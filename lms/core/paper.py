"""WeasyPrint, and what it may read. Takes a second to import: lms/core/pdf.py does so
when something is printed, not when a command or a worker starts."""

from urllib.parse import unquote

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from weasyprint import HTML
from weasyprint.urls import URLFetcher, URLFetcherResponse

STATIC = "static:"


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


def print_page(page: str) -> bytes:
    """An HTML document as a tagged PDF."""
    document: bytes = HTML(string=page, url_fetcher=OwnFilesOnly()).write_pdf(pdf_tags=True)
    return document
