"""Reading the files of an archive without trusting it.

`open_archive` looks at every name and every position and collects what is wrong;
`Archive.chunks` unpacks one file and stops as soon as it is longer than it claims to be.
Sizes are in bytes.
"""

import errno
import io
import os
import re
import unicodedata
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

from h5p.directory import NOT_A_ZIP, Entry, data_offset, read_directory
from h5p.limits import Limits
from h5p.problems import Problem, Refused, problem, unreadable
from h5p.words import Words
from h5p.words import gettext_noop as _

_STORED: Final = 0
_DEFLATED: Final = 8
_CHUNK: Final = 256 * 1024
_DRIVE: Final = re.compile(r"[A-Za-z]:")
_UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass
class Archive:
    """The files of a package that can be read, by path, and what is wrong with the rest.

    ``is_readable`` is False when the archive as a whole is not to be unpacked at all.
    ``starts`` are the offsets of the packed bytes by the offset of the header before them.
    """

    file: BinaryIO
    files: dict[str, Entry]
    problems: list[Problem]
    is_readable: bool = True
    starts: dict[int, int] = field(default_factory=dict)

    def chunks(self, entry: Entry) -> Iterator[bytes]:
        """Unpack one file. Raises Refused when it is damaged or not as long as it claims."""
        left = entry.size
        crc = 0
        try:
            for chunk in self._unpacked(entry):
                left -= len(chunk)
                if left < 0:
                    raise Refused(_lying(entry))
                crc = zlib.crc32(chunk, crc)
                yield chunk
        except (zlib.error, OSError) as error:
            raise Refused(_damaged(entry)) from error
        if left:
            raise Refused(_lying(entry))
        if crc != entry.crc:
            raise Refused(_damaged(entry))

    def read(self, entry: Entry) -> bytes:
        """All bytes of one file. Raises Refused as `chunks` does."""
        return b"".join(self.chunks(entry))

    def _unpacked(self, entry: Entry) -> Iterator[bytes]:
        position = self.starts[entry.header_offset]
        left = entry.packed_size
        unpack = zlib.decompressobj(-zlib.MAX_WBITS) if entry.method == _DEFLATED else None
        while left:
            self.file.seek(position)
            packed = self.file.read(min(left, _CHUNK))
            if not packed:
                raise Refused(_damaged(entry))
            position += len(packed)
            left -= len(packed)
            if unpack is None:
                yield packed
                continue
            while packed:
                yield unpack.decompress(packed, _CHUNK)
                packed = unpack.unconsumed_tail
            if unpack.unused_data:
                raise Refused(_lying(entry))
        if unpack is not None:
            yield unpack.flush()
            if not unpack.eof:
                raise Refused(_damaged(entry))


@contextmanager
def open_archive(file: BinaryIO | Path, limits: Limits) -> Iterator[Archive]:
    """Look through an archive. A path is opened and closed again; an open file stays open."""
    try:
        if isinstance(file, Path) and file.is_fifo():
            # Opening it would wait for whoever writes into it, and none is read twice.
            raise OSError(errno.ESPIPE, os.strerror(errno.ESPIPE))
        opened = file.open("rb") if isinstance(file, Path) else file
    except OSError as error:
        name = file.name if isinstance(file, Path) else ""
        yield Archive(io.BytesIO(), {}, [unreadable(name, error)], is_readable=False)
        return
    try:
        yield _look_through(opened, limits)
    finally:
        if isinstance(file, Path):
            opened.close()


def _look_through(file: BinaryIO, limits: Limits) -> Archive:
    try:
        directory = read_directory(file, limits)
    except Refused as refused:
        return Archive(file, {}, list(refused.problems), is_readable=False)
    except (OSError, ValueError):
        return Archive(file, {}, [NOT_A_ZIP], is_readable=False)

    archive = Archive(file, {}, [])
    readable = []
    for entry in directory.entries:
        found = _check_row(entry, limits)
        archive.problems += found
        if not found:
            readable.append(entry)
    overlapping = _find_overlaps(archive, directory.entries, directory.offset)
    readable = [entry for entry in readable if id(entry) not in overlapping]
    _check_total(archive, readable, limits)
    if archive.is_readable:
        _name_files(archive, [entry for entry in readable if not entry.is_folder])
    return archive


def _check_row(entry: Entry, limits: Limits) -> list[Problem]:
    """What the table itself gives away about one entry."""
    path = _printable(entry.path)
    problems = []
    reason = _unsafe(entry.path, limits)
    if reason:
        problems.append(
            problem(
                "unsafe-path",
                path,
                _("The name {path} {reason}. Do not use this package."),
                reason=reason,
            )
        )
    if entry.is_special:
        problems.append(
            problem(
                "symlink",
                path,
                _("{path} is a link to another place, not a file. Do not use this package."),
            )
        )
    if entry.is_encrypted:
        problems.append(
            problem(
                "encrypted",
                path,
                _("{path} is protected with a password. Export the package without one."),
            )
        )
    elif entry.method not in (_STORED, _DEFLATED):
        problems.append(
            problem(
                "compression",
                path,
                _("{path} is packed in a way that H5P does not use. Export the package again."),
            )
        )
    if entry.size > limits.file_bytes:
        problems.append(
            problem(
                "too-large",
                path,
                _("{path} is {size:,} bytes; {most:,} are allowed for one file. Make it smaller."),
                size=entry.size,
                most=limits.file_bytes,
            )
        )
    elif entry.size > limits.ratio_from and entry.size > limits.ratio * entry.packed_size:
        problems.append(
            problem(
                "ratio",
                path,
                _(
                    "{path} grows more than {times} times when unpacked, as only a harmful file "
                    "does. Do not use this package."
                ),
                times=limits.ratio,
            )
        )
    return problems


def _unsafe(path: str, limits: Limits) -> Words | None:
    """Why a path cannot be used; None when it can."""
    segments = path.removesuffix("/").split("/")
    if _UNPRINTABLE.search(path):
        return Words(_("has characters that no file name can have"))
    if "\\" in path:
        return Words(_("has a backslash, which leads elsewhere on some computers"))
    if path.startswith("/") or _DRIVE.match(path):
        return Words(_("points to a place outside of the package"))
    if ".." in segments:
        return Words(_("leads out of the package"))
    if "" in segments or "." in segments:
        return Words(_("is not a plain name of a file"))
    if len(path) > limits.path_length:
        return Words(_("is longer than {most} characters"), {"most": limits.path_length})
    return None


def _find_overlaps(archive: Archive, entries: tuple[Entry, ...], end: int) -> set[int]:
    """Find every entry's bytes; return the ids of entries that cannot be read."""
    bad = set()
    previous_end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        start = data_offset(archive.file, entry) if entry.header_offset < end else None
        path = _printable(entry.path)
        if start is None:
            archive.problems.append(_damaged(entry))
            bad.add(id(entry))
            continue
        if entry.header_offset < previous_end or start + entry.packed_size > end:
            archive.problems.append(
                problem(
                    "overlap",
                    path,
                    _(
                        "{path} shares its bytes with another file of the package, as only a "
                        "harmful package does. Do not use it."
                    ),
                )
            )
            bad.add(id(entry))
        previous_end = max(previous_end, start + entry.packed_size)
        archive.starts[entry.header_offset] = start
    return bad


def _check_total(archive: Archive, entries: list[Entry], limits: Limits) -> None:
    total = sum(entry.size for entry in entries)
    if total > limits.total_bytes:
        archive.is_readable = False
        archive.problems.append(
            problem(
                "too-large",
                "",
                _(
                    "Unpacked, the package is {total:,} bytes; {most:,} are allowed. Make its "
                    "videos or pictures smaller."
                ),
                total=total,
                most=limits.total_bytes,
            )
        )


def _name_files(archive: Archive, entries: list[Entry]) -> None:
    """Give every path its entry, once, whatever the file system thinks of case and accents."""
    spellings: dict[str, str] = {}
    for entry in entries:
        known = archive.files.get(entry.path)
        if known is not None:
            if not _same_bytes(archive, known, entry):
                archive.problems.append(
                    problem(
                        "duplicate-entry",
                        entry.path,
                        _(
                            "{path} is there twice, with different contents. Export the package "
                            "again."
                        ),
                    )
                )
            continue
        archive.files[entry.path] = entry
        other = spellings.setdefault(_folded(entry.path), entry.path)
        if other != entry.path:
            archive.problems.append(
                problem(
                    "case-collision",
                    entry.path,
                    _(
                        "{path} and {other} differ only by capitals or accents, so that one "
                        "would overwrite the other. Rename one of them."
                    ),
                    other=other,
                )
            )
    for folded, path in spellings.items():
        parts = folded.split("/")
        for length in range(1, len(parts)):
            file = spellings.get("/".join(parts[:length]))
            if file is not None:
                archive.problems.append(
                    problem(
                        "unsafe-path",
                        path,
                        _("{path} lies in {file}, which is a file. Export the package again."),
                        file=file,
                    )
                )


def _folded(path: str) -> str:
    """What a forgiving file system takes a path for."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def _same_bytes(archive: Archive, one: Entry, other: Entry) -> bool:
    if (one.size, one.crc) != (other.size, other.crc):
        return False
    try:
        return archive.read(one) == archive.read(other)
    except Refused:
        return False


def _printable(path: str) -> str:
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", path)[:300]


def _lying(entry: Entry) -> Problem:
    path = _printable(entry.path)
    return problem(
        "lying-size",
        path,
        _(
            "{path} is not as long as the package says, as only a damaged or harmful file is. "
            "Export the package again."
        ),
    )


def _damaged(entry: Entry) -> Problem:
    path = _printable(entry.path)
    return problem(
        "damaged", path, _("{path} cannot be unpacked: it is damaged. Export the package again.")
    )
