"""Installing libraries: what an uploaded package brings, and our own.

A library is a program: only administrators install them (`modules.install_h5p`). Blobs are
stored before the transaction, rows in it: whoever is interrupted has installed nothing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from h5p import own
from h5p.install import InstallPlan, plan_install
from h5p.libraries import Library, MemoryShelf
from h5p.names import LibraryName
from h5p.package import Package, read_package
from h5p.problems import Problem
from lms.accounts.models import User
from lms.core import audit
from lms.core.errors import InvalidInput
from lms.core.permissions import require_perm
from modules.h5p_drafts import Prepared
from modules.h5p_shelf import DatabaseShelf
from modules.h5p_store import store
from modules.h5p_uploads import LIMITS, bring_in
from modules.h5p_words import in_words
from modules.models import H5PLibrary


class PackageRefused(InvalidInput):
    """A package cannot be used; `problems` says everything that is wrong with it."""

    code = "package_refused"

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = in_words(problems)
        super().__init__(
            _("This file cannot be used as it is."),
            errors={"file": [problem.message for problem in self.problems]},
        )


@dataclass(frozen=True)
class CheckedPackage:
    """A sound package and what using it would do. `installs`: whether the libraries that are
    new come with it (for those who may install) or must be here already."""

    package: Package
    plan: InstallPlan
    installs: bool

    @property
    def brings(self) -> tuple[Library, ...]:
        """The libraries that would be installed."""
        return self.plan.to_add if self.installs else ()

    @property
    def pins(self) -> dict[str, str]:
        """What the content is played with: its own libraries, as far as they are installed."""
        if self.installs:
            return self.plan.pins
        return {library.name.api: library.content_hash for library in self.plan.same}

    @property
    def shelf(self) -> "PackageShelf":
        return PackageShelf(self.brings)


class PackageShelf:
    """What would be installed and what is, seen as one; nothing is written."""

    def __init__(self, brought: Iterable[Library]) -> None:
        self._brought = MemoryShelf(*brought)
        self._installed = DatabaseShelf()

    def find(self, name: str | LibraryName, /, hash: str | None = None) -> Library | None:  # noqa: A002
        return self._brought.find(name, hash) or self._installed.find(name, hash)

    def versions(self, name: str | LibraryName, /) -> tuple[Library, ...]:
        return (*self._brought.versions(name), *self._installed.versions(name))

    def add(self, *libraries: Library) -> None:
        raise TypeError("Nothing is added to a plan.")

    def __iter__(self) -> Iterator[Library]:
        yield from self._brought
        yield from self._installed


def check_package(*, file: Any, by: User) -> CheckedPackage:
    """Read an uploaded package and plan its installation. Writes nothing.

    Raises PackageRefused with every problem.
    """
    require_perm(by, "modules.author_h5p")
    report = read_package(file, limits=LIMITS, shelf=DatabaseShelf())
    if report.package is None:
        raise PackageRefused(report.problems)
    plan = plan_install(report.package, DatabaseShelf())
    installs = by.has_perm("modules.install_h5p")
    if installs and (plan.problems or plan.missing):
        raise PackageRefused((*plan.problems, *missing_problems(plan.missing)))
    return CheckedPackage(report.package, plan, installs)


def missing_problems(missing: Iterable[str]) -> list[Problem]:
    return [
        Problem(
            "missing-library",
            api,
            _(
                "The library %(name)s is not installed here. Send this file to an "
                "administrator: once its libraries are installed, you can upload it."
            )
            % {"name": api},
        )
        for api in missing
    ]


@transaction.atomic
def install_libraries(*, prepared: Prepared, by: User, at: datetime) -> tuple[H5PLibrary, ...]:
    """Install the libraries of a package without its content; returns those that are new.

    Safe to repeat and to interrupt. Raises PermissionDenied for everybody but
    administrators, Conflict when the package waits no longer.
    """
    require_perm(by, "modules.install_h5p")
    bring_in(prepared)
    return shelve(prepared.brings, by=by, at=at)


def shelve(
    libraries: Iterable[Library], *, by: User | None, at: datetime
) -> tuple[H5PLibrary, ...]:
    """Make libraries visible, all at once, in the caller's transaction; returns those that
    are new. Raises PermissionDenied for everybody but administrators."""
    libraries = tuple(libraries)
    if libraries:
        require_perm(by, "modules.install_h5p")
    return _put(libraries, DatabaseShelf(by=by, at=at), by, at)


def _put(
    libraries: Iterable[Library], shelf: DatabaseShelf, by: User | None, at: datetime
) -> tuple[H5PLibrary, ...]:
    added = shelf.add_new(*libraries)
    for row in added:
        audit.record(
            by=by,
            verb="h5p.library_installed",
            target=row,
            at=at,
            name=str(row.name),
            content_hash=row.content_hash,
        )
    return added


@transaction.atomic
def install_own_library(*, by: User | None, at: datetime) -> Library:
    """Our own question types as the program brings them; an older one stays beside it.

    `by`: whose questions need it. That takes no right to install: it is the program's own.
    """
    library = Library.from_folder(own.FOLDER, store())
    if not H5PLibrary.objects.filter(content_hash=library.content_hash).exists():
        _put([library], DatabaseShelf(at=at), by, at)
    return library
