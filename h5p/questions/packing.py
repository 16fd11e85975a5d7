"""Questions ⇄ the content of `Rambla.QuestionSet`, and whole .h5p packages."""

import hashlib
import html
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO, Final

from h5p import own
from h5p.dependencies import Resolution, resolve
from h5p.export import export_package
from h5p.libraries import Library, MemoryShelf
from h5p.limits import Limits
from h5p.package import read_package
from h5p.problems import problem
from h5p.questions.building import Reading, from_data
from h5p.questions.model import (
    Gaps,
    Item,
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
from h5p.questions.texts import clean_html
from h5p.questions.writing import kind_of
from h5p.storage import MemoryStorage
from h5p.words import gettext_noop as _

_PLAIN: Final = frozenset({"text", "passage", "answers", "hint", "left", "right"})


def whole_content(question_set: QuestionSet) -> dict[str, Any]:
    """content.json with the answers in it: for storing, and for export to other players."""
    return _content(question_set, served=False)


def served_content(question_set: QuestionSet) -> dict[str, Any]:
    """content.json as a learner may have it: no answer, no feedback, no telling order.

    The player then asks the host to mark (`h5p/own/README.md`).
    """
    return {**_content(question_set, served=True), "marking": "host"}


def _content(question_set: QuestionSet, *, served: bool) -> dict[str, Any]:
    behaviour = question_set.behaviour
    content: dict[str, Any] = {
        "questions": [_question(question, served) for question in question_set.questions],
        "behaviour": {
            "retry": behaviour.retry,
            "solutions": behaviour.solutions,
            "shuffle": behaviour.shuffle,
            "passPercentage": _number(behaviour.pass_percentage),
        },
        "language": question_set.language,
        "l10n": {name: _plain(word) for name, word in own.words(question_set.language).items()},
    }
    if question_set.introduction:
        content["introduction"] = clean_html(question_set.introduction)
    return content


def _question(question: Question, served: bool) -> dict[str, Any]:
    if isinstance(question, Scenario):
        return {
            "id": question.id,
            "kind": "scenario",
            "prompt": clean_html(question.situation),
            "steps": [_leaf(step, served) for step in question.steps],
        }
    return {**_leaf(question, served), "kind": kind_of(question)}


def _leaf(question: Leaf, served: bool) -> dict[str, Any]:
    content: dict[str, Any] = {
        "id": question.id,
        "prompt": clean_html(question.prompt),
        "points": _number(question.points),
    }
    feedback = question.feedback
    if not served and (feedback.right or feedback.wrong):
        content["feedback"] = {
            name: clean_html(text)
            for name, text in (("right", feedback.right), ("wrong", feedback.wrong))
            if text
        }
    match question:
        case SingleChoice() | MultipleChoice():
            content["options"] = [_option(option, served) for option in question.options]
        case Gaps():
            content["passage"] = _plain(question.passage)
            content["gaps"] = [
                {
                    "id": gap.id,
                    **({} if served else {"answers": _plain("|".join(gap.answers))}),
                    **({"hint": _plain(gap.hint)} if gap.hint else {}),
                }
                for gap in question.gaps
            ]
        case Order():
            items = _scattered(question.id, question.items) if served else question.items
            content["items"] = [_item(item) for item in items]
        case Match():
            content.update(_served_match(question) if served else _whole_match(question))
    return content


def _option(option: Option, served: bool) -> dict[str, Any]:
    content: dict[str, Any] = {"id": option.id, "text": _plain(option.text)}
    if not served:
        content["correct"] = option.correct
        if option.feedback:
            content["feedback"] = clean_html(option.feedback)
    return content


def _whole_match(question: Match) -> dict[str, Any]:
    pairs = [
        {
            "id": pair.id,
            "left": _plain(pair.left),
            "rightId": pair.right.id,
            "right": _plain(pair.right.text),
        }
        for pair in question.pairs
    ]
    if question.extras:
        return {"pairs": pairs, "extras": [_item(item) for item in question.extras]}
    return {"pairs": pairs}


def _served_match(question: Match) -> dict[str, Any]:
    stems = [Item(pair.id, pair.left) for pair in question.pairs]
    return {
        "stems": [_item(item) for item in stems],
        "targets": [_item(item) for item in _scattered(question.id, question.targets)],
    }


def _item(item: Item) -> dict[str, str]:
    return {"id": item.id, "text": _plain(item.text)}


def _scattered(question_id: str, items: Sequence[Item]) -> list[Item]:
    """Items in an order that has nothing to do with the one they are in."""

    def place(item: Item) -> str:
        return hashlib.sha256(f"{question_id}\x1f{item.id}\x1f{item.text}".encode()).hexdigest()

    scattered = sorted(items, key=place)
    if len(items) > 2 and scattered == list(items):
        return [*scattered[1:], scattered[0]]
    return scattered


def _plain(text: str) -> str:
    """As H5P keeps plain fields; its own sanitiser would do the same to them."""
    return html.escape(text, quote=True)


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def read_content(content: object, *, title: str, language: str = "en") -> Reading:
    """The questions in a content.json of `Rambla.QuestionSet`, wherever it was edited.

    Never raises. Content that was served without answers is refused: there is nothing to mark by.
    """
    if not isinstance(content, Mapping):
        said = problem("schema", "content/content.json", _("content.json must be an object."))
        return Reading(None, (said,))
    behaviour = content.get("behaviour")
    data: dict[str, Any] = {
        "title": title,
        "language": content.get("language") or language,
        "introduction": content.get("introduction"),
        "behaviour": _renamed(behaviour, {"passPercentage": "pass"}),
        "questions": _each(content.get("questions"), _read_question),
    }
    return from_data(data)


def _each(value: object, read: Any) -> object:
    if not isinstance(value, list):
        return value
    return [read(entry) if isinstance(entry, Mapping) else entry for entry in value]


def _renamed(value: object, names: Mapping[str, str]) -> object:
    if not isinstance(value, Mapping):
        return value
    return {
        names.get(str(name), str(name)): html.unescape(entry)
        if name in _PLAIN and isinstance(entry, str)
        else entry
        for name, entry in value.items()
    }


def _read_question(question: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that this kind uses: an editor leaves empty ones of the others."""
    kind = question.get("kind", "single")
    if kind == "scenario":
        steps = _each(question.get("steps"), lambda step: _read_leaf({**step, "kind": "single"}))
        return {
            "id": question.get("id"),
            "kind": kind,
            "situation": question.get("prompt"),
            "steps": steps,
        }
    return _read_leaf({**question, "kind": kind})


def _read_leaf(question: Mapping[str, Any]) -> dict[str, Any]:
    lists = {
        "single": ("options",),
        "multiple": ("options",),
        "gaps": ("gaps",),
        "order": ("items",),
        "match": ("pairs", "extras"),
    }
    kind = question["kind"]
    names = ("id", "kind", "prompt", "points", "feedback")
    data = {name: question[name] for name in names if name in question}
    for name in lists.get(kind, ()) if isinstance(kind, str) else ():
        renamed = {"rightId": "right_id"} if name == "pairs" else {}
        data[name] = _each(question.get(name), lambda row, names=renamed: _renamed(row, names))
    if kind == "gaps":
        data["passage"] = _renamed({"passage": question.get("passage")}, {})["passage"]  # type: ignore[index]
        # Without the list the passage would be read in its short form.
        data["gaps"] = data["gaps"] or []
    return data


@cache
def _library() -> tuple[Library, MemoryStorage]:
    storage = MemoryStorage()
    return Library.from_folder(own.FOLDER, storage), storage


def own_resolution() -> tuple[Resolution, MemoryStorage]:
    """Our own library, which needs no other, and a storage that has its files."""
    library, storage = _library()
    return resolve(library, {}, MemoryShelf(library)), storage


def package_bytes(question_set: QuestionSet) -> bytes:
    """An .h5p with our library in it, playable elsewhere. Equal sets give equal bytes."""
    resolution, storage = own_resolution()
    metadata = {
        "title": question_set.title,
        "language": question_set.language,
        "defaultLanguage": question_set.language,
        "license": "U",
        "embedTypes": ["iframe"],
    }
    return export_package(metadata, whole_content(question_set), {}, resolution, storage)


def read_questions(file: BinaryIO | Path, *, limits: Limits | None = None) -> Reading:
    """The questions of a package of our own type. Never raises for bad input."""
    report = read_package(file, limits=limits)
    package = report.package
    if package is None:
        return Reading(None, report.problems)
    if package.main.machine != own.NAME.machine:
        said = _("This package is a {machine}, not a set of questions of ours.")
        machine = package.main.machine
        return Reading(None, (problem("unknown-kind", "h5p.json", said, machine=machine),))
    title = package.metadata.get("title")
    return read_content(package.content, title=title if isinstance(title, str) else "")
