"""Content files as the StreamField values of the pages in `modules`."""

from collections.abc import Callable, Mapping
from typing import Any

from lms.diploma.loading.markdown import rich_text
from modules.enums import TermSection
from modules.models import H5PContent

PLAYED_HERE = "question_set"
Terms = Mapping[str, int]
Block = dict[str, Any]

# The files name the headings in words; the pages store which of A1's sections it is.
SECTION_KEYS = {str(label).lower(): value for value, label in TermSection.choices}


def body(blocks: list[Any], terms: Terms, played: H5PContent | None = None) -> list[Block]:
    """`played` stands where the file says `question_set`; None: nothing is played there."""
    made = []
    for block in blocks:
        if block != PLAYED_HERE:
            name, given = next(iter(block.items()))
            made.append(_block(name, given, terms))
        elif played is not None:
            made.append({"type": "interactive", "value": played.pk})
    return made


def _block(name: str, given: Any, terms: Terms) -> Block:
    if name == "chart":
        return {"type": given["kind"], "value": _chart(given)}
    makers: dict[str, Callable[[Any, Terms], Any]] = {
        "heading": lambda words, _terms: words,
        "text": rich_text,
        "side_note": _side_note,
        "quote": lambda quote, _terms: dict(quote),
        "steps": _steps,
        "timeline": _timeline,
        "table": _table,
        "key_terms": _key_terms,
    }
    return {"type": name, "value": makers[name](given, terms)}


def _chart(given: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if name != "kind"}


def _side_note(given: dict[str, Any], terms: Terms) -> dict[str, Any]:
    return {"title": given["title"], "text": rich_text(given["text"], terms)}


def _steps(given: dict[str, Any], terms: Terms) -> dict[str, Any]:
    return {"title": given["title"], "items": [rich_text(item, terms) for item in given["items"]]}


def _timeline(given: dict[str, Any], terms: Terms) -> dict[str, Any]:
    items = [{"when": i["when"], "what": rich_text(i["what"], terms)} for i in given["items"]]
    return {"title": given["title"], "items": items}


def _table(given: dict[str, Any], terms: Terms) -> dict[str, Any]:
    return {
        "caption": given["caption"],
        "columns": [{"type": "text", "heading": heading} for heading in given["header"]],
        "rows": [
            {"values": [rich_text(str(cell), terms) for cell in row]} for row in given["rows"]
        ],
    }


def _key_terms(given: list[str], terms: Terms) -> list[int]:
    return [terms[slug] for slug in given if slug in terms]


def questions(given: list[dict[str, Any]]) -> list[Block]:
    return [{"type": question["kind"], "value": _question(question)} for question in given]


def _question(given: dict[str, Any]) -> dict[str, Any]:
    value = {name: given.get(name, "") for name in ("key", "prompt", "explanation")}
    if given["kind"] == "true_false":
        return value | {"answer": "true" if given["answer"] else "false"}
    options = [
        {
            "key": option["key"],
            "text": option["text"],
            "correct": bool(option.get("correct")),
            "feedback": option.get("feedback", ""),
        }
        for option in given["options"]
    ]
    return value | {"options": options}


def sources(given: list[dict[str, Any]]) -> list[Block]:
    names = ("title", "publisher", "year", "note")
    return [
        {"type": "source", "value": {name: source.get(name) for name in names}} for source in given
    ]


def term_sections(given: list[dict[str, Any]], terms: Terms) -> list[Block]:
    return [
        {
            "type": "section",
            "value": {
                "heading": SECTION_KEYS[section["heading"].lower()],
                "text": rich_text(section["text"], terms),
            },
        }
        for section in given
    ]


def related_terms(given: list[str], terms: Terms) -> list[Block]:
    return [{"type": "term", "value": terms[slug]} for slug in given if slug in terms]
