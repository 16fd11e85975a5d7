"""Interactive content: how fast packages are checked, and how soon one can be played.

A real package (H5P_PACKAGES_DIR) or, without that folder, our own question set is played
in Chromium on a throttled connection (150 ms, 1.44 Mbit/s), cold and again, beside plain
h5p-standalone with the same package unpacked on a static server with gzip and caching.
Ours stands in a page with the script of our pages, from the same static server.
"Interactive" is the same for both: something of the activity that can be clicked shows.
"""

import gzip
import io
import os
import statistics
import tempfile
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.html import escape

from h5p import read_package
from h5p.questions import from_data, package_bytes
from scripts.bench.rows import timed_row

ROOT = Path(__file__).resolve().parents[2]
STANDALONE = ROOT / "frontend/node_modules/h5p-standalone/dist"
LATENCY_MS, BYTES_A_SECOND = 150, 1_440_000 // 8
TIMES = 5
STAYS_MS = 6_000  # how long a reader looks at the first load: our page keeps what it needs again
TEXT = {".html", ".js", ".css", ".json", ".svg"}


def check_row() -> dict[str, Any]:
    """Reading and checking a package of about 1,500 files, in this process."""
    file, count = _large_package()
    took = []
    for _ in range(7):
        started = time.perf_counter()
        report = read_package(io.BytesIO(file))
        took.append((time.perf_counter() - started) * 1000)
        assert report.ok, report.problems
    return timed_row("h5p: package checked", took, scale=count)


def playing_rows(serve: str) -> list[dict[str, Any]]:
    """Cold and repeated, plain and ours. `serve`: the address of our running server.
    `ratio_to_floor` of ours: how many times as long the plain one took."""
    chromium = os.environ.get("CHROMIUM")
    if not chromium:
        print("Without CHROMIUM nothing is played: no rows of load-to-interactive.")
        return []
    from playwright.sync_api import sync_playwright

    name, package, selector = _playable()
    with tempfile.TemporaryDirectory() as folder, _site(Path(folder)) as site:
        _plain_page(Path(folder), package)
        _our_page(Path(folder), package, serve, site)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=chromium,
                args=[
                    *("--no-sandbox", "--disable-gpu", "--disable-background-networking"),
                    # In a process of its own a frame would not be throttled with its page.
                    "--disable-features=IsolateSandboxedIframes",
                ],
            )
            loads: dict[str, list[tuple[Load, Load]]] = {"plain": [], "ours": []}
            for _ in range(TIMES):
                for kind, both in loads.items():
                    both.append(_load(browser, f"{site}/{kind}.html", selector))
            browser.close()
        rows = [
            _load_row(f"{name}: {kind}, {which}", [each[number] for each in both])
            for kind, both in loads.items()
            for number, which in enumerate(("first time", "again"))
        ]
    for ours, plain in ((rows[2], rows[0]), (rows[3], rows[1])):
        ours["ratio_to_floor"] = round(plain["p50_ms"] / ours["p50_ms"], 2)
    return rows


Load = tuple[float, int]  # milliseconds, requests


def _load(browser: Any, address: str, selector: str) -> tuple[Load, Load]:
    """With an empty cache, and again with what it holds then."""
    context = browser.new_context()
    # Told by the page itself, at once: asking again and again would measure the asking.
    context.add_init_script(
        f"const seen = new MutationObserver(() => {{ if (document.querySelector('{selector}')) "
        "{ seen.disconnect(); console.debug('interactive'); } });"
        "seen.observe(document, { childList: true, subtree: true });"
    )
    loads = []
    for _ in range(2):
        page = context.new_page()
        session = context.new_cdp_session(page)
        session.send("Network.enable")
        session.send(
            "Network.emulateNetworkConditions",
            {
                "offline": False,
                "latency": LATENCY_MS,
                "downloadThroughput": BYTES_A_SECOND,
                "uploadThroughput": BYTES_A_SECOND,
            },
        )
        asked: list[str] = []
        page.on("requestfinished", lambda request, asked=asked: asked.append(request.url))
        started = time.perf_counter()
        with page.expect_console_message(lambda said: said.text == "interactive", timeout=60_000):
            page.goto(address, wait_until="commit")
        loads.append(((time.perf_counter() - started) * 1000, len(asked)))
        if len(loads) == 1:
            page.wait_for_timeout(STAYS_MS)
        page.close()
    context.close()
    return loads[0], loads[1]


def _playable() -> tuple[str, bytes, str]:
    """(name, package, what of it can be clicked when it is ready)."""
    found = sorted(Path(settings.H5P_PACKAGES_DIR).glob("valid/*MultiChoice-1.16.h5p"))
    if found:
        return "MultiChoice", found[0].read_bytes(), ".h5p-answer"
    return "question set", _own_package(), "input, button"


def _own_package() -> bytes:
    options = [{"text": "Yes", "correct": True}, {"text": "No"}]
    question = {"kind": "single", "prompt": "Is this measured?", "options": options}
    reading = from_data({"title": "Measured", "questions": [question]})
    assert reading.question_set, reading.problems
    return package_bytes(reading.question_set)


def _large_package() -> tuple[bytes, int]:
    """(package, entries): a real one, or our own with as many small pictures."""
    found = sorted(Path(settings.H5P_PACKAGES_DIR).glob("valid/*interactive-video.h5p"))
    package = found[0].read_bytes() if found else _with_pictures(_own_package(), 1500)
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        return package, len(archive.namelist())


def _with_pictures(package: bytes, count: int) -> bytes:
    pixel = bytes.fromhex(
        "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55"
        "0000000a49444154789c636000000002000148afa4710000000049454e44ae426082"
    )
    out = io.BytesIO(package)
    with zipfile.ZipFile(out, "a") as archive:
        for number in range(count):
            archive.writestr(f"content/images/{number}.png", pixel)
    return out.getvalue()


def _plain_page(folder: Path, package: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        archive.extractall(folder / "package")
    (folder / "player").symlink_to(STANDALONE)
    (folder / "plain.js").write_text(
        "new H5PStandalone.H5P(document.getElementById('place'), {"
        "h5pJsonPath: '/package', frameJs: '/player/frame.bundle.js',"
        "frameCss: '/player/styles/h5p.css'});"
    )
    (folder / "plain.html").write_text(
        "<!doctype html><title>plain</title><div id='place'></div>"
        "<script src='/player/main.bundle.js'></script><script src='/plain.js'></script>"
    )


def _our_page(folder: Path, package: bytes, serve: str, site: str) -> None:
    from lms.accounts.models import User
    from lms.core import clock
    from modules.actions.h5p_content import create_content_from_package
    from modules.selectors.h5p import load_player

    person = User.objects.create_superuser(email="h5p@bench.example", password=None)
    content = create_content_from_package(
        file=io.BytesIO(package), by=person, at=clock.now(), title="Measured"
    )
    assert content.current
    load = load_player(person, content.current.pk, None, site, clock.now(), brings=True)
    links = "".join(
        f"<link rel='preload' as='fetch' crossorigin href='{serve}{url}'>" for url in load.code
    )
    (folder / "site").symlink_to(ROOT / "frontend/dist")
    (folder / "ours.html").write_text(
        "<!doctype html><title>ours</title>"
        f"<div data-h5p='/'>{links}<iframe sandbox='allow-scripts' width='900' height='600' "
        f"name='{escape(load.name)}' src='{serve}{load.address}'></iframe></div>"
        "<script type='module' src='/site/player.js'></script>"
        "<script type='module' src='/site/app.js'></script>"
    )


class _Static(SimpleHTTPRequestHandler):
    """Connections that stay, gzip for text, an hour in the cache: a well-set static server."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        if not path.is_file():
            self.send_error(404)
            return
        body = path.read_bytes()
        self.send_response(200)
        if path.suffix in TEXT:
            body = gzip.compress(body, 6)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "max-age=3600")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        pass


class _Server(ThreadingHTTPServer):
    def handle_error(self, *args: Any) -> None:
        """A browser that closes its connections is no error."""


@contextmanager
def _site(folder: Path) -> Iterator[str]:
    server = _Server(("127.0.0.1", 0), partial(_Static, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()


def _load_row(name: str, loads: list[Load]) -> dict[str, Any]:
    row = timed_row(f"h5p {name}", [load[0] for load in loads], scale=1)
    return row | {"requests": int(statistics.median(load[1] for load in loads))}
