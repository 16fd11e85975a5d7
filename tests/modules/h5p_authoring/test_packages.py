"""Packages through the actions: what is installed, what is refused."""

import io
from datetime import datetime
from pathlib import Path

import pytest

from h5p.limits import Limits
from h5p.package import read_package
from lms.accounts.models import User
from lms.core.models import AuditEvent
from modules.actions.h5p_content import (
    create_content_from_package,
)
from modules.h5p_checking import PackageRefused
from modules.models import H5PContent, H5PLibrary
from modules.selectors.h5p_library import package_of
from tests.factories.h5p import (
    make_uploaded,
    named,
    package,
)
from tests.h5p import making
from tests.modules.h5p_authoring.looking import (
    nothing_is_stored,
    waiting_uploads,
)

pytestmark = pytest.mark.django_db


def test_an_administrator_installs_what_a_package_brings(administrator: User, at: datetime) -> None:
    content = create_content_from_package(file=package(), by=administrator, at=at)

    assert content.title == "Tides"
    assert content.origin == "uploaded"
    version = content.current
    assert version is not None
    assert (version.number, version.created_by) == (1, administrator)
    assert version.main_library.machine_name == "Test.Main"
    assert {str(library.name) for library in H5PLibrary.objects.all()} == {
        "Test.Main 1.2.4",
        "Test.Part 1.0.4",
    }
    assert (version.parameters["title"], version.parameters["text"]) == ("Tides", "<p>Why?</p>")
    assert sorted(version.files) == ["images/moon.png"]
    verbs = list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs == [
        "h5p.library_installed",
        "h5p.library_installed",
        "h5p.content_created",
        "h5p.version_added",
    ]


def test_an_editor_uploads_content_for_installed_libraries_only(
    editor: User, administrator: User, at: datetime
) -> None:
    with pytest.raises(PackageRefused) as refused:
        create_content_from_package(file=package(), by=editor, at=at)
    assert [(p.code, p.path) for p in refused.value.problems] == [
        ("missing-library", "Test.Main 1.2")
    ]
    assert nothing_is_stored()

    create_content_from_package(file=package(), by=administrator, at=at)
    content = create_content_from_package(file=package("Ebb"), by=editor, at=at)

    assert content.title == "Ebb"
    assert H5PLibrary.objects.count() == 2


def test_an_editors_package_never_brings_a_changed_library(
    editor: User, administrator: User, at: datetime
) -> None:
    """Same name and version, other script: it is played with what is installed."""
    first = make_uploaded(by=administrator, at=at)
    assert first.current is not None

    changed = package("Evil", **{"Test.Main-1.2/js/main.js": b"var H5P = {evil: 1};"})
    content = create_content_from_package(file=changed, by=editor, at=at)

    assert content.current is not None
    assert content.current.main_library == first.current.main_library
    assert H5PLibrary.objects.count() == 2


def test_an_administrators_changed_library_leaves_older_content_alone(
    administrator: User, at: datetime
) -> None:
    first = make_uploaded(by=administrator, at=at)
    changed = package("Second", **{"Test.Main-1.2/js/main.js": b"var H5P = H5P || {two: 2};"})
    second = create_content_from_package(file=changed, by=administrator, at=at)

    assert first.current is not None
    assert second.current is not None
    assert second.current.main_library != first.current.main_library
    first.current.refresh_from_db()
    assert first.current.pins["Test.Main 1.2"] != second.current.pins["Test.Main 1.2"]


def test_doing_it_again_installs_nothing_twice(administrator: User, at: datetime) -> None:
    make_uploaded(by=administrator, at=at)
    make_uploaded(by=administrator, at=at)

    assert H5PLibrary.objects.count() == 2
    assert H5PContent.objects.count() == 2


def test_every_problem_is_said_and_nothing_stays(administrator: User, at: datetime) -> None:
    files = making.sound_files()
    del files["Test.Main-1.2/js/main.js"]
    files["content/evil.exe"] = b"MZ"
    files["Test.Part-1.0/library.json"] = b"{"

    with pytest.raises(PackageRefused) as refused:
        create_content_from_package(file=named(files), by=administrator, at=at)

    assert {problem.code for problem in refused.value.problems} >= {
        "missing-file",
        "file-type",
        "bad-json",
    }
    assert nothing_is_stored()
    assert waiting_uploads() == []


@pytest.mark.parametrize("what", ["semantics", "language"])
def test_what_no_database_keeps_is_refused(administrator: User, at: datetime, what: str) -> None:
    files = making.sound_files()
    path = {"semantics": "semantics.json", "language": "language/es.json"}[what]
    bad = b'{"semantics": [{"label": "a\\u0000b"}]}'
    if what == "semantics":
        bad = b'[{"name": "a", "type": "text", "label": "a\\u0000b"}]'
    files[f"Test.Main-1.2/{path}"] = bad

    with pytest.raises(PackageRefused) as refused:
        create_content_from_package(file=named(files), by=administrator, at=at)

    assert {problem.code for problem in refused.value.problems} == {"bad-json"}
    assert nothing_is_stored()


def test_content_is_cleaned(administrator: User, at: datetime) -> None:
    content = make_uploaded(
        by=administrator,
        at=at,
        content={"title": "A <b>", "text": "<p>x</p><h1>y</h1>", "unknown": 1},
    )
    assert content.current is not None
    assert content.current.parameters["title"] == "A &lt;b&gt;"
    assert "<h1>" not in content.current.parameters["text"]
    assert "unknown" not in content.current.parameters


def test_every_hostile_or_broken_package_is_refused_and_leaves_nothing(
    administrator: User, at: datetime, packages: Path
) -> None:
    refused = {}
    for path in sorted((packages / "invalid").glob("*.h5p")):
        with path.open("rb") as file:
            try:
                create_content_from_package(file=file, by=administrator, at=at)
            except PackageRefused as error:
                refused[path.name] = len(error.problems)
            else:
                refused[path.name] = 0
    assert refused
    assert {name for name, problems in refused.items() if not problems} == set()
    assert nothing_is_stored()
    assert waiting_uploads() == []


@pytest.mark.one_database("sqlite")
def test_every_valid_package_is_installed_and_comes_out_whole(
    administrator: User, editor: User, at: datetime, packages: Path
) -> None:
    names = sorted(path.name for path in (packages / "valid").glob("*.h5p"))
    assert names
    for name in names:
        with (packages / "valid" / name).open("rb") as file:
            content = create_content_from_package(file=file, by=administrator, at=at, title=name)
        assert content.current is not None, name
        exported = io.BytesIO(package_of(content.current))
        report = read_package(exported, limits=Limits())
        assert report.problems == (), name
        # Now that its libraries are here, editors may upload it too.
        with (packages / "valid" / name).open("rb") as file:
            create_content_from_package(file=file, by=editor, at=at, title=name)


def test_content_without_libraries_finds_the_installed_ones(
    editor: User, administrator: User, at: datetime
) -> None:
    make_uploaded(by=administrator, at=at)
    files = {path: data for path, data in making.sound_files().items() if "Test." not in path}

    content = create_content_from_package(file=named(files), by=editor, at=at)

    assert content.current is not None
    assert content.current.main_library.machine_name == "Test.Main"
