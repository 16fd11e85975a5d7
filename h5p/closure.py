"""Which libraries a package needs, and which of them are nowhere to be found."""

from collections.abc import Mapping
from typing import Any, Protocol

from h5p.manifests import dependencies_of
from h5p.names import LibraryName
from h5p.parts import PackageLibrary
from h5p.problems import Problem, problem
from h5p.semantics import sub_libraries
from h5p.words import Words
from h5p.words import gettext_noop as _

_MOST_NAMED = 12


class OnShelf(Protocol):
    """What reading needs to know of an installed library (`h5p.libraries.Library` fits)."""

    @property
    def name(self) -> LibraryName: ...
    @property
    def metadata(self) -> Mapping[str, Any]: ...
    @property
    def semantics(self) -> Any: ...


class Finds(Protocol):
    """What reading needs of a shelf (`h5p.libraries.Shelf` fits)."""

    def find(self, name: str | LibraryName, /) -> OnShelf | None: ...


class Available:
    """The libraries of a package, and behind them those on the shelf, by API name.

    ``broken`` are the API names of folders that cannot be used: their problems are told already.
    """

    def __init__(
        self,
        libraries: Mapping[str, PackageLibrary],
        shelf: Finds | None,
        broken: frozenset[str] = frozenset(),
    ) -> None:
        self.in_package = libraries
        self.shelf = shelf
        self.broken = broken
        self._found: dict[str, OnShelf | None] = {}

    def find(self, api: str) -> OnShelf | None:
        """A library, or None when it is neither in the package nor installed."""
        if api not in self._found:
            installed = self.shelf.find(api) if self.shelf is not None else None
            self._found[api] = self.in_package.get(api) or installed
        return self._found[api]

    def semantics(self, api: str) -> Any:
        """A library's semantics: empty when it has none, None when it is not to be found."""
        library = self.find(api)
        return None if library is None else library.semantics or []


def find_missing(
    metadata: dict[str, Any], content: Any, main: LibraryName, available: Available
) -> list[Problem]:
    """Every library that h5p.json, a library or the content needs and that is nowhere.

    As in the reference, what the editor needs counts too: such a package cannot be installed.
    """
    needed: dict[str, str] = {}  # API name → who asked first

    def need(names: list[LibraryName], by: str) -> None:
        for name in names:
            if name.api not in needed:
                needed[name.api] = by
                waiting.append(name.api)

    waiting: list[str] = []
    need([main], "h5p.json")
    need(dependencies_of(metadata), "h5p.json")
    need([library.name for library in available.in_package.values()], "the package")
    main_semantics = available.semantics(main.api)
    need(list(sub_libraries(content, main_semantics, available.semantics)), "the content")
    missing = []
    while waiting:
        api = waiting.pop()
        library = available.find(api)
        if library is not None:
            need(dependencies_of(library.metadata), library.name.api)
        elif api not in available.broken:
            missing.append(api)
    if not missing:
        return []
    missing.sort(key=lambda api: (api != main.api, api))
    if not available.in_package and not available.broken:
        return [_no_libraries(missing)]
    return [_missing(api, needed[api], available) for api in missing]


def _no_libraries(missing: list[str]) -> Problem:
    names = ", ".join(missing[:_MOST_NAMED])
    more = len(missing) - _MOST_NAMED
    tail = Words(_(" and {more} more"), {"more": more}) if more > 0 else ""
    return problem(
        "no-libraries",
        "h5p.json",
        _(
            "This file carries no libraries; install {names}{tail} first. Any complete package "
            "of the same kind of activity brings them."
        ),
        names=names,
        tail=tail,
    )


def _missing(api: str, by: str, available: Available) -> Problem:
    machine = api.rpartition(" ")[0]
    others = [other for other in available.in_package if other.rpartition(" ")[0] == machine]
    has = ", ".join(sorted(others))
    instead = Words(_(" (it has {others})"), {"others": has}) if others else ""
    return problem(
        "missing-library",
        api,
        _(
            "{api}, which {by} needs, is neither in this file{instead} nor installed; install it "
            "first."
        ),
        api=api,
        by=by,
        instead=instead,
    )
