"""What a package is made of."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from h5p.names import LibraryName


@dataclass(frozen=True)
class FileEntry:
    """One file of a package: its whole path in the archive, size in bytes, SHA-256 in hex."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True)
class PackageLibrary:
    """A library that a package brings.

    ``metadata`` is library.json. ``files`` maps the path inside the library's folder
    (``scripts/a.js``, ``library.json``) to its entry: every file of the folder.
    ``languages`` maps the language code (``es``) to the language file. ``semantics`` is None
    when the library has none. ``content_hash`` is ``hash_files`` of its files.
    """

    name: LibraryName
    metadata: dict[str, Any]
    semantics: list[Any] | None
    languages: dict[str, Any]
    files: dict[str, FileEntry]
    content_hash: str


def hash_files(files: Mapping[str, str]) -> str:
    """One hash for a folder: SHA-256 in hex over its sorted (path, SHA-256 in hex) pairs."""
    digest = hashlib.sha256()
    for path, sha256 in sorted(files.items()):
        digest.update(f"{path}\0{sha256}\n".encode())
    return digest.hexdigest()
