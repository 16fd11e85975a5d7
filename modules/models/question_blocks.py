"""Questions as an editor writes them. Their keys are made once and never shown."""

import secrets
from collections import Counter
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.blocks import (
    BlockGroup,
    BooleanBlock,
    CharBlock,
    ChoiceBlock,
    ListBlock,
    RegexBlock,
    StreamBlock,
    StreamBlockValidationError,
    StructBlock,
    StructBlockValidationError,
    TextBlock,
)

from modules.enums import QuestionKind
from modules.models.questions import Option, Question

KEY_PATTERN = r"^[a-z0-9][a-z0-9_-]{0,29}$"
KEY_HELP = gettext_lazy(
    "Leave empty for a new one. Answers are stored under it, so never change it afterwards."
)


def new_key(prefix: str) -> str:
    """A key that no earlier, perhaps deleted, question or option had."""
    return f"{prefix}{secrets.token_hex(3)}"


def key_block() -> RegexBlock:
    return RegexBlock(
        regex=KEY_PATTERN,
        required=False,
        label=gettext_lazy("Fixed key"),
        help_text=KEY_HELP,
        error_messages={
            "invalid": gettext_lazy("Use small letters, digits, hyphens and underscores.")
        },
    )


class OptionBlock(StructBlock):
    text = CharBlock(max_length=300)
    correct = BooleanBlock(required=False, label=gettext_lazy("This is right"))
    feedback = CharBlock(
        max_length=400,
        required=False,
        help_text=gettext_lazy("Shown to those who chose it: why, in one sentence."),
    )
    key = key_block()

    class Meta:
        form_layout = BlockGroup(children=["text", "correct", "feedback"], settings=["key"])

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        cleaned["key"] = cleaned["key"] or new_key("o")
        return cleaned


class QuestionBlock(StructBlock):
    """What the kinds of question share. Subclasses say which options there are."""

    prompt = TextBlock(label=gettext_lazy("Question"))
    explanation = TextBlock(
        required=False,
        help_text=gettext_lazy("Shown after answering; one or two sentences."),
    )
    key = key_block()

    kind: QuestionKind

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        cleaned["key"] = cleaned["key"] or new_key("q")
        return cleaned

    def options_of(self, value: Any) -> tuple[Option, ...]:
        raise NotImplementedError

    def as_question(self, value: Any) -> Question:
        return Question(
            key=value["key"] or "",
            kind=self.kind.value,
            prompt=value["prompt"],
            options=self.options_of(value),
            explanation=value["explanation"] or "",
        )


class ChoiceQuestionBlock(QuestionBlock):
    options = ListBlock(OptionBlock(), min_num=2, max_num=8, label=gettext_lazy("Answers"))

    class Meta:
        form_layout = BlockGroup(children=["prompt", "options", "explanation"], settings=["key"])

    def options_of(self, value: Any) -> tuple[Option, ...]:
        return tuple(
            Option(
                key=option["key"] or "",
                text=option["text"],
                feedback=option["feedback"] or "",
                is_right=bool(option["correct"]),
            )
            for option in value["options"]
        )

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        if self.is_deferred_validation:
            return cleaned
        error = self.why_wrong(self.options_of(cleaned))
        if error:
            raise StructBlockValidationError(non_block_errors=[ValidationError(error)])
        return cleaned

    def why_wrong(self, options: tuple[Option, ...]) -> str:
        if max(Counter(option.key for option in options).values(), default=0) > 1:
            return _("Two answers have the same fixed key. Empty one of them.")
        return ""


class SingleBlock(ChoiceQuestionBlock):
    kind = QuestionKind.SINGLE

    class Meta:
        icon = "radio-full"
        label = gettext_lazy("Question with one right answer")
        description = gettext_lazy("The reader chooses one answer.")

    def why_wrong(self, options: tuple[Option, ...]) -> str:
        if sum(option.is_right for option in options) != 1:
            return _("Tick exactly one answer as right.")
        return super().why_wrong(options)


class MultipleBlock(ChoiceQuestionBlock):
    kind = QuestionKind.MULTIPLE

    class Meta:
        icon = "tasks"
        label = gettext_lazy("Question with several right answers")
        description = gettext_lazy("The reader ticks every answer that fits.")

    def why_wrong(self, options: tuple[Option, ...]) -> str:
        if not any(option.is_right for option in options):
            return _("Tick at least one answer as right.")
        return super().why_wrong(options)


class TrueFalseBlock(QuestionBlock):
    answer = ChoiceBlock(
        choices=[("true", gettext_lazy("True")), ("false", gettext_lazy("False"))],
        label=gettext_lazy("The statement is"),
    )

    kind = QuestionKind.TRUE_FALSE

    class Meta:
        icon = "check"
        form_layout = BlockGroup(children=["prompt", "answer", "explanation"], settings=["key"])
        label = gettext_lazy("True or false")
        description = gettext_lazy("The reader judges a statement.")

    def options_of(self, value: Any) -> tuple[Option, ...]:
        return (
            Option("true", _("True"), "", value["answer"] == "true"),
            Option("false", _("False"), "", value["answer"] == "false"),
        )


class QuestionsBlock(StreamBlock):
    single = SingleBlock()
    multiple = MultipleBlock()
    true_false = TrueFalseBlock()

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        seen: set[str] = set()
        errors: dict[int, ValidationError] = {}
        for index, child in enumerate(cleaned):
            key = child.value["key"]
            if key in seen:
                message = _("Another question has this fixed key already.")
                errors[index] = StructBlockValidationError(
                    block_errors={"key": ValidationError(message)}
                )
            seen.add(key)
        if errors:
            raise StreamBlockValidationError(block_errors=errors)
        return cleaned


def questions_of(stream: Any) -> tuple[Question, ...]:
    """The questions of a StreamField value, in its order."""
    return tuple(child.block.as_question(child.value) for child in stream)
