"""The installed libraries as the `h5p` package sees them: an `h5p.libraries.Shelf`."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from h5p.libraries import Library, LibraryFile, MemoryShelf
from h5p.names import LibraryName, parse_api, parse_folder
from lms.accounts.models import User
from modules.models import H5PLibrary


class DatabaseShelf:
    """Libraries in the database. Reading needs nothing; adding needs who and when.

    `by` is None for libraries that come with the program. Whether somebody may add is
    decided by the action (modules/actions/h5p_libraries.py), not here.
    """

    def __init__(self, *, by: User | None = None, at: datetime | None = None) -> None:
        self._by, self._at = by, at

    def find(self, name: str | LibraryName, /, hash: str | None = None) -> Library | None:  # noqa: A002
        if hash is not None:
            library = library_by_hash(hash)
            return library if library is not None and library.name.api == _api(name) else None
        row = _rows(name).first()
        return None if row is None else as_library(row)

    def versions(self, name: str | LibraryName, /) -> tuple[Library, ...]:
        return tuple(as_library(row) for row in _rows(name))

    def add(self, *libraries: Library) -> None:
        self.add_new(*libraries)

    @transaction.atomic
    def add_new(self, *libraries: Library) -> tuple[H5PLibrary, ...]:
        """Put libraries on the shelf; the rows of those that were not there yet."""
        if self._at is None:
            raise ValueError("Say who adds and when: DatabaseShelf(by=…, at=…).")
        added = []
        # Always in the same order: two installations at once wait for each other, not both.
        for library in sorted(libraries, key=lambda each: each.content_hash):
            row, is_new = H5PLibrary.objects.get_or_create(
                content_hash=library.content_hash, defaults=self._fields(library, self._at)
            )
            if is_new:
                added.append(row)
        return tuple(added)

    def __iter__(self) -> Iterator[Library]:
        return (as_library(row) for row in H5PLibrary.objects.order_by("pk").iterator())

    def _fields(self, library: Library, at: datetime) -> dict[str, Any]:
        name = library.name
        return {
            "machine_name": name.machine,
            "major": name.major,
            "minor": name.minor,
            "patch": name.patch,
            "title": str(library.metadata.get("title") or name.machine)[:255],
            "is_runnable": library.metadata.get("runnable") in (1, "1", True),
            "metadata": dict(library.metadata),
            "semantics": library.semantics,
            "languages": dict(library.languages),
            "files": {path: [file.sha256, file.size] for path, file in library.files.items()},
            "installed_at": at,
            "installed_by": self._by,
        }


def _api(name: str | LibraryName) -> str:
    if isinstance(name, str):
        parsed = parse_api(name) or parse_folder(name)
        return "" if parsed is None else parsed.api
    return name.api


def _rows(name: str | LibraryName) -> QuerySet[H5PLibrary]:
    """All of this major.minor, the preferred one first."""
    parsed = parse_api(_api(name))
    if parsed is None:
        return H5PLibrary.objects.none()
    return H5PLibrary.objects.filter(
        machine_name=parsed.machine, major=parsed.major, minor=parsed.minor
    ).order_by("-patch", "pk")


def as_library(row: H5PLibrary) -> Library:
    return Library(
        name=row.name,
        metadata=row.metadata,
        semantics=row.semantics,
        languages=row.languages,
        files={path: LibraryFile(sha256, size) for path, (sha256, size) in row.files.items()},
        content_hash=row.content_hash,
    )


@lru_cache(maxsize=1000)
def _remembered(content_hash: str) -> Library:
    return as_library(H5PLibrary.objects.get(content_hash=content_hash))


def library_by_hash(content_hash: str) -> Library | None:
    """A library by its pin. Rows never change, so a process reads each of them once;
    one that may yet be rolled back is not remembered."""
    find = _remembered.__wrapped__ if connection.in_atomic_block else _remembered
    try:
        return find(content_hash)
    except H5PLibrary.DoesNotExist:
        return None


def pinned_shelf(pins: Mapping[str, str]) -> MemoryShelf:
    """All libraries of a version, read at once."""
    rows = H5PLibrary.objects.filter(content_hash__in=pins.values())
    return MemoryShelf(*map(as_library, rows))
