"""The command line: ``python -m h5p check FILE…`` and its companions.

Every command adds itself in an ``add_<name>_command`` function and answers with an exit code.
"""

import argparse
import importlib
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from h5p.limits import MEBIBYTE, Limits
from h5p.package import Package, read_package

OK: Final = 0
REFUSED: Final = 1

Command = Callable[[argparse.Namespace], int]

# Commands that live beside what they do: module and the function that adds them.
_ELSEWHERE: Final = (("h5p.build", "add_build_command"), ("h5p.play", "add_play_command"))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit code: 0, 1 when a file was refused, 2 for wrong usage."""
    if sys.stdout is None:
        # Closed (``>&-``): the exit code says the most important part all the same.
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
    parser = argparse.ArgumentParser(prog="python -m h5p", description="H5P packages.")
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    add_check_command(subparsers)
    add_info_command(subparsers)
    for module, function in _ELSEWHERE:
        try:
            getattr(importlib.import_module(module), function)(subparsers)
        except ModuleNotFoundError as error:
            if error.name != module:
                raise
    options = parser.parse_args(arguments)
    run: Command = options.run
    try:
        exit_code = run(options)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read the lines has seen enough (``| head``). What Python still holds back
        # for them goes nowhere, so that it has no error to report at its end either.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        return REFUSED
    return exit_code


def add_check_command(subparsers: Any) -> None:
    """``check FILE…``: one JSON object a line."""
    parser = subparsers.add_parser(
        "check",
        help="say whether packages can be used, and everything that is wrong with them",
        description="Prints one JSON object a line: file, ok, main_library, problems. "
        "Exits 1 when any package is refused.",
    )
    _add_files(parser)
    parser.set_defaults(run=_check)


def add_info_command(subparsers: Any) -> None:
    """``info FILE…``: what is in a package, as JSON."""
    parser = subparsers.add_parser(
        "info", help="what packages hold: title, main library, libraries, files"
    )
    _add_files(parser)
    parser.set_defaults(run=_info)


def _add_files(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument(
        "--max-size",
        type=_number_of_mebibytes,
        default=Limits.total_bytes // MEBIBYTE,
        metavar="MIB",
        help="how large a package may be when unpacked, in MiB (default: %(default)s)",
    )


def _number_of_mebibytes(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValueError
    return number


# What argparse calls it when it refuses one.
_number_of_mebibytes.__name__ = "number of MiB"


def _limits(options: argparse.Namespace) -> Limits:
    return Limits(total_bytes=options.max_size * MEBIBYTE)


def _check(options: argparse.Namespace) -> int:
    exit_code = OK
    for file in options.files:
        report = read_package(file, limits=_limits(options))
        if report.package is None:
            exit_code = REFUSED
        print_line(
            {
                "file": str(file),
                "ok": report.ok,
                "main_library": str(report.package.main) if report.package else None,
                "problems": [problem.as_dict() for problem in report.problems],
            }
        )
    return exit_code


def _info(options: argparse.Namespace) -> int:
    exit_code = OK
    for file in options.files:
        report = read_package(file, limits=_limits(options))
        if report.package is None:
            exit_code = REFUSED
            problems = [problem.as_dict() for problem in report.problems]
            print_line({"file": str(file), "ok": False, "problems": problems})
        else:
            print_line({"file": str(file), "ok": True, **_described(report.package)})
    return exit_code


def _described(package: Package) -> dict[str, Any]:
    return {
        "title": package.metadata["title"],
        "language": package.metadata["language"],
        "license": package.metadata.get("license"),
        "main_library": str(package.main),
        "libraries": [
            {
                "name": str(library.name),
                "files": len(library.files),
                "bytes": sum(file.size for file in library.files.values()),
                "languages": sorted(library.languages),
                "content_hash": library.content_hash,
            }
            for library in package.libraries
        ],
        "content_files": {path: file.size for path, file in package.content_files.items()},
    }


def print_line(value: dict[str, Any]) -> None:
    """One JSON object on a line of its own, whatever the terminal can write."""
    line = json.dumps(value, ensure_ascii=False)
    try:
        line.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        line = json.dumps(value)
    sys.stdout.write(line + "\n")
