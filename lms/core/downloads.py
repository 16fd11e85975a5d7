from django.http import HttpResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header

from lms.core.storage import read_chunks


def as_attachment(
    stored_as: str, *, name: str, media_type: str, size: int
) -> StreamingHttpResponse:
    """A file of evidence, whatever is in it, never as a page of ours. `size`: in bytes."""
    return StreamingHttpResponse(
        read_chunks(stored_as),
        headers={
            "Content-Type": media_type,
            "Content-Length": str(size),
            "Content-Disposition": content_disposition_header(True, name),
            "X-Content-Type-Options": "nosniff",
            # Should a browser show it all the same, it shows it as nobody's page.
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cache-Control": "private, no-store",
        },
    )


def as_pdf(content: bytes, *, name: str, cache: str = "private, no-store") -> HttpResponse:
    """What `render_pdf` has made, to be saved."""
    return HttpResponse(
        content,
        headers={
            "Content-Type": "application/pdf",
            "Content-Disposition": content_disposition_header(True, name),
            "Cache-Control": cache,
        },
    )
