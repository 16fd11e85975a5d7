from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.panels import FieldPanel, ObjectList, TabbedInterface, TitleFieldPanel
from wagtail.blocks import (
    ChoiceBlock,
    PageChooserBlock,
    RichTextBlock,
    StreamBlock,
    StreamBlockValidationError,
    StructBlock,
    StructBlockValidationError,
)
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Page
from wagtail.search import index

from modules.enums import TermSection
from modules.models.addresses import FixedSlugMixin, OwnAddressMixin
from modules.models.body_blocks import TEXT_FEATURES, SourceBlock
from modules.models.pages import ADDRESS_TAB


class TermSectionBlock(StructBlock):
    heading = ChoiceBlock(choices=TermSection.choices)
    text = RichTextBlock(features=TEXT_FEATURES)

    class Meta:
        icon = "doc-full"
        label_format = "{heading}"


class TermSectionsBlock(StreamBlock):
    section = TermSectionBlock()

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        seen: set[str] = set()
        errors: dict[int, ValidationError] = {}
        for number, child in enumerate(cleaned):
            heading = child.value["heading"]
            if heading in seen:
                message = _("This heading stands on the page already.")
                errors[number] = StructBlockValidationError(
                    block_errors={"heading": ValidationError(message)}
                )
            seen.add(heading)
        if errors:
            raise StreamBlockValidationError(block_errors=errors)
        return cleaned


class ReferenceIndexPage(OwnAddressMixin, Page):
    """The reference section: terms of city diplomacy, open to everybody (A1)."""

    intro = RichTextField(features=TEXT_FEATURES, blank=True)

    template = "modules/reference/index.html"
    max_count = 1
    parent_page_types: ClassVar[list[str]] = ["wagtailcore.Page"]
    subpage_types: ClassVar[list[str]] = ["modules.TermPage"]
    page_description = gettext_lazy("The list of all reference terms. There is one.")
    edit_handler = TabbedInterface(
        [
            ObjectList(
                [TitleFieldPanel("title"), FieldPanel("intro")], heading=gettext_lazy("Content")
            ),
            ADDRESS_TAB,
        ]
    )

    class Meta:
        verbose_name = gettext_lazy("reference section")

    def public_path(self) -> str:
        return reverse("reference:index")

    def get_preview_context(self, request: HttpRequest, mode_name: str) -> dict[str, Any]:
        terms = TermPage.objects.child_of(self).order_by("title") if self.pk else []
        return {"is_preview": True, "page": self, "terms": terms}


class TermPage(FixedSlugMixin, OwnAddressMixin, Page):
    """One term of the reference section (A1)."""

    short = models.TextField(
        max_length=300,
        verbose_name=gettext_lazy("Short definition"),
        help_text=gettext_lazy("One sentence, shown wherever the term is listed."),
    )
    sections = StreamField(TermSectionsBlock())
    related = StreamField(
        [("term", PageChooserBlock(page_type="modules.TermPage"))],
        blank=True,
        verbose_name=gettext_lazy("Related terms"),
    )
    sources = StreamField([("source", SourceBlock())], blank=True)

    template = "modules/reference/term.html"
    parent_page_types: ClassVar[list[str]] = ["modules.ReferenceIndexPage"]
    subpage_types: ClassVar[list[str]] = []
    page_description = gettext_lazy("A term with its definition, relevance, methods and examples.")
    edit_handler = TabbedInterface(
        [
            ObjectList(
                [
                    TitleFieldPanel("title"),
                    FieldPanel("short"),
                    FieldPanel("sections"),
                    FieldPanel("related"),
                    FieldPanel("sources"),
                ],
                heading=gettext_lazy("Content"),
            ),
            ADDRESS_TAB,
        ]
    )
    search_fields: ClassVar[list[Any]] = [
        *Page.search_fields,
        index.SearchField("short"),
        index.SearchField("sections"),
    ]

    class Meta:
        verbose_name = gettext_lazy("reference term")

    def public_path(self) -> str:
        return reverse("reference:term", args=[self.slug])

    @property
    def section_list(self) -> list[dict[str, Any]]:
        """The sections as [{"anchor", "heading", "text"}], in the order of A1."""
        order = list(TermSection.values)
        values = [child.value for child in self.sections]
        values.sort(key=lambda value: order.index(value["heading"]))
        return [
            {
                "anchor": value["heading"],
                "heading": TermSection(value["heading"]).label,
                "text": value["text"],
            }
            for value in values
        ]

    @property
    def related_terms(self) -> list[Any]:
        return [child.value for child in self.related if child.value and child.value.live]

    def get_preview_context(self, request: HttpRequest, mode_name: str) -> dict[str, Any]:
        return {"is_preview": True, "term": self}
