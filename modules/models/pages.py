from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from modelcluster.fields import ParentalManyToManyField
from wagtail.admin.panels import (
    FieldPanel,
    MultiFieldPanel,
    ObjectList,
    TabbedInterface,
    TitleFieldPanel,
)
from wagtail.blocks import CharBlock
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Page, PageManager
from wagtail.query import PageQuerySet
from wagtail.search import index

from lms.accounts.models import User
from lms.programme.models import Edition, Skill
from modules.enums import ActivityKind, CompletionRule
from modules.models.addresses import FixedSlugMixin, OwnAddressMixin
from modules.models.body_blocks import ONE_INTERACTIVE, TEXT_FEATURES, BodyBlock, SourceBlock
from modules.models.cms_forms import ActivityPageForm, LessonPageForm
from modules.models.content import content_of
from modules.models.course import Course
from modules.models.playing import PlaysInteractive
from modules.models.question_blocks import QuestionsBlock, questions_of
from modules.models.questions import Requirement

ADDRESS_TAB = ObjectList(
    [*Page.promote_panels, *Page.settings_panels], heading=gettext_lazy("Address and dates")
)
# Paths below a lesson's course that are no lesson.
RESERVED_SLUGS = frozenset({"progress"})
PIECES_OF_THE_PAGE = ("modules/_before.html", "modules/_interactive.html", "modules/_after.html")


def edition_slug_of(course_path: str) -> str | None:
    """The edition of the course page at this path of the page tree."""
    edition = Edition.objects.filter(course_page__path=course_path).values_list("slug", flat=True)
    return edition.first()


class CoursePage(OwnAddressMixin, Page):
    """The online course of an edition."""

    edition = models.OneToOneField(
        Edition,
        null=True,
        blank=True,  # a copied course waits for its own edition
        on_delete=models.PROTECT,
        related_name="course_page",
        help_text=gettext_lazy(
            "Participants of this edition read the course. Without one nobody does."
        ),
    )
    intro = RichTextField(
        features=TEXT_FEATURES,
        blank=True,
        help_text=gettext_lazy("Stands above the lessons. A few sentences."),
    )

    template = "modules/course.html"
    admin_default_ordering = "ord"
    parent_page_types: ClassVar[list[str]] = ["wagtailcore.Page"]
    subpage_types: ClassVar[list[str]] = ["modules.LessonPage", "assessments.GuidelinesPage"]
    exclude_fields_in_copy: ClassVar[list[str]] = ["edition"]
    page_description = gettext_lazy("The online course of one edition, with its lessons.")
    edit_handler = TabbedInterface(
        [
            ObjectList(
                [TitleFieldPanel("title"), FieldPanel("edition"), FieldPanel("intro")],
                heading=gettext_lazy("Content"),
            ),
            ADDRESS_TAB,
        ]
    )

    class Meta:
        verbose_name = gettext_lazy("course")

    def public_path(self) -> str | None:
        if not self.edition:
            return None
        return reverse("modules:course", args=[self.edition.slug])

    def get_preview_context(self, request: HttpRequest, mode_name: str) -> dict[str, Any]:
        lessons = LessonPage.objects.child_of(self).order_by("number") if self.pk else []
        return {"is_preview": True, "course": self, "intro": self.intro, "lessons": lessons}


class LessonPageQuerySet(PageQuerySet):
    def visible_to(self, user: User) -> "LessonPageQuerySet":
        """Live lessons of the live courses somebody may read."""
        courses = Course.objects.visible_to(user).filter(page__live=True)
        below = models.Q(pk__in=[])
        for path in courses.values_list("page__path", flat=True):
            below |= models.Q(path__startswith=path)
        return self.live().filter(below)


class LessonPage(FixedSlugMixin, OwnAddressMixin, Page):
    """One of the lessons (D6)."""

    number = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(20)],
        help_text=gettext_lazy("Lessons are shown in the order of their numbers."),
    )
    summary = models.TextField(
        max_length=400,
        help_text=gettext_lazy("One or two sentences, shown in the course and above the lesson."),
    )
    aims = StreamField(
        [("aim", CharBlock(max_length=250, icon="success"))],
        help_text=gettext_lazy("What somebody can do after this lesson: “You can …”."),
    )
    skills = ParentalManyToManyField(
        Skill,
        blank=True,
        related_name="lessons",
        help_text=gettext_lazy("The skills of the diploma that the lesson develops (D3)."),
    )

    objects: ClassVar[Any] = PageManager.from_queryset(LessonPageQuerySet)()

    base_form_class = LessonPageForm
    template = "modules/lesson.html"
    # The order of the list in the CMS is the order in which participants read.
    admin_default_ordering = "ord"
    parent_page_types: ClassVar[list[str]] = ["modules.CoursePage"]
    subpage_types: ClassVar[list[str]] = ["modules.ActivityPage"]
    page_description = gettext_lazy("A lesson: its aims, and its activities below it.")
    edit_handler = TabbedInterface(
        [
            ObjectList(
                [
                    TitleFieldPanel("title"),
                    FieldPanel("number"),
                    FieldPanel("summary"),
                    FieldPanel("aims"),
                    FieldPanel("skills"),
                ],
                heading=gettext_lazy("Content"),
            ),
            ADDRESS_TAB,
        ]
    )
    search_fields: ClassVar[list[Any]] = [*Page.search_fields, index.SearchField("summary")]

    class Meta:
        verbose_name = gettext_lazy("lesson")

    def clean(self) -> None:
        super().clean()
        if self.slug in RESERVED_SLUGS:
            raise ValidationError({"slug": _("This address is used for another page.")})
        if self.path and self.number is not None:
            self.require_own_number(self.get_parent())

    def require_own_number(self, course_page: Page) -> None:
        others = LessonPage.objects.child_of(course_page).exclude(pk=self.pk)
        if others.filter(number=self.number).exists():
            raise ValidationError({"number": _("Another lesson of this course has this number.")})

    def public_path(self) -> str | None:
        edition = edition_slug_of(self.path[: -self.steplen])
        return reverse("modules:lesson", args=[edition, self.slug]) if edition else None

    def get_preview_context(self, request: HttpRequest, mode_name: str) -> dict[str, Any]:
        activities = ActivityPage.objects.child_of(self) if self.pk else []
        return {
            "is_preview": True,
            "lesson": self,
            "aims": [child.value for child in self.aims],
            "skills": self.skills.all(),
            "activities": activities,
        }


class ActivityPage(PlaysInteractive, FixedSlugMixin, OwnAddressMixin, Page):
    """A knowledge page, a skills activity or a case study of a lesson (D4)."""

    kind = models.CharField(max_length=20, choices=ActivityKind.choices)
    minutes = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(240)],
        help_text=gettext_lazy("Honestly: about 180 words a minute, plus the questions."),
    )
    summary = models.CharField(max_length=250, help_text=gettext_lazy("One sentence."))
    body = StreamField(BodyBlock())
    sources = StreamField([("source", SourceBlock())], blank=True)

    rule = models.CharField(
        max_length=10,
        choices=CompletionRule.choices,
        default=CompletionRule.CONFIRM,
        verbose_name=gettext_lazy("Done when"),
        help_text=gettext_lazy("The server checks it; who has finished stays finished."),
    )
    threshold = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=gettext_lazy("Per cent of right answers. Only with the rule on right answers."),
    )
    questions = StreamField(QuestionsBlock(), blank=True)
    h5p = models.ForeignKey(
        "modules.H5PContent",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="activities",
        verbose_name=gettext_lazy("Interactive content"),
        help_text=gettext_lazy("As the body says; never set by itself."),
    )
    prompt = RichTextField(
        features=TEXT_FEATURES,
        blank=True,
        help_text=gettext_lazy("What to write. Only with the rule on a written answer."),
    )
    min_words = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(5000)],
        help_text=gettext_lazy("Words that the written answer has at least."),
    )
    feeds = models.CharField(
        max_length=40,
        blank=True,
        validators=[RegexValidator(r"^[a-z][a-z0-9_]*$")],
        verbose_name=gettext_lazy("Feeds the project section"),
        help_text=gettext_lazy(
            "The key of a section in the project's guidelines, such as “rationale”: "
            "participants can take their answer over into it (D5)."
        ),
    )

    # Set by the form of the CMS while somebody saves a draft.
    is_unfinished = False

    base_form_class = ActivityPageForm
    template = "modules/activity.html"
    parent_page_types: ClassVar[list[str]] = ["modules.LessonPage"]
    subpage_types: ClassVar[list[str]] = []
    page_description = gettext_lazy("A page to read, an exercise or a case study.")
    edit_handler = TabbedInterface(
        [
            ObjectList(
                [
                    TitleFieldPanel("title"),
                    MultiFieldPanel(
                        [FieldPanel("kind"), FieldPanel("minutes"), FieldPanel("summary")],
                        heading=gettext_lazy("At a glance"),
                    ),
                    FieldPanel("body"),
                    FieldPanel("sources"),
                ],
                heading=gettext_lazy("Content"),
            ),
            ObjectList(
                [
                    MultiFieldPanel(
                        [FieldPanel("rule"), FieldPanel("threshold")],
                        heading=gettext_lazy("When it is done"),
                    ),
                    FieldPanel("questions"),
                    MultiFieldPanel(
                        [FieldPanel("prompt"), FieldPanel("min_words"), FieldPanel("feeds")],
                        heading=gettext_lazy("Written answer"),
                    ),
                ],
                heading=gettext_lazy("Questions and tasks"),
            ),
            ADDRESS_TAB,
        ]
    )
    search_fields: ClassVar[list[Any]] = [
        *Page.search_fields,
        index.SearchField("summary"),
        index.SearchField("body"),
    ]

    class Meta:
        verbose_name = gettext_lazy("activity")
        verbose_name_plural = gettext_lazy("activities")

    def clean(self) -> None:
        super().clean()
        if len(self.interactive_ids()) > 1:
            raise ValidationError({"body": ONE_INTERACTIVE})
        if self.is_unfinished:
            return
        errors = {field: message for field, message in self._rule_errors() if message}
        if errors:
            raise ValidationError(errors)

    def _rule_errors(self) -> list[tuple[str, str]]:
        """What the chosen rule lacks, beside the field that lacks it."""
        asks = self.rule in {CompletionRule.ANSWERED, CompletionRule.SCORE}
        writes = self.rule == CompletionRule.WRITTEN
        return [
            (
                "questions",
                _("This rule needs questions, or an interactive content.")
                if asks and not (self.questions or self.h5p_id)
                else "",
            ),
            (
                "threshold",
                _("Say how many per cent must be right.")
                if self.rule == CompletionRule.SCORE and not self.threshold
                else "",
            ),
            ("prompt", _("Say what to write.") if writes and not self.prompt else ""),
            (
                "min_words",
                _("Say how many words are needed.") if writes and not self.min_words else "",
            ),
            (
                "feeds",
                _("Only a written answer can feed the project.")
                if self.feeds and not writes
                else "",
            ),
        ]

    @property
    def requirement(self) -> Requirement:
        """What the server asks of a participant before this is done."""
        return Requirement(
            rule=self.rule,
            threshold=self.threshold or 0,
            min_words=self.min_words or 0,
            questions=questions_of(self.questions),
            plays=self.h5p_id is not None,
        )

    def public_path(self) -> str | None:
        course_path, lesson_path = self.path[: -2 * self.steplen], self.path[: -self.steplen]
        edition = edition_slug_of(course_path)
        lesson = LessonPage.objects.filter(path=lesson_path).values_list("slug", flat=True).first()
        if not edition or not lesson:
            return None
        return reverse("modules:activity", args=[edition, lesson, self.slug])

    def get_preview_context(self, request: HttpRequest, mode_name: str) -> dict[str, Any]:
        content = content_of(self)
        context = {"is_preview": True, "content": content}
        pieces = (render_to_string(part, context) for part in PIECES_OF_THE_PAGE)
        return {"title": self.title, "body": content.around(*pieces)}
