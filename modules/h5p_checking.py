"""What an uploaded package is worth: every problem of it, or what using it would do."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from h5p.install import InstallPlan, plan_install
from h5p.libraries import Library, MemoryShelf
from h5p.names import LibraryName
from h5p.package import Package, read_package
from h5p.problems import Problem
from lms.accounts.models import User
from lms.core.errors import InvalidInput
from lms.core.permissions import require_perm
from modules.h5p_shelf import DatabaseShelf
from modules.h5p_uploads import LIMITS
from modules.h5p_words import in_words


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
