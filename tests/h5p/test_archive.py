"""Archives that were damaged, or made to do harm."""

import io
import struct
import warnings
import zipfile
import zlib

import pytest

from h5p import Limits, Refused, read_package
from h5p.archive import open_archive
from tests.h5p.making import PNG, Files, as_file, sound_files, spoil_table

PICTURE = "content/images/moon.png"


def codes(file: io.BytesIO | bytes, **limits: int) -> list[str]:
    opened = io.BytesIO(file) if isinstance(file, bytes) else file
    return [problem.code for problem in read_package(opened, limits=Limits(**limits)).problems]


def with_entry(name: str, data: bytes = b"{}") -> io.BytesIO:
    files = sound_files()
    return as_file({**files, name: data})


def test_a_sound_package_has_no_problems(files: Files) -> None:
    assert codes(as_file(files)) == []


@pytest.mark.parametrize("data", [b"", b"PK", b"no zip at all", b"PK\5\6" + bytes(17)])
def test_what_is_no_zip_is_not_a_zip(data: bytes) -> None:
    assert codes(data) == ["not-a-zip"]


def test_a_truncated_package_is_not_a_zip(files: Files) -> None:
    data = as_file(files).getvalue()

    assert codes(data[:-40]) == ["not-a-zip"]


def test_bytes_before_the_archive_are_refused(files: Files) -> None:
    assert codes(b"<script>alert(1)</script>" + as_file(files).getvalue()) == ["not-a-zip"]


@pytest.mark.parametrize(
    "name",
    [
        "content/../../evil.json",
        "/etc/evil.json",
        "C:/evil.json",
        "c:evil.json",
        "content\\..\\evil.json",
        "content/./evil.json",
        "content//evil.json",
        "content/ev\x07il.json",
        "content/" + "x" * 300 + ".json",
    ],
)
def test_paths_that_lead_elsewhere_are_unsafe(name: str) -> None:
    assert "unsafe-path" in codes(with_entry(name))


def test_nul_in_a_name_is_unsafe(files: Files) -> None:
    data = as_file({**files, "content/evil0.json": b"{}"}).getvalue()

    assert "unsafe-path" in codes(data.replace(b"evil0", b"evil\0"))


def test_a_file_inside_of_a_file_is_unsafe(files: Files) -> None:
    assert "unsafe-path" in codes(as_file({**files, PICTURE + "/a.png": b""}))


@pytest.mark.parametrize("mode", [0o120777, 0o060644, 0o010644])
def test_links_and_devices_are_refused(files: Files, mode: int) -> None:
    data = spoil_table(as_file(files).getvalue(), PICTURE, attributes=mode << 16)

    assert codes(data) == ["symlink"]


@pytest.mark.parametrize("change", [{"flags": 1}, {"flags": 0x41}, {"method": 99}])
def test_encrypted_files_are_refused(files: Files, change: dict[str, int]) -> None:
    data = spoil_table(as_file(files).getvalue(), "h5p.json", **change)

    assert codes(data) == ["encrypted"]


def test_unknown_compression_is_refused(files: Files) -> None:
    data = spoil_table(as_file(files).getvalue(), PICTURE, method=14)

    assert codes(data) == ["compression"]


@pytest.mark.parametrize("difference", [-1, 1, 1000])
def test_a_size_that_lies_is_found(files: Files, difference: int) -> None:
    data = as_file(files).getvalue()
    spoiled = spoil_table(data, PICTURE, size=len(files[PICTURE]) + difference)

    assert codes(spoiled) == ["lying-size"]


def test_a_bomb_that_lies_about_its_size_is_not_unpacked_beyond_it(files: Files) -> None:
    bomb = as_file({**files, "content/bomb.txt": bytes(50_000_000)}).getvalue()
    spoiled = spoil_table(bomb, "content/bomb.txt", size=1000)

    assert codes(spoiled) == ["lying-size"]
    with open_archive(io.BytesIO(spoiled), Limits()) as archive, pytest.raises(Refused):
        for chunk in archive.chunks(archive.files["content/bomb.txt"]):
            pytest.fail(f"{len(chunk):,} bytes were handed on")


def test_a_wrong_checksum_is_damage(files: Files) -> None:
    assert codes(spoil_table(as_file(files).getvalue(), PICTURE, crc=1)) == ["damaged"]


def test_entries_that_share_bytes_overlap(files: Files) -> None:
    data = as_file({**files, "content/a.txt": b"a", "content/b.txt": b"a"}).getvalue()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        first = archive.getinfo("content/a.txt").header_offset
        second = archive.getinfo("content/b.txt").header_offset
    # Both names point to the same bytes, whose header is called like the second.
    spoiled = bytearray(spoil_table(data, "content/a.txt", offset=second))
    at = spoiled.index(b"PK\1\2")
    at = spoiled.index(b"content/a.txt", at)
    spoiled[at : at + 13] = b"content/b.txt"

    assert first != second
    assert codes(bytes(spoiled)) == ["overlap"]


def test_a_file_reaching_into_the_next_overlaps(files: Files) -> None:
    data = as_file(files).getvalue()
    spoiled = spoil_table(data, PICTURE, packed_size=5_000)

    assert "overlap" in codes(spoiled)


def test_a_header_with_another_name_is_damage(files: Files) -> None:
    data = as_file(files).getvalue()
    at = data.index(b"moon.png")

    assert codes(data[:at] + b"noon" + data[at + 4 :]) == ["damaged"]


def test_a_file_that_grows_too_much_is_refused_by_its_ratio(files: Files) -> None:
    assert codes(as_file({**files, "content/a.txt": bytes(3_000_000)}))[0] == "ratio"


def test_limits_are_arguments(files: Files) -> None:
    assert codes(as_file(files), entries=3) == ["too-many-entries"]
    assert codes(as_file(files), package_bytes=100) == ["too-large"]
    assert codes(as_file(files), total_bytes=100) == ["too-large"]
    assert set(codes(as_file(files), file_bytes=100)) == {"too-large"}


def test_a_table_longer_than_any_package_needs_is_not_even_read(files: Files) -> None:
    data = as_file({f"content/{number}.txt": b"" for number in range(500)})

    assert codes(data, entries=4) == ["too-many-entries"]


def test_names_that_differ_by_case_collide() -> None:
    assert codes(with_entry("content/images/MOON.png", PNG)) == ["case-collision"]


def test_names_that_differ_by_unicode_composition_collide(files: Files) -> None:
    more = {"content/caf\u00e9.txt": b"1", "content/cafe\u0301.txt": b"2"}

    assert codes(as_file({**files, **more})) == ["case-collision"]


def test_equal_duplicates_are_legal_and_others_are_not(files: Files) -> None:
    def twice(first: bytes, second: bytes) -> list[str]:
        buffer = as_file(files)
        with warnings.catch_warnings(), zipfile.ZipFile(buffer, "a") as archive:
            warnings.simplefilter("ignore", UserWarning)
            archive.writestr("content/a.txt", first)
            archive.writestr("content/a.txt", second)
        return codes(buffer)

    assert twice(b"same", b"same") == []
    assert twice(b"same", b"other") == ["duplicate-entry"]


def test_the_long_format_and_data_descriptors_are_read(files: Files) -> None:
    class Unseekable(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def tell(self) -> int:
            raise OSError

        def seek(self, *_: int) -> int:
            raise OSError

    buffer = Unseekable()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in files.items():
            with archive.open(path, "w", force_zip64=True) as entry:
                entry.write(data)

    assert codes(buffer.getvalue()) == []


def test_a_long_format_end_record_is_read(files: Files) -> None:
    data = as_file(files).getvalue()
    count, size, offset = struct.unpack_from("<HLL", data, len(data) - 12)
    body, record = data[:-22], len(data) - 22
    end64 = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, size, offset)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, record, 1)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)

    assert codes(body + end64 + locator + end) == []


def test_names_without_the_utf8_flag_are_read(files: Files) -> None:
    data = as_file({**files, "content/ca~~.txt": b"1"}).getvalue()

    report = read_package(io.BytesIO(data.replace(b"ca~~", "ca\u00e9".encode())))

    assert "ca\u00e9.txt" in report.require().content_files


def test_bytes_after_the_packed_data_are_found(files: Files) -> None:
    packer = zlib.compressobj(wbits=-15)
    packed = packer.compress(b"hello") + packer.flush() + b"hidden"
    buffer = as_file(files)
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_STORED) as archive:
        archive.writestr("content/a.txt", packed)
    crc = zlib.crc32(b"hello")
    data = spoil_table(buffer.getvalue(), "content/a.txt", method=8, size=5, crc=crc)

    assert codes(data) == ["lying-size"]


def test_all_problems_are_reported_at_once(files: Files) -> None:
    files["content/evil.exe"] = b"MZ"
    files["content/images/moon.png"] = b"MZ"
    files["content/content.json"] = b"{"
    files["Test.Main-1.2/library.json"] = b"[]"
    files["content/../x.json"] = b"{}"

    assert sorted(set(codes(as_file(files)))) == [
        "bad-json",
        "content-mismatch",
        "file-type",
        "schema",
        "unsafe-path",
    ]
