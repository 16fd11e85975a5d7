from pathlib import Path

import pytest

from h5p.libraries import FolderShelf, Library, MemoryShelf, Shelf
from h5p.names import LibraryName
from h5p.storage import MemoryStorage
from tests.h5p.shelving import make_library


@pytest.fixture(params=["memory", "folder"])
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> Shelf:
    return MemoryShelf() if request.param == "memory" else FolderShelf(tmp_path)


def test_shelf_prefers_the_highest_patch_then_the_first_added(shelf: Shelf) -> None:
    storage = MemoryStorage()
    old = make_library(storage, "Test.A 1.0", patchVersion=2)
    first = make_library(storage, "Test.A 1.0", patchVersion=10, files={"a.js": "1"})
    second = make_library(storage, "Test.A 1.0", patchVersion=10, files={"a.js": "2"})
    shelf.add(old)
    shelf.add(first, second)

    assert shelf.find("Test.A 1.0") == first
    assert shelf.find("Test.A-1.0") == first
    assert shelf.find(LibraryName("Test.A", 1, 0)) == first
    assert shelf.versions("Test.A 1.0") == (first, second, old)
    assert shelf.find("Test.A 1.0", hash=second.content_hash) == second
    assert shelf.find("Test.A 1.0", hash="0" * 64) is None
    assert shelf.find("Test.A 1.1") is None
    assert shelf.find("nonsense") is None


def test_shelf_takes_a_library_once(shelf: Shelf) -> None:
    library = make_library(MemoryStorage(), "Test.A 1.0")
    shelf.add(library, library)
    shelf.add(library)

    assert list(shelf) == [library]


def test_folder_shelf_is_shared_and_keeps_every_field(tmp_path: Path) -> None:
    ours, theirs = FolderShelf(tmp_path), FolderShelf(tmp_path)
    assert theirs.find("Test.A 1.0") is None
    library = make_library(
        MemoryStorage(), "Test.A 1.0", files={"a.js": "1"}, semantics=[{"name": "\ud800"}]
    )
    ours.add(library)

    found = theirs.find("Test.A 1.0")

    assert found is not None
    assert vars(found) == vars(library)


def test_library_is_read_from_a_folder(tmp_path: Path) -> None:
    storage = MemoryStorage()
    made = make_library(storage, "Test.A 1.0", files={"js/a.js": "1"}, semantics=[])
    for path, file in made.files.items():
        target = tmp_path / path
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(storage.read(file.sha256))
    (tmp_path / "language").mkdir()
    (tmp_path / "language" / "es.json").write_text("{}")
    (tmp_path / ".hidden").write_text("x")

    library = Library.from_folder(tmp_path, storage)

    assert library.name == made.name
    assert library.languages == {"es": {}}
    assert sorted(library.files) == [
        "js/a.js", "language/es.json", "library.json", "semantics.json",
    ]  # fmt: skip
