"""Which files a package may hold, and whether their bytes are what the extension says.

The two lists are those of H5P's reference implementation: libraries may bring scripts, styles,
SVG and XML; content may not.
"""

import re
from collections.abc import Callable
from typing import Final

from h5p.problems import Problem, problem
from h5p.words import Words
from h5p.words import gettext_noop as _

_FOR_CONTENT: Final = (
    "json png jpg jpeg gif bmp tif tiff eot ttf woff woff2 otf webm mp4 ogg mp3 m4a wav txt pdf "
    "rtf doc docx xls xlsx ppt pptx odt ods odp csv diff patch swf md textile vtt webvtt gltf glb"
)
CONTENT_EXTENSIONS: Final = frozenset(_FOR_CONTENT.split())
LIBRARY_EXTENSIONS: Final = CONTENT_EXTENSIONS | {"js", "css", "svg", "xml"}

HEAD_BYTES: Final = 4096
"""How much of a file `matches_extension` wants to see."""

_Test = Callable[[bytes], bool]


def extension_of(path: str) -> str:
    """``jpg`` for ``images/A.JPG``; "" when there is none."""
    name = path.rpartition("/")[2]
    stem, dot, extension = name.rpartition(".")
    return extension.lower() if dot and stem else ""


def is_ignored(path: str) -> bool:
    """Whether H5P leaves a file alone: hidden, or ``__MACOSX`` and the like."""
    return any(part.startswith((".", "_")) for part in path.split("/"))


def check_extension(path: str, *, in_library: bool) -> Problem | None:
    """``file-type`` when a file of this name is not allowed there."""
    extension = extension_of(path)
    if extension in (LIBRARY_EXTENSIONS if in_library else CONTENT_EXTENSIONS):
        return None
    kind = _("Files ending in .{extension}") if extension else _("Files without an extension")
    advice = (
        _("Save the picture as PNG.") if extension == "svg" else _("Remove it and export again.")
    )
    place = _("a library") if in_library else _("an activity")
    return problem(
        "file-type",
        path,
        _("{path}: {kind} are not allowed in {place}. {advice}"),
        kind=Words(kind, {"extension": extension}),
        place=Words(place),
        advice=Words(advice),
    )


def check_bytes(path: str, head: bytes) -> Problem | None:
    """``content-mismatch`` when the first bytes of a file are not what its extension says."""
    extension = extension_of(path)
    if matches_extension(extension, head):
        return None
    return problem(
        "content-mismatch",
        path,
        _(
            "{path} is not a real .{extension} file: its contents are something else. Save it "
            "again in the right format."
        ),
        extension=extension,
    )


def matches_extension(extension: str, head: bytes) -> bool:
    """Whether ``head``, the first `HEAD_BYTES` of a file, can be of this extension.

    Kinds that every reader tells apart by itself may stand in for each other (a JPEG called
    .png, an M4A called .mp3): they are common and harmless. An empty file is of every kind.
    """
    if not head:
        return True
    return any(test(head) for test in _TESTS.get(extension, (_is_text,)))


def _starts(*signatures: bytes) -> _Test:
    return lambda head: head.startswith(signatures)


def _at(offset: int, *signatures: bytes) -> _Test:
    return lambda head: head[offset:].startswith(signatures)


def _is_text(head: bytes) -> bool:
    return head.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" not in head


# Padding, then the sync word of a frame of layer II or III.
_MP3_FRAME: Final = re.compile(rb"\0*\xff[\xe2-\xe5\xf2-\xf5\xfa-\xfd]")
_XML_START: Final = re.compile(rb"\s*(?:<\?xml|<!--|<!DOCTYPE|<svg|<\w+:svg)", re.IGNORECASE)


def _is_mp3(head: bytes) -> bool:
    return head.startswith(b"ID3") or _MP3_FRAME.match(head) is not None


def _is_svg(head: bytes) -> bool:
    return _is_text(head) and _XML_START.match(head.removeprefix(b"\xef\xbb\xbf")) is not None


_PICTURE: Final[tuple[_Test, ...]] = (
    _starts(b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"BM"),
    _starts(b"II*\0", b"MM\0*"),
    lambda head: head.startswith(b"RIFF") and head[8:12] == b"WEBP",
    _at(4, b"ftypavif", b"ftypheic", b"ftypmif1"),
)
_RECORDING: Final[tuple[_Test, ...]] = (
    _at(4, b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide"),
    _starts(b"\x1aE\xdf\xa3", b"OggS"),
    lambda head: head.startswith((b"RIFF", b"RF64")) and head[8:12] == b"WAVE",
)
_FONT: Final[tuple[_Test, ...]] = (
    _starts(b"\0\1\0\0", b"OTTO", b"true", b"ttcf", b"wOFF", b"wOF2"),
    _at(34, b"LP"),  # Embedded OpenType
)
_OFFICE: Final[tuple[_Test, ...]] = (
    _starts(b"PK\3\4", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"{\\rtf"),
)
_OFFICE_EXTENSIONS: Final = "doc docx xls xlsx ppt pptx odt ods odp rtf"
_TESTS: Final[dict[str, tuple[_Test, ...]]] = {
    **dict.fromkeys(("png", "jpg", "jpeg", "gif", "bmp", "tif", "tiff"), _PICTURE),
    **dict.fromkeys(("mp4", "webm", "ogg", "mp3", "m4a", "wav"), (*_RECORDING, _is_mp3)),
    **dict.fromkeys(("ttf", "otf", "eot", "woff", "woff2"), _FONT),
    **dict.fromkeys(_OFFICE_EXTENSIONS.split(), _OFFICE),
    "pdf": (lambda head: b"%PDF-" in head[:1024],),
    "swf": (_starts(b"FWS", b"CWS", b"ZWS"),),
    "glb": (_starts(b"glTF"),),
    "svg": (_is_svg,),
}
