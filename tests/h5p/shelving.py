"""Libraries made for a test, in a storage and on a shelf."""

import json
from collections.abc import Mapping
from typing import Any

from h5p.libraries import Library, LibraryFile
from h5p.names import LibraryName
from h5p.package import hash_files
from h5p.storage import Storage
from tests.h5p import making


def make_library(
    storage: Storage,
    api: str,
    *needs: str,
    files: Mapping[str, bytes | str] | None = None,
    semantics: list[Any] | None = None,
    **more: Any,
) -> Library:
    """A library whose .js and .css files are preloaded in the order given."""
    texts = {
        path: data.encode() if isinstance(data, str) else data
        for path, data in (files or {}).items()
    }
    metadata = making.library_json(api, *needs, **more)
    for key, suffix in (("preloadedJs", ".js"), ("preloadedCss", ".css")):
        metadata.setdefault(key, [{"path": path} for path in texts if path.endswith(suffix)])
    texts["library.json"] = json.dumps(metadata).encode()
    if semantics is not None:
        texts["semantics.json"] = json.dumps(semantics).encode()
    kept = {path: LibraryFile(storage.put(data), len(data)) for path, data in texts.items()}
    return Library(
        name=LibraryName(
            metadata["machineName"],
            metadata["majorVersion"],
            metadata["minorVersion"],
            metadata["patchVersion"],
        ),
        metadata=metadata,
        semantics=semantics,
        languages={},
        files=kept,
        content_hash=hash_files({path: file.sha256 for path, file in kept.items()}),
    )
