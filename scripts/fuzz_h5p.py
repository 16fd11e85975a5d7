"""Feed spoiled packages to the reader for a while: it must answer, and never fall over.

    python -m scripts.fuzz_h5p --seconds 60 [--seed N] [FILE.h5p …]

Without files it begins with a small package of its own. Three ways of spoiling: bytes of the
archive, bytes of one unpacked file, values of one JSON file. A package that is accepted is
sanitised twice and every file is read again. What made the reader fall over is written to
var/fuzz/ with the seed, and the exit code is 1.
"""

import argparse
import io
import json
import random
import sys
import time
import traceback
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

from h5p import Limits, Package, read_package
from h5p.sanitise import sanitise

FOUND = Path(__file__).resolve().parent.parent / "var" / "fuzz"
SLOW_SECONDS = 5.0
MEBIBYTE = 1024 * 1024
LIMITS = Limits(
    package_bytes=8 * MEBIBYTE, total_bytes=32 * MEBIBYTE, file_bytes=16 * MEBIBYTE, entries=5_000
)
ODD_BYTES = [b"\0", b"\xff", b"PK\1\2", b"PK\3\4", b"PK\5\6", b"../", b"\\", b'"', b"{", b"[" * 99]
ODD_VALUES: list[Any] = [
    None, True, -1, 0, 10**30, 1e308, "", "x" * 5_000, "<script>x()</script>", "<b>" * 400,
    "javascript:x()", [], {}, [[[[]]]], {"library": "Fuzz.Part 1.0", "params": {}}, "\u202e",
    {"path": "../../x"}, {"library": "Fuzz.Main 1.0", "params": {"part": None}}, ["a"] * 50,
]  # fmt: skip


def small_package() -> bytes:
    """A sound package with one field of every type."""
    kinds = (
        "text", "number", "boolean", "select", "group", "list", "library", "image", "video",
        "audio", "file",
    )  # fmt: skip
    semantics: list[dict[str, Any]] = [
        {"name": kind, "type": kind, "tags": ["a", "table"], "fields": [], "options": ["a"]}
        for kind in kinds
    ]
    semantics[4]["fields"] = [{"name": "a", "type": "text"}, {"name": "b", "type": "number"}]
    semantics[5]["field"] = {"type": "text"}
    semantics[6]["options"] = ["Fuzz.Main 1.0"]
    version = {"machineName": "Fuzz.Main", "majorVersion": 1, "minorVersion": 0}
    files: dict[str, Any] = {
        "h5p.json": {
            "title": "T", "language": "en", "mainLibrary": "Fuzz.Main", "embedTypes": ["div"],
            "preloadedDependencies": [version],
        },
        "content/content.json": {
            "text": "<p>Hello</p>", "number": 3, "boolean": True, "select": "a",
            "group": {"a": "x"},
            "list": ["a", "b"], "image": {"path": "images/a.png"}, "video": [{"path": "a.mp4"}],
            "library": {"library": "Fuzz.Main 1.0", "params": {"text": "<p>inner</p>"}},
        },
        "Fuzz.Main-1.0/library.json": {
            "title": "M", **version, "patchVersion": 1, "runnable": 1,
            "preloadedJs": [{"path": "m.js"}],
        },
        "Fuzz.Main-1.0/semantics.json": semantics,
        "Fuzz.Main-1.0/language/es.json": {"semantics": []},
    }  # fmt: skip
    plain = {"Fuzz.Main-1.0/m.js": b"1;", "content/images/a.png": b"\x89PNG\r\n\x1a\n"}
    return packed({path: json.dumps(value).encode() for path, value in files.items()} | plain)


def packed(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in files.items():
            archive.writestr(path, data)
    return buffer.getvalue()


def unpacked(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {path: archive.read(path) for path in archive.namelist()}


def spoil_bytes(data: bytes, chance: random.Random) -> bytes:
    spoiled = bytearray(data)
    for _ in range(chance.choice([1, 1, 2, 4, 16])):
        if not spoiled:
            break
        # The table of contents at the end is worth most of the trouble.
        at = chance.randrange(len(spoiled)) if chance.random() < 0.4 else max(
            0, len(spoiled) - 1 - chance.randrange(1_500)
        )  # fmt: skip
        kind = chance.random()
        if kind < 0.5:
            spoiled[at] = chance.randrange(256)
        elif kind < 0.7:
            spoiled[at:at] = chance.choice(ODD_BYTES)
        elif kind < 0.9:
            del spoiled[at : at + chance.randrange(1, 9)]
        else:
            spoiled[at : at + 4] = chance.choice([b"\xff" * 4, bytes(4), b"\xff\xff\xff\x7f"])
    return bytes(spoiled)


def spoil_value(value: Any, chance: random.Random) -> Any:
    if isinstance(value, dict) and value and chance.random() < 0.8:
        key = chance.choice(sorted(value))
        if chance.random() < 0.1:
            return {name: inner for name, inner in value.items() if name != key}
        return {**value, key: spoil_value(value[key], chance)}
    if isinstance(value, list) and value and chance.random() < 0.8:
        index = chance.randrange(len(value))
        return [*value[:index], spoil_value(value[index], chance), *value[index + 1 :]]
    return chance.choice(ODD_VALUES)


def spoil(data: bytes, files: dict[str, bytes], chance: random.Random) -> bytes:
    """One package, spoiled in one of the three ways."""
    way = chance.random()
    if way < 0.4:
        return spoil_bytes(data, chance)
    documents = sorted(path for path in files if path.endswith(".json"))
    if way < 0.6 or not documents:
        path = chance.choice(sorted(files))
        return packed({**files, path: spoil_bytes(files[path], chance)})
    path = chance.choice([*documents, "content/content.json"])
    value = json.loads(files.get(path, b"{}"))
    for _ in range(chance.choice([1, 2, 5])):
        value = spoil_value(value, chance)
    return packed({**files, path: json.dumps(value).encode()})


def use(package: Package) -> None:
    """What the site does with a package that was accepted."""
    semantics = {library.name.api: library.semantics or [] for library in package.libraries}
    main = semantics.get(package.main.api, [])
    clean, _ = sanitise(package.content, main, semantics.get)
    again, _ = sanitise(clean, main, semantics.get)
    if clean != again:
        raise AssertionError("sanitising twice is not sanitising once")
    for library in package.libraries:
        for file in library.files.values():
            package.read(file.path)


def try_one(data: bytes) -> str:
    """Read a spoiled package; the code of its first problem, or "sound"."""
    begun = time.perf_counter()
    report = read_package(io.BytesIO(data), limits=LIMITS)
    if report.package is not None:
        use(report.package)
    took = time.perf_counter() - begun
    if took > SLOW_SECONDS:
        raise AssertionError(f"took {took:.1f} s")
    for problem in report.problems:
        json.dumps(problem.as_dict()).encode()
    return report.problems[0].code if report.problems else "sound"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE")
    options = parser.parse_args()
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(2**32)
    chance = random.Random(seed)
    seeds = [path.read_bytes() for path in options.files] or [small_package()]
    begin_with = [(data, unpacked(data)) for data in seeds]

    answers: Counter[str] = Counter()
    end = time.monotonic() + options.seconds
    while time.monotonic() < end:
        data = spoil(*chance.choice(begin_with), chance)
        try:
            answers[try_one(data)] += 1
        except Exception:
            traceback.print_exc()
            FOUND.mkdir(parents=True, exist_ok=True)
            path = FOUND / f"{seed}-{answers.total()}.h5p"
            path.write_bytes(data)
            print(f"seed {seed}: see {path}")
            return 1
    print(f"seed {seed}: {answers.total()} packages")
    for answer, count in answers.most_common():
        print(f"{count:8} {answer}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
