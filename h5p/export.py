"""Writing a package that H5P players and editors accept."""

import json
import zipfile
from collections.abc import Mapping
from io import BytesIO
from typing import Any, BinaryIO, Final

from h5p.dependencies import Resolution, named_dependencies
from h5p.libraries import Library
from h5p.storage import Storage

# The earliest date that a zip archive can hold: the same activity gives the same bytes.
_DATE: Final = (1980, 1, 1, 0, 0, 0)
_PACKED_ALREADY: Final = (
    ".gif", ".jpeg", ".jpg", ".m4a", ".mp3", ".mp4", ".ogg", ".png", ".webm", ".webp", ".woff",
    ".woff2",
)  # fmt: skip


def export_package(
    metadata: Mapping[str, Any],
    content: Any,
    content_files: Mapping[str, str],
    resolution: Resolution,
    storage: Storage,
) -> bytes:
    """The bytes of a package; see `write_package`."""
    file = BytesIO()
    write_package(file, metadata, content, content_files, resolution, storage)
    return file.getvalue()


def write_package(
    file: BinaryIO,
    metadata: Mapping[str, Any],
    content: Any,
    content_files: Mapping[str, str],
    resolution: Resolution,
    storage: Storage,
) -> None:
    """Write a package into a seekable binary file; the same arguments give the same bytes.

    ``metadata`` is h5p.json: title, language, authors, licence … are kept; the main library and
    the dependencies are written anew from ``resolution``, which should include the editor's
    libraries (``resolve(…, editor=True)``), because other players demand them.
    ``content_files`` maps paths inside content/ to SHA-256. Raises KeyError for a blob that the
    storage does not have.
    """
    with zipfile.ZipFile(file, "w") as archive:
        _write(archive, "h5p.json", _json(_described(metadata, resolution)))
        _write(archive, "content/content.json", _json(content))
        for path, sha256 in sorted(content_files.items()):
            _write(archive, f"content/{path}", storage.read(sha256))
        for library in sorted(resolution.libraries, key=lambda library: library.name):
            for path, (sha256, _) in sorted(library.files.items()):
                _write(archive, f"{library.name.folder}/{path}", storage.read(sha256))


def _described(metadata: Mapping[str, Any], resolution: Resolution) -> dict[str, Any]:
    """h5p.json for what is written."""
    main = resolution.main
    described = {
        "title": main.metadata.get("title", main.name.machine),
        "language": "und",
        "embedTypes": ["iframe"],
        **metadata,
        "mainLibrary": main.name.machine,
        # Of one machine name players load one version: the main library comes first.
        "preloadedDependencies": [
            _dependency(library) for library in (main, *_others(resolution.loaded, main))
        ],
    }
    described.pop("editorDependencies", None)
    described.pop("dynamicDependencies", None)
    loaded = set(resolution.loaded)
    dynamic = {
        name.api
        for library in resolution.libraries
        for name in named_dependencies(library.metadata, "dynamic")
    }
    extra = [
        library
        for library in resolution.libraries
        if library not in loaded and library.name.api in dynamic
    ]
    if extra:
        described["dynamicDependencies"] = [_dependency(library) for library in extra]
    return described


def _others(libraries: tuple[Library, ...], main: Library) -> list[Library]:
    return [library for library in libraries if library != main]


def _dependency(library: Library) -> dict[str, Any]:
    name = library.name
    return {
        "machineName": name.machine,
        "majorVersion": name.major,
        "minorVersion": name.minor,
    }


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _write(archive: zipfile.ZipFile, path: str, data: bytes) -> None:
    entry = zipfile.ZipInfo(path, _DATE)
    is_packed = path.lower().endswith(_PACKED_ALREADY)
    entry.compress_type = zipfile.ZIP_STORED if is_packed else zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    # Otherwise it depends on the system on which it is written.
    entry.create_system = 3
    archive.writestr(entry, data)
