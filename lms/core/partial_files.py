"""Files that arrive in pieces: on a disk of ours until they are whole.

A piece is written to a file of its own while it arrives and joins the rest in one step,
under the lock of whoever keeps the offset: what a broken connection or a dying worker
leaves half-way never lies among bytes that count.
"""

import errno
import hashlib
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO
from uuid import UUID, uuid4

from django.conf import settings
from django.core.files.base import File

BUFFER = 256 * 1024
FORGOTTEN_AFTER = 24 * 3600  # seconds; no request lasts as long
_KEY = re.compile(r"[0-9a-f]{32}")


class Piece:
    """What one request brings, as far as it came. `digest` is of those bytes."""

    def __init__(self, file: BinaryIO, algorithm: str) -> None:
        self.file = file
        self.size = 0
        self._hash = hashlib.new(algorithm) if algorithm else None

    def fill(self, read: Callable[[int], bytes], size: int) -> bool:
        """Take up to `size` bytes; False when the sender stops before."""
        while self.size < size:
            came = read(min(BUFFER, size - self.size))
            if not came:
                return False
            self.file.write(came)
            self.size += len(came)
            if self._hash is not None:
                self._hash.update(came)
        return True

    @property
    def digest(self) -> bytes:
        assert self._hash is not None, "No algorithm was asked for."
        return self._hash.digest()

    def beginning(self, size: int) -> bytes:
        self.file.seek(0)
        return self.file.read(size)


@contextmanager
def new_piece(algorithm: str = "") -> Iterator[Piece]:
    """A place for what is coming; gone at the end. `algorithm`: of hashlib, or none."""
    with tempfile.NamedTemporaryFile(dir=_folder("pieces")) as file:
        yield Piece(file, algorithm)  # type: ignore[arg-type]


class WholeFile(File):
    """A file that has arrived. A storage on the same disk takes it over without copying."""

    def __init__(self, path: Path, linked: Path) -> None:
        super().__init__(path.open("rb"), name=path.name)
        self._linked = linked
        self._path = path

    def temporary_file_path(self) -> str:
        """Another name of the same bytes, for the storage to move away: ours stays until
        the file is known to be attached."""
        try:
            os.link(self._path, self._linked)
        except OSError:  # a disk without hard links
            shutil.copyfile(self._path, self._linked)
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

    def append(self, piece: Piece, *, offset: int) -> None:
        """Put a piece behind the first `offset` bytes, and on the disk itself. What a
        crash had left behind these is dropped. Raises OSError; then the offset holds."""
        piece.file.seek(0)
        # Not append mode: that would write behind what is dropped here.
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
        with open(descriptor, "r+b", buffering=0) as file:
            if os.fstat(descriptor).st_size < offset:
                raise OSError("Bytes that had arrived are gone.")
            file.truncate(offset)
            file.seek(offset)
            _copy(piece, descriptor)
            os.fsync(descriptor)

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


def _copy(piece: Piece, descriptor: int) -> None:
    """The bytes of a piece to where the descriptor stands, by the system itself where it
    can: they do not come through us."""
    piece.file.flush()
    source, left = piece.file.fileno(), piece.size
    os.lseek(source, 0, os.SEEK_SET)
    try:
        while left and (copied := os.copy_file_range(source, descriptor, left)):
            left -= copied
    except OSError as error:
        if error.errno not in (errno.EXDEV, errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP):
            raise
    while left:
        came = os.read(source, min(BUFFER, left))
        if not came:
            raise OSError(errno.EIO, "Bytes of this piece are gone.")
        left -= os.write(descriptor, came)


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
