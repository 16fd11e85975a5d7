"""What a library is called: in folders (``H5P.Foo-1.2``) and in content (``H5P.Foo 1.2``)."""

import re
from dataclasses import dataclass
from typing import Final, Self

# As the reference has it: a letter or digit first, then also - and .; 255 characters at most.
MACHINE_NAME: Final = r"[\w0-9][\w0-9\-.]{0,254}"
_FOLDER = re.compile(rf"({MACHINE_NAME})-(\d{{1,5}})\.(\d{{1,5}})(?:\.(\d{{1,5}}))?", re.ASCII)
_API = re.compile(rf"({MACHINE_NAME}) (\d{{1,5}})\.(\d{{1,5}})(?:\.(\d{{1,5}}))?", re.ASCII)


@dataclass(frozen=True, order=True)
class LibraryName:
    """A library and its version. Content refers to major.minor only; the patch level is ours.

    Equality includes ``patch``; compare ``.api`` to ask whether two names mean the same library
    to content.
    """

    machine: str
    major: int
    minor: int
    patch: int = 0

    @property
    def folder(self) -> str:
        """``H5P.Foo-1.2``: the folder in a package."""
        return f"{self.machine}-{self.major}.{self.minor}"

    @property
    def api(self) -> str:
        """``H5P.Foo 1.2``: what content.json uses."""
        return f"{self.machine} {self.major}.{self.minor}"

    @classmethod
    def parse_folder(cls, text: str) -> Self | None:
        """Read ``H5P.Foo-1.2`` (or ``H5P.Foo-1.2.3``); None when it is not such a name."""
        return cls._parse(_FOLDER, text)

    @classmethod
    def parse_api(cls, text: str) -> Self | None:
        """Read ``H5P.Foo 1.2`` (or ``H5P.Foo 1.2.3``); None when it is not such a name."""
        return cls._parse(_API, text)

    @classmethod
    def _parse(cls, pattern: re.Pattern[str], text: object) -> Self | None:
        match = pattern.fullmatch(text) if isinstance(text, str) else None
        if match is None:
            return None
        machine, major, minor, patch = match.groups()
        return cls(machine, int(major), int(minor), int(patch or 0))

    def __str__(self) -> str:
        return f"{self.machine} {self.major}.{self.minor}.{self.patch}"


def parse_folder(text: str) -> LibraryName | None:
    """Read ``H5P.Foo-1.2``; None when it is not such a name."""
    return LibraryName.parse_folder(text)


def parse_api(text: str) -> LibraryName | None:
    """Read ``H5P.Foo 1.2``; None when it is not such a name."""
    return LibraryName.parse_api(text)
