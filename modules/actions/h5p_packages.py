"""Reading an uploaded package, once: every check, clean content, its bytes where none see them."""

import html
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from h5p import own
from h5p.dependencies import Resolution, resolve
from h5p.libraries import Library, MemoryShelf, Shelf
from h5p.package import FileEntry
from h5p.problems import NotInstalled, Refused
from h5p.questions import QuestionSet, whole_content
from h5p.questions.packing import read_content
from h5p.questions.writing import as_data
from h5p.sanitise import sanitise, sanitise_metadata
from h5p.svg import clean_svg
from lms.accounts.models import User
from modules.h5p_checking import (
    CheckedPackage,
    PackageRefused,
    check_package,
    missing_problems,
)
from modules.h5p_drafts import Draft, Prepared
from modules.h5p_store import store
from modules.h5p_uploads import discard, new_folder, sweep_uploads, waiting_store

LONGEST_TITLE = 250


def prepare_package(*, file: Any, by: User, at: datetime, title: str = "") -> Prepared:
    """Read an uploaded package; `title`: when it says none. No row is written.

    Whoever calls brings it in or discards it. Raises PermissionDenied, or PackageRefused
    with every problem; then nothing is kept.
    """
    checked = check_package(file=file, by=by)
    package, shelf = checked.package, checked.shelf
    main = shelf.find(package.main, hash=checked.pins.get(package.main.api))
    if main is None:
        raise PackageRefused(missing_problems([package.main.api]))
    try:
        clean, resolution = sanitised(main, package.content, shelf, checked.pins)
    except NotInstalled as error:
        raise PackageRefused(missing_problems(error.missing)) from error
    metadata = _metadata(package.metadata)
    title = title_in(metadata, title or main.name.machine)
    questions = _questions_in(main, clean, title, metadata)
    drawings = _clean_drawings(checked)

    sweep_uploads(at)
    folder = new_folder(at)
    try:
        files, blobs = _put_aside(checked, drawings, folder)
    except BaseException:
        store().storage.delete_folder(folder)
        raise
    draft = Draft(
        title=title,
        main_library=main.content_hash,
        pins=dict(resolution.pins),
        resolution_key=resolution.key,
        metadata=metadata,
        parameters=clean,
        files=files,
    )
    return Prepared(
        draft=draft if questions is None else questions_draft(questions, metadata),
        brings=checked.brings,
        blobs=blobs,
        folder=folder,
        plan=checked.plan,
    )


@contextmanager
def prepared_package(*, file: Any, by: User, at: datetime, title: str = "") -> Iterator[Prepared]:
    """`prepare_package` for somebody who brings it in at once."""
    prepared = prepare_package(file=file, by=by, at=at, title=title)
    try:
        yield prepared
    finally:
        discard(prepared)


def sanitised(
    main: Library, content: Any, shelf: Shelf, pins: Mapping[str, str]
) -> tuple[dict[str, Any], Resolution]:
    """The content with only what the semantics allow, and the libraries it then needs."""
    found = resolve(main, content, shelf, pins=pins, editor=True)
    libraries = {library.name.api: library for library in found.libraries}

    def semantics(api: str) -> list[Any] | None:
        library = libraries.get(api)
        return None if library is None else library.semantics or []

    clean, _changes = sanitise(content, main.semantics, semantics)
    return clean, resolve(main, clean, shelf, pins=found.pins, editor=True)


def questions_draft(question_set: QuestionSet, metadata: Mapping[str, Any]) -> Draft:
    """Questions of our own kind, played with the library that the program brings. The caller
    installs it (`install_own_library`)."""
    library = Library.from_folder(own.FOLDER, store())
    parameters = whole_content(question_set)
    resolution = resolve(library, parameters, MemoryShelf(library), editor=True)
    return Draft(
        title=question_set.title,
        main_library=library.content_hash,
        pins=dict(resolution.pins),
        resolution_key=resolution.key,
        metadata=metadata,
        parameters=parameters,
        questions=as_data(question_set),
    )


def _questions_in(
    main: Library, content: Any, title: str, metadata: Mapping[str, Any]
) -> QuestionSet | None:
    """Our own questions come in as what they are: as a file of somebody else's they would be
    played with their answers and marked by the browser. Raises PackageRefused."""
    if main.name.machine != own.NAME.machine:
        return None
    language = metadata.get("language") or "en"
    reading = read_content(content, title=title, language=language if language != "und" else "en")
    if reading.question_set is None:
        raise PackageRefused(reading.problems)
    return reading.question_set


def title_in(metadata: Mapping[str, Any], otherwise: str) -> str:
    """The plain title; metadata has it escaped, as H5P keeps it."""
    said = metadata.get("title")
    title = html.unescape(said).strip() if isinstance(said, str) else ""
    return (title or otherwise)[:LONGEST_TITLE]


def _metadata(given: Mapping[str, Any]) -> dict[str, Any]:
    metadata = sanitise_metadata(given)[0]
    for name in ("language", "defaultLanguage"):
        said = given.get(name)
        if isinstance(said, str) and len(said) <= 20:
            metadata[name] = said
    return metadata


def _clean_drawings(checked: CheckedPackage) -> dict[str, bytes]:
    """The content's SVG files without their scripts."""
    drawings = {}
    for path, entry in checked.package.content_files.items():
        if PurePosixPath(path).suffix.lower() == ".svg":
            try:
                drawings[path] = clean_svg(checked.package.read(entry.path))
            except Refused as error:
                raise PackageRefused(
                    replace(problem, path=entry.path) for problem in error.problems
                ) from error
    return drawings


def _put_aside(
    checked: CheckedPackage, drawings: Mapping[str, bytes], folder: str
) -> tuple[dict[str, list[Any]], tuple[str, ...]]:
    """Put every file that the store has not into the folder: where the content's own files
    are, and the hashes of all."""
    package, blobs, waiting = checked.package, store(), waiting_store(folder)
    needed: set[str] = set()

    def put(entry: FileEntry) -> None:
        if entry.sha256 not in needed and not blobs.has(entry.sha256):
            waiting.put(package.read(entry.path))
        needed.add(entry.sha256)

    if checked.installs:
        # Also of libraries that are installed: a blob lost since is healed this way.
        for library in package.libraries:
            for entry in library.files.values():
                put(entry)
    files: dict[str, list[Any]] = {}
    for path, entry in package.content_files.items():
        if path in drawings:
            sha256 = waiting.put(drawings[path])
            needed.add(sha256)
            files[path] = [sha256, len(drawings[path])]
        else:
            put(entry)
            files[path] = [entry.sha256, entry.size]
    return files, tuple(sorted(needed))
