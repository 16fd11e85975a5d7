"""Questions between the blocks of the CMS and the data of `h5p.questions`, ids included."""

import html
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from wagtail.rich_text import expand_db_html

from h5p.questions import QuestionSet
from h5p.questions.gapped import write_gapped
from h5p.questions.model import Gaps
from h5p.questions.texts import opaque_id
from h5p.questions.writing import as_data

Row = dict[str, Any]

# The editor's names for bold and italic, and the ones that questions keep.
_TO_KEPT: Final = (("<b>", "<strong>"), ("</b>", "</strong>"), ("<i>", "<em>"), ("</i>", "</em>"))
_TAG: Final = re.compile(r"<[a-zA-Z/]")
_BLOCK: Final = re.compile(r"<(?:p|ul|ol|blockquote)\b")
_LONE: Final = re.compile(r"<p>((?:(?!<p>|</p>|<[uo]l>).)*)</p>", re.DOTALL)
_KEY: Final = re.compile(r' data-block-key="[^"]*"')


def questions_from_blocks(stream: list[Row]) -> list[Row]:
    """`stream`: the prepared value of a QuestionSetBlock, whose rows all have ids."""
    return [_MAKE[child["type"]](child["type"], child["id"], child["value"]) for child in stream]


def _leaf(kind: str, own: str, value: Row) -> Row:
    return {
        "id": own,
        "kind": kind,
        "prompt": _kept_html(value["prompt"]),
        "points": str(value["points"]),
        "feedback": {"right": value["right"], "wrong": value["wrong"]},
    }


def _choice(kind: str, own: str, value: Row) -> Row:
    options = [
        {
            "id": row["id"],
            "text": row["value"]["text"],
            "correct": row["value"]["correct"],
            "feedback": row["value"]["feedback"],
        }
        for row in value["options"]
    ]
    return _leaf(kind, own, value) | {"options": options}


def _gaps(kind: str, own: str, value: Row) -> Row:
    return _leaf(kind, own, value) | {"passage": value["passage"]}


def _order(kind: str, own: str, value: Row) -> Row:
    return _leaf(kind, own, value) | {"items": _items(value["items"])}


def _items(rows: list[Row]) -> list[Row]:
    return [{"id": row["id"], "text": row["value"]} for row in rows]


def _match(kind: str, own: str, value: Row) -> Row:
    pairs = [
        {
            "id": row["id"],
            "left": row["value"]["left"],
            "right": row["value"]["right"],
            # Pairs may share a right side; it is one thing with one id.
            "right_id": opaque_id(own, "item", row["value"]["right"].strip()),
        }
        for row in value["pairs"]
    ]
    extras = [
        {"id": opaque_id(own, "item", row["value"].strip()), "text": row["value"]}
        for row in value["extras"]
    ]
    return _leaf(kind, own, value) | {"pairs": pairs, "extras": extras}


def _scenario(kind: str, own: str, value: Row) -> Row:
    steps = []
    for row in value["steps"]:
        step = _choice("single", row["id"], row["value"])
        del step["kind"]
        steps.append(step)
    return {"id": own, "kind": kind, "situation": _kept_html(value["situation"]), "steps": steps}


_MAKE: Final = {
    "single": _choice,
    "multiple": _choice,
    "gaps": _gaps,
    "order": _order,
    "match": _match,
    "scenario": _scenario,
}


def blocks_from_questions(question_set: QuestionSet) -> list[Row]:
    """The raw stream value with which the same questions are edited again."""
    stream = []
    for question, row in zip(
        question_set.questions, as_data(question_set)["questions"], strict=True
    ):
        value = _block_value(row)
        if isinstance(question, Gaps):
            value["passage"] = write_gapped(question.passage, question.gaps)
        stream.append({"type": row["kind"], "id": row["id"], "value": value})
    return stream


def _block_value(row: Mapping[str, Any]) -> Row:
    if "steps" in row:
        return {
            "situation": _edited_html(row["situation"]),
            "steps": [_list_row(step["id"], _block_value(step)) for step in row["steps"]],
        }
    value: Row = {
        "prompt": _edited_html(row["prompt"]),
        "points": Decimal(row["points"]),
        "right": _typed(row["feedback"]["right"]),
        "wrong": _typed(row["feedback"]["wrong"]),
    }
    if "options" in row:
        value["options"] = [
            _list_row(
                option["id"],
                {
                    "text": option["text"],
                    "correct": option["correct"],
                    "feedback": _typed(option["feedback"]),
                },
            )
            for option in row["options"]
        ]
    if "items" in row:
        value["items"] = [_list_row(item["id"], item["text"]) for item in row["items"]]
    if "pairs" in row:
        value["pairs"] = [
            _list_row(pair["id"], {"left": pair["left"], "right": pair["right"]})
            for pair in row["pairs"]
        ]
        value["extras"] = [_list_row(item["id"], item["text"]) for item in row["extras"]]
    return value


def _list_row(own: str, value: Any) -> Row:
    return {"type": "item", "id": own, "value": value}


def _kept_html(value: str) -> str:
    text = _KEY.sub("", str(expand_db_html(value)))
    for edited, kept in _TO_KEPT:
        text = text.replace(edited, kept)
    # A single paragraph needs no tag: opening and saving changes nothing.
    lone = _LONE.fullmatch(text)
    return lone[1] if lone else text


def _edited_html(value: str) -> str:
    """What the rich-text editor can open: always in paragraphs."""
    for edited, kept in _TO_KEPT:
        value = value.replace(kept, edited)
    return value if _BLOCK.search(value) else f"<p>{value}</p>"


def _typed(value: str) -> str:
    """Feedback as it is typed: words where it is only words, else with its tags."""
    return value if _TAG.search(value) else html.unescape(value)
