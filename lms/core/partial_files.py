"""Files that arrive in pieces: on a disk of ours until they are whole.

What a request brings is written behind the bytes that count, into a file that nobody else
writes to meanwhile (`Arrival`): it counts from the moment when whoever keeps the offset
moves it under a lock. What a broken connection or a dying worker leaves half-way lies
behind all that counts, and the next one drops it (docs/adr/0019).
"""

import errno
import fcntl
import os
import re
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.core.files.base import File

from lms.core.storage import put_on_disk

BUFFER = 1024 * 1024
FORGOTTEN_AFTER = 24 * 3600  # seconds; no request lasts as long
_KEY = re.compile(r"[0-9a-f]{32}")


class Arrival:
    """Bytes on their way behind the first `offset` of a file, `end` as far as they came.

    To be begun, and to be placed, under the lock of whoever keeps the offset. Everything
    raises OSError where the disk fails; then the offset holds.

    The file is ours alone while we hold its lock (`flock`, gone with the process). Where
    somebody else holds it, a worker waiting for a connection that broke, or where there is
    none yet, we write to another one, which begins with a copy of what counts and takes
    the file's place together with its first bytes.
    """

    def __init__(self, path: Path, offset: int) -> None:
        self.offset = self.end = offset
        self._path = path
        self._beside: Path | None = None
        self._before = os.open(path, os.O_RDWR | os.O_APPEND) if offset else None
        self._file = -1
        try:
            self._begin()
        except OSError:
            self.close()
            raise

    def _begin(self) -> None:
        if self._before is not None:
            if os.fstat(self._before).st_size < self.offset:
                raise OSError(errno.EIO, "Bytes that had arrived are gone.")
            if _is_ours(self._before):
                os.truncate(self._before, self.offset)  # what a crash had left behind
                self._file = self._before
                return
        beside = _folder("pieces") / uuid4().hex
        self._file = os.open(beside, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_EXCL, 0o644)
        self._beside = beside
        _is_ours(self._file)

    @property
    def descriptor(self) -> int:
        """Of the file that holds the first `end` bytes."""
        return self._file

    def copy_what_counts(self) -> None:
        """Where another file takes the place: it takes a while, and no lock."""
        if self._before in (None, self._file):
            return
        assert self._before is not None
        at = 0
        while at < self.offset:
            came = os.pread(self._before, min(BUFFER, self.offset - at), at)
            if not came:
                raise OSError(errno.EIO, "Bytes that had arrived are gone.")
            _write(self._file, came)
            at += len(came)

    def take(self, read: Callable[[int], bytes], size: int) -> bytes:
        """Up to `size` of the next bytes; none when the sender stops."""
        came = read(min(BUFFER, size))
        _write(self._file, came)
        self.end += len(came)
        return came

    def beginning(self, size: int) -> bytes:
        return os.pread(self._file, size, 0)

    def put_on_disk(self) -> None:
        os.fsync(self._file)

    def place(self) -> None:
        """What has come counts from now on: to be called with `put_on_disk` done."""
        if os.fstat(self._file).st_size != self.end:
            raise OSError(errno.EIO, "Bytes that had arrived are gone.")
        if self._before is not None and not _is_at(self._path, self._before):
            raise OSError(errno.ESTALE, "Another file has taken this one's place.")
        if self._beside is not None:
            os.replace(self._beside, self._path)
            self._beside = None
            put_on_disk(self._path.parent)
            put_on_disk(self._path.parent.parent)
            if self._before is not None:
                os.close(self._before)
            self._before = self._file
        self.offset = self.end

    def close(self) -> None:
        for descriptor in {self._before, self._file} - {None, -1}:
            assert descriptor is not None
            os.close(descriptor)
        self._before, self._file = None, -1
        if self._beside is not None:
            self._beside.unlink(missing_ok=True)


class WholeFile(File):
    """A file that has arrived. A storage on the same disk takes it over without copying."""

    def __init__(self, path: Path, linked: Path) -> None:
        super().__init__(path.open("rb"), name=path.name)
        self._linked = linked
        self._path = path

    def temporary_file_path(self) -> str:
        """Another name of the same bytes, for the storage to move away: ours stays until
        the file is known to be attached."""
        file: Any = self.file
        try:
            os.link(self._path, self._linked)
        except FileNotFoundError:  # cancelled meanwhile
            raise
        except OSError:  # a disk without hard links
            shutil.copyfile(self._path, self._linked)
        else:
            if not _is_at(self._linked, file.fileno()):
                raise OSError(errno.ESTALE, "Another file has taken this one's place.")
        return str(self._linked)


class PartialFile:
    """The bytes that have arrived of one upload."""

    def __init__(self, key: UUID) -> None:
        self.path = _folder(key.hex[:2]) / key.hex

    @property
    def size(self) -> int:
        """Bytes that are really there."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0

    def continued(self, offset: int) -> Arrival:
        return Arrival(self.path, offset)

    @contextmanager
    def opened(self) -> Iterator[WholeFile]:
        linked = _folder("pieces") / uuid4().hex
        file = WholeFile(self.path, linked)
        try:
            yield file
        finally:
            file.close()
            linked.unlink(missing_ok=True)

    def discard(self) -> None:
        self.path.unlink(missing_ok=True)


def partial_files() -> list[UUID]:
    """Of which uploads there are bytes."""
    paths = Path(settings.UPLOADS_ROOT).glob("[0-9a-f][0-9a-f]/*")
    return [UUID(path.name) for path in paths if _KEY.fullmatch(path.name)]


def forget_pieces() -> None:
    """Drop what workers that died have left behind."""
    for path in _folder("pieces").iterdir():
        _forget_if_old(path)


def forget_unknown(keys: Iterable[UUID]) -> None:
    """Drop the bytes of uploads that nobody knows of, unless they came just now."""
    for key in keys:
        _forget_if_old(PartialFile(key).path)


def _forget_if_old(path: Path) -> None:
    with suppress(FileNotFoundError):
        if path.stat().st_mtime < time.time() - FORGOTTEN_AFTER:
            path.unlink()


def _folder(name: str) -> Path:
    folder = Path(settings.UPLOADS_ROOT) / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _is_ours(descriptor: int) -> bool:
    """Whether nobody else writes to this file until we close it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # somebody does, or this disk knows no such locks
        return False
    return True


def _is_at(path: Path, descriptor: int) -> bool:
    return os.path.samestat(path.stat(), os.fstat(descriptor))


def _write(descriptor: int, content: bytes) -> None:
    left = memoryview(content)
    while left:
        left = left[os.write(descriptor, left) :]
