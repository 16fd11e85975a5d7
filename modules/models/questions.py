"""Questions as the server marks them: plain values, whatever the CMS stores.

Answers are `{question key: [option keys]}`; true and false are the options
`true` and `false` of their question.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from lms.core.errors import InvalidInput
from lms.core.text import count_words
from modules.enums import CompletionRule, QuestionKind

Answers = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Option:
    key: str
    text: str
    feedback: str
    is_right: bool


@dataclass(frozen=True)
class Question:
    key: str
    kind: str
    prompt: str
    options: tuple[Option, ...]
    explanation: str

    @property
    def right(self) -> frozenset[str]:
        return frozenset(option.key for option in self.options if option.is_right)

    def accepts(self, chosen: Sequence[str]) -> bool:
        """Whether these are options of the question, as many as it takes."""
        keys = {option.key for option in self.options}
        enough = bool(chosen) if self.kind == QuestionKind.MULTIPLE else len(chosen) == 1
        return enough and len(set(chosen)) == len(chosen) and keys.issuperset(chosen)

    def is_right(self, chosen: Sequence[str]) -> bool:
        return self.right == frozenset(chosen)


@dataclass(frozen=True)
class Marks:
    """`by_key` holds only answered questions: a missing answer is not a wrong one."""

    by_key: dict[str, bool]
    asked: int

    @property
    def answered(self) -> int:
        return len(self.by_key)

    @property
    def unanswered(self) -> int:
        return self.asked - self.answered

    @property
    def right(self) -> int:
        return sum(self.by_key.values())

    @property
    def percent(self) -> int:
        """Right answers among all questions, rounded down."""
        return self.right * 100 // self.asked if self.asked else 0


@dataclass(frozen=True)
class OptionState:
    key: str
    text: str
    is_chosen: bool
    feedback: str
    is_right: bool | None


@dataclass(frozen=True)
class QuestionState:
    """A question as its reader sees it: what is right shows for chosen options only."""

    key: str
    kind: str
    prompt: str
    options: tuple[OptionState, ...]
    is_answered: bool
    is_right: bool | None
    explanation: str


@dataclass(frozen=True)
class Played:
    """What somebody has reached in an interactive content. `percent`: the best score so
    far, rounded down; None without one. `is_answered`: played to its end once, or every
    question of ours has an answer."""

    percent: int | None = None
    is_answered: bool = False


@dataclass(frozen=True)
class Requirement:
    """What the server asks before an activity is done. `plays`: an interactive content
    is part of it, and the rules on answers hold for it too."""

    rule: str
    threshold: int = 0
    min_words: int = 0
    questions: tuple[Question, ...] = ()
    plays: bool = False

    def mark(self, answers: Answers) -> Marks:
        """Mark what is still asked: answers to questions that an editor has removed
        or whose options have changed count as not given."""
        standing = {
            q.key: q.is_right(answers[q.key])
            for q in self.questions
            if q.key in answers and q.accepts(answers[q.key])
        }
        return Marks(by_key=standing, asked=len(self.questions))

    def require_answers(self, given: Answers) -> None:
        """Raise InvalidInput unless each answer fits a question asked now."""
        if not given:
            raise InvalidInput(_("Choose an answer first, then check it."))
        by_key = {question.key: question for question in self.questions}
        errors: dict[str, list[Any]] = {}
        for key, chosen in given.items():
            question = by_key.get(key)
            if question is None:
                errors[key] = [
                    gettext_lazy("This question is no longer asked. Load the page again.")
                ]
            elif not question.accepts(chosen):
                errors[key] = [gettext_lazy("Choose among the answers of this question.")]
        if errors:
            raise InvalidInput(errors=errors)

    def missing(self, answers: Answers, text: str, played: Played | None = None) -> tuple[str, ...]:
        """What is still to do before it can be marked as done, as sentences."""
        marks = self.mark(answers)
        if self.rule in {CompletionRule.ANSWERED, CompletionRule.SCORE}:
            unanswered = marks.asked - marks.answered
            if unanswered:
                return (
                    ngettext(
                        "Answer %(count)d more question.",
                        "Answer %(count)d more questions.",
                        unanswered,
                    )
                    % {"count": unanswered},
                )
        if self.plays:
            lacking = self._missing_in_player(played or Played())
            if lacking:
                return lacking
        if self.rule == CompletionRule.SCORE and not self._reaches_threshold(marks):
            return (
                _(
                    "%(right)d of %(asked)d answers are right; %(threshold)d %% are needed. "
                    "Read the notes under your answers and try again, as often as you like."
                )
                % {"right": marks.right, "asked": marks.asked, "threshold": self.threshold},
            )
        if self.rule == CompletionRule.WRITTEN:
            words = self.min_words - count_words(text)
            if words > 0:
                return (
                    ngettext(
                        "Write at least %(count)d more word.",
                        "Write at least %(count)d more words.",
                        words,
                    )
                    % {"count": words},
                )
        return ()

    def _missing_in_player(self, played: Played) -> tuple[str, ...]:
        if self.rule == CompletionRule.ANSWERED and not played.is_answered:
            return (_("Work through the interactive part to its end."),)
        if self.rule == CompletionRule.SCORE and (played.percent or 0) < self.threshold:
            if played.percent is None:
                return (
                    _("Reach %(threshold)d %% in the interactive part.")
                    % {"threshold": self.threshold},
                )
            return (
                _(
                    "Your best score in the interactive part is %(percent)d %%; %(threshold)d %% "
                    "are needed. Try again, as often as you like."
                )
                % {"percent": played.percent, "threshold": self.threshold},
            )
        return ()

    def _reaches_threshold(self, marks: Marks) -> bool:
        return marks.right * 100 >= self.threshold * marks.asked

    def states(self, answers: Answers, unsent: Answers | None = None) -> tuple[QuestionState, ...]:
        """The questions with what was answered. `unsent` are choices that were made
        but never checked: they are shown as chosen and not marked."""
        return tuple(
            _state(question, answers.get(question.key, ()), (unsent or {}).get(question.key))
            for question in self.questions
        )


def _state(
    question: Question, stored: Sequence[str], unsent: Sequence[str] | None
) -> QuestionState:
    is_answered = unsent is None and question.accepts(stored)
    chosen = frozenset(stored if is_answered else unsent or ())
    options = tuple(
        OptionState(
            key=option.key,
            text=option.text,
            is_chosen=option.key in chosen,
            feedback=option.feedback if is_answered and option.key in chosen else "",
            is_right=option.is_right if is_answered and option.key in chosen else None,
        )
        for option in question.options
    )
    return QuestionState(
        key=question.key,
        kind=question.kind,
        prompt=question.prompt,
        options=options,
        is_answered=is_answered,
        is_right=question.is_right(stored) if is_answered else None,
        explanation=question.explanation if is_answered else "",
    )
