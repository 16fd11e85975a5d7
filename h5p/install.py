"""Installing what a package brings: first a plan for a person to review, then all of it at once.

Every blob is stored before the first library is put on the shelf, and the shelf takes all of them
in one step. Whoever is interrupted has installed nothing and may simply start again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from h5p.bundles import check_scripts
from h5p.dependencies import named_dependencies
from h5p.libraries import Library, LibraryFile, Shelf
from h5p.names import LibraryName
from h5p.package import Package
from h5p.problems import NotInstalled, Problem, Refused
from h5p.semantics import sub_libraries
from h5p.storage import Storage


class Novelty(StrEnum):
    """How a library of a package stands to what is installed under its name (major.minor)."""

    NEW = "new"  # nothing is installed under it
    SAME = "same"  # exactly this content is
    NEWER_PATCH = "newer-patch"  # only lower patch levels are
    OLDER_PATCH = "older-patch"  # a higher patch level is
    DIFFERENT_CONTENT = "different-content"  # the same patch level is, with other files


@dataclass(frozen=True)
class PlannedLibrary:
    """A library of the package, and all that are installed under its name, preferred first."""

    library: Library
    novelty: Novelty
    installed: tuple[Library, ...]


@dataclass(frozen=True)
class InstallPlan:
    """What installing a package would do; nothing is done yet.

    ``missing``   API names of libraries that are needed and neither brought nor installed
    ``problems``  scripts that browsers could not run
    ``pins``      API name → content hash of what the package brings: give them to
                  `h5p.dependencies.resolve` to play the content with its own libraries, whatever
                  else is installed under their names
    """

    package: Package
    libraries: tuple[PlannedLibrary, ...]
    missing: tuple[str, ...]
    problems: tuple[Problem, ...]

    @property
    def pins(self) -> dict[str, str]:
        return {
            planned.library.name.api: planned.library.content_hash for planned in self.libraries
        }

    @property
    def new(self) -> tuple[Library, ...]:
        return self._with(Novelty.NEW)

    @property
    def same(self) -> tuple[Library, ...]:
        return self._with(Novelty.SAME)

    @property
    def to_add(self) -> tuple[Library, ...]:
        """The libraries that the shelf would gain."""
        return tuple(
            planned.library for planned in self.libraries if planned.novelty is not Novelty.SAME
        )

    def _with(self, novelty: Novelty) -> tuple[Library, ...]:
        return tuple(planned.library for planned in self.libraries if planned.novelty is novelty)


def plan_install(package: Package, shelf: Shelf) -> InstallPlan:
    """Compare what the package brings with what is on the shelf. Writes nothing."""
    libraries = tuple(Library.from_package(library) for library in package.libraries)
    paths = {
        entry.sha256: entry.path
        for library in package.libraries
        for entry in library.files.values()
    }
    compared = tuple(_compare(library, shelf) for library in libraries)
    # What is installed has been looked at already.
    unknown = [planned.library for planned in compared if planned.novelty is not Novelty.SAME]
    return InstallPlan(
        package=package,
        libraries=compared,
        missing=_missing(package, libraries, shelf),
        problems=tuple(check_scripts(unknown, lambda sha256: package.read(paths[sha256]))),
    )


def install(plan: InstallPlan, storage: Storage, shelf: Shelf) -> tuple[Library, ...]:
    """Store and shelve the package's libraries; return those that it brings, new or not.

    Safe to repeat and to interrupt: until the last step nothing is visible. What is installed
    already stays as it is.
    Raises NotInstalled when the plan has missing libraries, Refused when it has problems;
    whatever the storage or the shelf raises passes through.
    """
    if plan.missing:
        raise NotInstalled(*plan.missing)
    if plan.problems:
        raise Refused(*plan.problems)
    for library in plan.package.libraries:
        for entry in library.files.values():
            # Also those of a library that is there: a blob lost since is healed this way.
            if not storage.has(entry.sha256):
                storage.put(plan.package.read(entry.path))
    libraries = tuple(planned.library for planned in plan.libraries)
    shelf.add(*libraries)
    return libraries


def store_content(package: Package, storage: Storage) -> dict[str, LibraryFile]:
    """Store the content's own files (images, videos); path inside content/ → where they are."""
    for entry in package.content_files.values():
        if not storage.has(entry.sha256):
            storage.put(package.read(entry.path))
    return {
        path: LibraryFile(entry.sha256, entry.size) for path, entry in package.content_files.items()
    }


def _compare(library: Library, shelf: Shelf) -> PlannedLibrary:
    installed = shelf.versions(library.name)
    patches = [other.name.patch for other in installed]
    if not installed:
        novelty = Novelty.NEW
    elif library in installed:
        novelty = Novelty.SAME
    elif library.name.patch in patches:
        novelty = Novelty.DIFFERENT_CONTENT
    elif library.name.patch > max(patches):
        novelty = Novelty.NEWER_PATCH
    else:
        novelty = Novelty.OLDER_PATCH
    return PlannedLibrary(library, novelty, installed)


def _missing(package: Package, libraries: tuple[Library, ...], shelf: Shelf) -> tuple[str, ...]:
    brought: Mapping[str, Library] = {library.name.api: library for library in libraries}

    def is_there(name: LibraryName) -> bool:
        return name.api in brought or shelf.find(name) is not None

    def semantics(api: str) -> list[object] | None:
        library = brought.get(api) or shelf.find(api)
        return None if library is None else library.semantics

    # What the brought libraries need, and what the content uses; installed libraries are whole.
    needed = {package.main}
    needed.update(sub_libraries(package.content, semantics(package.main.api), semantics))
    for library in libraries:
        for kind in ("preloaded", "dynamic", "editor"):
            needed.update(named_dependencies(library.metadata, kind))
    return tuple(sorted({name.api for name in needed if not is_there(name)}))
