"""One script and one stylesheet for a set of libraries, instead of dozens of requests.

The bytes depend on the libraries' contents and on the addresses given to their files only, so
activities with the same libraries share them and may keep them for ever.
"""

import gzip
import hashlib
import posixpath
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import brotli

from h5p.dependencies import Resolution
from h5p.libraries import Library
from h5p.packing import packed
from h5p.problems import Problem, Refused, problem
from h5p.scripts import Script, read_script
from h5p.storage import Storage
from h5p.stylesheets import Joiner
from h5p.words import gettext_noop as _

# Part of the key: raise it when the bytes built from the same libraries change.
FORMAT: Final = 3

AssetUrl = Callable[[str, str], str]


@dataclass(frozen=True)
class Asset:
    """A file to serve, with its compressed forms (``Content-Encoding: br`` and ``gzip``).

    ``name`` is the file's SHA-256 with an extension: it may be cached for ever.
    """

    name: str
    media_type: str
    sha256: str
    data: bytes
    brotli: bytes
    gzip: bytes


@dataclass(frozen=True)
class Bundles:
    """What a page loads for an activity.

    ``key`` identifies the set of libraries: look for finished bundles under it before building.
    It does not depend on ``asset_url``; who changes how addresses look must rebuild.
    ``evaluates``: some script seems to need 'unsafe-eval'. ``works``: some seems to start workers.
    ``external``: addresses on other hosts that the styles name (left as they are, for the
    content-security policy to stop). ``missing``: files that the styles name and nobody brought.
    """

    js: Asset
    css: Asset
    key: str
    evaluates: bool
    works: bool
    external: tuple[str, ...]
    missing: tuple[str, ...]


def build_bundles(
    resolution: Resolution, storage: Storage, asset_url: AssetUrl, *, quality: int = 11
) -> Bundles:
    """Join the scripts and styles of the libraries that a page loads, in their order.

    ``asset_url(sha256, path)`` gives the URL of a file of a library; ``path`` (``H5P.Foo-1.2/
    images/a.svg``) tells its type. Editor libraries are left out, and so are the styles of
    libraries that another one replaces (``dropLibraryCss``).
    ``quality`` is Brotli's, 0 to 11: 11 is a tenth smaller than 9 and takes, for a megabyte of
    scripts, four seconds instead of a quarter of one.
    Raises Refused naming every script that cannot be bundled.
    """
    libraries = [library for library in resolution.loaded if not is_editor(library)]
    scripts = _read_scripts(libraries, storage)

    def address(path: str) -> str | None:
        sha256 = resolution.file(path)
        return None if sha256 is None else asset_url(sha256, path)

    def read(path: str) -> str | None:
        sha256 = resolution.file(path)
        return None if sha256 is None else storage.read(sha256).decode("utf-8-sig", "replace")

    joiner = Joiner(address, read)
    dropped = dropped_styles(libraries)
    styles = [
        joiner.part(path)
        for library in libraries
        if library.name.machine not in dropped
        for path in _preloaded(library, "preloadedCss")
    ]
    return Bundles(
        # A semicolon ends what the script before left open, and keeps a "use strict" at a
        # script's beginning from ruling over all that follow.
        js=make_asset("".join(f";{packed(script.text)}\n" for script in scripts), "js", quality),
        css=make_asset("".join(styles), "css", quality),
        key=bundle_key(resolution),
        evaluates=any(script.evaluates for script in scripts),
        works=any(script.works for script in scripts),
        external=tuple(sorted(joiner.found.external)),
        missing=tuple(sorted(joiner.found.missing)),
    )


def bundle_key(resolution: Resolution) -> str:
    """What `Bundles.key` will be: look there before building."""
    return hashlib.sha256(f"bundle {FORMAT} {resolution.key}".encode()).hexdigest()


def make_asset(text: str, extension: str, quality: int = 11) -> Asset:
    """A script (``js``) or stylesheet (``css``) with its compressed forms; deterministic."""
    data = text.encode("utf-8", "replace")
    sha256 = hashlib.sha256(data).hexdigest()
    media_type = {"js": "text/javascript", "css": "text/css"}[extension]
    return Asset(
        name=f"{sha256}.{extension}",
        media_type=f"{media_type}; charset=utf-8",
        sha256=sha256,
        data=data,
        brotli=brotli.compress(data, mode=brotli.MODE_TEXT, quality=quality),
        gzip=gzip.compress(data, 9, mtime=0),
    )


def check_scripts(libraries: Iterable[Library], read: Callable[[str], bytes]) -> list[Problem]:
    """What would keep these libraries' scripts out of a bundle, one problem a script.

    ``read`` gives the bytes for a SHA-256. For a review before installation.
    """
    found = (
        item
        for library in libraries
        if not is_editor(library)
        for item in _scripts_of(library, read)
    )
    return [item for _, item in found if isinstance(item, Problem)]


def is_editor(library: Library) -> bool:
    """Whether the library belongs to H5P's editor, which nothing that is played needs."""
    return library.name.machine.startswith("H5PEditor.")


def dropped_styles(libraries: Iterable[Library]) -> frozenset[str]:
    """Machine names of the libraries whose styles another one of these replaces."""
    return frozenset(
        entry["machineName"]
        for library in libraries
        for entry in _entries(library, "dropLibraryCss")
        if isinstance(entry.get("machineName"), str)
    )


def _read_scripts(libraries: Iterable[Library], storage: Storage) -> list[Script]:
    scripts: list[Script] = []
    problems: list[Problem] = []
    declared: dict[str, str] = {}
    for library in libraries:
        for path, item in _scripts_of(library, storage.read):
            if isinstance(item, Problem):
                problems.append(item)
                continue
            problems.extend(
                _twice(name, declared[name], path) for name in sorted(item.declares & set(declared))
            )
            declared.update(dict.fromkeys(item.declares, path))
            scripts.append(item)
    if problems:
        raise Refused(*problems)
    return scripts


def _twice(name: str, first: str, second: str) -> Problem:
    return problem(
        "script",
        second,
        _(
            "The scripts “{first}” and “{second}” both declare “{name}”, so they cannot work on "
            "one page. Get newer versions of the libraries."
        ),
        first=first,
        second=second,
        name=name,
    )


def _scripts_of(
    library: Library, read: Callable[[str], bytes]
) -> Iterator[tuple[str, Script | Problem]]:
    for path in _preloaded(library, "preloadedJs"):
        file = library.files.get(path.removeprefix(f"{library.name.folder}/"))
        if file is None:
            yield (
                path,
                problem(
                    "missing-file", path, _("The library names “{path}” but does not bring it.")
                ),
            )
        else:
            yield path, read_script(read(file.sha256), path)


def _preloaded(library: Library, key: str) -> list[str]:
    """Paths, with the library's folder, of the files that library.json lists under ``key``."""
    folder = library.name.folder
    return [
        f"{folder}/{posixpath.normpath(entry['path'].strip())}"
        for entry in _entries(library, key)
        if isinstance(entry.get("path"), str) and entry["path"].strip()
    ]


def _entries(library: Library, key: str) -> list[dict[str, Any]]:
    entries = library.metadata.get(key)
    if not isinstance(entries, list):
        return []
    return [entry for entry in entries if isinstance(entry, dict)]
