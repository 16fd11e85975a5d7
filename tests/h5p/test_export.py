import io
from pathlib import Path

from h5p.bundles import build_bundles
from h5p.dependencies import resolve
from h5p.export import export_package
from h5p.install import install, plan_install, store_content
from h5p.libraries import FolderShelf, MemoryShelf, Shelf
from h5p.package import read_package
from h5p.storage import FolderStorage, MemoryStorage, Storage
from tests.h5p import making


def go_round(file: Path | io.BytesIO, storage: Storage, shelf: Shelf) -> bytes:
    """Install a package, bundle it, and export it again; what it exports is sound."""
    package = read_package(file).require()
    plan = plan_install(package, shelf)
    install(plan, storage, shelf)
    main = shelf.find(package.main, hash=plan.pins[package.main.api])
    assert main is not None
    played = resolve(main, package.content, shelf, pins=plan.pins)
    bundles = build_bundles(played, storage, lambda sha256, _: f"/a/{sha256}", quality=1)
    assert bundles.js.data.startswith(b";")
    whole = resolve(main, package.content, shelf, pins=plan.pins, editor=True)
    assert whole.key == played.key
    assert whole.pins.items() <= plan.pins.items()
    files = {path: blob.sha256 for path, blob in store_content(package, storage).items()}
    exported = export_package(package.metadata, package.content, files, whole, storage)

    again = read_package(io.BytesIO(exported))

    assert again.problems == ()
    assert again.package is not None
    assert again.package.main == package.main
    assert again.package.content == package.content
    assert again.package.metadata["title"] == package.metadata["title"]
    assert {path: entry.sha256 for path, entry in again.package.content_files.items()} == files
    brought = {library.name: library.content_hash for library in package.libraries}
    exported_libraries = {lib.name: lib.content_hash for lib in again.package.libraries}
    assert exported_libraries.items() <= brought.items()
    return exported


def test_every_sound_package_goes_round_in_memory(packages: Path) -> None:
    storage, shelf = MemoryStorage(), MemoryShelf()
    for file in sorted((packages / "valid").glob("*.h5p")):
        go_round(file, storage, shelf)


def test_packages_go_round_on_disk(packages: Path, tmp_path: Path) -> None:
    storage, shelf = FolderStorage(tmp_path / "blobs"), FolderShelf(tmp_path / "shelf")
    # The same libraries in several versions, and one name and version with two contents.
    for name in ("moodle__greeting-card", "lumi__validator__valid2", "elpx__accordion"):
        go_round(packages / "valid" / f"{name}.h5p", storage, shelf)


def test_the_same_activity_gives_the_same_bytes(files: making.Files) -> None:
    first, second = (
        go_round(making.as_file(files), MemoryStorage(), MemoryShelf()) for _ in range(2)
    )

    assert first == second


def test_own_words_of_the_metadata_are_kept_and_dependencies_written_anew(
    files: making.Files,
) -> None:
    files["h5p.json"] = making.as_json(
        making.h5p_json(
            license="CC BY",
            authors=[{"name": "Ada", "role": "Author"}],
            preloadedDependencies=[
                making.dependency("Test.Main 1.2"),
                making.dependency("Test.Part 1.0"),
            ],
        )
    )

    exported = go_round(making.as_file(files), MemoryStorage(), MemoryShelf())

    metadata = read_package(io.BytesIO(exported)).require().metadata
    assert metadata["license"] == "CC BY"
    assert metadata["authors"] == [{"name": "Ada", "role": "Author"}]
    assert metadata["preloadedDependencies"] == [making.dependency("Test.Main 1.2")]
