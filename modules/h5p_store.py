"""The bytes of interactive content: blobs by their SHA-256, in `STORAGES["h5p"]`."""

import os
import shutil
from pathlib import Path
from typing import Any, BinaryIO, Final, cast
from uuid import uuid4

from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage, storages

from h5p.storage import NamedBlobs, blob_path, sync_folder

PARTS: Final = "parts"


class H5PFileStorage(FileSystemStorage):
    """Files without a public URL, each written whole or not at all.

    A file is written beside its place, flushed to disk and renamed, so that a process
    killed at any moment leaves either the whole blob or none.
    """

    def url(self, name: str | None) -> str:
        raise ValueError("Files of interactive content are served by modules.views.h5p_files.")

    def _save(self, name: str, content: File) -> str:
        part = f"{PARTS}/{uuid4().hex}"
        try:
            super()._save(part, content)  # type: ignore[misc]
            with Path(self.path(part)).open("rb") as written:
                os.fsync(written.fileno())
            self.move(part, name)
        except OSError:
            self.delete(part)
            raise
        return name

    def move(self, name: str, to: str) -> None:
        """In one step that survives a crash. Raises FileNotFoundError."""
        place = Path(self.path(to))
        place.parent.mkdir(parents=True, exist_ok=True)
        # Two processes may store the same bytes at once: the second one wins, equally.
        os.replace(self.path(name), place)
        sync_folder(place.parent)

    def delete_folder(self, name: str) -> None:
        """With all that is in it; nothing happens when it is not there."""
        shutil.rmtree(self.path(name), ignore_errors=True)

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name


class DjangoStore(NamedBlobs):
    """An `h5p.storage.Storage` over `STORAGES["h5p"]`. Raises KeyError for what is not there.

    `folder`: where inside; blobs that wait there are found by no reader.
    """

    def __init__(self, folder: str = "") -> None:
        self._prefix = f"{folder}/" if folder else ""

    @property
    def storage(self) -> Any:
        return storages["h5p"]

    def take(self, sha256: str, other: "DjangoStore") -> None:
        """Move a blob here from another folder. Raises KeyError when it is in neither."""
        path = blob_path(sha256)
        try:
            self.storage.move(other._prefix + path, self._prefix + path)
        except FileNotFoundError:
            if not self.has(sha256):
                raise KeyError(sha256) from None

    def _write(self, path: str, data: bytes) -> None:
        self.storage.save(self._prefix + path, ContentFile(data))

    def _open(self, path: str) -> BinaryIO:
        return cast(BinaryIO, self.storage.open(self._prefix + path, "rb"))

    def _size(self, path: str) -> int:
        return int(self.storage.size(self._prefix + path))


def store() -> DjangoStore:
    """Where all blobs of interactive content are."""
    return DjangoStore()
