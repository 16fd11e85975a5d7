"""Reading a package: every check, all problems at once, and what it holds when it is sound."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO

from h5p.active import find_code, runs_code
from h5p.archive import Archive, open_archive
from h5p.closure import Available, Finds, OnShelf, find_missing
from h5p.limits import Limits
from h5p.manifests import check_content, check_h5p_json, check_library
from h5p.names import LibraryName, parse_folder
from h5p.parts import FileEntry, PackageLibrary, hash_files
from h5p.problems import Problem, Refused, problem
from h5p.semantics import Step, walk
from h5p.unpacking import Contents, unpack
from h5p.words import Words
from h5p.words import gettext_noop as _

__all__ = [
    "FileEntry",
    "Finds",
    "OnShelf",
    "Package",
    "PackageLibrary",
    "Report",
    "hash_files",
    "read_package",
]


@dataclass(frozen=True)
class Package:
    """A sound package.

    ``metadata`` is h5p.json, ``content`` content/content.json (not sanitised).
    ``content_files`` maps the path inside content/ (``images/a.png``, as content.json refers to
    it) to its entry; content.json itself is not among them. ``libraries`` are in the order of
    their names; there are none in a content-only package.
    """

    metadata: dict[str, Any]
    content: Any
    libraries: tuple[PackageLibrary, ...]
    content_files: dict[str, FileEntry]
    main: LibraryName
    _read: Callable[[str], bytes] = field(repr=False, compare=False)

    def read(self, path: str) -> bytes:
        """The bytes of a file, by its whole path in the archive (``FileEntry.path``).

        The file given to `read_package` must still be there and open.
        Raises KeyError for a path that the package does not have, and Refused when the bytes
        are no longer those that were checked.
        """
        return self._read(path)


@dataclass(frozen=True)
class Report:
    """What came of reading: a package, or why not. Never a package with problems."""

    package: Package | None
    problems: tuple[Problem, ...]

    @property
    def ok(self) -> bool:
        """Whether the package can be used."""
        return self.package is not None

    def require(self) -> Package:
        """The package. Raises Refused with all problems when there is none."""
        if self.package is None:
            raise Refused(*self.problems)
        return self.package


def read_package(
    file: BinaryIO | Path, *, limits: Limits | None = None, shelf: Finds | None = None
) -> Report:
    """Read and check a package. Never raises for bad input: the report says what is wrong.

    ``file`` is a path, or a seekable file opened for reading bytes, which stays open. ``shelf``
    holds the libraries that are installed already; a package need not bring those again.
    """
    limits = limits or Limits()
    problems: list[Problem] = []
    if isinstance(file, Path) and file.suffix.lower() != ".h5p":
        problems.append(
            problem(
                "extension",
                "",
                _("{name} does not end in .h5p. Is it the right file?"),
                name=file.name,
            )
        )
    with open_archive(file, limits) as archive:
        problems += archive.problems
        if not archive.is_readable:
            return Report(None, _in_order(problems, limits))
        contents, found = unpack(archive, limits)
    problems += found

    main, found = check_h5p_json(contents)
    problems += found + check_content(contents)
    libraries, broken, found = _check_libraries(contents)
    problems += found
    content = contents.documents.get("content/content.json")
    if main is not None:
        available = Available(libraries, shelf, broken)
        metadata = contents.documents["h5p.json"]
        problems += find_missing(metadata, content, main, available)
        problems += _find_active_content(content, main, available)
    if problems or main is None:
        return Report(None, _in_order(problems, limits))

    library = available.find(main.api)
    package = Package(
        metadata=metadata,
        content=content,
        libraries=tuple(libraries[api] for api in sorted(libraries)),
        content_files={
            path: entry
            for path, entry in contents.folders["content"].items()
            if path != "content.json"
        },
        main=replace(main, patch=library.name.patch) if library is not None else main,
        _read=_reader(file, archive, contents.files),
    )
    return Report(package, ())


def _check_libraries(
    contents: Contents,
) -> tuple[dict[str, PackageLibrary], frozenset[str], list[Problem]]:
    """The libraries of the package by API name, the API names of those that cannot be read,
    and everything wrong with them."""
    libraries: dict[str, PackageLibrary] = {}
    folders: dict[str, str] = {}
    broken: set[str] = set()
    problems: list[Problem] = []
    for folder, files in sorted(contents.folders.items()):
        if folder == "content":
            continue
        library, found = check_library(folder, files, contents)
        problems += found
        named = parse_folder(folder)
        if named is not None and (library is None or library.name.api != named.api):
            broken.add(named.api)
        if library is None:
            continue
        api = library.name.api
        if api in libraries:
            problems.append(
                problem(
                    "duplicate-library",
                    folder,
                    _(
                        "Both {first} and {folder} hold the library {api}. Export the package "
                        "again."
                    ),
                    first=folders[api],
                    folder=folder,
                    api=api,
                )
            )
        libraries[api] = library
        folders[api] = folder
    return libraries, frozenset(broken), problems


def _find_active_content(content: Any, main: LibraryName, available: Available) -> list[Problem]:
    """Scripts in texts with markup, and addresses that run code.

    A text without markup is shown as it is written (sanitising sees to that), so that lessons
    about HTML remain possible.
    """
    problems = []
    for step in walk(content, available.semantics(main.api), available.semantics):
        what = _code_in(step)
        if what:
            where = ".".join(str(part) for part in step.path)
            problems.append(
                problem(
                    "active-content",
                    "content/content.json",
                    _(
                        "The text at {where} contains {what}, which activities may not. Remove "
                        "it and export the activity again."
                    ),
                    where=where,
                    what=what,
                )
            )
    return problems


def _code_in(step: Step) -> Words | None:
    kind, value = step.field.type, step.value
    if kind == "text" and isinstance(value, str):
        return find_code(value) if step.field.is_html else None
    if kind in ("file", "image", "video", "audio"):
        for item in value if isinstance(value, list) else [value]:
            path = item.get("path") if isinstance(item, dict) else None
            if isinstance(path, str) and runs_code(path):
                return Words(_("an address that runs code"))
    return None


def _reader(
    file: BinaryIO | Path, archive: Archive, files: dict[str, FileEntry]
) -> Callable[[str], bytes]:
    """Read a file again, from where it was found, and see that it is still what was checked."""

    def read(path: str) -> bytes:
        expected = files[path]
        entry = archive.files[path]
        changed = problem("damaged", path, _("{path} changed while it was read. Upload it again."))
        try:
            if isinstance(file, Path):
                with file.open("rb") as opened:
                    data = replace(archive, file=opened).read(entry)
            else:
                data = archive.read(entry)
        except (Refused, OSError) as error:
            raise Refused(changed) from error
        if hashlib.sha256(data).hexdigest() != expected.sha256:
            raise Refused(changed)
        return data

    return read


def _in_order(problems: list[Problem], limits: Limits) -> tuple[Problem, ...]:
    """Without repeats, in the order they were found, and not more than an editor can bear."""
    return tuple(dict.fromkeys(problems))[: limits.problems]
