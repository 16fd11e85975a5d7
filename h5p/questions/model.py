"""What a question is. Frozen values; `h5p.questions.building` makes them from what people write.

Texts of two sorts: *plain* (options, items, pairs, passages, hints, titles) is shown as it is;
*HTML* (prompts, situations, feedback, introduction) has passed `h5p.questions.texts.clean_html`.

Ids are `A–Z a–z 0–9 _ -`, 64 characters at most, unique among their siblings. They travel to the
browser and into reports: they must not tell the answer. Those that `from_data` makes do not.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

ONE = Decimal(1)


@dataclass(frozen=True)
class Feedback:
    """Told after a question: when all of it was right, when something was not (HTML)."""

    right: str = ""
    wrong: str = ""


@dataclass(frozen=True)
class Option:
    """An answer to choose. ``feedback`` is told to those who choose it (HTML)."""

    id: str
    text: str
    correct: bool = False
    feedback: str = ""


@dataclass(frozen=True)
class SingleChoice:
    """One option is right: all points or none."""

    id: str
    prompt: str
    options: tuple[Option, ...]
    points: Decimal = ONE
    feedback: Feedback = field(default_factory=Feedback)


@dataclass(frozen=True)
class MultipleChoice:
    """Some options are right; a wrong one chosen costs as much as a right one brings."""

    id: str
    prompt: str
    options: tuple[Option, ...]
    points: Decimal = ONE
    feedback: Feedback = field(default_factory=Feedback)


@dataclass(frozen=True)
class Gap:
    """A gap and the answers it accepts, the first being shown; none contains ``|``."""

    id: str
    answers: tuple[str, ...]
    hint: str = ""


@dataclass(frozen=True)
class Gaps:
    """A text with gaps to fill: ``passage`` is plain, with ``[[id]]`` where each gap is."""

    id: str
    prompt: str
    passage: str
    gaps: tuple[Gap, ...]
    points: Decimal = ONE
    feedback: Feedback = field(default_factory=Feedback)


@dataclass(frozen=True)
class Item:
    """A thing with a name: to put in order, or the right side of a pair."""

    id: str
    text: str


@dataclass(frozen=True)
class Order:
    """Items to put in order; they are held in the right one."""

    id: str
    prompt: str
    items: tuple[Item, ...]
    points: Decimal = ONE
    feedback: Feedback = field(default_factory=Feedback)


@dataclass(frozen=True)
class Pair:
    """A left side and the right side that belongs to it; several may share one right side."""

    id: str
    left: str
    right: Item


@dataclass(frozen=True)
class Match:
    """Pairs to find again. ``extras`` are right sides that belong to nothing."""

    id: str
    prompt: str
    pairs: tuple[Pair, ...]
    extras: tuple[Item, ...] = ()
    points: Decimal = ONE
    feedback: Feedback = field(default_factory=Feedback)

    @property
    def targets(self) -> tuple[Item, ...]:
        """All right sides, each once."""
        rights = dict.fromkeys(pair.right for pair in self.pairs)
        return (*rights, *self.extras)


Leaf = SingleChoice | MultipleChoice | Gaps | Order | Match


@dataclass(frozen=True)
class Scenario:
    """A situation (HTML), then choices one after the other.

    Each option's feedback is its consequence. Every step is answered, marked and reported by
    itself, under the id ``scenario.step``.
    """

    id: str
    situation: str
    steps: tuple[SingleChoice, ...]

    @property
    def points(self) -> Decimal:
        """The points of all steps together."""
        return sum((step.points for step in self.steps), Decimal(0))


Question = Leaf | Scenario


@dataclass(frozen=True)
class Behaviour:
    """How a set plays. ``pass_percentage`` (0 to 100) of the points are needed to pass."""

    retry: bool = True
    solutions: bool = True
    shuffle: bool = True
    pass_percentage: Decimal = Decimal(0)


@dataclass(frozen=True)
class QuestionSet:
    """Questions in the order they are asked. ``language`` is a tag such as ``en`` or ``pt-BR``."""

    title: str
    questions: tuple[Question, ...]
    language: str = "en"
    introduction: str = ""
    behaviour: Behaviour = field(default_factory=Behaviour)

    def leaves(self) -> Iterator[tuple[str, Leaf]]:
        """Everything that is answered by itself, with the id under which it is reported."""
        for question in self.questions:
            if isinstance(question, Scenario):
                for step in question.steps:
                    yield f"{question.id}.{step.id}", step
            else:
                yield question.id, question

    @property
    def maximum(self) -> Decimal:
        """All points together."""
        return sum((question.points for question in self.questions), Decimal(0))
