"""Questions from CSV, one a row. Every problem names its row and column.

Columns: ``kind``, ``prompt``, ``answers``, and if wanted ``points``, ``feedback_right``,
``feedback_wrong``, ``id``. What ``answers`` holds depends on the kind:

========  ==================================================================
single    ``*Seine => It does. | Rhône``: a star before what is right, feedback after ``=>``
multiple  the same, with several stars
gaps      ``The [Seine|la Seine] runs through [Paris::a capital].``
order     ``Oslo | Berlin | Rome``: in the right order
match     ``Paris = Seine | London = Thames | = Tiber``: the last belongs to nothing
scenario  nothing; ``prompt`` is the situation, and the rows of kind ``step`` follow
step      as single; what comes after ``=>`` is the consequence
========  ==================================================================

A backslash makes the character after it an ordinary one. A line break separates as ``|`` does.
Commas, semicolons and tabs between columns are recognised, a first line ``sep=;`` too, and UTF-8
with or without its mark.
"""

import csv
import io
import re
from collections.abc import Mapping
from typing import Any, Final

from h5p.problems import Problem, problem
from h5p.questions.building import Reading, from_data
from h5p.questions.fields import At
from h5p.words import gettext_noop as _

COLUMNS: Final = (
    "id", "kind", "prompt", "answers", "points", "feedback_right", "feedback_wrong",
)  # fmt: skip
MAX_BYTES: Final = 2 * 1024 * 1024
MAX_ROWS: Final = 2000
_TOKEN: Final = re.compile(r"\\(?P<kept>.)|(?P<sign>=>|[|=*\n])|(?P<text>.)", re.DOTALL)
_SEPARATOR: Final = re.compile(r"sep=([,;\t])\r?\n")
_ROW: Final = re.compile(r"row (\d+)")
# Which column holds what the builder calls by these names.
_COLUMN_OF: Final[Mapping[str, str]] = {
    "id": "id",
    "kind": "kind",
    "prompt": "prompt",
    "situation": "prompt",
    "points": "points",
}


def read_csv(text: str | bytes, *, title: str, language: str = "en") -> Reading:
    """Read a table of questions. Never raises."""
    if len(text) > MAX_BYTES:
        return _refused(
            "too-large", "", _("The table is larger than {most} bytes."), most=MAX_BYTES
        )
    try:
        written = text if isinstance(text, str) else text.decode("utf-8-sig")
        rows = _rows(written.removeprefix("\ufeff"))
    except UnicodeDecodeError:
        message = _("The table is not UTF-8. In a spreadsheet, save it as “CSV UTF-8”.")
        return _refused("not-utf8", "", message)
    except _Broken as error:
        said = _("Row {number}: this is not a table that we can read: {reason}.")
        where = f"row {error.number}"
        return _refused("bad-table", where, said, number=error.number, reason=error)
    if not rows:
        return _refused("bad-table", "row 1", _("Row 1: the table is empty."))
    problems = _heading_problems(rows[0][1])
    if problems:
        return Reading(None, problems)
    return _read(rows, title, language)


class _Broken(Exception):
    """A row that cannot be told from the next."""

    def __init__(self, number: int, reason: csv.Error) -> None:
        self.number = number
        super().__init__(str(reason))


def _rows(text: str) -> list[tuple[int, list[str]]]:
    """The rows that are not empty, each with its number as a spreadsheet counts them."""
    # A spreadsheet's own note on what separates, no row of it.
    said = _SEPARATOR.match(text)
    text = text[said.end() :] if said else text
    first = text.lstrip().split("\n", 1)[0]
    delimiter = said[1] if said else max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[list[str]] = []
    try:
        rows.extend(reader)
    except csv.Error as error:
        raise _Broken(len(rows) + 1, error) from error
    return [(number, row) for number, row in enumerate(rows, 1) if any(map(str.strip, row))]


def _heading_problems(heading: list[str]) -> tuple[Problem, ...]:
    names = [name.strip().lower() for name in heading]
    problems = []
    for name in ("kind", "prompt", "answers"):
        if name not in names:
            said = _("Row 1: there is no column “{name}”. The first row names the columns.")
            problems.append(problem("bad-table", f"row 1, column {name}", said, name=name))
    for name in dict.fromkeys(names):
        where = f"row 1, column {name}"
        if name and name not in COLUMNS:
            said = _("Row 1: the column “{name}” is not known. Use {columns}.")
            columns = ", ".join(COLUMNS)
            problems.append(problem("unknown-field", where, said, name=name, columns=columns))
        elif name and names.count(name) > 1:
            said = _("Row 1: the column “{name}” is there twice.")
            problems.append(problem("duplicate", where, said, name=name))
    return tuple(problems)


def _read(rows: list[tuple[int, list[str]]], title: str, language: str) -> Reading:
    names = [name.strip().lower() for name in rows[0][1]]
    problems: list[Problem] = []
    questions: list[dict[str, Any]] = []
    # Where each question came from, to say so when something is wrong with it.
    numbers: dict[At, int] = {}
    for number, row in rows[1 : MAX_ROWS + 1]:
        cells = {name: cell.strip() for name, cell in zip(names, row, strict=False) if name}
        if any(map(str.strip, row[len(names) :])):
            said = _("Row {number}: more cells than columns. Put a text with commas in quotes.")
            problems.append(problem("bad-table", f"row {number}", said, number=number))
        kind = cells.get("kind", "").lower()
        question = _question(kind, cells)
        if kind == "match":
            problems += _lone_sides(number, cells.get("answers", ""))
        at: At = ("questions", len(questions))
        if kind == "step":
            if not questions or questions[-1]["kind"] != "scenario":
                said = _("Row {number}, column kind: a step must follow a scenario.")
                where = f"row {number}, column kind"
                problems.append(problem("unknown-kind", where, said, number=number))
                continue
            steps = questions[-1]["steps"]
            at = ("questions", len(questions) - 1, "steps", len(steps))
            steps.append(question)
        else:
            questions.append(question)
        numbers[at] = number
    if len(rows) > MAX_ROWS + 1:
        problems.append(
            problem("too-many", "", _("The table has more than {most} rows."), most=MAX_ROWS)
        )

    reading = from_data(
        {"questions": questions},
        title=title,
        language=language,
        place=lambda at: _place(numbers, at),
    )
    if problems:
        together = sorted((*problems, *reading.problems), key=_row_of)
        return Reading(None, tuple(together))
    return reading


def _row_of(said: Problem) -> int:
    row = _ROW.match(said.path)
    return int(row[1]) if row else MAX_ROWS + 2


def _place(numbers: Mapping[At, int], at: At) -> str:
    for length in range(len(at), 0, -1):
        if at[:length] in numbers:
            rest = at[length:]
            row = f"row {numbers[at[:length]]}"
            return f"{row}, column {_column(rest)}" if rest else row
    return "the table" if at[:1] == ("questions",) else ".".join(map(str, at))


def _column(rest: At) -> str:
    if rest[0] == "feedback":
        return f"feedback_{rest[1]}" if len(rest) > 1 else "feedback_right"
    return _COLUMN_OF.get(str(rest[0]), "answers")


def _question(kind: str, cells: Mapping[str, str]) -> dict[str, Any]:
    answers = cells.get("answers", "")
    question: dict[str, Any] = {"kind": "single" if kind == "step" else kind}
    for name in ("id", "points"):
        if cells.get(name):
            question[name] = cells[name]
    feedback = {name: cells.get(f"feedback_{name}", "") for name in ("right", "wrong")}
    if any(feedback.values()):
        question["feedback"] = feedback
    question["situation" if kind == "scenario" else "prompt"] = cells.get("prompt", "")
    if kind == "scenario":
        question["steps"] = []
        if answers:
            question["answers"] = answers
    elif kind in {"single", "multiple", "step"}:
        question["options"] = [_option(part) for part in _split(answers)]
    elif kind == "gaps":
        question["passage"] = answers
    elif kind == "order":
        question["items"] = [{"text": _joined(part)} for part in _split(answers)]
    elif kind == "match":
        question.update(_pairs(answers))
    return question


Token = tuple[str, str]


def _split(text: str) -> list[list[Token]]:
    """The parts between ``|``, each as (sign, text) tokens; empty ones are left out."""
    parts: list[list[Token]] = [[]]
    for token in _TOKEN.finditer(text):
        if token["sign"] in {"|", "\n"}:
            parts.append([])
        elif token["kept"] is not None:
            parts[-1].append(("", token["kept"]))
        else:
            parts[-1].append((token["sign"] or "", token[0]))
    return [part for part in parts if _joined(part)]


def _joined(tokens: list[Token]) -> str:
    return "".join(text for _sign, text in tokens).strip()


def _cut(tokens: list[Token], sign: str) -> tuple[list[Token], list[Token] | None]:
    for place, (found, _text) in enumerate(tokens):
        if found == sign:
            return tokens[:place], tokens[place + 1 :]
    return tokens, None


def _option(tokens: list[Token]) -> dict[str, Any]:
    answer, feedback = _cut(tokens, "=>")
    while answer and answer[0] == ("", " "):
        answer = answer[1:]
    is_right = bool(answer) and answer[0][0] == "*"
    return {
        "text": _joined(answer[1:] if is_right else answer),
        "correct": is_right,
        "feedback": _joined(feedback or []),
    }


def _lone_sides(number: int, answers: str) -> list[Problem]:
    said = _("Row {number}, column answers: “{part}” is one side only. Write “this = that”.")
    where = f"row {number}, column answers"
    return [
        problem("missing-text", where, said, number=number, part=_joined(part))
        for part in _split(answers)
        if _cut(part, "=")[1] is None
    ]


def _pairs(text: str) -> dict[str, Any]:
    pairs = []
    extras = []
    for part in _split(text):
        left, right = _cut(part, "=")
        if right is None:
            # Told by _lone_sides.
            pairs.append({"left": _joined(left), "right": "="})
        elif not _joined(left):
            extras.append({"text": _joined(right)})
        else:
            pairs.append({"left": _joined(left), "right": _joined(right)})
    return {"pairs": pairs, "extras": extras}


def _refused(code: str, path: str, template: str, /, **values: object) -> Reading:
    return Reading(None, (problem(code, path, template, **values),))
