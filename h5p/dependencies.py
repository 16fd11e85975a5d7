"""Which libraries an activity needs, in the order in which a page must load them.

As H5P has it: a library comes after everything that it depends on; the libraries that the
content uses come first, then the main library; and of one machine name a page loads one version
only, the first it comes to, because both would define the same object. Otherwise than in H5P the
libraries that the content uses are taken by name (newest first), not by their place in the
content, so that activities that use the same ones load the same files.
"""

import hashlib
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from h5p.libraries import Library, Shelf
from h5p.names import LibraryName, parse_api
from h5p.problems import NotInstalled
from h5p.semantics import sub_libraries

_PLAYED: Final = ("dynamic", "preloaded")
_ALL: Final = ("dynamic", "preloaded", "editor")


@dataclass(frozen=True)
class Resolution:
    """The libraries of an activity, each with the content it was resolved to.

    ``loaded``     what a page loads, in order
    ``libraries``  these, then those that are only looked up or exported: dynamic dependencies,
                   a second version of a loaded library, editor libraries if asked for
    ``pins``       API name → content hash of all ``libraries``: give them to `resolve` again and
                   nothing that is installed later changes the outcome
    ``key``        identifies ``loaded``, order and contents: activities with the same key load
                   the same files
    """

    main: Library
    loaded: tuple[Library, ...]
    libraries: tuple[Library, ...]
    pins: Mapping[str, str] = field(hash=False)
    key: str
    _folders: Mapping[str, Library] = field(repr=False, compare=False)

    def file(self, path: str) -> str | None:
        """The SHA-256 of a library's file, by ``H5P.Foo-1.2/images/x.svg``; None when not there.

        ``path`` is not percent-encoded and has no query.
        """
        folder, _, inside = path.partition("/")
        library = self._folders.get(folder)
        file = None if library is None else library.files.get(inside)
        return None if file is None else file.sha256


def resolve(
    main: Library,
    content: Any,
    shelf: Shelf,
    *,
    pins: Mapping[str, str] | None = None,
    editor: bool = False,
) -> Resolution:
    """Find everything that ``main`` with this ``content`` needs.

    ``pins`` (API name → content hash) decide which content of a library is taken; for a library
    without a pin it is the one that the shelf prefers. ``editor`` includes what editing needs,
    as an exported package must. Libraries that depend on each other in a circle are allowed.
    Raises NotInstalled naming every library that is not on the shelf with its pinned content.
    """
    finder = _Finder(shelf, pins or {}, main)
    roots = [*finder.used_by(content), main]
    loaded = _in_order(finder, roots, ("preloaded",), key=lambda library: library.name.machine)
    every = _in_order(
        finder, roots, _ALL if editor else _PLAYED, key=lambda library: library.name.api
    )
    if finder.missing:
        raise NotInstalled(*finder.missing)
    libraries = tuple(dict.fromkeys((*loaded, *every)))
    return Resolution(
        main=main,
        loaded=loaded,
        libraries=libraries,
        pins={library.name.api: library.content_hash for library in libraries},
        key=_key(loaded),
        _folders={library.name.folder: library for library in libraries},
    )


class _Finder:
    """Looks libraries up once, by their pins, and remembers what is not there."""

    def __init__(self, shelf: Shelf, pins: Mapping[str, str], main: Library) -> None:
        self._shelf = shelf
        self._pins = pins
        self._found: dict[str, Library | None] = {main.name.api: main}
        self._main = main

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(sorted(api for api, library in self._found.items() if library is None))

    def find(self, name: LibraryName) -> Library | None:
        api = name.api
        if api not in self._found:
            self._found[api] = self._shelf.find(name, hash=self._pins.get(api))
        return self._found[api]

    def used_by(self, content: Any) -> list[Library]:
        """The libraries that the content itself names, newest first within a machine name."""

        def semantics(api: str) -> list[Any] | None:
            name = parse_api(api)
            library = None if name is None else self.find(name)
            return None if library is None else library.semantics

        names = sub_libraries(content, self._main.semantics, semantics)
        ordered = sorted(names, key=lambda name: (name.machine, -name.major, -name.minor))
        return [library for name in ordered if (library := self.find(name)) is not None]

    def dependencies(self, library: Library, kinds: Sequence[str]) -> Iterator[Library]:
        for kind in kinds:
            for name in named_dependencies(library.metadata, kind):
                found = self.find(name)
                if found is not None:
                    yield found


def named_dependencies(metadata: Mapping[str, Any], kind: str) -> Iterator[LibraryName]:
    """What library.json or h5p.json lists as ``preloaded``, ``dynamic`` or ``editor``."""
    entries = metadata.get(f"{kind}Dependencies")
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, Mapping):
            version = f"{entry.get('majorVersion')}.{entry.get('minorVersion')}"
            name = parse_api(f"{entry.get('machineName')} {version}")
            if name is not None:
                yield name


def _in_order(
    finder: _Finder,
    roots: Iterable[Library],
    kinds: Sequence[str],
    *,
    key: Callable[[Library], Hashable],
) -> tuple[Library, ...]:
    """Everything reachable, dependencies first; of each ``key`` the first that is come to.

    Goes by a stack of its own: a hostile chain of libraries must not exhaust Python's.
    """
    seen: set[Hashable] = set()
    ordered: list[Library] = []
    for root in roots:
        if key(root) in seen:
            continue
        seen.add(key(root))
        stack = [(root, finder.dependencies(root, kinds))]
        while stack:
            library, waiting = stack[-1]
            for dependency in waiting:
                if key(dependency) not in seen:
                    seen.add(key(dependency))
                    stack.append((dependency, finder.dependencies(dependency, kinds)))
                    break
            else:
                stack.pop()
                ordered.append(library)
    return tuple(ordered)


def _key(loaded: Iterable[Library]) -> str:
    lines = "".join(f"{library.name.api}\0{library.content_hash}\n" for library in loaded)
    return hashlib.sha256(lines.encode()).hexdigest()
