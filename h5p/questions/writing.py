"""Questions written down again: YAML with everything, CSV for a spreadsheet."""

import csv
import io
import re
from typing import Any, Final

import yaml

from h5p.questions.gapped import write_gapped
from h5p.questions.model import (
    Gaps,
    Leaf,
    Match,
    MultipleChoice,
    Option,
    Order,
    Question,
    QuestionSet,
    Scenario,
    SingleChoice,
)
from h5p.questions.tables import COLUMNS

_SPECIAL: Final = re.compile(r"[\\|=*\n]")


def as_data(question_set: QuestionSet) -> dict[str, Any]:
    """What `h5p.questions.from_data` reads; ids are written out, so that they stay."""
    behaviour = question_set.behaviour
    data: dict[str, Any] = {"title": question_set.title, "language": question_set.language}
    if question_set.introduction:
        data["introduction"] = question_set.introduction
    data["behaviour"] = {
        "retry": behaviour.retry,
        "solutions": behaviour.solutions,
        "shuffle": behaviour.shuffle,
        "pass": str(behaviour.pass_percentage),
    }
    data["questions"] = [question_data(question) for question in question_set.questions]
    return data


def question_data(question: Question) -> dict[str, Any]:
    """One question of `as_data`."""
    if isinstance(question, Scenario):
        steps = [question_data(step) for step in question.steps]
        return {
            "id": question.id,
            "kind": "scenario",
            "situation": question.situation,
            "steps": steps,
        }
    data: dict[str, Any] = {
        "id": question.id,
        "kind": kind_of(question),
        "prompt": question.prompt,
        "points": str(question.points),
        "feedback": {"right": question.feedback.right, "wrong": question.feedback.wrong},
    }
    match question:
        case SingleChoice() | MultipleChoice():
            data["options"] = [
                {"id": o.id, "text": o.text, "correct": o.correct, "feedback": o.feedback}
                for o in question.options
            ]
        case Gaps():
            data["passage"] = question.passage
            data["gaps"] = [
                {"id": gap.id, "answers": list(gap.answers), "hint": gap.hint}
                for gap in question.gaps
            ]
        case Order():
            data["items"] = [{"id": item.id, "text": item.text} for item in question.items]
        case Match():
            data["pairs"] = [
                {
                    "id": pair.id,
                    "left": pair.left,
                    "right_id": pair.right.id,
                    "right": pair.right.text,
                }
                for pair in question.pairs
            ]
            data["extras"] = [{"id": item.id, "text": item.text} for item in question.extras]
    return data


def kind_of(question: Question) -> str:
    """What a kind is called in YAML, CSV and content.json."""
    match question:
        case SingleChoice():
            return "single"
        case MultipleChoice():
            return "multiple"
        case Gaps():
            return "gaps"
        case Order():
            return "order"
        case Match():
            return "match"
    return "scenario"


def write_yaml(question_set: QuestionSet) -> str:
    """YAML from which `read_yaml` reads an equal set."""
    return yaml.safe_dump(as_data(question_set), allow_unicode=True, sort_keys=False, width=100)


def write_csv(question_set: QuestionSet) -> str:
    """A table for `read_csv`.

    It holds the questions with their ids, not the ids of options and items (those are made anew
    from the texts), and not the title, introduction and behaviour of the set.
    """
    file = io.StringIO(newline="")
    table = csv.writer(file)
    table.writerow(COLUMNS)
    for question in question_set.questions:
        if isinstance(question, Scenario):
            table.writerow([question.id, "scenario", question.situation, "", "", "", ""])
            for step in question.steps:
                table.writerow(_row(step, "step"))
        else:
            table.writerow(_row(question, kind_of(question)))
    return file.getvalue()


def _row(question: Leaf, kind: str) -> list[str]:
    return [
        question.id,
        kind,
        question.prompt,
        _answers(question),
        str(question.points),
        question.feedback.right,
        question.feedback.wrong,
    ]


def _answers(question: Leaf) -> str:
    match question:
        case Gaps():
            return write_gapped(question.passage, question.gaps)
        case Order():
            return " | ".join(_escape(item.text) for item in question.items)
        case Match():
            pairs = [
                f"{_escape(pair.left)} = {_escape(pair.right.text)}" for pair in question.pairs
            ]
            return " | ".join([*pairs, *(f"= {_escape(item.text)}" for item in question.extras)])
        case _:
            return " | ".join(map(_option, question.options))


def _option(option: Option) -> str:
    feedback = f" => {_escape(option.feedback)}" if option.feedback else ""
    return f"{'*' if option.correct else ''}{_escape(option.text)}{feedback}"


def _escape(text: str) -> str:
    return _SPECIAL.sub(r"\\\g<0>", text)
