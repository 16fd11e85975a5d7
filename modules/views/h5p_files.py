"""Files of libraries and contents, bundles, H5P core: for frames that have no origin.

No cookie is read and none is set. Names of library files and bundles are hashes: they are
public and never change. Files of a content have a signed address.
"""

import re
from collections.abc import Callable, Iterator
from functools import wraps
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from lms.core.kept import Kept
from modules.h5p_core import core_files, core_version
from modules.h5p_frames import read_files
from modules.h5p_shelf import library_by_hash
from modules.h5p_staging import stage_of
from modules.h5p_store import store
from modules.models import H5PBundle, H5PVersion

PUBLIC: Final = "public, max-age=31536000, immutable"
# As long as the address holds at least.
PRIVATE: Final = "private, max-age=86400"
# Opened as a page of its own, a picture or a text must not run anything on our host.
ALONE: Final = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
_RANGE: Final = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
_NOT_WANTED: Final = re.compile(r"q=0(\.0*)?")
_CHUNK: Final = 256 * 1024
_TYPES: Final = {
    "aac": "audio/aac", "avif": "image/avif", "bmp": "image/bmp", "css": "text/css",
    "csv": "text/csv", "eot": "application/vnd.ms-fontobject", "gif": "image/gif",
    "glb": "model/gltf-binary", "jpeg": "image/jpeg", "jpg": "image/jpeg",
    "js": "text/javascript", "json": "application/json", "m4a": "audio/mp4",
    "m4v": "video/mp4", "md": "text/plain", "mp3": "audio/mpeg", "mp4": "video/mp4",
    "oga": "audio/ogg", "ogg": "audio/ogg", "ogv": "video/ogg", "otf": "font/otf",
    "pdf": "application/pdf", "png": "image/png", "svg": "image/svg+xml", "ttf": "font/ttf",
    "txt": "text/plain", "vtt": "text/vtt", "wav": "audio/wav", "weba": "audio/webm",
    "webm": "video/webm", "webp": "image/webp", "woff": "font/woff", "woff2": "font/woff2",
}  # fmt: skip

View = Callable[..., HttpResponseBase]
_bundles: Kept[H5PBundle] = Kept(256)


def for_frames(view: View) -> View:
    """Readable by documents without an origin, asked for with GET, HEAD or OPTIONS."""

    @wraps(view)
    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if not is_frame_host(request):
            raise Http404
        if request.method == "OPTIONS":
            response: HttpResponseBase = HttpResponse(status=204)
            response["Access-Control-Allow-Methods"] = "GET, HEAD, OPTIONS"
            response["Access-Control-Allow-Headers"] = "Range, If-None-Match"
            response["Access-Control-Max-Age"] = "86400"
        elif request.method not in {"GET", "HEAD"}:
            response = HttpResponse(status=405, headers={"Allow": "GET, HEAD, OPTIONS"})
        elif _runs_in_our_pages(request):
            response = HttpResponse(status=403)
        else:
            response = view(request, *args, **kwargs)
        response["Access-Control-Allow-Origin"] = "*"
        response["Access-Control-Expose-Headers"] = "Content-Length, Content-Range, ETag"
        response["Cross-Origin-Resource-Policy"] = "cross-origin"
        response["X-Content-Type-Options"] = "nosniff"
        response["Content-Security-Policy"] = ALONE
        return response

    return answer


def is_frame_host(request: HttpRequest) -> bool:
    """With a host of its own, nothing of this is to be had on ours."""
    return not settings.H5P_ORIGIN or request.get_host() == urlsplit(settings.H5P_ORIGIN).netloc


def _runs_in_our_pages(request: HttpRequest) -> bool:
    """A page of ours that loads a library's script has been tampered with: frames, which
    have no origin, ask as strangers."""
    return (
        request.headers.get("Sec-Fetch-Site") == "same-origin"
        and request.headers.get("Sec-Fetch-Dest") in {"script", "style", "worker", "serviceworker"}
    )  # fmt: skip


@for_frames
def library(request: HttpRequest, content_hash: str, path: str) -> HttpResponseBase:
    found = library_by_hash(content_hash)
    file = found.files.get(path) if found else None
    if file is None:
        raise Http404
    return _blob(request, file.sha256, path, PUBLIC)


@for_frames
def bundle(request: HttpRequest, key: str, kind: str) -> HttpResponseBase:
    if kind not in {"js", "css"}:
        raise Http404
    try:
        found = _bundles.get(key, lambda: H5PBundle.objects.get(key=key))
    except H5PBundle.DoesNotExist as error:
        raise Http404 from error
    encoding = _encoding(request)
    response = _blob(request, found.blob(kind, encoding), f"bundle.{kind}", PUBLIC)
    if encoding:
        response["Content-Encoding"] = encoding
    response["Vary"] = "Accept-Encoding"
    return response


@for_frames
def core(request: HttpRequest, version: str, path: str) -> HttpResponseBase:
    """A file of H5P core, packed by the front-end build where packing helps."""
    if version != core_version():
        raise Http404
    files = core_files()
    # The packed forms are no files of their own.
    if path not in files or path.endswith((".br", ".gz")):
        raise Http404
    encoding = _encoding(request)
    packed = files.get(f"{path}.{'br' if encoding == 'br' else 'gz'}") if encoding else None
    file = packed or files[path]
    response = _fixed(request, f"{version}/{path}/{file.suffix}", path, file.read_bytes)
    if packed:
        response["Content-Encoding"] = encoding
    response["Vary"] = "Accept-Encoding"
    return response


@for_frames
def content(request: HttpRequest, token: str, path: str) -> HttpResponseBase:
    """A file of an activity's content."""
    version_id = _version_or_404(token)
    file = stage_of(version_id).files.get(path)
    if file is None:
        raise Http404
    return _blob(request, file[0], path, PRIVATE)


@for_frames
def by_name(request: HttpRequest, token: str, path: str) -> HttpResponseBase:
    """`libraries/H5P.Foo-1.2/…` and `content/…/…`, as old scripts put addresses together."""
    version_id = _version_or_404(token)
    kind, _, rest = path.partition("/")
    if kind == "libraries":
        sha256 = stage_of(version_id).resolution.file(rest)
        if sha256 is not None:
            return _blob(request, sha256, rest, PRIVATE)
    elif kind == "content":
        _content_id, _, inside = rest.partition("/")
        file = stage_of(version_id).files.get(inside)
        if file is not None:
            return _blob(request, file[0], inside, PRIVATE)
    raise Http404


def _version_or_404(token: str) -> int:
    version_id = read_files(token)
    if version_id is None or not H5PVersion.objects.filter(pk=version_id).exists():
        raise Http404
    return version_id


def media_type(path: str) -> str:
    """By the name, which was checked against the bytes when the file came in."""
    suffix = PurePosixPath(path).suffix.lower().removeprefix(".")
    known = _TYPES.get(suffix, "application/octet-stream")
    is_text = known.startswith("text/") or known == "application/json"
    return f"{known}; charset=utf-8" if is_text else known


def _encoding(request: HttpRequest) -> str:
    accepted = request.headers.get("Accept-Encoding", "").lower()
    parts = [part.replace(" ", "").partition(";") for part in accepted.split(",")]
    # “br;q=0” says that it is not wanted.
    names = {name for name, _sign, weight in parts if not _NOT_WANTED.fullmatch(weight)}
    return "br" if "br" in names else "gzip" if "gzip" in names else ""


def _fixed(request: HttpRequest, name: str, path: str, read: Callable[[], bytes]) -> HttpResponse:
    """What never changes under its `name`, or 304."""
    headers = {"Cache-Control": PUBLIC, "ETag": f'"{name}"'}
    if headers["ETag"] in request.headers.get("If-None-Match", ""):
        return HttpResponse(status=304, headers=headers)
    return HttpResponse(read(), content_type=media_type(path), headers=headers)


def _blob(request: HttpRequest, sha256: str, path: str, cache: str) -> HttpResponseBase:
    """The whole blob, the range asked for, or 304."""
    etag = f'"{sha256}"'
    headers = {"Cache-Control": cache, "ETag": etag, "Accept-Ranges": "bytes"}
    if etag in request.headers.get("If-None-Match", ""):
        return HttpResponse(status=304, headers=headers)
    blobs = store()
    try:
        size = blobs.size(sha256)
    except KeyError as error:
        raise Http404 from error
    wanted = _RANGE.fullmatch(request.headers.get("Range", ""))
    if request.headers.get("If-Range", etag) != etag:
        wanted = None
    if wanted is None or not any(wanted.groups()):
        return _part(sha256, path, 0, size, headers, status=200)
    first, last = wanted.groups()
    start = int(first) if first else max(0, size - int(last))
    end = min(int(last), size - 1) if first and last else size - 1
    if start > end:
        return HttpResponse(status=416, headers={**headers, "Content-Range": f"bytes */{size}"})
    headers["Content-Range"] = f"bytes {start}-{end}/{size}"
    return _part(sha256, path, start, end - start + 1, headers, status=206)


def _part(
    sha256: str, path: str, start: int, length: int, headers: dict[str, str], status: int
) -> StreamingHttpResponse:
    def chunks() -> Iterator[bytes]:
        with store().open(sha256) as stream:
            stream.seek(start)
            left = length
            while left and (chunk := stream.read(min(left, _CHUNK))):
                left -= len(chunk)
                yield chunk

    return StreamingHttpResponse(
        chunks(),
        status=status,
        content_type=media_type(path),
        headers={**headers, "Content-Length": str(length)},
    )
