"""Writing questions, and importing them from a table."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic.base import View
from wagtail.admin import messages
from wagtail.blocks import BlockField, StreamValue

from h5p import own
from h5p.problems import Problem
from h5p.questions import QuestionSet, Reading, from_data, read_csv
from h5p.questions.tables import COLUMNS, MAX_BYTES
from lms.core import clock
from lms.core.csv_files import csv_file
from lms.core.errors import StaleVersion
from lms.core.forms import StorableTextMixin
from modules.actions.h5p_content import (
    LONGEST_TITLE,
    create_content_from_questions,
    update_questions,
)
from modules.enums import H5POrigin
from modules.h5p_admin.access import Screen, tell_what_is_played
from modules.h5p_admin.blocks import QuestionSetBlock
from modules.h5p_admin.question_data import blocks_from_questions, questions_from_blocks
from modules.h5p_admin.uploading import OVERTAKEN
from modules.h5p_words import in_words
from modules.models import H5PContent

LANGUAGE_NAMES = {
    "en": "English",
    "es": "Español",
    "ca": "Català",
    "fr": "Français",
    "pt": "Português",
    "ar": "العربية",
}


def language_choices() -> list[tuple[str, str]]:
    known = own.languages()
    return [(code, name) for code, name in LANGUAGE_NAMES.items() if code in known]


class AboutForm(StorableTextMixin, forms.Form):
    title = forms.CharField(max_length=LONGEST_TITLE, label=gettext_lazy("Title"))
    language = forms.ChoiceField(
        choices=language_choices,
        label=gettext_lazy("Language"),
        help_text=gettext_lazy("Of the words around your questions: “Check”, “Try again” …"),
    )


class QuestionsForm(AboutForm):
    introduction = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        label=gettext_lazy("Introduction"),
        help_text=gettext_lazy("One or two sentences above the questions."),
    )
    questions = BlockField(
        block=QuestionSetBlock(),
        label=gettext_lazy("Questions"),
        help_text=gettext_lazy(
            "One to begin with. The plus signs above and below add others: choose a kind."
        ),
    )
    retry = forms.BooleanField(required=False, label=gettext_lazy("Questions can be tried again"))
    solutions = forms.BooleanField(
        required=False, label=gettext_lazy("The right answers can be shown after answering")
    )
    shuffle = forms.BooleanField(
        required=False, label=gettext_lazy("Answers stand in another order for every reader")
    )
    pass_percentage = forms.IntegerField(
        min_value=0,
        max_value=100,
        label=gettext_lazy("Per cent of the points to pass"),
        help_text=gettext_lazy("What is said at the end depends on it. 0: no pass mark."),
    )
    note = forms.CharField(
        required=False,
        max_length=250,
        label=gettext_lazy("What has changed"),
        help_text=gettext_lazy("For the history of versions."),
    )
    base_version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def reading(self) -> Reading:
        """The questions, or what is wrong with them together."""
        said = self.cleaned_data
        stream = QuestionSetBlock().get_prep_value(said["questions"])
        data = {
            "title": said["title"],
            "language": said["language"],
            "introduction": said["introduction"],
            "behaviour": {
                "retry": said["retry"],
                "solutions": said["solutions"],
                "shuffle": said["shuffle"],
                "pass": said["pass_percentage"],
            },
            "questions": questions_from_blocks(stream),
        }
        return from_data(data, place=place_in_words)


def place_in_words(at: tuple[str | int, ...]) -> str:
    """“question 3, answer 2”."""
    nouns = {
        "questions": _("question"),
        "options": _("answer"),
        "items": _("item"),
        "pairs": _("pair"),
        "extras": _("extra item"),
        "steps": _("step"),
        "gaps": _("gap"),
    }
    said = [
        f"{nouns.get(str(name), name)} {number + 1}"
        for name, number in pairwise(at)
        if isinstance(name, str) and isinstance(number, int)
    ]
    return ", ".join(said)


def set_of(content: H5PContent) -> QuestionSet:
    assert content.current is not None
    return from_data(content.current.questions).require()


def initial_of(question_set: QuestionSet) -> dict[str, Any]:
    behaviour = question_set.behaviour
    block = QuestionSetBlock()
    return {
        "title": question_set.title,
        "language": question_set.language,
        "introduction": question_set.introduction,
        "questions": block.to_python(blocks_from_questions(question_set)),
        "retry": behaviour.retry,
        "solutions": behaviour.solutions,
        "shuffle": behaviour.shuffle,
        "pass_percentage": int(behaviour.pass_percentage),
    }


def one_to_begin_with() -> StreamValue:
    """Nobody begins before an empty page; whoever wants another kind removes it."""
    block = QuestionSetBlock()
    return StreamValue(block, [("single", block.child_blocks["single"].get_default())])


NEW = {
    "language": "en",
    "retry": True,
    "solutions": True,
    "shuffle": True,
    "pass_percentage": 0,
    "base_version": 0,
}


class QuestionSetScreen(Screen, View):
    """`content`: the set of questions at hand (`pk`), or None for a new one."""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        pk = kwargs.get("pk")
        contents = H5PContent.objects.select_related("current")
        self.content = (
            get_object_or_404(contents, pk=pk, origin=H5POrigin.QUESTIONS) if pk else None
        )


class QuestionsView(QuestionSetScreen):
    """A new set of questions, or (with `pk`) the next version of one."""

    template_name = "modules/h5p_admin/questions.html"

    def get_page_title(self) -> str:
        return _("Edit the questions") if self.content else _("Write questions")

    def trail(self) -> list[tuple[str, str]]:
        if self.content is None:
            return []
        return [(self.content.title, reverse("h5p_library:content", args=[self.content.pk]))]

    def get(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        if self.content is None:
            return self.answer(QuestionsForm(initial={**NEW, "questions": one_to_begin_with()}))
        assert self.content.current is not None
        initial = initial_of(set_of(self.content))
        return self.answer(
            QuestionsForm(initial={**initial, "base_version": self.content.current.number})
        )

    def post(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        form = QuestionsForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.answer(form, status=422)
        reading = form.reading()
        if reading.question_set is None:
            for problem in in_words(reading.problems):
                form.add_error(None, problem.message)
            return self.answer(form, status=422)
        said: dict[str, Any] = {
            "question_set": reading.question_set,
            "by": self.author,
            "at": clock.now(),
            "note": form.cleaned_data["note"],
        }
        if self.content is None:
            content = create_content_from_questions(**said)
            messages.success(request, _("“%s” is in the library.") % content.title)
            return redirect("h5p_library:content", content.pk)
        try:
            version = update_questions(
                content=self.content, base_version=form.cleaned_data["base_version"], **said
            )
        except StaleVersion as error:
            form.add_error(
                None,
                _(
                    "Somebody stored version %(number)d while you were writing. Nothing was "
                    "stored; your words are still here. Open the newer version in another "
                    "window, and save again to put yours above it."
                )
                % {"number": error.extra["version"]},
            )
            data = request.POST.copy()
            data["base_version"] = str(error.extra["version"])
            form.data = data
            return self.answer(form, status=409)
        tell_what_is_played(request, version, before=form.cleaned_data["base_version"])
        return redirect("h5p_library:content", self.content.pk)

    def answer(self, form: QuestionsForm, status: int = 200) -> HttpResponse:
        shown = self.get_context_data(form=form, content=self.content, media=form.media)
        return self.render_to_response(shown, status=status)


class ImportForm(AboutForm):
    file = forms.FileField(
        label=gettext_lazy("Table (CSV)"), widget=forms.FileInput(attrs={"accept": ".csv"})
    )
    base_version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, required=False)


class ImportView(QuestionSetScreen):
    """A new set of questions out of a table, or (with `pk`) other questions in an old one.

    Everything that is wrong is said by row and column; then nothing is stored.
    """

    template_name = "modules/h5p_admin/import.html"

    def get_page_title(self) -> str:
        return _("Import questions from a table")

    def trail(self) -> list[tuple[str, str]]:
        if self.content is None:
            return []
        return [(self.content.title, reverse("h5p_library:content", args=[self.content.pk]))]

    def get(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        initial: dict[str, Any] = {"language": "en"}
        if self.content is not None:
            question_set = set_of(self.content)
            assert self.content.current is not None
            initial = {
                "title": question_set.title,
                "language": question_set.language,
                "base_version": self.content.current.number,
            }
        return self.answer(ImportForm(initial=initial))

    def post(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        form = ImportForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.answer(form, status=422)
        said, file = form.cleaned_data, form.cleaned_data["file"]
        if file.size > MAX_BYTES:
            problems: tuple[Problem, ...] = (
                Problem("too-large", "", _("The table is larger than 2 MB.")),
            )
            return self.answer(form, status=422, problems=problems, refused=file.name)
        reading = read_csv(file.read(), title=said["title"], language=said["language"])
        if reading.question_set is None:
            return self.answer(
                form, status=422, problems=in_words(reading.problems), refused=file.name
            )
        by, at = self.author, clock.now()
        note = _("Imported from %(name)s") % {"name": file.name}
        if self.content is None:
            content = create_content_from_questions(
                question_set=reading.question_set,
                by=by,
                at=at,
                note=note,
            )
        else:
            content, kept = self.content, set_of(self.content)
            try:
                update_questions(
                    content=content,
                    question_set=replace(
                        reading.question_set,
                        introduction=kept.introduction,
                        behaviour=kept.behaviour,
                    ),
                    base_version=said["base_version"] or 0,
                    by=by,
                    at=at,
                    note=note,
                )
            except StaleVersion:
                messages.error(request, OVERTAKEN)
                return redirect("h5p_library:content", content.pk)
        messages.success(request, _("The questions are in the library. Look through them once."))
        return redirect("h5p_library:content", content.pk)

    def answer(self, form: ImportForm, *, status: int = 200, **more: Any) -> HttpResponse:
        shown = self.get_context_data(form=form, content=self.content, rows=EXAMPLE, **more)
        return self.render_to_response(shown, status=status)


EXAMPLE = (
    ("single", "Which river runs through Paris?", "*Seine => It does. | Rhône"),
    ("multiple", "Which are capitals?", "*Paris | *Rome | Milan"),
    ("gaps", "Fill the gap.", "The [Seine|la Seine] runs through [Paris::a capital]."),
    ("order", "From north to south", "Oslo | Berlin | Rome"),
    ("match", "Which river, which city?", "Paris = Seine | London = Thames | = Tiber"),
    ("scenario", "The mayor calls.", ""),
    ("step", "What do you do?", "*Answer => She thanks you. | Wait => She calls again."),
)


class TemplateView(Screen, View):
    """A table to begin with: one row of each kind."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return csv_file("questions", [COLUMNS, *(("", *row, "", "", "") for row in EXAMPLE)])
