"""H5P core as the front-end build has put it beside our own files (docs/adr/0011).

It is loaded in the frame's own document only, and no page of ours has it.
"""

import hashlib
from base64 import b64encode
from functools import cache
from pathlib import Path
from typing import Final

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from h5p.playing import BRIDGE_SCRIPT, FRAME_STYLE, LOADER_SCRIPT, START_SCRIPT, STORAGE_SCRIPT

FOLDER: Final = Path(settings.BASE_DIR) / "frontend" / "dist" / "h5p-core"
SCRIPT: Final = "frame.bundle.js"
STYLE: Final = "styles/h5p.css"


@cache
def core_files() -> dict[str, Path]:
    """Every file of core, by its path in the folder."""
    found = {
        path.relative_to(FOLDER).as_posix(): path for path in FOLDER.rglob("*") if path.is_file()
    }
    if SCRIPT not in found:
        raise ImproperlyConfigured(f"H5P core is not in {FOLDER}: run `npm run build`.")
    return found


@cache
def core_integrity(path: str) -> str:
    """`sha256-…` of SCRIPT or STYLE."""
    data = core_files()[path].read_bytes()
    return f"sha256-{b64encode(hashlib.sha256(data).digest()).decode()}"


@cache
def player_version() -> str:
    """Changes with anything that the frame's document is made of, whatever is played."""
    parts = (
        core_version(), LOADER_SCRIPT, STORAGE_SCRIPT, START_SCRIPT, BRIDGE_SCRIPT, FRAME_STYLE,
    )  # fmt: skip
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


@cache
def core_version() -> str:
    """Part of the addresses, so that browsers may keep what they have for ever."""
    digest = hashlib.sha256()
    for path in (SCRIPT, STYLE):
        digest.update(core_files()[path].read_bytes())
    return digest.hexdigest()[:16]
