"""Packages made for a test: a small sound one, and ways to spoil it."""

import io
import json
import struct
import zipfile
from typing import Any

Files = dict[str, bytes]

PNG = b"\x89PNG\r\n\x1a\n" + bytes(24)
SEMANTICS: list[dict[str, Any]] = [
    {"name": "title", "type": "text", "label": "Title"},
    {"name": "text", "type": "text", "label": "Text", "tags": ["strong", "em", "a", "ul"]},
    {"name": "picture", "type": "image", "label": "Picture", "optional": True},
    {
        "name": "parts",
        "type": "list",
        "field": {"name": "part", "type": "library", "options": ["Test.Part 1.0", "Test.Gone 3.1"]},
    },
]


def as_json(value: Any) -> bytes:
    return json.dumps(value).encode()


def dependency(api: str) -> dict[str, Any]:
    machine, _, version = api.rpartition(" ")
    major, minor = version.split(".")
    return {"machineName": machine, "majorVersion": int(major), "minorVersion": int(minor)}


def library_json(api: str, *needs: str, **more: Any) -> dict[str, Any]:
    return {
        "title": api,
        **dependency(api),
        "patchVersion": 4,
        "runnable": 1,
        "preloadedDependencies": [dependency(other) for other in needs],
        **more,
    }


def h5p_json(**more: Any) -> dict[str, Any]:
    return {
        "title": "Tides",
        "language": "en",
        "mainLibrary": "Test.Main",
        "embedTypes": ["iframe"],
        "preloadedDependencies": [dependency("Test.Main 1.2")],
        **more,
    }


def sound_files() -> Files:
    """A main library, one that content may use in it, and content with a picture."""
    return {
        "h5p.json": as_json(h5p_json()),
        "content/content.json": as_json({"title": "Tides", "text": "<p>Why?</p>"}),
        "content/images/moon.png": PNG,
        "Test.Main-1.2/library.json": as_json(
            library_json("Test.Main 1.2", preloadedJs=[{"path": "js/main.js"}])
        ),
        "Test.Main-1.2/semantics.json": as_json(SEMANTICS),
        "Test.Main-1.2/js/main.js": b"var H5P = H5P || {};",
        "Test.Main-1.2/language/es.json": as_json({"semantics": []}),
        "Test.Part-1.0/library.json": as_json(library_json("Test.Part 1.0")),
        "Test.Part-1.0/semantics.json": as_json([{"name": "line", "type": "text"}]),
    }


def as_file(files: Files) -> io.BytesIO:
    """The files as a package."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in files.items():
            archive.writestr(path, data)
    buffer.seek(0)
    return buffer


def spoil_table(data: bytes, path: str, **fields: int) -> bytes:
    """Change numbers in an archive's table of contents: size, packed_size, crc, flags, offset,
    method, attributes."""
    layout = {
        "flags": (8, "<H"),
        "method": (10, "<H"),
        "crc": (16, "<L"),
        "packed_size": (20, "<L"),
        "size": (24, "<L"),
        "attributes": (38, "<L"),
        "offset": (42, "<L"),
    }
    name = path.encode()
    at = -1
    while (at := data.index(b"PK\1\2", at + 1)) >= 0:
        (length,) = struct.unpack_from("<H", data, at + 28)
        if data[at + 46 : at + 46 + length] == name:
            break
    spoiled = bytearray(data)
    for field, number in fields.items():
        offset, form = layout[field]
        struct.pack_into(form, spoiled, at + offset, number)
    return bytes(spoiled)
