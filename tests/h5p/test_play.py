import argparse
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.client import HTTPResponse
from pathlib import Path

import pytest

from h5p.cli import main
from h5p.package import read_package
from h5p.play import Stage, add_play_command, address_of, make_server
from tests.h5p import making


@pytest.fixture
def core(tmp_path: Path) -> Path:
    folder = tmp_path / "dist"
    (folder / "styles").mkdir(parents=True)
    (folder / "frame.bundle.js").write_text("core")
    (folder / "styles" / "h5p.css").write_text("core{}")
    (tmp_path / "secret.txt").write_text("secret")
    return folder


@pytest.fixture
def address(core: Path, files: making.Files) -> Iterator[str]:
    stage = Stage.of(read_package(making.as_file(files)).require(), core)
    server = make_server(stage, 0)
    thread = threading.Thread(target=server.serve_forever, args=[0.02], daemon=True)
    thread.start()
    yield address_of(server)
    server.shutdown()
    server.server_close()
    thread.join()


def get(url: str, **headers: str) -> HTTPResponse:
    request = urllib.request.Request(url, headers=headers)
    try:
        return urllib.request.urlopen(request, timeout=5)
    except urllib.error.HTTPError as error:
        return error  # type: ignore[return-value]


def read(url: str, **headers: str) -> tuple[int, bytes]:
    with get(url, **headers) as response:
        return response.status, response.read()


def test_page_and_frame_are_served_with_their_policies(address: str) -> None:
    with get(f"{address}/") as page, get(f"{address}/frame") as frame:
        assert "sandbox=" in page.read().decode()
        policy = frame.headers["Content-Security-Policy"]
        html = frame.read().decode()
    assert "sandbox allow-scripts" in policy
    nonce = policy.partition("'nonce-")[2].partition("'")[0]
    assert nonce
    assert html.count(f'nonce="{nonce}"') >= html.count("<script")


def test_files_are_found_by_every_address(address: str) -> None:
    script = b"var H5P = H5P || {};"
    assert read(f"{address}/base/libraries/Test.Main-1.2/js/main.js") == (200, script)
    assert read(f"{address}/content/images/moon.png") == (200, making.PNG)
    assert read(f"{address}/base/content/1/images/moon.png") == (200, making.PNG)
    assert read(f"{address}/core/frame.bundle.js") == (200, b"core")
    assert read(f"{address}/own/player.js")[0] == 200


@pytest.mark.parametrize(
    "path",
    [
        "/core/../secret.txt", "/core/%2e%2e/secret.txt", "/core//etc/passwd", "/content/x.png",
        "/base/libraries/Test.Main-1.2/x", "/library/0/x", "/asset/0/x", "/own/x", "/nothing",
        "/bundle/x.js", "/base/content/2/images/moon.png",
    ],
)  # fmt: skip
def test_nothing_else_is_found(address: str, path: str) -> None:
    assert read(f"{address}{path}")[0] == 404


def test_parts_and_repeated_requests(address: str) -> None:
    url = f"{address}/content/images/moon.png"
    size = len(making.PNG)
    with get(url) as whole:
        etag = whole.headers["ETag"]
        assert whole.headers["Access-Control-Allow-Origin"] == "*"
    with get(url, Range="bytes=1-3") as part:
        assert (part.status, part.read()) == (206, b"PNG")
        assert part.headers["Content-Range"] == f"bytes 1-3/{size}"
    assert read(url, Range="bytes=-2") == (206, making.PNG[-2:])
    assert read(url, Range=f"bytes={size}-")[0] == 416
    assert read(url, **{"If-None-Match": etag})[0] == 304


def test_another_host_name_is_refused(address: str) -> None:
    assert read(f"{address}/", Host="evil.example")[0] == 421


def test_command_says_why_it_cannot_play(
    tmp_path: Path, core: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "a.h5p"
    file.write_bytes(b"no zip")

    assert main(["play", str(file), "--core", str(tmp_path)]) == 1
    assert "npm install h5p-standalone" in capsys.readouterr().err
    assert main(["play", str(file), "--core", str(core)]) == 1
    assert str(file) in capsys.readouterr().err


def test_command_says_that_a_port_is_taken_or_none(
    tmp_path: Path, core: Path, files: making.Files, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "a.h5p"
    file.write_bytes(making.as_file(files).getvalue())
    with socket.create_server(("127.0.0.1", 0)) as other:
        for port in (other.getsockname()[1], 99999):
            assert main(["play", str(file), "--core", str(core), "--port", str(port)]) == 1
            assert f"Port {port} cannot be used: " in capsys.readouterr().err


def test_command_has_its_arguments() -> None:
    parser = argparse.ArgumentParser()
    add_play_command(parser.add_subparsers())

    assert parser.parse_args(["play", "a.h5p", "--port", "0"]).port == 0
