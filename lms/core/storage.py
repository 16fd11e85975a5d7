"""Where files of evidence live: content-addressed, without a public URL."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, storages
from django.core.files.storage.base import Storage
from django.utils.translation import gettext_lazy as _

from lms.core.errors import DomainError


class StorageAway(DomainError):
    """The file store did not take the file; nothing of it was kept."""

    code = "storage_away"
    status = 503
    sentence = _("The file could not be stored, and nothing of it was kept. Try again in a minute.")


class EvidenceStorage(FileSystemStorage):
    """Refuses to name a URL: a download always passes a permission check."""

    def url(self, name: str | None) -> str:
        raise ValueError("Evidence has no public URL.")

    def _save(self, name: str, content: File) -> str:
        """Content stands under its name whole or not at all: a disk that fills up
        half-way, or a machine that stops, must not leave half a file where the hash
        promises all of it."""
        part = f"parts/{uuid4().hex}"
        try:
            super()._save(part, content)  # type: ignore[misc]
            put_on_disk(Path(self.path(part)))
            Path(self.path(name)).parent.mkdir(parents=True, exist_ok=True)
            os.replace(self.path(part), self.path(name))
            self.make_durable(name)
        except OSError:
            self.delete(part)
            raise
        return name

    def make_durable(self, name: str) -> None:
        """Have the disk itself hold content that stands under its name, and the name.
        Raises OSError."""
        path, root = Path(self.path(name)), Path(self.location)
        put_on_disk(path)
        for folder in path.parents:
            put_on_disk(folder)
            if folder in (root, folder.parent):
                break


def evidence() -> Storage:
    return storages["evidence"]


def sha256_of(file: Any) -> str:
    """Hex digest of the whole file; the file is rewound before and after."""
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256").hexdigest()
    file.seek(0)
    return digest


def store_by_content(file: File, digest: str = "") -> tuple[str, str]:
    """Store a file under its own hash, once. Returns (storage name, sha256 in hex).
    `digest`: that hash, where it has just been taken."""
    digest = digest or sha256_of(file)
    name = f"sha256/{digest[:2]}/{digest}"
    storage = evidence()
    if not storage.exists(name):
        name = storage.save(name, file)
    elif isinstance(storage, EvidenceStorage):
        # Whoever brought it first may have died before the disk had it.
        storage.make_durable(name)
    return name, digest


def put_on_disk(path: Path) -> None:
    """A file's bytes, or the names in a folder."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_chunks(name: str, chunk_size: int = 64 * 1024) -> Iterator[bytes]:
    storage = evidence()
    if hasattr(storage, "stream"):
        yield from storage.stream(name, chunk_size)
        return
    with storage.open(name) as file:
        while chunk := file.read(chunk_size):
            yield chunk
