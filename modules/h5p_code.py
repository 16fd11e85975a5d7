"""Where the code of a player is: core, and the bundle of the libraries that are played."""

import hashlib
from typing import Final, NamedTuple

from django.conf import settings
from django.urls import reverse

from h5p.bundles import bundle_key
from h5p.dependencies import Resolution
from h5p.problems import H5PError
from modules.h5p_core import SCRIPT, STYLE, core_version
from modules.h5p_staging import stage_of

# Part of the key: raise it when the addresses of libraries' files change.
_ADDRESSES: Final = 1


class Code(NamedTuple):
    """Addresses, in the order in which a document needs what is there."""

    core_style: str
    style: str
    core_script: str
    script: str


def key_of(resolution: Resolution) -> str:
    """That of the bundle."""
    text = f"{_ADDRESSES} {bundle_key(resolution)}"
    return hashlib.sha256(text.encode()).hexdigest()


def code_at(host: str, key: str) -> Code:
    """`host`: `https://host`, or nothing for addresses from the root of this one."""
    return Code(
        core_style=f"{host}{_core(STYLE)}",
        style=f"{host}{_bundle(key, 'css')}",
        core_script=f"{host}{_core(SCRIPT)}",
        script=f"{host}{_bundle(key, 'js')}",
    )


def code_of(version_id: int) -> tuple[str, ...]:
    """What the frame of this version will ask for, as far as can be said before; after the
    first time without a query. Nothing for what cannot be played."""
    try:
        resolution = stage_of(version_id).resolution
    except H5PError:
        return ()
    return code_at(settings.H5P_ORIGIN, key_of(resolution))


def _core(path: str) -> str:
    return reverse("h5p:core", args=[core_version(), path])


def _bundle(key: str, kind: str) -> str:
    return reverse("h5p:bundle", args=[key, kind])
