from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.forms.utils import ErrorList
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, Panel
from wagtail.blocks import (
    BooleanBlock,
    CharBlock,
    IntegerBlock,
    RegexBlock,
    RichTextBlock,
    StreamBlock,
    StreamBlockValidationError,
    StructBlock,
)
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Page
from wagtail.rich_text import expand_db_html

from lms.core.file_types import FileType

# Names of other fields of the writing page.
RESERVED_KEYS = frozenset(
    {
        "base_version",
        "csrfmiddlewaretoken",
        "file",
        "insert",
        "next",
        "of-project",
        "text_format",
    }
)
MAX_FILE_MB = 500
TEXT_FEATURES = ["h3", "bold", "italic", "ol", "ul", "link"]


class SectionBlock(StructBlock):
    key = RegexBlock(
        regex=r"^[a-z][a-z0-9_]{1,39}$",
        error_messages={"invalid": _("Small letters, digits and _ only, beginning with a letter.")},
        help_text=_("Stays the same for ever: drafts are stored under it."),
    )
    title = CharBlock(max_length=120)
    help = RichTextBlock(features=TEXT_FEATURES)
    recommended_words = IntegerBlock(min_value=0, max_value=5000, default=300)
    required = BooleanBlock(required=False, default=True)

    class Meta:
        icon = "list-ul"
        label_format = "{title}"


class SectionsBlock(StreamBlock):
    section = SectionBlock()

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        seen = set(RESERVED_KEYS)
        taken = {}
        for index, block in enumerate(cleaned):
            key = block.value["key"]
            if key in seen:
                message = _("The key “%(key)s” is taken.") % {"key": key}
                taken[index] = ErrorList([ValidationError(message)])
            seen.add(key)
        if taken:
            raise StreamBlockValidationError(block_errors=taken)
        return cleaned


class ConditionsPanel(Panel):
    """What the coordinator sets, to be read, and what publishing would change."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "assessments/admin/conditions_panel.html"

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            context = super().get_context_data(parent_context)
            page = self.instance
            context["page"] = page
            context["project"] = getattr(page, "project", None) if page.pk else None
            return dict(context)


def default_file_types() -> list[str]:
    return [FileType.PDF.value]


class GuidelinesPageForm(WagtailAdminPageForm):
    file_types = forms.MultipleChoiceField(
        label=_("Kinds of file"),
        choices=FileType.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("What may be attached. The content decides, not the name of the file."),
    )


class GuidelinesPage(Page):
    """The guidelines of the final project, edited in Wagtail. Publishing makes a
    new `GuidelinesVersion`; drafts and attempts stay pinned to theirs."""

    summary = models.CharField(max_length=300, blank=True)
    intro = RichTextField(features=TEXT_FEATURES)
    sections = StreamField(SectionsBlock(min_num=1))
    file_types = models.JSONField(default=default_file_types)
    max_file_mb = models.PositiveSmallIntegerField(
        default=20, validators=[MinValueValidator(1), MaxValueValidator(MAX_FILE_MB)]
    )
    max_files = models.PositiveSmallIntegerField(default=3, validators=[MaxValueValidator(10)])
    files_note = models.CharField(max_length=500, blank=True)
    integrity = RichTextField(features=TEXT_FEATURES)
    allows_teams = models.BooleanField(
        _("teams may hand in together"),
        default=False,
        help_text=_("Without it, everybody hands in a project of their own."),
    )
    max_members = models.PositiveSmallIntegerField(
        _("people in a team, at most"),
        default=3,
        validators=[MinValueValidator(2), MaxValueValidator(10)],
    )

    base_form_class = GuidelinesPageForm
    content_panels: ClassVar[list[Any]] = [
        *Page.content_panels,
        FieldPanel("summary"),
        FieldPanel("intro"),
        FieldPanel("sections"),
        MultiFieldPanel(
            [
                FieldPanel("file_types"),
                FieldPanel("max_file_mb"),
                FieldPanel("max_files"),
                FieldPanel("files_note"),
            ],
            heading=_("Files"),
        ),
        MultiFieldPanel(
            [FieldPanel("allows_teams"), FieldPanel("max_members")], heading=_("Team or alone")
        ),
        FieldPanel("integrity"),
        ConditionsPanel(heading=_("Deadline, rubric, and what publishing changes")),
    ]
    parent_page_types: ClassVar[list[str]] = ["modules.CoursePage"]
    subpage_types: ClassVar[list[str]] = []
    max_count_per_parent = 1

    class Meta:
        verbose_name = _("guidelines of the final project")
        verbose_name_plural = _("guidelines of the final project")

    def frozen(self) -> dict[str, Any]:
        """The content as a `GuidelinesVersion` keeps it: links resolved to what
        they mean now, so that a later change elsewhere does not alter it."""
        return {
            "title": self.title,
            "summary": self.summary,
            "intro": expand_db_html(self.intro),
            "sections": [
                {
                    "key": block.value["key"],
                    "title": block.value["title"],
                    "help": expand_db_html(block.value["help"].source),
                    "recommended_words": block.value["recommended_words"] or 0,
                    "required": bool(block.value["required"]),
                }
                for block in self.sections
            ],
            "files": {
                # In the order of the choices, so that the same choice is the same version.
                "types": [kind for kind in FileType.values if kind in self.file_types],
                "max_mb": self.max_file_mb,
                "max_count": self.max_files,
                "note": self.files_note,
            },
            "team": {
                "allowed": self.allows_teams,
                "max_members": self.max_members if self.allows_teams else 1,
            },
            "integrity": expand_db_html(self.integrity),
        }

    def get_url_parts(self, request: HttpRequest | None = None) -> Any:
        """Participants read the published version at an address of the edition."""
        parts = super().get_url_parts(request)
        project = getattr(self, "project", None)
        if parts is None or project is None:
            return parts
        site_id, root_url, _path = parts
        return site_id, root_url, reverse("assessments:guidelines", args=[project.edition.slug])

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        return render(
            request, "assessments/guidelines_preview.html", {"page": self, "content": self.frozen()}
        )
