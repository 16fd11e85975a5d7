"""What libraries are called, and which files may be where."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from h5p import LibraryName, parse_api, parse_folder
from h5p.filetypes import (
    CONTENT_EXTENSIONS,
    LIBRARY_EXTENSIONS,
    check_bytes,
    check_extension,
    extension_of,
    matches_extension,
)

NAMES = st.builds(
    LibraryName,
    st.from_regex(r"[A-Za-z][A-Za-z0-9.\-]{0,20}", fullmatch=True),
    st.integers(0, 99_999),
    st.integers(0, 99_999),
)


@given(NAMES)
def test_names_survive_both_ways_of_writing(name: LibraryName) -> None:
    assert parse_folder(name.folder) == name
    assert parse_api(name.api) == name


@pytest.mark.parametrize(
    "text",
    ["", "H5P.Foo", "H5P.Foo-1", "H5P.Foo 1.2", "../x-1.2", "H5P.Foo-1.2/..", "Fóo-1.2",
     "H5P.Foo-1.234567", "H5P.Foo-1.2\n", "-1.2", "H5P.Foo-٣.٤"],
)  # fmt: skip
def test_other_texts_are_no_folder(text: str) -> None:
    assert parse_folder(text) is None


def test_a_patch_version_is_read_and_kept_out_of_names() -> None:
    name = parse_folder("H5P.Foo-Bar-1.2.3")

    assert name == LibraryName("H5P.Foo-Bar", 1, 2, 3)
    assert (name.folder, name.api) == ("H5P.Foo-Bar-1.2", "H5P.Foo-Bar 1.2")


def test_names_sort_by_version_as_numbers() -> None:
    assert LibraryName("A", 1, 9) < LibraryName("A", 1, 10) < LibraryName("B", 0, 1)


def test_content_may_not_bring_what_libraries_may() -> None:
    assert set(LIBRARY_EXTENSIONS - CONTENT_EXTENSIONS) == {"js", "css", "svg", "xml"}
    assert check_extension("content/a.JS", in_library=False).code == "file-type"
    assert check_extension("content/a.svg", in_library=False).code == "file-type"
    assert check_extension("X-1.0/a.JS", in_library=True) is None
    assert check_extension("X-1.0/LICENSE", in_library=True).code == "file-type"
    assert check_extension("content/a.php.jpg", in_library=False) is None
    assert check_extension("content/a.jpg.php", in_library=False).code == "file-type"


@pytest.mark.parametrize(
    ("path", "extension"),
    [("a/b.JPG", "jpg"), ("a.b/c", ""), ("a/.htaccess", ""), ("x.tar.gz", "gz"), ("x.", "")],
)
def test_extension_is_that_of_the_file(path: str, extension: str) -> None:
    assert extension_of(path) == extension


@pytest.mark.parametrize(
    ("extension", "head"),
    [
        ("png", b"<html><script>"),
        ("jpg", b"<?php system($_GET['c']);"),
        ("gif", b"MZ\x90\0"),
        ("mp4", b"\x7fELF"),
        ("mp3", b"<html>"),
        ("pdf", b"PK\3\4"),
        ("docx", b"<html>"),
        ("woff", b"<svg>"),
        ("svg", b"<html><svg>"),
        ("svg", b"\x89PNG"),
        ("txt", b"MZ\0\0"),
        ("js", b"\0asm"),
        ("json", b"\x89PNG\r\n\x1a\n\0\0"),
        ("wav", b"RIFF1234AVI "),
        ("glb", b"{}"),
        ("swf", b"PK"),
    ],
)
def test_bytes_of_another_kind_do_not_match(extension: str, head: bytes) -> None:
    assert not matches_extension(extension, head)
    assert check_bytes(f"content/a.{extension}", head).code == "content-mismatch"


@pytest.mark.parametrize(
    ("extension", "head"),
    [
        ("png", b"\xff\xd8\xff\xe0"),
        ("jpeg", b"RIFF1234WEBPVP8 "),
        ("mp3", b"\0\0\xff\xfb\x90\x64"),
        ("mp3", b"ID3\4"),
        ("m4a", b"\0\0\0\x20ftypM4A "),
        ("webm", b"\x1aE\xdf\xa3"),
        ("ttf", b"\0\1\0\0"),
        ("eot", bytes(34) + b"LP"),
        ("svg", b"\xef\xbb\xbf\n<?xml version='1.0'?>"),
        ("doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        ("csv", "a,b".encode("utf-16")),
        ("js", b"\xe9 latin"),
        ("png", b""),
    ],
)
def test_bytes_of_the_kind_match(extension: str, head: bytes) -> None:
    assert matches_extension(extension, head)
