"""What an activity page can be made of."""

from typing import Any, ClassVar, Final

from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.models import registry
from wagtail.blocks import (
    BooleanBlock,
    CharBlock,
    ChooserBlock,
    IntegerBlock,
    ListBlock,
    PageChooserBlock,
    RichTextBlock,
    StreamBlock,
    StreamBlockValidationError,
    StructBlock,
    StructBlockValidationError,
    TextBlock,
)
from wagtail.contrib.typed_table_block.blocks import TypedTableBlock
from wagtail.images.blocks import ImageChooserBlock

from modules.models.chart_blocks import BandsBlock, BarsBlock, RankingBlock
from modules.models.h5p import H5PContent, H5PVersion

TEXT_FEATURES = ["h3", "bold", "italic", "ol", "ul", "link"]
INLINE_FEATURES = ["bold", "italic", "link"]
INTERACTIVE: Final = "interactive"
ONE_INTERACTIVE: Final = _(
    "A page plays one interactive content. Take this one out, or put it on a page of its own."
)

IN_THE_ARCHIVE: Final = _(
    "“%(title)s” is in the archive of H5P activities: bring it back there, or choose another."
)


class PictureBlock(StructBlock):
    image = ImageChooserBlock()
    is_decorative = BooleanBlock(
        required=False,
        label=_("Only decoration"),
        help_text=_("Tick if the picture says nothing that the text does not say."),
    )
    alt_text = CharBlock(
        required=False,
        max_length=250,
        label=_("Text for those who cannot see it"),
        help_text=_("What the picture shows, in a sentence. Not “picture of”."),
    )
    caption = CharBlock(required=False, max_length=250)
    credit = CharBlock(max_length=200, help_text=_("Who made it, and its licence."))

    class Meta:
        icon = "image"
        template = "modules/blocks/picture.html"
        group = _("Figures")
        description = _("A picture with its caption and credit.")

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        if not (cleaned["alt_text"] or cleaned["is_decorative"] or self.is_deferred_validation):
            raise StructBlockValidationError(
                block_errors={
                    "alt_text": ValidationError(
                        _("Say what the picture shows, or tick “Only decoration”.")
                    )
                }
            )
        return cleaned


class TimelineBlock(StructBlock):
    title = CharBlock(max_length=120)
    items = ListBlock(
        StructBlock(
            [
                ("when", CharBlock(max_length=60, help_text=_("For example “1945–1960”."))),
                ("what", RichTextBlock(features=INLINE_FEATURES)),
            ]
        ),
        min_num=2,
    )

    class Meta:
        icon = "history"
        template = "modules/blocks/timeline.html"
        group = _("Figures")
        description = _("Events in their order.")
        preview_value = {
            "title": "From twin towns to networks",
            "items": [
                {"when": "After 1945", "what": "<p>Town twinning begins.</p>"},
                {"when": "1992", "what": "<p>The Earth Summit in Rio.</p>"},
            ],
        }


class TableBlock(TypedTableBlock):
    text = RichTextBlock(features=INLINE_FEATURES)

    class Meta:
        icon = "table"
        template = "modules/blocks/table.html"
        group = _("Figures")
        description = _("A table. Give it a caption; the first column names the rows.")


class SideNoteBlock(StructBlock):
    title = CharBlock(max_length=60)
    text = RichTextBlock(features=INLINE_FEATURES, help_text=_("Under 70 words."))

    class Meta:
        icon = "pilcrow"
        template = "modules/blocks/side_note.html"
        group = _("Text")
        description = _("A short aside; it stands in the margin on wide screens.")
        preview_value = {
            "title": "In practice",
            "text": "<p>Ask three colleagues whom they last spoke to abroad.</p>",
        }


class QuoteBlock(StructBlock):
    """An attributed quotation (D17)."""

    text = TextBlock(help_text=_("Without quotation marks."))
    author = CharBlock(max_length=120)
    role = CharBlock(max_length=120, required=False)
    source = CharBlock(max_length=200, required=False)

    class Meta:
        icon = "openquote"
        template = "modules/blocks/quote.html"
        group = _("Text")
        description = _("Somebody’s words, with their name.")
        preview_value = {
            "text": "The networks taught us what to ask.",
            "author": "An official",
            "role": "International office",
        }


class StepsBlock(StructBlock):
    title = CharBlock(max_length=120)
    items = ListBlock(RichTextBlock(features=INLINE_FEATURES), min_num=2)

    class Meta:
        icon = "list-ol"
        template = "modules/blocks/steps.html"
        group = _("Text")
        description = _("A method in numbered steps.")
        preview_value = {
            "title": "A first inventory",
            "items": ["<p>List what exists.</p>", "<p>Name an owner for each.</p>"],
        }


class InteractiveBlock(ChooserBlock):
    """Where in the text an interactive content is played.

    The player itself is different for every reader: it is no part of what is rendered once
    for everybody (modules/models/content.py). The template is for the CMS.
    """

    target_model = H5PContent

    @cached_property
    def widget(self) -> Any:
        # The chooser of the library of H5P activities, which stands above the models.
        return registry.get(H5PContent._meta.get_field("activities").field)["widget"]()

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        if cleaned is not None and cleaned.archived_at is not None:
            raise ValidationError(IN_THE_ARCHIVE % {"title": cleaned.title})
        return cleaned

    def get_preview_value(self) -> H5PContent:
        return H5PContent(title="A first week in the international office", current=H5PVersion())

    class Meta:
        icon = "h5p"
        template = "modules/blocks/interactive.html"
        group = _("Activities")
        label = _("Interactive content")
        description = _("Is played here, in the text. At most one on a page.")


class BodyBlock(StreamBlock):
    heading = CharBlock(
        max_length=100,
        icon="title",
        template="modules/blocks/heading.html",
        group=_("Text"),
        help_text=_("In sentence case, without a full stop."),
        description=_("A heading of the page."),
        preview_value="Four reasons, usually mixed",
    )
    text = RichTextBlock(
        features=TEXT_FEATURES,
        icon="doc-full",
        group=_("Text"),
        help_text=_("To link a term, choose its page in the reference section."),
        description=_("Paragraphs, lists and links."),
        preview_value="<p>City diplomacy is what happens when …</p>",
    )
    side_note = SideNoteBlock()
    quote = QuoteBlock()
    steps = StepsBlock()
    key_terms = ListBlock(  # A1
        PageChooserBlock(page_type="modules.TermPage"),
        icon="tag",
        template="modules/blocks/key_terms.html",
        group=_("Text"),
        description=_("Terms with their short definitions, linked to the reference section."),
    )
    bars = BarsBlock()
    bands = BandsBlock()
    ranking = RankingBlock()
    timeline = TimelineBlock()
    table = TableBlock()
    picture = PictureBlock()
    interactive = InteractiveBlock()

    class Meta:
        # The CMS offers it no second time.
        block_counts: ClassVar = {INTERACTIVE: {"max_num": 1}}

    def clean(self, value: Any) -> Any:
        second = [at for at, child in enumerate(value) if child.block_type == INTERACTIVE][1:]
        if second:
            said = ValidationError(ONE_INTERACTIVE)
            raise StreamBlockValidationError(block_errors=dict.fromkeys(second, said))
        return super().clean(value)


class SourceBlock(StructBlock):
    title = CharBlock(max_length=250)
    publisher = CharBlock(max_length=250, required=False)
    year = IntegerBlock(required=False, min_value=1000, max_value=2200)
    note = CharBlock(
        max_length=300, required=False, help_text=_("Which figures or claims come from it.")
    )

    class Meta:
        icon = "link-external"
        template = "modules/blocks/source.html"
        description = _("A document that this page draws on.")
