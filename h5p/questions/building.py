"""Questions from plain data (as YAML, a form or content.json hold it), with every problem named.

The shape, where a string may stand for a mapping with only a text:

    title: Rivers                     # of the set; also language, introduction,
    behaviour: {retry: true, solutions: true, shuffle: true, pass: 60}
    questions:
      - kind: single                  # or multiple
        prompt: Which river runs through Paris?
        points: 2                     # 1 when left out; feedback: {right: …, wrong: …}
        options:
          - {text: Seine, correct: true, feedback: It does.}
          - Rhône
      - kind: gaps
        prompt: Fill the gaps.
        passage: "The [Seine|la Seine] runs through [Paris::a capital]."
      - kind: order                   # items in the right order
        prompt: From north to south
        items: [Oslo, Berlin, Rome]
      - kind: match
        prompt: Which river, which city?
        pairs: [{left: Paris, right: Seine}, {left: London, right: Thames}]
        extras: [Tiber]
      - kind: scenario
        situation: The mayor calls.
        steps:
          - prompt: What do you do?
            options: [{text: Answer, correct: true, feedback: She thanks you.}, Wait]
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from h5p.problems import Problem, Refused
from h5p.questions.fields import At, Fault, Fields
from h5p.questions.gapped import parse_gapped
from h5p.questions.model import (
    Behaviour,
    Feedback,
    Gap,
    Gaps,
    Item,
    Leaf,
    Match,
    MultipleChoice,
    Option,
    Order,
    Pair,
    Question,
    QuestionSet,
    Scenario,
    SingleChoice,
)
from h5p.questions.texts import clean_plain, opaque_id
from h5p.words import Words
from h5p.words import gettext_noop as _

_COMMON: Final = ("id", "kind", "points", "feedback")
_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "single": ("prompt", "options"),
    "multiple": ("prompt", "options"),
    "gaps": ("prompt", "passage", "gaps"),
    "order": ("prompt", "items"),
    "match": ("prompt", "pairs", "extras"),
    "scenario": ("situation", "steps"),
}
KINDS: Final = tuple(_FIELDS)
_SET: Final = ("title", "language", "introduction", "behaviour", "questions")
_HUNDRED: Final = Decimal(100)
_LEAST_POINTS: Final = Decimal("0.01")
_MOST_POINTS: Final = Decimal(1000)


@dataclass(frozen=True)
class Reading:
    """What came of reading: a set of questions, or why not."""

    question_set: QuestionSet | None
    problems: tuple[Problem, ...]

    @property
    def ok(self) -> bool:
        return self.question_set is not None

    def require(self) -> QuestionSet:
        """The set. Raises Refused with all problems when there is none."""
        if self.question_set is None:
            raise Refused(*self.problems)
        return self.question_set


def dotted(at: At) -> str:
    """A place as ``questions[2].options[0].text``; "" is the set itself."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in at)
    return text.removeprefix(".")


def from_data(
    data: object, *, title: str = "", language: str = "en", place: Callable[[At], str] = dotted
) -> Reading:
    """Read a set of questions. Never raises for bad input.

    ``title`` and ``language`` are used when the data says none. ``place`` puts into words where
    a problem is (a line, a row and column).
    """
    faults: list[Fault] = []
    question_set = None
    if isinstance(data, Mapping):
        question_set = _set(Fields(data, (), faults), title, language)
    else:
        faults.append(Fault("field-type", (), Words(_("A set of questions must be a mapping."))))
    problems = tuple(_problem(fault, place) for fault in faults)
    return Reading(None if problems else question_set, problems)


def _problem(fault: Fault, place: Callable[[At], str]) -> Problem:
    where = place(fault.at)
    words = fault.words
    if where:
        values = {"place": f"{where[0].upper()}{where[1:]}", "what": words}
        words = Words(_("{place}: {what}"), values)
    return Problem(fault.code, where, words.said(), words)


def _set(fields: Fields, title: str, language: str) -> QuestionSet:
    fields.allow(_SET)
    chosen_title = fields.text("title") or title
    if not chosen_title:
        fields.fault("missing-text", "title", _("The set needs a title."))
    if len(chosen_title) > 255:
        fields.fault("too-long", "title", _("The title is longer than 255 characters."))
    chosen_language = fields.text("language") or language
    if not _is_language(chosen_language):
        fields.fault("bad-language", "language", _("“language” must be a tag such as en or pt-BR."))
    questions: list[Question] = []
    for row in fields.several("questions", least=1):
        question = _question(row)
        if question is not None:
            questions.append(question)
    _unique(fields, "questions", [question.id for question in questions])
    return QuestionSet(
        title=chosen_title,
        questions=tuple(questions),
        language=chosen_language,
        introduction=fields.html("introduction"),
        behaviour=_behaviour(fields.part("behaviour")),
    )


def _is_language(tag: str) -> bool:
    return len(tag) <= 20 and all(
        part.isascii() and part.isalnum() and len(part) <= 8 for part in tag.split("-")
    )


def _behaviour(fields: Fields) -> Behaviour:
    fields.allow(("retry", "solutions", "shuffle", "pass"))
    return Behaviour(
        retry=fields.flag("retry", True),
        solutions=fields.flag("solutions", True),
        shuffle=fields.flag("shuffle", True),
        pass_percentage=fields.number("pass", Decimal(0), low=Decimal(0), high=_HUNDRED),
    )


def _question(fields: Fields) -> Question | None:
    kind = fields.text("kind")
    if kind not in _FIELDS:
        known = ", ".join(KINDS)
        fields.fault(
            "unknown-kind",
            "kind",
            _("“{kind}” is no kind of question; use {known}."),
            kind=kind,
            known=known,
        )
        return None
    if kind == "scenario":
        return _scenario(fields)
    fields.allow((*_COMMON, *_FIELDS[kind]))
    prompt = fields.html("prompt", required=True)
    return _LEAVES[kind](fields, fields.own_id(kind, prompt), prompt)


def _scenario(fields: Fields) -> Scenario:
    fields.allow(("id", "kind", *_FIELDS["scenario"]))
    situation = fields.html("situation", required=True)
    own = fields.own_id("scenario", situation)
    steps = []
    for row in fields.several("steps", least=1):
        row.allow((*_COMMON, *_FIELDS["single"]))
        prompt = row.html("prompt", required=True)
        steps.append(_single(row, row.own_id(own, prompt), prompt))
    _unique(fields, "steps", [step.id for step in steps])
    return Scenario(own, situation, tuple(steps))


def _single(fields: Fields, own: str, prompt: str) -> SingleChoice:
    options = _options(fields, own)
    if sum(option.correct for option in options) > 1:
        said = _("More than one option is right; mark one only, or use the kind “multiple”.")
        fields.fault("several-right-answers", "options", said)
    return SingleChoice(own, prompt, options, _points(fields), _feedback(fields))


def _multiple(fields: Fields, own: str, prompt: str) -> MultipleChoice:
    options = _options(fields, own)
    return MultipleChoice(own, prompt, options, _points(fields), _feedback(fields))


def _options(fields: Fields, own: str) -> tuple[Option, ...]:
    options = []
    for row in fields.several("options", least=2):
        row.allow(("id", "text", "correct", "feedback"))
        text = row.text("text", required=True)
        correct = row.flag("correct", False)
        options.append(Option(row.own_id(own, "option", text), text, correct, row.html("feedback")))
    if options and not any(option.correct for option in options):
        fields.fault("no-right-answer", "options", _("No option is marked as right."))
    _unique_entries(fields, "options", [(option.id, option.text) for option in options])
    return tuple(options)


def _gaps(fields: Fields, own: str, prompt: str) -> Gaps:
    passage = fields.text("passage", required=True)
    gaps: tuple[Gap, ...] = ()
    if fields.data.get("gaps") is not None:
        gaps = _explicit_gaps(fields)
    else:
        try:
            passage, gaps = parse_gapped(passage)
        except ValueError:
            fields.fault(
                "gaps", "passage", _("A bracket has no partner. For itself, write \\[ or \\].")
            )
            return Gaps(own, prompt, passage, ())
        passage = passage.strip()
    for gap in gaps:
        if not gap.answers or any("|" in answer for answer in gap.answers):
            fields.fault(
                "gaps", "passage", _("Each gap needs an answer, and no answer may hold “|”.")
            )
        if passage.count(f"[[{gap.id}]]") != 1:
            fields.fault(
                "gaps", "passage", _("“[[{gap}]]” must stand in the text exactly once."), gap=gap.id
            )
    if not gaps:
        fields.fault(
            "gaps", "passage", _("There is no gap. Put [brackets] around what is left out.")
        )
    return Gaps(own, prompt, passage, gaps, _points(fields), _feedback(fields))


def _explicit_gaps(fields: Fields) -> tuple[Gap, ...]:
    gaps = []
    for place, row in enumerate(fields.several("gaps", least=1)):
        row.allow(("id", "answers", "hint"))
        answers = row.data.get("answers")
        if isinstance(answers, str):
            answers = answers.split("|")
        if not isinstance(answers, list | tuple) or not all(isinstance(a, str) for a in answers):
            row.fault("field-type", "answers", _("“answers” must be a list of texts."))
            answers = ()
        cleaned = tuple(filter(None, map(clean_plain, answers)))
        gap_id = row.own_id() if row.data.get("id") else f"g{place + 1}"
        gaps.append(Gap(gap_id, cleaned, row.text("hint")))
    _unique(fields, "gaps", [gap.id for gap in gaps])
    return tuple(gaps)


def _order(fields: Fields, own: str, prompt: str) -> Order:
    items = _items(fields, "items", own, least=2)
    return Order(own, prompt, items, _points(fields), _feedback(fields))


def _items(fields: Fields, name: str, own: str, *, least: int) -> tuple[Item, ...]:
    items = []
    for row in fields.several(name, least=least):
        row.allow(("id", "text"))
        text = row.text("text", required=True)
        items.append(Item(row.own_id(own, "item", text), text))
    _unique_entries(fields, name, [(item.id, item.text) for item in items])
    return tuple(items)


def _match(fields: Fields, own: str, prompt: str) -> Match:
    pairs = []
    for row in fields.several("pairs", least=2):
        row.allow(("id", "left", "right", "right_id"))
        left = row.text("left", required=True)
        right = row.text("right", required=True)
        given = row.data.get("right_id")
        right_id = (
            row.checked_id("right_id", given, own, "item", right)
            if given
            else opaque_id(own, "item", right)
        )
        pairs.append(Pair(row.own_id(own, "left", left), left, Item(right_id, right)))
    extras = _items(fields, "extras", own, least=0)
    match = Match(own, prompt, tuple(pairs), extras, _points(fields), _feedback(fields))
    _unique_entries(fields, "pairs", [(pair.id, pair.left) for pair in pairs])
    _unique_entries(fields, "pairs", [(target.id, target.text) for target in match.targets])
    return match


def _points(fields: Fields) -> Decimal:
    return fields.number("points", Decimal(1), low=_LEAST_POINTS, high=_MOST_POINTS)


def _feedback(fields: Fields) -> Feedback:
    part = fields.part("feedback")
    part.allow(("right", "wrong"))
    return Feedback(part.html("right"), part.html("wrong"))


def _unique_entries(fields: Fields, name: str, entries: list[tuple[str, str]]) -> None:
    """Ids are made of texts: when two texts are the same, only that is said."""
    texts = [text for _id, text in entries]
    _unique(fields, name, texts)
    if len(set(texts)) == len(texts):
        _unique(fields, name, [own for own, _text in entries])


def _unique(fields: Fields, name: str, values: list[str]) -> None:
    for value in dict.fromkeys(value for value in values if values.count(value) > 1):
        fields.fault("duplicate", name, _("“{value}” is there more than once."), value=value)


_LEAVES: Final[Mapping[str, Callable[[Fields, str, str], Leaf]]] = {
    "single": _single,
    "multiple": _multiple,
    "gaps": _gaps,
    "order": _order,
    "match": _match,
}
