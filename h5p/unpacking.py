"""Going through all files of an archive once: hash, kind, and the JSON that is needed."""

import hashlib
import re
from dataclasses import dataclass, field
from typing import Any, Final

from h5p.archive import Archive
from h5p.directory import Entry
from h5p.documents import read_json
from h5p.filetypes import HEAD_BYTES, check_bytes, check_extension, is_ignored
from h5p.limits import Limits
from h5p.parts import FileEntry
from h5p.problems import Problem, Refused

_DOCUMENT: Final = re.compile(
    r"h5p\.json|content/content\.json"
    r"|[^/]+/(?:library|semantics)\.json|[^/]+/language/[^/]+\.json"
)


@dataclass
class Contents:
    """Every file that H5P takes notice of, by path, and the JSON values that it reads itself.

    ``faulty`` are paths that exist but cannot be used; their problems are told already.
    """

    files: dict[str, FileEntry] = field(default_factory=dict)
    documents: dict[str, Any] = field(default_factory=dict)
    faulty: set[str] = field(default_factory=set)

    @property
    def folders(self) -> dict[str, dict[str, FileEntry]]:
        """The files of each top folder, by path inside it."""
        folders: dict[str, dict[str, FileEntry]] = {}
        for path, file in self.files.items():
            folder, slash, inside = path.partition("/")
            if slash:
                folders.setdefault(folder, {})[inside] = file
        return folders


def unpack(archive: Archive, limits: Limits) -> tuple[Contents, list[Problem]]:
    """Read all files once. Every problem is in the list; nothing is raised."""
    contents = Contents(faulty={problem.path for problem in archive.problems})
    problems: list[Problem] = []
    for path, entry in archive.files.items():
        if is_ignored(path) or ("/" not in path and path != "h5p.json"):
            continue
        if path not in ("h5p.json", "content/content.json"):
            problem = check_extension(path, in_library=not path.startswith("content/"))
            if problem is not None:
                problems.append(problem)
        try:
            _take(archive, entry, contents, limits)
        except Refused as refused:
            problems += refused.problems
            contents.faulty.add(path)
    return contents, problems


def _take(archive: Archive, entry: Entry, contents: Contents, limits: Limits) -> None:
    path = entry.path
    is_document = _DOCUMENT.fullmatch(path) is not None
    digest = hashlib.sha256()
    kept = bytearray()
    keep = limits.json_bytes + 1 if is_document else HEAD_BYTES
    for chunk in archive.chunks(entry):
        digest.update(chunk)
        if len(kept) < keep:
            kept += chunk[: keep - len(kept)]
    contents.files[path] = FileEntry(path, entry.size, digest.hexdigest())
    if is_document:
        contents.documents[path] = read_json(bytes(kept), path, limits)
        return
    mismatch = check_bytes(path, bytes(kept[:HEAD_BYTES]))
    if mismatch is not None:
        raise Refused(mismatch)
