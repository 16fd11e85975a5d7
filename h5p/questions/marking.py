"""Marking on the server. A response comes from a browser: nothing in it is believed.

A response is, by kind:

=================  =====================================================
single, multiple   ids of the chosen options (for single one id will do)
gaps               ``{gap id: text}``
order              ids of all items, in the order given
match              ``{pair id: right side's id}``
=================  =====================================================

The player marks exported packages by the same rules (`h5p/own/source/marking.js`).
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from h5p.problems import Problem
from h5p.questions.model import Gaps, Leaf, Match, MultipleChoice, Order, QuestionSet, SingleChoice
from h5p.questions.texts import clean_html

Response = list[str] | dict[str, str]
CENT: Final = Decimal("0.01")
MAX_TYPED: Final = 500


@dataclass(frozen=True)
class QuestionMark:
    """How one question was answered.

    ``response`` is what was counted of the answer; ``parts`` says of each part of it (option
    chosen, gap, item, pair) whether it was right. ``score`` has at most two decimals.
    """

    question: str
    score: Decimal
    maximum: Decimal
    answered: bool
    response: Response
    parts: Mapping[str, bool]
    correct: bool


@dataclass(frozen=True)
class Marking:
    """All questions of a set, in their order, and what was wrong with the responses."""

    questions: tuple[QuestionMark, ...]
    problems: tuple[Problem, ...]
    pass_percentage: Decimal

    @property
    def score(self) -> Decimal:
        return sum((question.score for question in self.questions), Decimal(0))

    @property
    def maximum(self) -> Decimal:
        return sum((question.maximum for question in self.questions), Decimal(0))

    @property
    def passed(self) -> bool:
        return self.score * 100 >= self.maximum * self.pass_percentage

    @property
    def complete(self) -> bool:
        """Whether every question has been answered."""
        return all(question.answered for question in self.questions)


def mark(question_set: QuestionSet, responses: object) -> Marking:
    """Mark responses by the question's id (``scenario.step`` for a step). Never raises."""
    leaves = dict(question_set.leaves())
    problems: list[Problem] = []
    given: Mapping[Any, Any] = {}
    if isinstance(responses, Mapping):
        given = responses
    else:
        problems.append(Problem("response", "", "Responses must be an object by question."))
    for name in given:
        if name not in leaves:
            shown = str(name)[:64]
            problems.append(Problem("unknown-id", shown, f"There is no question “{shown}”."))
    marks = []
    for name, leaf in leaves.items():
        question_mark, found = mark_question(name, leaf, given.get(name))
        marks.append(question_mark)
        problems.extend(found)
    return Marking(tuple(marks), tuple(problems), question_set.behaviour.pass_percentage)


def mark_question(
    name: str, leaf: Leaf, response: object
) -> tuple[QuestionMark, tuple[Problem, ...]]:
    """Mark one response; None is no answer. Never raises."""
    problems: list[Problem] = []
    counted = _counted(name, leaf, response, problems)
    parts, share = _judged(leaf, counted)
    score = (leaf.points * share).quantize(CENT, rounding=ROUND_HALF_UP)
    question_mark = QuestionMark(
        question=name,
        score=min(leaf.points, max(Decimal(0), score)),
        maximum=leaf.points,
        answered=any(counted.values()) if isinstance(counted, dict) else bool(counted),
        response=counted,
        parts=parts,
        # Not by the score: two thirds of 0.01 points are 0.01 when rounded.
        correct=share == 1,
    )
    return question_mark, tuple(problems)


def _counted(name: str, leaf: Leaf, response: object, problems: list[Problem]) -> Response:
    """What of a response can be counted; the rest becomes problems."""
    match leaf:
        case Gaps():
            typed = _mapping(name, response, {gap.id for gap in leaf.gaps}, problems)
            return {gap: text.strip() for gap, text in typed.items() if text.strip()}
        case Match():
            targets = {target.id for target in leaf.targets}
            chosen = _mapping(name, response, {pair.id for pair in leaf.pairs}, problems)
            problems.extend(
                _unknown(name, target)
                for target in chosen.values()
                if target and target not in targets
            )
            return {pair: target for pair, target in chosen.items() if target in targets}
        case Order():
            ids = _ids(name, response, {item.id for item in leaf.items}, problems)
            if ids and len(ids) != len(leaf.items):
                problems.append(Problem("response", name, f"“{name}”: not all items were ordered."))
                return []
            return ids
        case _:
            ids = _ids(name, response, {option.id for option in leaf.options}, problems)
            if isinstance(leaf, SingleChoice) and len(ids) > 1:
                message = f"“{name}”: one answer may be chosen, there are {len(ids)}."
                problems.append(Problem("response", name, message))
                return []
            return ids


def _ids(name: str, response: object, known: set[str], problems: list[Problem]) -> list[str]:
    if response is None:
        return []
    if isinstance(response, str):
        response = [response] if response else []
    if not isinstance(response, list | tuple):
        problems.append(Problem("response", name, f"“{name}”: the response must be a list of ids."))
        return []
    found: dict[str, None] = {}
    for entry in response:
        if isinstance(entry, str) and entry in known:
            found[entry] = None
        else:
            problems.append(_unknown(name, entry))
    return list(found)


def _mapping(
    name: str, response: object, known: set[str], problems: list[Problem]
) -> dict[str, str]:
    if response is None:
        return {}
    if not isinstance(response, Mapping):
        problems.append(Problem("response", name, f"“{name}”: the response must be an object."))
        return {}
    found = {}
    for part, value in response.items():
        if part not in known:
            problems.append(_unknown(name, part))
        elif not isinstance(value, str) or len(value) > MAX_TYPED:
            message = f"“{name}”: “{part}” must be a text of at most {MAX_TYPED} characters."
            problems.append(Problem("response", name, message))
        else:
            found[part] = value
    return found


def _unknown(name: str, entry: object) -> Problem:
    return Problem("unknown-id", name, f"“{name}”: there is nothing called “{str(entry)[:64]}”.")


def _judged(leaf: Leaf, response: Response) -> tuple[dict[str, bool], Decimal]:
    """Of each part whether it is right, and the share of the points (0 to 1)."""
    if not response:
        return {}, Decimal(0)
    key = key_of(leaf)
    match leaf:
        case SingleChoice() | MultipleChoice():
            parts = {option: option in key for option in response}
            right = sum(parts.values())
            wrong = len(parts) - right
            return parts, Decimal(max(0, right - wrong)) / len(key)
        case Order():
            parts = {item: item == there for item, there in zip(response, key, strict=True)}
        case Gaps():
            assert isinstance(response, dict)
            parts = {
                gap.id: _fold(response.get(gap.id, "")) in set(map(_fold, gap.answers))
                for gap in leaf.gaps
            }
        case Match():
            assert isinstance(response, dict)
            parts = {pair.id: response.get(pair.id) == pair.right.id for pair in leaf.pairs}
    return parts, Decimal(sum(parts.values())) / len(parts)


def _fold(text: str) -> str:
    """Texts that differ only by case, space or the shape of an apostrophe are the same answer."""
    same = unicodedata.normalize("NFKC", text)
    for apostrophe in "‘’ʼ":
        same = same.replace(apostrophe, "'")
    return " ".join(same.split()).lower()


def key_of(leaf: Leaf) -> Response:
    """The right response."""
    match leaf:
        case Gaps():
            return {gap.id: gap.answers[0] for gap in leaf.gaps}
        case Match():
            return {pair.id: pair.right.id for pair in leaf.pairs}
        case Order():
            return [item.id for item in leaf.items]
        case _:
            return [option.id for option in leaf.options if option.correct]


def result_for_player(
    leaf: Leaf, question_mark: QuestionMark, *, reveal: bool = False
) -> dict[str, Any]:
    """What the host answers the player with: JSON values, with the key only on ``reveal``."""
    chosen = question_mark.response if isinstance(question_mark.response, list) else []
    notes = {}
    if isinstance(leaf, SingleChoice | MultipleChoice):
        notes = {
            option.id: clean_html(option.feedback)
            for option in leaf.options
            if option.feedback and option.id in chosen
        }
    feedback = leaf.feedback.right if question_mark.correct else leaf.feedback.wrong
    return {
        "question": question_mark.question,
        "score": float(question_mark.score),
        "max": float(question_mark.maximum),
        "correct": question_mark.correct,
        "parts": dict(question_mark.parts),
        "notes": notes,
        "feedback": clean_html(feedback),
        "solution": key_of(leaf) if reveal else None,
    }


def read_xapi_response(leaf: Leaf, text: object) -> Response | None:
    """The response in an xAPI statement's ``result.response``; None when it is no text."""
    if not isinstance(text, str):
        return None
    parts = text.split("[,]") if text else []
    match leaf:
        case Gaps():
            return {gap.id: typed for gap, typed in zip(leaf.gaps, parts, strict=False) if typed}
        case Match():
            pairs = (part.split("[.]", 1) for part in parts)
            return {pair[0]: pair[1] for pair in pairs if len(pair) == 2}
        case _:
            return parts
