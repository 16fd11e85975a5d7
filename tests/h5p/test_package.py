"""Reading packages: real ones, and small ones that were spoiled."""

import io
import json
import time
from pathlib import Path

import pytest

from h5p import LibraryName, Limits, Package, PackageLibrary, Refused, hash_files, read_package
from tests.h5p.making import Files, as_file, as_json, dependency, h5p_json, library_json


def problems(files: Files) -> list[tuple[str, str]]:
    return [(problem.code, problem.path) for problem in read_package(as_file(files)).problems]


def package(files: Files) -> Package:
    return read_package(as_file(files)).require()


class OneShelf:
    """A shelf with the libraries of one package."""

    def __init__(self, *libraries: PackageLibrary) -> None:
        self.libraries = {library.name.api: library for library in libraries}

    def find(self, name: str | LibraryName) -> PackageLibrary | None:
        return self.libraries.get(name if isinstance(name, str) else name.api)


def test_every_valid_package_is_accepted(packages: Path) -> None:
    refused = {
        path.name: report.problems
        for path in sorted((packages / "valid").glob("*.h5p"))
        if not (report := read_package(path)).ok
    }

    assert refused == {}


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("lumi__validator__2-invalid-libraries", "schema"),
        ("lumi__validator__broken-content-json", "bad-json"),
        ("lumi__validator__broken-h5p-json", "bad-json"),
        ("lumi__validator__corrupt_archive", "not-a-zip"),
        ("lumi__validator__invalid-h5p-json-schema", "schema"),
        ("lumi__validator__invalid-library-directory-name", "folder-name"),
        ("lumi__validator__invalid-library-json", "schema"),
        ("lumi__validator__missing-preloaded-js", "missing-file"),
        ("made__case-collision", "case-collision"),
        ("made__encrypted", "encrypted"),
        ("made__symlink", "symlink"),
        ("made__xss-content", "active-content"),
        ("made__zip-slip", "unsafe-path"),
        ("moodle__no-json-file", "missing-file"),
        ("moodle__unzippable", "not-a-zip"),
    ],
)
def test_every_invalid_package_is_refused_for_its_reason_alone(
    packages: Path, name: str, code: str
) -> None:
    report = read_package(packages / "invalid" / f"{name}.h5p")

    assert not report.ok
    assert {problem.code for problem in report.problems} == {code}


def test_no_invalid_package_is_forgotten_here(packages: Path) -> None:
    assert [path for path in (packages / "invalid").glob("*.h5p") if read_package(path).ok] == []


def test_packages_without_libraries_name_what_to_install(packages: Path) -> None:
    messages = {
        path.name: [problem.message for problem in read_package(path).problems]
        for path in sorted((packages / "content-only").glob("*.h5p"))
    }

    assert [len(found) for found in messages.values()] == [1, 1]
    assert messages["margish__true-false-question.h5p"][0].startswith(
        "This file carries no libraries; install H5P.TrueFalse 1.8 first."
    )


def test_fifteen_hundred_files_are_read_in_about_a_second(packages: Path) -> None:
    path = packages / "valid" / "escola__interactive-video.h5p"
    begun = time.process_time()

    report = read_package(path)

    assert report.ok
    assert time.process_time() - begun < 3


def test_what_a_package_holds(files: Files) -> None:
    read = package(files)

    main, part = read.libraries
    assert read.main == LibraryName("Test.Main", 1, 2, 4)
    assert (main.name, part.name.api) == (read.main, "Test.Part 1.0")
    assert set(read.content_files) == {"images/moon.png"}
    assert set(main.files) == {
        "library.json", "semantics.json", "js/main.js", "language/es.json"
    }  # fmt: skip
    assert main.languages == {"es": {"semantics": []}}
    assert main.content_hash == hash_files({p: f.sha256 for p, f in main.files.items()})
    assert read.read(main.files["js/main.js"].path) == files["Test.Main-1.2/js/main.js"]
    with pytest.raises(KeyError):
        read.read("Test.Main-1.2/other.js")


def test_the_hash_of_a_library_follows_its_bytes_and_names(files: Files) -> None:
    before = package(files).libraries[0].content_hash
    files["Test.Main-1.2/js/main.js"] += b"\n"
    after = package(files).libraries[0].content_hash

    assert before != after
    assert hash_files({"a": "1", "b": "2"}) == hash_files({"b": "2", "a": "1"})
    assert hash_files({"a": "1", "b": "2"}) != hash_files({"a": "2", "b": "1"})


def test_a_file_that_changes_behind_our_back_is_refused(files: Files, tmp_path: Path) -> None:
    path = tmp_path / "a.h5p"
    path.write_bytes(as_file(files).getvalue())
    read = read_package(path).require()
    files["Test.Main-1.2/js/main.js"] = b"evil"
    path.write_bytes(as_file(files).getvalue())

    with pytest.raises(Refused, match="changed while it was read"):
        read.read("Test.Main-1.2/js/main.js")


def test_another_extension_or_no_file_is_refused(files: Files, tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(as_file(files).getvalue())

    assert [p.code for p in read_package(path).problems] == ["extension"]
    (missing,) = read_package(tmp_path / "b.h5p").problems
    assert missing.code == "missing-file"
    assert missing.message == "“b.h5p” cannot be opened: No such file or directory."


def test_files_that_h5p_ignores_are_not_taken(files: Files) -> None:
    files |= {
        "README.txt": b"",
        "__MACOSX/x.exe": b"",
        "content/.DS_Store": b"",
        "Test.Main-1.2/": b"",
    }

    read = package(files)

    assert set(read.content_files) == {"images/moon.png"}


@pytest.mark.parametrize(
    "missing", ["h5p.json", "content/content.json", "Test.Main-1.2/js/main.js"]
)
def test_missing_files_are_named(files: Files, missing: str) -> None:
    del files[missing]

    assert ("missing-file", missing) in problems(files)


def test_a_folder_packed_instead_of_its_files_is_explained(files: Files) -> None:
    report = read_package(as_file({f"quiz/{path}": data for path, data in files.items()}))

    message = next(p.message for p in report.problems if p.path == "h5p.json")
    assert "There is one in the folder quiz" in message


def test_a_folder_that_is_no_library_is_refused(files: Files) -> None:
    files["docs/a.txt"] = b"hello"

    assert problems(files) == [("missing-file", "docs/library.json")]


def test_a_folder_may_be_called_by_the_machine_name_alone(files: Files) -> None:
    renamed = {path.replace("Test.Part-1.0/", "Test.Part/"): data for path, data in files.items()}

    assert "Test.Part 1.0" in {library.name.api for library in package(renamed).libraries}


def test_one_library_in_two_folders_is_refused(files: Files) -> None:
    files["Test.Part/library.json"] = files["Test.Part-1.0/library.json"]

    assert problems(files) == [("duplicate-library", "Test.Part-1.0")]


@pytest.mark.parametrize("where", ["h5p.json", "Test.Main-1.2/library.json"])
def test_a_newer_core_is_refused(files: Files, where: str) -> None:
    metadata = json.loads(files[where])
    files[where] = as_json({**metadata, "coreApi": {"majorVersion": 1, "minorVersion": 29}})
    assert problems(files) == [("core-api", where)]

    files[where] = as_json({**metadata, "coreApi": {"majorVersion": 1, "minorVersion": 28}})
    assert problems(files) == []


@pytest.mark.parametrize(
    "kind", ["preloadedDependencies", "dynamicDependencies", "editorDependencies"]
)
def test_dependencies_of_libraries_must_be_there(files: Files, kind: str) -> None:
    part = library_json("Test.Part 1.0", **{kind: [dependency("Test.Far 2.0")]})
    files["Test.Part-1.0/library.json"] = as_json(part)

    assert problems(files) == [("missing-library", "Test.Far 2.0")]


def test_sub_libraries_of_the_content_must_be_there(files: Files) -> None:
    part = {"library": "Test.Gone 3.1", "params": {}}
    files["content/content.json"] = as_json({"title": "", "parts": [part]})

    report = read_package(as_file(files))

    assert [(p.code, p.path) for p in report.problems] == [("missing-library", "Test.Gone 3.1")]
    assert "which the content needs" in report.problems[0].message


def test_libraries_on_the_shelf_need_not_be_brought(files: Files) -> None:
    shelf = OneShelf(*package(files).libraries)
    alone = {path: data for path, data in files.items() if not path.startswith("Test.")}

    assert problems(alone) == [("no-libraries", "h5p.json")]
    read = read_package(as_file(alone), shelf=shelf).require()
    assert (read.libraries, read.main) == ((), LibraryName("Test.Main", 1, 2, 4))


def test_another_version_in_the_package_is_named(files: Files) -> None:
    files["h5p.json"] = as_json(h5p_json(preloadedDependencies=[dependency("Test.Main 1.3")]))

    (problem,) = read_package(as_file(files)).problems

    assert problem.message == (
        "Test.Main 1.3, which h5p.json needs, is neither in this file (it has Test.Main 1.2) "
        "nor installed; install it first."
    )


def test_a_main_library_that_is_not_listed_is_refused(files: Files) -> None:
    files["h5p.json"] = as_json(h5p_json(mainLibrary="Test.Part"))

    assert problems(files) == [("schema", "h5p.json")]


@pytest.mark.parametrize(
    ("text", "is_active"),
    [
        ("<p onclick='x()'>a</p>", True),
        ("<script>x()</script>", True),
        ("<a href='java&#10;script:x()'>a</a>", True),
        ("<b>" * 1000, True),
        ("<p>The &lt;script&gt; element, onclick=, javascript: and 2 < 3</p>", False),
        ("<iframe src='https://example.org'></iframe>", False),
    ],
)
def test_code_in_a_text_with_markup_is_refused(files: Files, text: str, is_active: bool) -> None:
    files["content/content.json"] = as_json({"text": text})

    expected = [("active-content", "content/content.json")] if is_active else []
    assert problems(files) == expected


def test_a_lesson_about_html_is_no_code(files: Files) -> None:
    files["content/content.json"] = as_json({"title": "What does <script> do?"})

    assert problems(files) == []


def test_an_address_that_runs_code_is_refused(files: Files) -> None:
    files["content/content.json"] = as_json({"picture": {"path": "javascript:alert(1)"}})

    assert problems(files) == [("active-content", "content/content.json")]


def test_a_hostile_package_cannot_flood_the_report(files: Files) -> None:
    files |= {f"content/{number}.exe": b"" for number in range(60)}

    assert len(read_package(as_file(files), limits=Limits(problems=50)).problems) == 50


def test_a_closed_file_is_no_zip() -> None:
    file = io.BytesIO(b"x")
    file.close()

    assert [p.code for p in read_package(file).problems] == ["not-a-zip"]
