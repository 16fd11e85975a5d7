"""JPEG and PNG pictures inside of documents without what cameras and editors wrote beside the
pixels; these stay as they are, byte for byte."""

import re
import struct

_PNG = b"\x89PNG\r\n\x1a\n"
# Words, times, EXIF, and the first two letters of what editors call their own.
_PNG_WORDS = {b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME", b"dSIG"}
# APP0 (the density), APP2 (colour profile) and APP14 (what the colours mean) are of the pixels.
_JPEG_KEPT = {0xE0, 0xE2, 0xEE}
_COMMENT, _SCAN, _END = 0xFE, 0xDA, 0xD9
_APPS = range(0xE0, 0xF0)
# Where the pixels after a scan stop: at any sign of a segment but those that belong to them.
_NEXT = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")


def bare_picture(content: bytes) -> bytes:
    """Without words. What is neither of the two kinds, or broken, raises ValueError."""
    if content.startswith(_PNG):
        return _bare_png(content)
    if content.startswith(b"\xff\xd8"):
        return _bare_jpeg(content)
    raise ValueError("neither JPEG nor PNG")


def _bare_jpeg(content: bytes) -> bytes:
    kept = [content[:2]]
    place = 2
    while found := _NEXT.search(content, place):
        start, kind = found.start(), found[0][1]
        if kind == _END:
            # What comes after it is no part of the picture.
            return b"".join([*kept, content[start : start + 2]])
        (length,) = struct.unpack_from(">H", content, start + 2)
        place = start + 2 + length
        if kind == _SCAN:
            after = _NEXT.search(content, place)
            place = after.start() if after else len(content)
        if kind != _COMMENT and (kind not in _APPS or kind in _JPEG_KEPT):
            kept.append(content[start:place])
    raise ValueError("a JPEG without an end")


def _bare_png(content: bytes) -> bytes:
    kept = [_PNG]
    place = len(_PNG)
    while place + 12 <= len(content):
        (length,) = struct.unpack_from(">I", content, place)
        kind, after = content[place + 4 : place + 8], place + 12 + length
        if kind not in _PNG_WORDS:
            kept.append(content[place:after])
        place = after
        if kind == b"IEND":
            return b"".join(kept)
    raise ValueError("a PNG without an end")
