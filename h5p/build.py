"""``python -m h5p build``: a package out of a YAML or CSV file of questions."""

import argparse
from pathlib import Path
from typing import Any

from h5p.cli import print_line
from h5p.problems import problem, unreadable
from h5p.questions.building import Reading
from h5p.questions.packing import package_bytes
from h5p.questions.reading import read_yaml
from h5p.questions.tables import read_csv
from h5p.words import gettext_noop as _


def add_build_command(subparsers: Any) -> None:
    """``build FILE…``: one .h5p for each file of questions, one JSON object a line."""
    parser = subparsers.add_parser(
        "build",
        help="make packages out of questions in YAML or CSV",
        description="Writes FILE.h5p beside each FILE and prints one JSON object a line: "
        "file, ok, package, problems. Exits 1 when any file is refused. "
        "The shapes are described in h5p/questions/building.py (YAML) and tables.py (CSV).",
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--output", "-o", type=Path, help="where to write, for one FILE")
    parser.add_argument("--title", default="", help="the title, when the file says none")
    parser.add_argument("--language", default="en", help="the language, when the file says none")
    parser.set_defaults(run=lambda options: _build(parser, options))


def _build(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    if options.output is not None and len(options.files) > 1:
        parser.error("--output is for one FILE")
    targets = [options.output or file.with_suffix(".h5p") for file in options.files]
    if len(set(targets)) < len(targets):
        parser.error("two FILEs would become the same package")
    exit_code = 0
    for file, target in zip(options.files, targets, strict=True):
        reading = _read(file, options)
        if reading.question_set is not None:
            try:
                target.write_bytes(package_bytes(reading.question_set))
            except OSError as error:
                reading = Reading(None, (unreadable(str(target), error),))
        if not reading.ok:
            exit_code = 1
        row = {
            "file": str(file),
            "ok": reading.ok,
            "package": str(target) if reading.ok else None,
            "problems": [problem.as_dict() for problem in reading.problems],
        }
        print_line(row)
    return exit_code


def _read(file: Path, options: argparse.Namespace) -> Reading:
    title = options.title or file.stem
    kind = file.suffix.lower()
    if kind not in {".yaml", ".yml", ".csv"}:
        said = _("“{name}” is neither YAML nor CSV.")
        return Reading(None, (problem("extension", "", said, name=file.name),))
    try:
        data = file.read_bytes()
    except OSError as error:
        return Reading(None, (unreadable(file.name, error),))
    read = read_csv if kind == ".csv" else read_yaml
    return read(data, title=title, language=options.language)
