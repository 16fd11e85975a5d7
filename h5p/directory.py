"""The table of contents of a zip archive, read by ourselves.

`zipfile` loads whatever the table claims and trusts it; we bound it first, and keep the
offsets that show whether entries overlap.
"""

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from h5p.limits import Limits
from h5p.problems import Problem, Refused, problem
from h5p.words import gettext_noop as _

_END: Final = struct.Struct("<4s4H2LH")
_END64_LOCATOR: Final = struct.Struct("<4sLQL")
_END64: Final = struct.Struct("<4sQ2H2L4Q")
_CENTRAL: Final = struct.Struct("<4s6H3L5H2L")
_LOCAL: Final = struct.Struct("<4s5H3L2H")
_LONGEST_COMMENT: Final = 0xFFFF
_IN_EXTRA_16: Final = 0xFFFF
_IN_EXTRA_32: Final = 0xFFFFFFFF
_ZIP64: Final = 0x0001
_IS_UTF8: Final = 0x800
_ENCRYPTED: Final = 0x1 | 0x40 | 0x2000  # by password, strongly, with the table masked
_AES: Final = 99
_KIND_OF_FILE: Final = 0o170000
_ORDINARY: Final = (0, 0o100000, 0o040000)  # not said, file, folder

NOT_A_ZIP: Final = problem(
    "not-a-zip",
    "",
    _(
        "This file is not an H5P package, or it was damaged on its way. Download or export it "
        "again and upload it unchanged."
    ),
)


@dataclass(frozen=True)
class Entry:
    """One row of the table, as claimed; sizes and offsets in bytes."""

    path: str
    raw_name: bytes
    flags: int
    method: int
    crc: int
    packed_size: int
    size: int
    header_offset: int
    attributes: int

    @property
    def is_folder(self) -> bool:
        """Whether the entry only names a folder."""
        return self.path.endswith("/")

    @property
    def is_encrypted(self) -> bool:
        """Whether a password is needed."""
        return bool(self.flags & _ENCRYPTED) or self.method == _AES

    @property
    def is_special(self) -> bool:
        """Whether it is a link, a device or the like."""
        return (self.attributes >> 16) & _KIND_OF_FILE not in _ORDINARY


@dataclass(frozen=True)
class Directory:
    """The rows, and the offset where the table begins (and the files' bytes must have ended)."""

    entries: tuple[Entry, ...]
    offset: int


def read_directory(file: BinaryIO, limits: Limits) -> Directory:
    """Read the table of contents. Raises Refused when there is none that can be read safely."""
    length = file.seek(0, os.SEEK_END)
    if length > limits.package_bytes:
        raise Refused(
            problem(
                "too-large",
                "",
                _(
                    "The package is {size:,} bytes; {most:,} are allowed. Make its videos or "
                    "pictures smaller."
                ),
                size=length,
                most=limits.package_bytes,
            )
        )
    offset, size = _find_table(file, length)
    # A row is 46 bytes, its path, and seldom more than that again in notes.
    if size > limits.entries * (_CENTRAL.size + 4 * limits.path_length + 256):
        raise Refused(too_many(limits))
    file.seek(offset)
    table = file.read(size)
    if len(table) != size:
        raise Refused(NOT_A_ZIP)
    entries: list[Entry] = []
    for entry in _rows(table):
        if len(entries) == limits.entries:
            raise Refused(too_many(limits))
        entries.append(entry)
    return Directory(tuple(entries), offset)


def too_many(limits: Limits) -> Problem:
    """The problem of an archive with more rows than allowed."""
    return problem(
        "too-many-entries",
        "",
        _(
            "The package holds more than {most:,} files. Export the activity again, without "
            "files that it does not need."
        ),
        most=limits.entries,
    )


def data_offset(file: BinaryIO, entry: Entry) -> int | None:
    """Where the packed bytes of an entry begin; None when its own header contradicts the table."""
    file.seek(entry.header_offset)
    header = file.read(_LOCAL.size)
    if len(header) != _LOCAL.size:
        return None
    signature, *_, name_length, extra_length = _LOCAL.unpack(header)
    if signature != b"PK\3\4" or file.read(name_length) != entry.raw_name:
        return None
    return entry.header_offset + _LOCAL.size + int(name_length) + int(extra_length)


def _find_table(file: BinaryIO, length: int) -> tuple[int, int]:
    """Offset and size of the table, from the record at the very end of the file."""
    start = max(0, length - _END.size - _LONGEST_COMMENT)
    file.seek(start)
    tail = file.read(length - start)
    at = len(tail)
    while (at := tail.rfind(b"PK\5\6", 0, at)) >= 0:
        if len(tail) - at >= _END.size:
            _, _, _, _, count, size, offset, comment = _END.unpack_from(tail, at)
            if at + _END.size + comment == len(tail):
                break
    if at < 0:
        raise Refused(NOT_A_ZIP)
    end = start + at
    if count == _IN_EXTRA_16 or _IN_EXTRA_32 in (size, offset):
        end, size, offset = _find_table_64(file, end, size, offset)
    # Anything between the table and its record, or before the first byte, is not a plain zip.
    if offset + size != end:
        raise Refused(NOT_A_ZIP)
    return offset, size


def _find_table_64(file: BinaryIO, end: int, size: int, offset: int) -> tuple[int, int, int]:
    """The same for an archive in the long format; the short values when it is not one."""
    at = end - _END64_LOCATOR.size
    if at < 0:
        return end, size, offset
    file.seek(at)
    signature, _, record, _ = _END64_LOCATOR.unpack(file.read(_END64_LOCATOR.size))
    if signature != b"PK\6\7":
        return end, size, offset
    if record + _END64.size > at:
        raise Refused(NOT_A_ZIP)
    file.seek(record)
    fields = _END64.unpack(file.read(_END64.size))
    if fields[0] != b"PK\6\6":
        raise Refused(NOT_A_ZIP)
    return record, fields[8], fields[9]


def _rows(table: bytes) -> Iterator[Entry]:
    at = 0
    while at < len(table):
        if len(table) - at < _CENTRAL.size:
            raise Refused(NOT_A_ZIP)
        row = _CENTRAL.unpack_from(table, at)
        flags, method, crc, packed, size = row[3], row[4], row[7], row[8], row[9]
        name_length, extra_length, comment_length = row[10], row[11], row[12]
        attributes, header_offset = row[15], row[16]
        at += _CENTRAL.size
        name = table[at : at + name_length]
        extra = table[at + name_length : at + name_length + extra_length]
        at += name_length + extra_length + comment_length
        if row[0] != b"PK\1\2" or at > len(table):
            raise Refused(NOT_A_ZIP)
        size, packed, header_offset = _long_values(extra, [size, packed, header_offset])
        yield Entry(
            _decode(name, flags), name, flags, method, crc, packed, size, header_offset, attributes
        )


def _long_values(extra: bytes, values: list[int]) -> list[int]:
    """Replace each value that did not fit into 32 bits by the one in the extra field."""
    if _IN_EXTRA_32 not in values:
        return values
    at = 0
    while len(extra) - at >= 4:
        tag, length = struct.unpack_from("<2H", extra, at)
        body = extra[at + 4 : at + 4 + length]
        at += 4 + length
        if tag == _ZIP64:
            longs = [int.from_bytes(body[i : i + 8], "little") for i in range(0, len(body) - 7, 8)]
            return [longs.pop(0) if v == _IN_EXTRA_32 and longs else v for v in values]
    return values


def _decode(name: bytes, flags: int) -> str:
    """The path as text. Packers that do not set the flag write UTF-8 nevertheless, or DOS text.

    A name that is declared UTF-8 and is not keeps its odd bytes as surrogates: an unsafe path.
    """
    if flags & _IS_UTF8:
        return name.decode("utf-8", "surrogateescape")
    try:
        return name.decode("utf-8")
    except UnicodeDecodeError:
        return name.decode("cp437")
