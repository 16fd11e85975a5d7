"""Rubrics as files: a table with one row for each level, or JSON. What was exported can be
imported, and says the same."""

import json
import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from assessments.rubric_content import clean_rubric
from assessments.rubric_working import with_keys
from lms.core.csv_files import LARGEST_FILE, MOST_REFUSALS, csv_text, read_csv
from lms.core.errors import InvalidInput, TooLarge

FORMAT = "rambla-rubric/1"
COLUMNS = (
    "pass_percent", "criterion_key", "criterion", "description", "weight", "level_key", "level",
    "points", "descriptor",
)  # fmt: skip
NEEDED = ("criterion", "weight", "level", "points", "descriptor")
OF_CRITERION = {"key": "criterion_key", "title": "criterion"}
OF_LEVEL = {"key": "level_key", "title": "level"}


def to_csv(content: Mapping[str, Any]) -> str:
    """The criterion's own words stand in the row of its first level."""
    rows: list[tuple[str, ...]] = [COLUMNS]
    for criterion in content["criteria"]:
        for number, level in enumerate(criterion["levels"] or [{}]):
            is_first = number == 0
            rows.append(
                (
                    content["pass_percent"] if len(rows) == 1 else "",
                    criterion["key"],
                    criterion["title"],
                    criterion["description"] if is_first else "",
                    criterion["weight"] if is_first else "",
                    level.get("key", ""),
                    level.get("title", ""),
                    level.get("points", ""),
                    level.get("descriptor", ""),
                )
            )
    return csv_text(rows)


def to_json(content: Mapping[str, Any], *, title: str) -> str:
    body = {"format": FORMAT, "title": title, **content}
    return json.dumps(body, ensure_ascii=False, indent=2) + "\n"


def read_rubric(data: bytes, *, name: str) -> dict[str, Any]:
    """The content of a file, named as it was uploaded, for a working copy. InvalidInput
    (`file`) says row by row, or part by part, everything that is wrong with it."""
    if len(data) > LARGEST_FILE:
        raise TooLarge(_("This file is larger than 2 MB."), field="file")
    if name.lower().endswith(".json"):
        return _of_json(data)
    if name.lower().endswith((".csv", ".txt")):
        return _of_csv(data)
    raise InvalidInput(errors={"file": [_("Choose a file that ends in .csv or .json.")]})


def _of_json(data: bytes) -> dict[str, Any]:
    try:
        body = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise InvalidInput(errors={"file": [_("This is not JSON.")]}) from error
    if not isinstance(body, dict) or body.get("format") != FORMAT:
        sentence = _("This is not a rubric: “format” should be “%(format)s”.") % {"format": FORMAT}
        raise InvalidInput(errors={"file": [sentence]})
    content = {name: body[name] for name in body if name not in {"format", "title"}}
    try:
        return clean_rubric(with_keys(content), is_whole=False)
    except InvalidInput as error:
        wrong = [
            _("%(where)s: %(sentence)s") % {"where": in_words(where), "sentence": sentence}
            for where, said in error.errors.items()
            for sentence in said
        ]
        raise InvalidInput(errors={"file": wrong[:MOST_REFUSALS]}) from error


def _of_csv(data: bytes) -> dict[str, Any]:
    criteria: list[dict[str, Any]] = []
    rows_of: list[list[int]] = []
    passing = ""
    for row in read_csv(data, columns=COLUMNS, needed=NEEDED):
        cells = row.cells
        passing = passing or cells["pass_percent"]
        if not criteria or _begins_another(cells, criteria[-1]):
            criteria.append(
                {name: cells[OF_CRITERION.get(name, name)] for name in _CRITERION} | {"levels": []}
            )
            rows_of.append([])
        if any(cells[OF_LEVEL.get(name, name)] for name in _LEVEL) or not rows_of[-1]:
            level = {name: cells[OF_LEVEL.get(name, name)] for name in _LEVEL}
            criteria[-1]["levels"].append(level)
            rows_of[-1].append(row.number)
    content = {"pass_percent": passing or "50", "criteria": criteria}
    try:
        return clean_rubric(with_keys(content), is_whole=False)
    except InvalidInput as error:
        raise InvalidInput(errors={"file": _by_row(error, rows_of)}) from error


_CRITERION = ("key", "title", "description", "weight")
_LEVEL = ("key", "title", "points", "descriptor")


def _begins_another(cells: Mapping[str, str], last: Mapping[str, Any]) -> bool:
    """A row goes on with the criterion above it where it names the same or none."""
    if cells["criterion_key"]:
        return bool(cells["criterion_key"] != last["key"])
    return bool(cells["criterion"]) and cells["criterion"] != last["title"]


def in_words(where: str) -> str:
    """“criteria[1].levels[0].points” → “Criterion 2, level 1, points”."""
    words = [
        (r"^criteria\[(\d+)\]", _("Criterion %(number)d")),
        (r"levels\[(\d+)\]", _("level %(number)d")),
    ]
    for pattern, said in words:
        if found := re.search(pattern, where):
            number = said % {"number": int(found[1]) + 1}
            where = where[: found.start()] + number + where[found.end() :]
    return where.replace("pass_percent", _("Pass mark")).replace(".", ", ")


def _by_row(error: InvalidInput, rows_of: list[list[int]]) -> list[str]:
    """“criteria[1].levels[0].points” → “Row 5, points: …”, in the order of the rows."""
    said: list[tuple[int, str]] = []
    for where, sentences in error.errors.items():
        row, column = 0, where
        if where.startswith("criteria["):
            number, _bracket, rest = where.removeprefix("criteria[").partition("]")
            rows = rows_of[int(number)]
            row, column = rows[0], rest.lstrip(".")
            names = OF_CRITERION
            if column.startswith("levels["):
                place, _bracket, rest = column.removeprefix("levels[").partition("]")
                row, column, names = rows[int(place)], rest.lstrip("."), OF_LEVEL
            column = names.get(column, column)
        for sentence in sentences:
            words = {"row": row, "column": column, "sentence": sentence}
            if row:
                said.append((row, _("Row %(row)d, %(column)s: %(sentence)s") % words))
            else:
                said.append((0, _("%(column)s: %(sentence)s") % words))
    return [sentence for _row, sentence in sorted(said)][:MOST_REFUSALS]
