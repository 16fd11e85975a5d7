"""Installed libraries. Each is pinned by the hash of its files, not by its version.

The same name and version exist with different contents in the wild; a shelf keeps all of them
side by side, and what plays an activity is found by name and hash.
"""

import fcntl
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple, Protocol, Self

from h5p.names import LibraryName, parse_api, parse_folder
from h5p.package import PackageLibrary, hash_files
from h5p.storage import Storage, replace_file


class LibraryFile(NamedTuple):
    """A file of a library: where its bytes are, and their length."""

    sha256: str
    size: int


@dataclass(frozen=True)
class Library:
    """A library whose files are in a `Storage`.

    ``metadata`` is library.json, ``semantics`` None when it has none, ``languages`` the language
    files by code; ``files`` maps each path inside the library's folder. ``content_hash`` is
    `h5p.package.hash_files` over all of them. Two libraries are equal when name and hash are.
    """

    name: LibraryName
    metadata: Mapping[str, Any] = field(compare=False, repr=False)
    semantics: list[Any] | None = field(compare=False, repr=False)
    languages: Mapping[str, Any] = field(compare=False, repr=False)
    files: Mapping[str, LibraryFile] = field(compare=False, repr=False)
    content_hash: str

    @classmethod
    def from_package(cls, library: PackageLibrary) -> Self:
        """The library as a package brings it (its bytes are stored by `h5p.install.install`)."""
        return cls(
            name=library.name,
            metadata=library.metadata,
            semantics=library.semantics,
            languages=library.languages,
            files={
                path: LibraryFile(entry.sha256, entry.size) for path, entry in library.files.items()
            },
            content_hash=library.content_hash,
        )

    @classmethod
    def from_folder(cls, folder: Path, storage: Storage) -> Self:
        """Read an unpacked library that we trust, and store its files.

        For libraries that come with the program; what people upload goes through
        `h5p.package.read_package`. Hidden files are left out. Raises OSError, ValueError or
        KeyError when the folder is no library.
        """
        contents = {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file() and not _is_hidden(path.relative_to(folder))
        }
        metadata = json.loads(contents["library.json"])
        semantics = contents.get("semantics.json")
        files = {path: LibraryFile(storage.put(data), len(data)) for path, data in contents.items()}
        return cls(
            name=LibraryName(
                metadata["machineName"],
                metadata["majorVersion"],
                metadata["minorVersion"],
                metadata["patchVersion"],
            ),
            metadata=metadata,
            semantics=None if semantics is None else json.loads(semantics),
            languages={
                PurePosixPath(path).stem: json.loads(data)
                for path, data in contents.items()
                if PurePosixPath(path).match("language/*.json") and path.count("/") == 1
            },
            files=files,
            content_hash=hash_files({path: file.sha256 for path, file in files.items()}),
        )


def _is_hidden(path: Path) -> bool:
    return any(part.startswith((".", "__pycache__")) for part in path.parts)


class Shelf(Protocol):
    """The installed libraries."""

    def find(self, name: str | LibraryName, /, hash: str | None = None) -> Library | None:  # noqa: A002
        """One library of this major.minor, or None.

        ``name`` is ``"H5P.Foo 1.2"`` (or ``"H5P.Foo-1.2"``); its patch level is not compared.
        With ``hash`` only the one with that content; without, the highest patch level, and of
        several contents of that level the one that was added first.
        """

    def versions(self, name: str | LibraryName, /) -> tuple[Library, ...]:
        """All of this major.minor, the one that `find` prefers first."""

    def add(self, *libraries: Library) -> None:
        """Put libraries on the shelf: all become visible at once, or none.

        One that is there already stays as it is.
        """

    def __iter__(self) -> Iterator[Library]:
        """Every library, in the order they were added."""


def _api(name: str | LibraryName) -> str | None:
    if isinstance(name, str):
        parsed = parse_api(name) or parse_folder(name)
        return None if parsed is None else parsed.api
    return name.api


def _preferred_first(libraries: Iterable[Library]) -> tuple[Library, ...]:
    # sorted() is stable: of equal patch levels the first that was added stays first.
    return tuple(sorted(libraries, key=lambda library: -library.name.patch))


class MemoryShelf:
    """Libraries in a dictionary: for tests and for looking at one package."""

    def __init__(self, *libraries: Library) -> None:
        self._libraries: dict[Library, None] = {}
        self._by_api: dict[str, tuple[Library, ...]] = {}
        self.add(*libraries)

    def find(self, name: str | LibraryName, /, hash: str | None = None) -> Library | None:  # noqa: A002
        return _first(self.versions(name), hash)

    def versions(self, name: str | LibraryName, /) -> tuple[Library, ...]:
        return self._by_api.get(_api(name) or "", ())

    def add(self, *libraries: Library) -> None:
        for library in libraries:
            if library not in self._libraries:
                self._libraries[library] = None
                api = library.name.api
                self._by_api[api] = _preferred_first([*self._by_api.get(api, ()), library])

    def __iter__(self) -> Iterator[Library]:
        return iter(tuple(self._libraries))


def _first(libraries: Iterable[Library], content_hash: str | None) -> Library | None:
    for library in libraries:
        if content_hash is None or library.content_hash == content_hash:
            return library
    return None


class FolderShelf:
    """Libraries as JSON files in a folder; several processes may use it at once.

    ``index.json`` lists what is on the shelf, in order; it is replaced in one step after the
    libraries' own files are on disk. A process killed half-way has therefore added all or nothing.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._rows = folder / "libraries"
        self._unfinished = folder / ".unfinished"
        self._index = folder / "index.json"
        self._rows.mkdir(parents=True, exist_ok=True)
        self._unfinished.mkdir(exist_ok=True)
        self._seen: tuple[int, int] | None = None
        self._memory = MemoryShelf()

    def find(self, name: str | LibraryName, /, hash: str | None = None) -> Library | None:  # noqa: A002
        return self._load().find(name, hash)

    def versions(self, name: str | LibraryName, /) -> tuple[Library, ...]:
        return self._load().versions(name)

    def add(self, *libraries: Library) -> None:
        with self._locked():
            present = list(self._load())
            new = [library for library in dict.fromkeys(libraries) if library not in present]
            if not new:
                return
            for library in new:
                replace_file(self._row(library), _as_json(library), scratch=self._unfinished)
            rows = [self._row(library).name for library in (*present, *new)]
            replace_file(self._index, json.dumps(rows).encode(), scratch=self._unfinished)

    def __iter__(self) -> Iterator[Library]:
        return iter(self._load())

    def _row(self, library: Library) -> Path:
        name = library.name
        return self._rows / f"{name.folder}.{name.patch}-{library.content_hash}.json"

    def _load(self) -> MemoryShelf:
        try:
            status = self._index.stat()
        except FileNotFoundError:
            return MemoryShelf()
        # The index is always a new file: another inode or time says that somebody added.
        version = (status.st_ino, status.st_mtime_ns)
        if version != self._seen:
            rows = json.loads(self._index.read_bytes())
            self._memory = MemoryShelf(
                *(_from_json((self._rows / row).read_bytes()) for row in rows)
            )
            self._seen = version
        return self._memory

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with (self.folder / ".lock").open("wb") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            yield


def _as_json(library: Library) -> bytes:
    name = library.name
    return json.dumps(
        {
            "name": [name.machine, name.major, name.minor, name.patch],
            "metadata": dict(library.metadata),
            "semantics": library.semantics,
            "languages": dict(library.languages),
            "files": {path: list(file) for path, file in library.files.items()},
            "content_hash": library.content_hash,
        },
    ).encode()


def _from_json(data: bytes) -> Library:
    fields = json.loads(data)
    return Library(
        name=LibraryName(*fields["name"]),
        metadata=fields["metadata"],
        semantics=fields["semantics"],
        languages=fields["languages"],
        files={path: LibraryFile(*file) for path, file in fields["files"].items()},
        content_hash=fields["content_hash"],
    )
