"""Checking what a package says of itself (h5p.json) and of each library (library.json)."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from h5p.names import LibraryName
from h5p.parts import FileEntry, PackageLibrary, hash_files
from h5p.problems import Problem, problem
from h5p.schemas import H5P_JSON, LANGUAGE_JSON, LIBRARY_JSON, SEMANTICS_JSON
from h5p.shapes import Check, compile_schema
from h5p.unpacking import Contents
from h5p.words import Words
from h5p.words import gettext_noop as _

CORE_API: Final = (1, 28)
"""The newest H5P core API that we play."""

_CHECK_H5P: Final = compile_schema(H5P_JSON)
_CHECK_LIBRARY: Final = compile_schema(LIBRARY_JSON)
_CHECK_SEMANTICS: Final = compile_schema(SEMANTICS_JSON)
_CHECK_LANGUAGE: Final = compile_schema(LANGUAGE_JSON)
_FOLDER: Final = re.compile(r"[\w\-.]{1,255}", re.ASCII)
_LANGUAGE_FILE: Final = re.compile(r"-?[a-z]+(?:-[a-z]+){0,6}\.json", re.IGNORECASE)
_MOST_FINDINGS: Final = 20
DEPENDENCY_KINDS: Final = ("preloadedDependencies", "dynamicDependencies", "editorDependencies")


def dependencies_of(
    metadata: Mapping[str, Any], kinds: Iterable[str] = DEPENDENCY_KINDS
) -> list[LibraryName]:
    """The libraries that h5p.json or library.json asks for; entries that are no names are left out.

    ``kinds`` are keys such as ``preloadedDependencies``.
    """
    names = []
    for kind in kinds:
        listed = metadata.get(kind)
        for item in listed if isinstance(listed, list) else ():
            name = _name_in(item)
            if name is not None:
                names.append(name)
    return names


def check_h5p_json(contents: Contents) -> tuple[LibraryName | None, list[Problem]]:
    """The main library that h5p.json names, and what is wrong with the file."""
    path = "h5p.json"
    if path not in contents.documents:
        return None, [] if path in contents.faulty else [_without_h5p_json(contents)]
    metadata = contents.documents[path]
    problems = _conform(_CHECK_H5P, metadata, path) + _check_core_api(metadata, path)
    if problems:
        return None, problems
    machine = metadata["mainLibrary"]
    for name in dependencies_of(metadata, ["preloadedDependencies"]):
        if name.machine == machine:
            return name, []
    return None, [
        problem(
            "schema",
            path,
            _(
                "h5p.json says that {machine} plays the activity, but does not list it under "
                "preloadedDependencies with its version. Export the activity again."
            ),
            machine=machine,
        )
    ]


def check_content(contents: Contents) -> list[Problem]:
    """Whether there is content that can be read."""
    path = "content/content.json"
    if path in contents.documents:
        if isinstance(contents.documents[path], dict | list):
            return []
        return [_schema_problem(path, "", Words(_("must be a group of values in {{ }}")))]
    if path in contents.faulty:
        return []
    return [
        problem(
            "missing-file",
            path,
            _(
                "The package has no content/content.json, so there is nothing to show. Export "
                "the activity again."
            ),
        )
    ]


def check_library(
    folder: str, files: dict[str, FileEntry], contents: Contents
) -> tuple[PackageLibrary | None, list[Problem]]:
    """One library folder: the library, or None when it cannot be used, and all its problems."""
    path = f"{folder}/library.json"
    if path not in contents.documents:
        missing = problem(
            "missing-file",
            path,
            _(
                "The folder {folder} has no library.json, so it is not an H5P library. Remove "
                "the folder or export the package again."
            ),
            folder=folder,
        )
        return None, [] if path in contents.faulty else [missing]
    metadata = contents.documents[path]
    problems = _conform(_CHECK_LIBRARY, metadata, path) + _check_core_api(metadata, path)
    problems += _check_languages(folder, files, contents)

    semantics_path = f"{folder}/semantics.json"
    semantics = contents.documents.get(semantics_path)
    if semantics_path in contents.documents:
        # PHP writes an empty list as {} at times.
        semantics = [] if semantics == {} else semantics
        problems += _conform(_CHECK_SEMANTICS, semantics, semantics_path)

    problems += _check_preloaded(folder, metadata, files, contents)
    name = _library_name(metadata)
    if name is None:
        return None, problems
    if not _FOLDER.fullmatch(folder) or folder not in (name.machine, name.folder):
        problems.append(
            problem(
                "folder-name",
                folder,
                _(
                    "The folder {folder} holds the library {library} and must be called {right}. "
                    "Rename it or export the package again."
                ),
                folder=folder,
                library=name.api,
                right=name.folder,
            )
        )
    languages = {
        inside.removeprefix("language/").removesuffix(".json"): contents.documents[file.path]
        for inside, file in files.items()
        if inside.startswith("language/") and file.path in contents.documents
    }
    content_hash = hash_files({inside: file.sha256 for inside, file in files.items()})
    library = PackageLibrary(name, metadata, semantics, languages, files, content_hash)
    return library, problems


def _check_languages(folder: str, files: dict[str, FileEntry], contents: Contents) -> list[Problem]:
    problems = []
    for inside, file in files.items():
        if not inside.startswith("language/"):
            continue
        if not _LANGUAGE_FILE.fullmatch(inside.removeprefix("language/")):
            problems.append(
                problem(
                    "schema",
                    file.path,
                    _(
                        "{path} is not the name of a translation. It must be a language code "
                        "such as es.json or pt-br.json; rename or remove it."
                    ),
                )
            )
        elif file.path in contents.documents:
            problems += _conform(_CHECK_LANGUAGE, contents.documents[file.path], file.path)
    return problems


def _check_preloaded(
    folder: str, metadata: Any, files: dict[str, FileEntry], contents: Contents
) -> list[Problem]:
    """Scripts and styles that library.json names must be there."""
    problems = []
    for key in ("preloadedJs", "preloadedCss"):
        listed = metadata.get(key) if isinstance(metadata, dict) else None
        for item in listed if isinstance(listed, list) else ():
            path = item.get("path") if isinstance(item, dict) else None
            if not isinstance(path, str):
                continue
            inside = path.replace("\\", "/").lstrip("/").removeprefix("./")
            if inside not in files and f"{folder}/{inside}" not in contents.faulty:
                problems.append(
                    problem(
                        "missing-file",
                        f"{folder}/{inside}",
                        _(
                            "The library {folder} needs the file {inside}, which is not in the "
                            "package. Export the package again."
                        ),
                        folder=folder,
                        inside=inside,
                    )
                )
    return problems


def _check_core_api(metadata: Any, path: str) -> list[Problem]:
    wanted = metadata.get("coreApi") if isinstance(metadata, dict) else None
    if not isinstance(wanted, dict):
        return []
    version = (_number(wanted.get("majorVersion")), _number(wanted.get("minorVersion")))
    if None in version or version <= CORE_API:
        return []
    return [
        problem(
            "core-api",
            path,
            _(
                "{title} needs H5P {major}.{minor}; this site plays {here_major}.{here_minor}. "
                "Use an older version of it, or ask for an update here."
            ),
            title=metadata.get("title", path),
            major=version[0],
            minor=version[1],
            here_major=CORE_API[0],
            here_minor=CORE_API[1],
        )
    ]


def _without_h5p_json(contents: Contents) -> Problem:
    nested = sorted(path for path in contents.files if path.endswith("/h5p.json"))
    advice = Words(_("Export the activity again."))
    if nested:
        folder = nested[0].removesuffix("/h5p.json")
        advice = Words(
            _("There is one in the folder {folder}: pack what is in that folder, not it itself."),
            {"folder": folder},
        )
    return problem(
        "missing-file",
        "h5p.json",
        _("The package has no h5p.json that says what it is. {advice}"),
        advice=advice,
    )


def _conform(check: Check, value: Any, path: str) -> list[Problem]:
    problems: list[Problem] = []
    for where, what in check(value, ""):
        if len(problems) == _MOST_FINDINGS:
            break
        problems.append(_schema_problem(path, where, what))
    return problems


def _schema_problem(path: str, where: str, what: Words) -> Problem:
    subject = Words(_("“{where}” in {path}"), {"where": where, "path": path}) if where else path
    return problem(
        "schema",
        path,
        _("{subject} {what}. Export the activity again."),
        subject=subject,
        what=what,
    )


def _library_name(metadata: Any) -> LibraryName | None:
    name = _name_in(metadata)
    patch = _number(metadata.get("patchVersion")) if isinstance(metadata, dict) else None
    if name is None or patch is None:
        return None
    return LibraryName(name.machine, name.major, name.minor, patch)


def _name_in(item: Any) -> LibraryName | None:
    if not isinstance(item, Mapping):
        return None
    machine = item.get("machineName")
    major, minor = _number(item.get("majorVersion")), _number(item.get("minorVersion"))
    if not isinstance(machine, str) or major is None or minor is None:
        return None
    # Through the parser: it knows what a name is.
    return LibraryName.parse_api(f"{machine} {major}.{minor}")


def _number(value: Any) -> int | None:
    """A version number, which may be written as a text."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int) and 0 <= value <= 99_999:
        return value
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,5}", value):
        return int(value)
    return None
