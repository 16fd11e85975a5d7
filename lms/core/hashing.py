"""The hash of a file that is still arriving, taken beside it in a thread."""

import hashlib
import os
import threading
from types import TracebackType
from typing import Any, Self

from lms.core.storage import sha256_of

BUFFER = 2 * 1024 * 1024


class Hashing:
    """Reads what is stored, never what was received: bytes that are there and stay as they
    are, from `start` as far as `reach` says. The thread ends with the block, however that ends.

    with Hashing(descriptor) as hashing:
        hashing.reach(100)             # the first 100 bytes are there
        hashing.digest_of(file)        # of these, which are all of the file
    """

    def __init__(self, descriptor: int, start: int = 0, algorithm: str = "sha256") -> None:
        self._descriptor = descriptor
        self._algorithm = algorithm
        self._there = self._hashed = start
        self._is_all = self._is_over = False
        self._digest = b""
        self._news = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="hashing", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._is_over = True
        self._wake()
        self._thread.join()

    def reach(self, there: int) -> None:
        self._there = there
        self._wake()

    def digest(self) -> bytes:
        """Of what was reached; empty where some of it could not be read."""
        self._is_all = True
        self._wake()
        self._thread.join()
        return self._digest

    def digest_of(self, file: Any) -> str:
        """SHA-256 in hex. Where this is not the file that was read from its beginning, or some
        of it could not be, it is read now."""
        digest = self.digest()
        ours, theirs = os.fstat(self._descriptor), os.fstat(file.fileno())
        if digest and os.path.samestat(ours, theirs) and theirs.st_size == self._hashed:
            return digest.hex()
        return sha256_of(file)

    def _wake(self) -> None:
        with self._news:
            self._news.notify()

    def _run(self) -> None:
        digest, buffer = hashlib.new(self._algorithm), memoryview(bytearray(BUFFER))
        while not self._is_over:
            with self._news:
                self._news.wait_for(
                    lambda: self._is_over or self._is_all or self._there > self._hashed
                )
            if self._there == self._hashed and self._is_all:
                self._digest = digest.digest()
                return
            part = buffer[: self._there - self._hashed]
            try:
                came = os.preadv(self._descriptor, [part], self._hashed)
            except OSError:
                return
            if not came and part:
                return  # bytes are gone: there is no digest of what was there
            digest.update(part[:came])
            self._hashed += came
