import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from h5p.dependencies import Resolution, resolve
from h5p.libraries import MemoryShelf
from h5p.problems import NotInstalled
from h5p.storage import MemoryStorage
from tests.h5p import making
from tests.h5p.shelving import make_library

STORAGE = MemoryStorage()


def loaded(resolution: Resolution) -> list[str]:
    return [library.name.folder for library in resolution.loaded]


def test_libraries_come_after_what_they_depend_on_and_content_libraries_first() -> None:
    options = ["Test.Part 1.0", "Test.Late 1.0"]
    semantics = [{"name": "part", "type": "library", "options": options}]
    main = make_library(STORAGE, "Test.Main 1.0", "Test.B 1.0", "Test.A 1.0", semantics=semantics)
    shelf = MemoryShelf(
        main,
        make_library(STORAGE, "Test.A 1.0"),
        make_library(STORAGE, "Test.B 1.0", "Test.A 1.0"),
        make_library(STORAGE, "Test.Part 1.0", "Test.C 1.0"),
        make_library(STORAGE, "Test.C 1.0"),
        make_library(STORAGE, "Test.Late 1.0"),
    )

    resolution = resolve(main, {"part": {"library": "Test.Part 1.0", "params": {}}}, shelf)

    assert loaded(resolution) == [
        "Test.C-1.0", "Test.Part-1.0", "Test.A-1.0", "Test.B-1.0", "Test.Main-1.0",
    ]  # fmt: skip
    assert set(resolution.pins) == {
        "Test.C 1.0", "Test.Part 1.0", "Test.A 1.0", "Test.B 1.0", "Test.Main 1.0",
    }  # fmt: skip


def test_circles_end_and_the_key_ignores_the_order_in_the_content() -> None:
    semantics = [
        {
            "name": "parts",
            "type": "list",
            "field": {"name": "p", "type": "library", "options": ["Test.A 1.0", "Test.B 1.0"]},
        }
    ]
    main = make_library(STORAGE, "Test.Main 1.0", semantics=semantics)
    shelf = MemoryShelf(
        main,
        make_library(STORAGE, "Test.A 1.0", "Test.B 1.0"),
        make_library(STORAGE, "Test.B 1.0", "Test.A 1.0", "Test.Main 1.0"),
    )
    a, b = ({"library": f"Test.{name} 1.0", "params": {}} for name in "AB")

    one, other = (resolve(main, {"parts": parts}, shelf) for parts in ([a, b], [b, a]))

    assert set(loaded(one)) == {"Test.A-1.0", "Test.B-1.0", "Test.Main-1.0"}
    assert one.key == other.key


def test_a_page_loads_one_version_but_files_of_both_are_found() -> None:
    main = make_library(STORAGE, "Test.Main 1.0", "Test.A 1.0", "Test.B 1.0")
    shelf = MemoryShelf(
        main,
        make_library(STORAGE, "Test.A 1.0", files={"x.svg": "1.0"}),
        make_library(STORAGE, "Test.A 1.1", files={"x.svg": "1.1"}),
        make_library(STORAGE, "Test.B 1.0", "Test.A 1.1"),
    )

    resolution = resolve(main, {}, shelf)

    assert loaded(resolution) == ["Test.A-1.0", "Test.B-1.0", "Test.Main-1.0"]
    first, second = (resolution.file(f"Test.A-{version}/x.svg") for version in ("1.0", "1.1"))
    assert (first, second) == (STORAGE.put(b"1.0"), STORAGE.put(b"1.1"))
    assert resolution.file("Test.A-1.0/y.svg") is None
    assert resolution.file("Test.Z-1.0/x.svg") is None


def test_dynamic_libraries_are_not_loaded_and_editor_ones_come_on_request() -> None:
    main = make_library(
        STORAGE,
        "Test.Main 1.0",
        dynamicDependencies=[making.dependency("Test.Dynamic 1.0")],
        editorDependencies=[making.dependency("H5PEditor.A 1.0")],
    )
    shelf = MemoryShelf(
        main,
        make_library(STORAGE, "Test.Dynamic 1.0"),
        make_library(STORAGE, "H5PEditor.A 1.0", "H5PEditor.B 1.0"),
        make_library(STORAGE, "H5PEditor.B 1.0"),
    )

    plain, editor = resolve(main, {}, shelf), resolve(main, {}, shelf, editor=True)

    assert loaded(plain) == loaded(editor) == ["Test.Main-1.0"]
    assert plain.key == editor.key
    assert set(plain.pins) == {"Test.Main 1.0", "Test.Dynamic 1.0"}
    assert set(editor.pins) == {*plain.pins, "H5PEditor.A 1.0", "H5PEditor.B 1.0"}


def test_everything_that_is_missing_is_named() -> None:
    main = make_library(STORAGE, "Test.Main 1.0", "Test.B 1.0", "Test.A 2.3")
    shelf = MemoryShelf(main, make_library(STORAGE, "Test.B 1.0", "Test.C 1.0"))

    with pytest.raises(NotInstalled) as caught:
        resolve(main, {}, shelf)

    assert caught.value.missing == ("Test.A 2.3", "Test.C 1.0")


def test_pins_hold_against_later_libraries_and_never_fall_back() -> None:
    main = make_library(STORAGE, "Test.Main 1.0", "Test.A 1.0")
    old = make_library(STORAGE, "Test.A 1.0", patchVersion=1)
    shelf = MemoryShelf(main, old)
    before = resolve(main, {}, shelf)
    shelf.add(make_library(STORAGE, "Test.A 1.0", patchVersion=9))

    assert resolve(main, {}, shelf, pins=before.pins) == before
    assert resolve(main, {}, shelf).key != before.key
    with pytest.raises(NotInstalled):
        resolve(main, {}, shelf, pins={"Test.A 1.0": "0" * 64})


def test_a_long_chain_does_not_exhaust_the_stack() -> None:
    length = 3_000
    chain = [
        make_library(STORAGE, f"Test.L{i} 1.0", *([f"Test.L{i + 1} 1.0"] if i < length else []))
        for i in range(length + 1)
    ]

    assert len(resolve(chain[0], {}, MemoryShelf(*chain)).loaded) == length + 1


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=20))
def test_order_holds_for_any_graph_without_circles(edges: list[tuple[int, int]]) -> None:
    needs: dict[int, list[str]] = {i: [] for i in range(8)}
    for one, other in edges:
        if one != other:
            needs[max(one, other)].append(f"Test.L{min(one, other)} 1.0")
    libraries = [make_library(STORAGE, f"Test.L{i} 1.0", *needs[i]) for i in range(8)]

    order = [
        library.name.api for library in resolve(libraries[7], {}, MemoryShelf(*libraries)).loaded
    ]

    assert order[-1] == "Test.L7 1.0"
    assert len(set(order)) == len(order)
    for i in range(8):
        if f"Test.L{i} 1.0" in order:
            position = order.index(f"Test.L{i} 1.0")
            assert all(need in order[:position] for need in needs[i])
