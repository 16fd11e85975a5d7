"""What an uploaded package becomes: checked and cleaned, and visible to nobody yet."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from h5p.install import InstallPlan
from h5p.libraries import Library, LibraryFile
from h5p.names import LibraryName
from lms.core.canonical import hash_of


@dataclass(frozen=True)
class Draft:
    """What a version will hold; nothing of it is stored yet."""

    title: str
    main_library: str  # content hash
    pins: Mapping[str, str]
    resolution_key: str
    metadata: Mapping[str, Any]
    parameters: Mapping[str, Any]
    files: Mapping[str, list[Any]] = field(default_factory=dict)
    questions: Mapping[str, Any] | None = None

    @property
    def sha256(self) -> str:
        return hash_of(asdict(self))


@dataclass(frozen=True)
class Prepared:
    """A package that has been read, once: all that bringing it in takes.

    `brings`: the libraries that are new here. `blobs`: the SHA-256 of every file it needs;
    those that the store has not wait in `folder`. `plan`: for the review; gone afterwards.
    `arrival`: what tells its coming in from a second try of the same; its folder, if nothing
    else is known.
    """

    draft: Draft
    brings: tuple[Library, ...]
    blobs: tuple[str, ...]
    folder: str
    plan: InstallPlan | None = field(default=None, compare=False, repr=False)
    arrival: str = ""

    def as_data(self) -> dict[str, Any]:
        return {
            "draft": asdict(self.draft),
            "brings": [_library_data(library) for library in self.brings],
            "blobs": list(self.blobs),
            "folder": self.folder,
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Prepared":
        return cls(
            draft=Draft(**data["draft"]),
            brings=tuple(_library_from(each) for each in data["brings"]),
            blobs=tuple(data["blobs"]),
            folder=data["folder"],
        )


def _library_data(library: Library) -> dict[str, Any]:
    name = library.name
    return {
        "name": [name.machine, name.major, name.minor, name.patch],
        "metadata": library.metadata,
        "semantics": library.semantics,
        "languages": library.languages,
        "files": library.files,
        "content_hash": library.content_hash,
    }


def _library_from(data: Mapping[str, Any]) -> Library:
    files = {path: LibraryFile(*file) for path, file in data["files"].items()}
    return Library(**{**data, "name": LibraryName(*data["name"]), "files": files})
