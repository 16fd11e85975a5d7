"""Where bytes are kept: every blob under the SHA-256 of what it holds.

A blob never changes, so that one upload cannot alter what another one stored, and storing the
same bytes again does nothing.
"""

import hashlib
import os
import re
import tempfile
from abc import ABC, abstractmethod
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Final, Protocol

_SHA256: Final = re.compile(r"[0-9a-f]{64}")


class Storage(Protocol):
    """Blobs by their SHA-256 in lower-case hex. A hash that is not there raises KeyError."""

    def put(self, data: bytes, /) -> str:
        """Keep the bytes; return their SHA-256. Once this returns they survive a crash."""

    def open(self, sha256: str, /) -> BinaryIO:
        """A new seekable stream of the blob; the caller closes it."""

    def read(self, sha256: str, /) -> bytes:
        """All of the blob."""

    def has(self, sha256: str, /) -> bool:
        """Whether the blob is there, whole."""

    def size(self, sha256: str, /) -> int:
        """Its length in bytes."""


class MemoryStorage:
    """Blobs in a dictionary: for tests and for looking at one package."""

    def __init__(self) -> None:
        self._blobs: dict[str, bytes] = {}

    def put(self, data: bytes, /) -> str:
        sha256 = hashlib.sha256(data).hexdigest()
        self._blobs.setdefault(sha256, data)
        return sha256

    def open(self, sha256: str, /) -> BinaryIO:
        return BytesIO(self._blobs[sha256])

    def read(self, sha256: str, /) -> bytes:
        return self._blobs[sha256]

    def has(self, sha256: str, /) -> bool:
        return sha256 in self._blobs

    def size(self, sha256: str, /) -> int:
        return len(self._blobs[sha256])


def blob_path(sha256: str) -> str:
    """``ab/cdef…``, where blobs are kept by name. Raises KeyError for what is no hash."""
    # Hashes come from addresses that readers type: anything else is simply not there.
    if _SHA256.fullmatch(sha256) is None:
        raise KeyError(sha256)
    return f"{sha256[:2]}/{sha256[2:]}"


class NamedBlobs(ABC):
    """A `Storage` over anything that keeps bytes under names."""

    def put(self, data: bytes, /) -> str:
        sha256 = hashlib.sha256(data).hexdigest()
        # A length that differs is a damaged disk, not another content: write it anew.
        if not (self.has(sha256) and self.size(sha256) == len(data)):
            self._write(blob_path(sha256), data)
        return sha256

    def read(self, sha256: str, /) -> bytes:
        with self.open(sha256) as stream:
            return stream.read()

    def has(self, sha256: str, /) -> bool:
        try:
            return self.size(sha256) >= 0
        except KeyError:
            return False

    def open(self, sha256: str, /) -> BinaryIO:
        try:
            return self._open(blob_path(sha256))
        except FileNotFoundError:
            raise KeyError(sha256) from None

    def size(self, sha256: str, /) -> int:
        try:
            return self._size(blob_path(sha256))
        except FileNotFoundError:
            raise KeyError(sha256) from None

    @abstractmethod
    def _write(self, path: str, data: bytes) -> None:
        """All of it or nothing, and so that it survives a crash."""

    @abstractmethod
    def _open(self, path: str) -> BinaryIO:
        """Raises FileNotFoundError."""

    @abstractmethod
    def _size(self, path: str) -> int:
        """Raises FileNotFoundError."""


class FolderStorage(NamedBlobs):
    """Blobs as files ``ab/cdef…`` in a folder; several processes may write at once.

    A blob is written beside its place, flushed to disk and renamed, so that a process killed at
    any moment leaves either the whole blob or none. What it may leave are files in ``.unfinished``,
    which nobody reads; `sweep` removes them.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._unfinished = folder / ".unfinished"
        self._unfinished.mkdir(parents=True, exist_ok=True)

    def _write(self, path: str, data: bytes) -> None:
        place = self.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        replace_file(place, data, scratch=self._unfinished)

    def _open(self, path: str) -> BinaryIO:
        return (self.folder / path).open("rb")

    def _size(self, path: str) -> int:
        return (self.folder / path).stat().st_size

    def sweep(self) -> int:
        """Remove what killed processes left; return how many files. Call while nobody writes."""
        left = list(self._unfinished.iterdir())
        for path in left:
            path.unlink(missing_ok=True)
        return len(left)


def replace_file(path: Path, data: bytes, *, scratch: Path) -> None:
    """Put ``data`` at ``path`` in one step that survives a crash.

    ``scratch`` is a folder on the same file system in which the file is written first.
    """
    handle, temporary = tempfile.mkstemp(dir=scratch)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, path)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(temporary)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make renames in ``folder`` survive a crash."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
