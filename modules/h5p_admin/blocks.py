"""Questions as an editor writes them. The id of a block is the id of its question, and that
of a row the id of its answer: they stay when the words change."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.blocks import (
    BlockGroup,
    BooleanBlock,
    CharBlock,
    DecimalBlock,
    ListBlock,
    RichTextBlock,
    StreamBlock,
    StructBlock,
    StructBlockValidationError,
    TextBlock,
)

from h5p.questions.gapped import parse_gapped

FEATURES = ["bold", "italic", "ol", "ul", "link"]
GAPS_HELP = gettext_lazy(
    "Put [brackets] around what is left out. [this|that] accepts both; "
    "[Paris::a capital] gives a hint."
)


def points() -> DecimalBlock:
    return DecimalBlock(
        min_value=0.01, max_value=1000, decimal_places=2, default=1, label=gettext_lazy("Points")
    )


def two_empty(row: StructBlock) -> list[Any]:
    """What stands in a new list: rows that have each of their fields (one that is left out,
    as in `{}`, is shown as the word “undefined”)."""
    return [row.get_default(), row.get_default()]


def told(label: Any) -> TextBlock:
    return TextBlock(required=False, rows=2, label=label)


class OptionBlock(StructBlock):
    text = CharBlock(max_length=500, label=gettext_lazy("Answer"))
    correct = BooleanBlock(required=False, label=gettext_lazy("This is right"))
    feedback = TextBlock(
        required=False,
        rows=1,
        label=gettext_lazy("Told to those who choose it"),
    )

    class Meta:
        label_format = "{text}"


class LeafBlock(StructBlock):
    """What all kinds of question share."""

    prompt = RichTextBlock(features=FEATURES, label=gettext_lazy("Question"))
    points = points()
    right = told(gettext_lazy("Told when all of it is right"))
    wrong = told(gettext_lazy("Told when something is not"))

    def __init__(self, local_blocks: Any = None, **kwargs: Any) -> None:
        super().__init__(local_blocks, **kwargs)
        # Points and feedback are set once and seldom looked at: folded away.
        own = [name for name in self.child_blocks if name not in {"points", "right", "wrong"}]
        self.meta.form_layout = BlockGroup(children=own, settings=["points", "right", "wrong"])


class ChoiceBlock(LeafBlock):
    options = ListBlock(
        OptionBlock(),
        default=two_empty(OptionBlock()),
        min_num=2,
        max_num=12,
        label=gettext_lazy("Answers"),
    )

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        right = sum(bool(option["correct"]) for option in cleaned["options"])
        error = self.why_wrong(right)
        if error:
            raise StructBlockValidationError(non_block_errors=[ValidationError(error)])
        return cleaned

    def why_wrong(self, right: int) -> str:
        raise NotImplementedError


class SingleBlock(ChoiceBlock):
    class Meta:
        icon = "radio-full"
        label = gettext_lazy("Single choice")
        description = gettext_lazy("One answer is right.")

    def why_wrong(self, right: int) -> str:
        return "" if right == 1 else _("Tick exactly one answer as right.")


class MultipleBlock(ChoiceBlock):
    class Meta:
        icon = "tasks"
        label = gettext_lazy("Multiple choice")
        description = gettext_lazy("Every answer that fits is to be ticked.")

    def why_wrong(self, right: int) -> str:
        return "" if right else _("Tick at least one answer as right.")


class GapsBlock(LeafBlock):
    prompt = RichTextBlock(features=FEATURES, label=gettext_lazy("Task"))
    passage = TextBlock(rows=5, label=gettext_lazy("Text with gaps"), help_text=GAPS_HELP)

    class Meta:
        icon = "form"
        label = gettext_lazy("Fill the gaps")
        description = gettext_lazy("Words are missing in a text.")

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        try:
            gaps = parse_gapped(cleaned["passage"])[1]
        except ValueError:
            said = _("A bracket has no partner. For itself, write \\[ or \\].")
        else:
            if gaps and all(gap.answers for gap in gaps):
                return cleaned
            said = _("There is no gap, or an empty one. Put [brackets] around what is left out.")
        raise StructBlockValidationError(block_errors={"passage": ValidationError(said)})


class OrderBlock(LeafBlock):
    prompt = RichTextBlock(features=FEATURES, label=gettext_lazy("Task"))
    items = ListBlock(
        CharBlock(max_length=500),
        default=["", ""],
        min_num=2,
        max_num=20,
        label=gettext_lazy("Items, in the right order"),
        help_text=gettext_lazy("Readers get them mixed."),
    )

    class Meta:
        icon = "list-ol"
        label = gettext_lazy("Put in order")
        description = gettext_lazy("Items are to be sorted.")


class PairBlock(StructBlock):
    left = CharBlock(max_length=500, label=gettext_lazy("This"))
    right = CharBlock(max_length=500, label=gettext_lazy("belongs to"))

    class Meta:
        label_format = "{left} → {right}"


class MatchBlock(LeafBlock):
    prompt = RichTextBlock(features=FEATURES, label=gettext_lazy("Task"))
    pairs = ListBlock(
        PairBlock(),
        default=two_empty(PairBlock()),
        min_num=2,
        max_num=20,
        label=gettext_lazy("Pairs"),
    )
    extras = ListBlock(
        CharBlock(max_length=500),
        default=[],
        max_num=20,
        label=gettext_lazy("Right sides that belong to nothing"),
    )

    class Meta:
        icon = "link"
        label = gettext_lazy("Match")
        description = gettext_lazy("Two sides are to be put together.")


class StepBlock(SingleBlock):
    class Meta:
        icon = "arrow-right"
        label = gettext_lazy("Step")


class ScenarioBlock(StructBlock):
    situation = RichTextBlock(features=FEATURES, label=gettext_lazy("Situation"))
    steps = ListBlock(
        StepBlock(),
        min_num=1,
        max_num=20,
        label=gettext_lazy("Decisions, one after the other"),
        help_text=gettext_lazy("What is told to those who choose an answer is its consequence."),
    )

    class Meta:
        icon = "comment"
        label = gettext_lazy("Short scenario")
        description = gettext_lazy("A situation and the decisions in it.")


class QuestionSetBlock(StreamBlock):
    single = SingleBlock()
    multiple = MultipleBlock()
    gaps = GapsBlock()
    order = OrderBlock()
    match = MatchBlock()
    scenario = ScenarioBlock()

    class Meta:
        max_num = 100
        collapsed = False
