"""The bytes of interactive content: blobs by their SHA-256, in `STORAGES["h5p"]`."""

import hashlib
import os
import re
from pathlib import Path
from typing import Any, BinaryIO, Final, cast
from uuid import uuid4

from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage, storages

from h5p.storage import sync_folder

_SHA256: Final = re.compile(r"[0-9a-f]{64}")


class H5PFileStorage(FileSystemStorage):
    """Files without a public URL, each written whole or not at all.

    A file is written beside its place, flushed to disk and renamed, so that a process
    killed at any moment leaves either the whole blob or none.
    """

    def url(self, name: str | None) -> str:
        raise ValueError("Files of interactive content are served by modules.views.h5p_files.")

    def _save(self, name: str, content: File) -> str:
        part = f"parts/{uuid4().hex}"
        try:
            super()._save(part, content)  # type: ignore[misc]
            with Path(self.path(part)).open("rb") as written:
                os.fsync(written.fileno())
            place = Path(self.path(name))
            place.parent.mkdir(parents=True, exist_ok=True)
            # Two processes may store the same bytes at once: the second one wins, equally.
            os.replace(self.path(part), place)
            sync_folder(place.parent)
        except OSError:
            self.delete(part)
            raise
        return name

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name


class DjangoStore:
    """An `h5p.storage.Storage` over a Django storage. Raises KeyError for what is not there."""

    def __init__(self, storage: Any = None) -> None:
        self._storage = storage

    @property
    def storage(self) -> Any:
        return self._storage or storages["h5p"]

    def put(self, data: bytes, /) -> str:
        sha256 = hashlib.sha256(data).hexdigest()
        if not (self.has(sha256) and self.size(sha256) == len(data)):
            self.storage.save(_name(sha256), ContentFile(data))
        return sha256

    def open(self, sha256: str, /) -> BinaryIO:
        try:
            return cast(BinaryIO, self.storage.open(_name(sha256), "rb"))
        except FileNotFoundError:
            raise KeyError(sha256) from None

    def read(self, sha256: str, /) -> bytes:
        with self.open(sha256) as stream:
            return stream.read()

    def has(self, sha256: str, /) -> bool:
        return _SHA256.fullmatch(sha256) is not None and self.storage.exists(_name(sha256))

    def size(self, sha256: str, /) -> int:
        try:
            return int(self.storage.size(_name(sha256)))
        except FileNotFoundError:
            raise KeyError(sha256) from None


def _name(sha256: str) -> str:
    # Hashes come from addresses that readers type: anything else is simply not there.
    if _SHA256.fullmatch(sha256) is None:
        raise KeyError(sha256)
    return f"{sha256[:2]}/{sha256[2:]}"


def store() -> DjangoStore:
    """Where all blobs of interactive content are."""
    return DjangoStore()
