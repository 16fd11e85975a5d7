"""How much a package may ask of us."""

from dataclasses import dataclass

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """Bounds on what is read; all sizes in bytes.

    package_bytes   the uploaded file itself
    total_bytes     all files together, unpacked
    file_bytes      one file, unpacked
    entries         entries in the archive, folders included
    ratio           unpacked size ÷ packed size of a file …
    ratio_from      … that is larger than this when unpacked (tiny files compress oddly)
    path_length     characters of a path inside the package
    json_bytes      one JSON file
    json_depth      nesting of one JSON file
    problems        problems reported before we stop looking (a hostile file could have millions)
    """

    package_bytes: int = 512 * MEBIBYTE
    total_bytes: int = 1024 * MEBIBYTE
    file_bytes: int = 512 * MEBIBYTE
    entries: int = 20_000
    ratio: int = 200
    ratio_from: int = MEBIBYTE
    path_length: int = 255
    json_bytes: int = 16 * MEBIBYTE
    json_depth: int = 100
    problems: int = 500
