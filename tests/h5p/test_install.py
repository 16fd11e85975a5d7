import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from h5p.dependencies import resolve
from h5p.install import Novelty, install, plan_install, store_content
from h5p.libraries import FolderShelf, MemoryShelf
from h5p.package import Package, read_package
from h5p.problems import NotInstalled, Refused
from h5p.storage import FolderStorage, MemoryStorage
from tests.h5p import making


def package(files: making.Files) -> Package:
    return read_package(making.as_file(files)).require()


def with_script(files: making.Files, script: str, patch: int = 4) -> making.Files:
    metadata = making.library_json(
        "Test.Main 1.2", preloadedJs=[{"path": "js/main.js"}], patchVersion=patch
    )
    return files | {
        "Test.Main-1.2/js/main.js": script.encode(),
        "Test.Main-1.2/library.json": making.as_json(metadata),
    }


class Failing(MemoryStorage):
    """A storage that breaks down after some blobs."""

    def __init__(self, puts: int) -> None:
        super().__init__()
        self.left = puts

    def put(self, data: bytes, /) -> str:
        if self.left == 0:
            raise OSError("no space left on device")
        self.left -= 1
        return super().put(data)


@pytest.mark.parametrize(
    ("script", "patch", "novelty"),
    [
        ("var H5P = H5P || {};", 4, Novelty.SAME),
        ("other()", 4, Novelty.DIFFERENT_CONTENT),
        ("other()", 5, Novelty.NEWER_PATCH),
        ("other()", 3, Novelty.OLDER_PATCH),
    ],
)
def test_plan_says_how_each_library_stands(
    files: making.Files, script: str, patch: int, novelty: Novelty
) -> None:
    storage, shelf = MemoryStorage(), MemoryShelf()
    first = plan_install(package(with_script(files, "var H5P = H5P || {};")), shelf)
    assert [planned.novelty for planned in first.libraries] == [Novelty.NEW, Novelty.NEW]
    install(first, storage, shelf)

    plan = plan_install(package(with_script(files, script, patch)), shelf)

    assert {p.library.name.machine: p.novelty for p in plan.libraries} == {
        "Test.Main": novelty,
        "Test.Part": Novelty.SAME,
    }
    assert len(plan.to_add) == (novelty is not Novelty.SAME)


def test_same_version_with_other_contents_changes_nobody_elses_activity(
    files: making.Files,
) -> None:
    storage, shelf = MemoryStorage(), MemoryShelf()
    resolutions = []
    packages = [package(with_script(files, script)) for script in ("one()", "two()")]
    for brought in packages:
        plan = plan_install(brought, shelf)
        install(plan, storage, shelf)
        main = shelf.find(brought.main, hash=plan.pins["Test.Main 1.2"])
        assert main is not None
        resolutions.append(resolve(main, brought.content, shelf, pins=plan.pins))

    scripts = [
        storage.read(resolution.file("Test.Main-1.2/js/main.js") or "")
        for resolution in resolutions
    ]

    assert scripts == [b"one()", b"two()"]
    first = shelf.find("Test.Main 1.2", hash=resolutions[0].pins["Test.Main 1.2"])
    assert first is not None
    assert resolve(first, {}, shelf, pins=resolutions[0].pins) == resolutions[0]


@pytest.mark.parametrize("puts", range(6))
def test_a_storage_that_fails_half_way_leaves_nothing_visible(
    files: making.Files, puts: int
) -> None:
    storage, shelf = Failing(puts), MemoryShelf()
    plan = plan_install(package(files), shelf)
    assert sum(len(library.files) for library in plan.package.libraries) == 6

    with pytest.raises(OSError, match="no space"):
        install(plan, storage, shelf)

    assert list(shelf) == []
    storage.left = -1
    assert len(install(plan, storage, shelf)) == len(install(plan, storage, shelf)) == 2
    assert len(list(shelf)) == 2


def test_what_is_missing_or_broken_is_not_installed(files: making.Files) -> None:
    storage, shelf = MemoryStorage(), MemoryShelf()

    broken = plan_install(package(with_script(files, "function (")), shelf)
    with pytest.raises(Refused) as caught:
        install(broken, storage, shelf)

    assert [problem.path for problem in caught.value.problems] == ["Test.Main-1.2/js/main.js"]

    needy = package(files)
    needy.libraries[0].metadata["preloadedDependencies"] = [making.dependency("Test.Far 1.0")]
    plan = plan_install(needy, shelf)
    assert plan.missing == ("Test.Far 1.0",)
    with pytest.raises(NotInstalled):
        install(plan, storage, shelf)
    assert list(shelf) == []


def test_content_files_are_stored(files: making.Files) -> None:
    storage = MemoryStorage()

    stored = store_content(package(files), storage)

    assert {path: storage.read(file.sha256) for path, file in stored.items()} == {
        "images/moon.png": making.PNG
    }


def test_a_killed_installation_leaves_nothing_visible_and_can_be_repeated(
    tmp_path: Path, files: making.Files
) -> None:
    """A process is killed at one step after another until it gets through."""
    file = tmp_path / "a.h5p"
    file.write_bytes(making.as_file(files).getvalue())
    program = textwrap.dedent(
        """
        import os, signal, sys
        from pathlib import Path
        from h5p import storage, libraries
        from h5p.install import install, plan_install
        from h5p.package import read_package

        folder, file, steps = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
        replace = os.replace

        def dying(*arguments):
            global steps
            if steps == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            steps -= 1
            replace(*arguments)

        os.replace = dying
        shelf = libraries.FolderShelf(folder / "shelf")
        blobs = storage.FolderStorage(folder / "blobs")
        install(plan_install(read_package(file).require(), shelf), blobs, shelf)
        """
    )
    # Before each of six blobs, two libraries and the index is put in its place.
    for steps in (0, 3, 6, 8):
        folder = tmp_path / str(steps)
        ended = subprocess.run(
            [sys.executable, "-c", program, folder, file, str(steps)],
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
            check=False,
        )
        assert ended.returncode == -signal.SIGKILL
        storage, shelf = FolderStorage(folder / "blobs"), FolderShelf(folder / "shelf")
        assert list(shelf) == []

        install(plan_install(read_package(file).require(), shelf), storage, shelf)

        assert [library.name.api for library in shelf] == ["Test.Main 1.2", "Test.Part 1.0"]
        for library in shelf:
            assert all(storage.size(blob.sha256) == blob.size for blob in library.files.values())
    assert FolderStorage(tmp_path / "0" / "blobs").sweep() == 1
