"""``python -m h5p play FILE``: one package on this computer, for a look.

Nothing is installed and nothing is kept; only this computer can reach it. The activity runs in
the same sandboxed frame and under the same policy as it would on a site.
"""

import argparse
import mimetypes
import re
import secrets
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, unquote, urlsplit

from h5p.bundles import Asset, Bundles, build_bundles
from h5p.dependencies import Resolution, resolve
from h5p.install import install, plan_install, store_content
from h5p.libraries import LibraryFile, MemoryShelf
from h5p.own import NAME as OWN
from h5p.package import Package, read_package
from h5p.playing import Addresses, frame_html, frame_policy, integration
from h5p.problems import H5PError, NotInstalled
from h5p.storage import MemoryStorage, Storage

DEFAULT_CORE: Final = Path("frontend/node_modules/h5p-standalone/dist")

_CONTENT_ID: Final = "1"
_IMMUTABLE: Final = "public, max-age=31536000, immutable"
_TYPES: Final = {
    ".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css",
    ".json": "application/json", ".svg": "image/svg+xml", ".woff": "font/woff",
    ".woff2": "font/woff2", ".ttf": "font/ttf", ".otf": "font/otf", ".vtt": "text/vtt",
    ".eot": "application/vnd.ms-fontobject",
}  # fmt: skip


def add_play_command(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``play`` to the command line."""
    parser = subparsers.add_parser("play", help="serve one package on 127.0.0.1 for a look")
    parser.add_argument("file", type=Path, help="the .h5p file")
    parser.add_argument("--port", type=int, default=8990, help="default 8990; 0 takes a free one")
    parser.add_argument(
        "--core",
        type=Path,
        default=DEFAULT_CORE,
        help=f"the folder dist of the npm package h5p-standalone (default {DEFAULT_CORE})",
    )
    parser.set_defaults(run=run_play)


def run_play(arguments: argparse.Namespace) -> int:
    """Serve until interrupted; 1 when there is nothing to serve, with the reasons."""
    core: Path = arguments.core
    if not (core / "frame.bundle.js").is_file():
        print(  # noqa: T201
            f"H5P core is not in {core}. Install it (npm install h5p-standalone) and give its "
            "dist folder with --core.",
            file=sys.stderr,
        )
        return 1
    report = read_package(arguments.file)
    for problem in report.problems:
        print(f"{problem.path or arguments.file}: {problem.message}", file=sys.stderr)  # noqa: T201
    if report.package is None:
        return 1
    try:
        stage = Stage.of(report.package, core)
    except H5PError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    try:
        server = make_server(stage, arguments.port)
    except (OSError, OverflowError) as error:
        why = error.strerror if isinstance(error, OSError) else "ports go from 0 to 65535"
        said = f"Port {arguments.port} cannot be used: {why}. Give another with --port."
        print(said, file=sys.stderr)  # noqa: T201
        return 1
    print(f"{address_of(server)}/  (Ctrl+C ends)", flush=True)  # noqa: T201
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        return 0
    finally:
        server.server_close()
    return 0


@dataclass(frozen=True)
class Answer:
    """What is sent for an address; ``variants`` are its compressed forms by content encoding."""

    data: bytes
    media_type: str
    headers: Mapping[str, str] = field(default_factory=dict)
    variants: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Stage:
    """A package ready to be played."""

    package: Package
    resolution: Resolution
    bundles: Bundles
    storage: Storage
    content_files: Mapping[str, LibraryFile]
    core: Path
    token: str

    @classmethod
    def of(cls, package: Package, core: Path) -> "Stage":
        """Install the package in memory. Raises H5PError when it cannot be played."""
        storage, shelf = MemoryStorage(), MemoryShelf()
        plan = plan_install(package, shelf)
        install(plan, storage, shelf)
        main = shelf.find(package.main)
        if main is None:
            raise NotInstalled(package.main.api)
        resolution = resolve(main, package.content, shelf, pins=plan.pins)
        return cls(
            package=package,
            resolution=resolution,
            bundles=build_bundles(resolution, storage, _asset_path, quality=5),
            storage=storage,
            content_files=store_content(package, storage),
            core=core.resolve(),
            token=secrets.token_urlsafe(),
        )

    def answer(self, path: str, origin: str) -> Answer | None:
        """What is at ``path`` (not percent-encoded); None when nothing is."""
        first, _, rest = path.removeprefix("/").partition("/")
        if first in {"", "frame"} and not rest:
            return self._page() if first == "" else self._frame(origin)
        find = _PLACES.get(first)
        return None if find is None else find(self, rest)

    def _page(self) -> Answer:
        title = escape(str(self.package.metadata.get("title", "")))
        html = f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="stylesheet" href="/own/player.css">
<script defer src="/own/player.js"></script>
</head>
<body>
<h1>{title}</h1>
<iframe src="/frame" title="{title}" sandbox="allow-scripts allow-forms allow-popups allow-modals"
 allow="fullscreen; autoplay" data-token="{self.token}"></iframe>
<h2>What the activity said</h2>
<ol></ol>
</body>
</html>
"""
        policy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
        policy += "frame-src 'self'; base-uri 'none'; form-action 'none'"
        return Answer(html.encode(), _HTML, {"Content-Security-Policy": policy})

    def _frame(self, origin: str) -> Answer:
        nonce = secrets.token_urlsafe()
        language = self.package.metadata.get("language")
        settings = integration(
            content_id=_CONTENT_ID,
            resolution=self.resolution,
            metadata=self.package.metadata,
            content=self.package.content,
            addresses=Addresses(
                core_scripts=[f"{origin}/core/frame.bundle.js"],
                core_styles=[f"{origin}/core/styles/h5p.css"],
                script=f"{origin}/bundle/{self.bundles.js.name}",
                style=f"{origin}/bundle/{self.bundles.css.name}",
                content=f"{origin}/content",
                library=f"{origin}/library",
                base=f"{origin}/base",
                activity=f"{origin}/",
            ),
            token=self.token,
            parent_origin=origin,
            save_every=10,
        )
        html = frame_html(
            settings,
            nonce=nonce,
            language=language if isinstance(language, str) else "en",
            follows_theme=self.resolution.main.name.machine == OWN.machine,
        )
        policy = frame_policy(
            nonce=nonce,
            origins=[origin],
            parents=[origin],
            evaluates=self.bundles.evaluates,
            media=["https:"],
            embeds=["https:"],
            scripts=["https://www.youtube.com"],
        )
        return Answer(html.encode(), _HTML, {"Content-Security-Policy": policy})

    def own(self, path: str) -> Answer | None:
        """Our own scripts."""
        if path in {"player.js", "player.css"}:
            return Answer((files("h5p") / "frame" / path).read_bytes(), _media_type(path))
        return None

    def core_file(self, path: str) -> Answer | None:
        """A file of H5P core."""
        file = (self.core / path).resolve()
        if not file.is_relative_to(self.core) or not file.is_file():
            return None
        return Answer(file.read_bytes(), _media_type(path))

    def bundle(self, name: str) -> Answer | None:
        """The script or the stylesheet."""
        for asset in (self.bundles.js, self.bundles.css):
            if asset.name == name:
                return _of_asset(asset)
        return None

    def asset(self, path: str) -> Answer | None:
        """What the stylesheet names: ``<SHA-256>/<name>``."""
        sha256, _, name = path.partition("/")
        return self._blob(sha256, name) if self.storage.has(sha256) else None

    def library(self, path: str) -> Answer | None:
        """What scripts look up: ``<content hash>/<path>``."""
        content_hash, _, inside = path.partition("/")
        for library in self.resolution.libraries:
            if library.content_hash == content_hash and inside in library.files:
                return self._blob(library.files[inside].sha256, inside)
        return None

    def base(self, path: str) -> Answer | None:
        """What old scripts look up by name."""
        kind, _, rest = path.partition("/")
        if kind == "libraries":
            sha256 = self.resolution.file(rest)
            return None if sha256 is None else self._blob(sha256, rest)
        content_id, _, inside = rest.partition("/")
        return self.content(inside) if (kind, content_id) == ("content", _CONTENT_ID) else None

    def content(self, path: str) -> Answer | None:
        """A file of the content."""
        file = self.content_files.get(path)
        return None if file is None else self._blob(file.sha256, path)

    def _blob(self, sha256: str, name: str) -> Answer:
        headers = {"Cache-Control": _IMMUTABLE, "ETag": f'"{sha256}"'}
        return Answer(self.storage.read(sha256), _media_type(name), headers)


_HTML: Final = "text/html; charset=utf-8"


_PLACES: Final[Mapping[str, Callable[[Stage, str], Answer | None]]] = {
    "own": Stage.own,
    "core": Stage.core_file,
    "bundle": Stage.bundle,
    "asset": Stage.asset,
    "library": Stage.library,
    "base": Stage.base,
    "content": Stage.content,
}


def _asset_path(sha256: str, path: str) -> str:
    return f"/asset/{sha256}/{quote(path.rpartition('/')[2])}"


def _of_asset(asset: Asset) -> Answer:
    return Answer(
        asset.data,
        asset.media_type,
        {"Cache-Control": _IMMUTABLE, "ETag": f'"{asset.sha256}"'},
        {"br": asset.brotli, "gzip": asset.gzip},
    )


def _media_type(path: str) -> str:
    suffix = Path(path).suffix.lower()
    return _TYPES.get(suffix) or mimetypes.guess_type(path)[0] or "application/octet-stream"


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever seeks in a video or leaves the page breaks off: nothing to report."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def make_server(stage: Stage, port: int) -> ThreadingHTTPServer:
    """A server for ``stage`` on 127.0.0.1; the caller serves and closes it."""

    class Handler(_Handler):
        pass

    Handler.stage = stage
    return _Server(("127.0.0.1", port), Handler)


def address_of(server: ThreadingHTTPServer) -> str:
    """``http://127.0.0.1:8990``."""
    return f"http://127.0.0.1:{server.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    stage: Stage

    def do_GET(self) -> None:
        assert isinstance(self.server, ThreadingHTTPServer)
        origin = address_of(self.server)
        # Another name for this computer (DNS rebinding) must not reach it.
        if self.headers.get("Host") != origin.removeprefix("http://"):
            self._send(HTTPStatus.MISDIRECTED_REQUEST, Answer(b"", "text/plain"))
            return
        answer = self.stage.answer(unquote(urlsplit(self.path).path), origin)
        if answer is None:
            self._send(HTTPStatus.NOT_FOUND, Answer(b"Not found.", "text/plain"))
        elif "ETag" in answer.headers and answer.headers["ETag"] in self._header("If-None-Match"):
            self._send(HTTPStatus.NOT_MODIFIED, Answer(b"", answer.media_type, answer.headers))
        else:
            self._send_part(answer)

    def do_HEAD(self) -> None:
        self.do_GET()

    def _header(self, name: str) -> str:
        return self.headers.get(name, "")

    def _send_part(self, answer: Answer) -> None:
        """The whole answer, compressed if that is accepted, or the bytes asked for (videos)."""
        size = len(answer.data)
        wanted = re.fullmatch(r"bytes=(\d{0,18})-(\d{0,18})", self._header("Range"))
        if wanted is None or not any(wanted.groups()):
            for encoding, data in answer.variants.items():
                if encoding in self._header("Accept-Encoding"):
                    headers = {**answer.headers, "Content-Encoding": encoding}
                    self._send(HTTPStatus.OK, Answer(data, answer.media_type, headers))
                    return
            self._send(HTTPStatus.OK, answer)
            return
        first, last = wanted.groups()
        start = int(first) if first else max(0, size - int(last))
        end = min(int(last), size - 1) if first and last else size - 1
        if start > end:
            headers = {"Content-Range": f"bytes */{size}"}
            empty = Answer(b"", answer.media_type, headers)
            self._send(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, empty)
            return
        headers = {**answer.headers, "Content-Range": f"bytes {start}-{end}/{size}"}
        part = Answer(answer.data[start : end + 1], answer.media_type, headers)
        self._send(HTTPStatus.PARTIAL_CONTENT, part)

    def _send(self, status: HTTPStatus, answer: Answer) -> None:
        self.send_response(status)
        self.send_header("Content-Type", answer.media_type)
        self.send_header("Content-Length", str(len(answer.data)))
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Vary", "Accept-Encoding")
        # The frame has no origin: fonts and pictures on a canvas are cross-origin for it.
        self.send_header("Access-Control-Allow-Origin", "*")
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD" and status is not HTTPStatus.NOT_MODIFIED:
            self.wfile.write(answer.data)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Stay silent: the page itself shows what matters."""
