"""Forms with which a coordinator sets up an edition's final project."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.actions.deadlines import MAX_GRACE_MINUTES, MAX_UPLOAD_WINDOW
from assessments.models import GuidelinesPage, Project, Rubric, RubricVersion
from assessments.selectors.setup import guidelines_to_use, rubric_of
from lms.core.clock import validate_zone
from lms.core.errors import InvalidInput
from lms.core.forms import StorableTextMixin, show_errors
from lms.programme.models import Edition

BLANK_CRITERIA = 3


class DeadlineForm(StorableTextMixin, forms.Form):
    """A deadline as it stands on the clock of its zone, whatever the zone of the reader."""

    on = forms.DateField(
        label=gettext_lazy("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    time = forms.TimeField(
        label=gettext_lazy("Time"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    zone = forms.CharField(
        label=gettext_lazy("Time zone"),
        help_text=gettext_lazy("As in Europe/Madrid. The day and the time are those of this zone."),
        validators=[validate_zone],
    )
    grace_minutes = forms.IntegerField(
        label=gettext_lazy("Minutes of grace"), min_value=0, max_value=MAX_GRACE_MINUTES, initial=0
    )
    upload_window_minutes = forms.IntegerField(
        label=gettext_lazy("Minutes for files that are still on their way"),
        help_text=gettext_lazy(
            "Somebody has pressed “submit” in time, and a large file is still uploading over a "
            "slow connection: it may arrive this long after the deadline, and the project counts "
            "as on time. The text has to be ready at the deadline. 0 to 240; left empty, it "
            "stays as it is."
        ),
        min_value=0,
        max_value=MAX_UPLOAD_WINDOW,
        initial=30,
        required=False,
    )
    accepts_late = forms.BooleanField(
        label=gettext_lazy("Late projects are accepted and marked as late"),
        required=False,
        initial=True,
    )

    @property
    def deadline(self) -> dict[str, Any]:
        """What the actions take."""
        sent = self.cleaned_data
        window = sent["upload_window_minutes"]
        return {
            "wall": datetime.combine(sent["on"], sent["time"]),
            "zone": sent["zone"],
            "grace_minutes": sent["grace_minutes"],
            "accepts_late": sent["accepts_late"],
        } | ({} if window is None else {"upload_window_minutes": window})


def stored_deadline(project: Project) -> dict[str, Any]:
    """The present deadline as the form shows it."""
    wall = project.deadline_wall.replace(tzinfo=None)
    return {
        "on": wall.date(),
        "time": wall.time(),
        "zone": project.deadline_zone,
        "grace_minutes": project.grace_minutes,
        "accepts_late": project.accepts_late,
        "upload_window_minutes": project.upload_window_minutes,
    }


class ProjectForm(DeadlineForm):
    guidelines_page = forms.ModelChoiceField(
        label=gettext_lazy("Guidelines"),
        queryset=GuidelinesPage.objects.none(),
        help_text=gettext_lazy("A published page below the edition’s course in the CMS."),
    )
    field_order = ("guidelines_page", "on", "time", "zone", "grace_minutes")

    def __init__(self, *args: Any, edition: Edition, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rubric: Rubric | None = rubric_of(edition)
        self.fields["guidelines_page"].queryset = guidelines_to_use(edition)  # type: ignore[attr-defined]
        self.fields["zone"].initial = edition.time_zone


class RubricForm(StorableTextMixin, forms.Form):
    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    pass_percent = forms.CharField(
        label=gettext_lazy("Per cent of the weighted points that pass"),
        max_length=6,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )


class CriterionForm(StorableTextMixin, forms.Form):
    key = forms.CharField(required=False, widget=forms.HiddenInput)
    title = forms.CharField(label=gettext_lazy("Criterion"), max_length=200)
    weight = forms.CharField(
        label=gettext_lazy("Counts, in per cent"),
        max_length=6,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )
    description = forms.CharField(
        label=gettext_lazy("What it asks"), widget=forms.Textarea(attrs={"rows": 2}), required=False
    )
    levels = forms.CharField(
        label=gettext_lazy("Levels, the best first"),
        help_text=gettext_lazy("One in a line: points | title | what it looks like."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def clean_levels(self) -> list[dict[str, str]]:
        levels = []
        lines = [line for line in self.cleaned_data["levels"].splitlines() if line.strip()]
        for number, line in enumerate(lines, start=1):
            parts = [part.strip() for part in line.split("|", 2)]
            if len(parts) != 3:
                raise forms.ValidationError(
                    _("Line %(number)d: write points | title | what it looks like."),
                    params={"number": number},
                )
            points, title, descriptor = parts
            levels.append(
                {
                    "key": slugify(title)[:50] or f"level-{number}",
                    "title": title,
                    "points": points,
                    "descriptor": descriptor,
                }
            )
        return levels


CriteriaFormSet = forms.formset_factory(CriterionForm, extra=BLANK_CRITERIA, can_delete=True)


def rubric_content(head: RubricForm, criteria: Any) -> dict[str, Any]:
    """What `publish_rubric` takes, of two valid forms."""
    return {
        "pass_percent": head.cleaned_data["pass_percent"],
        "criteria": [
            {
                "key": form.cleaned_data["key"]
                or slugify(form.cleaned_data["title"])[:50]
                or f"criterion-{number}",
                "title": form.cleaned_data["title"],
                "description": form.cleaned_data["description"],
                "weight": form.cleaned_data["weight"],
                "levels": form.cleaned_data["levels"],
            }
            for number, form in enumerate(_filled(criteria), start=1)
        ],
    }


def show_rubric_errors(head: RubricForm, criteria: Any, error: InvalidInput) -> None:
    """Each refusal beside the field it is about: “criteria[1].levels[2].points” beside
    the levels of the second criterion, with the line."""
    of_head: dict[str, list[str]] = {}
    filled = _filled(criteria)
    for where, sentences in error.errors.items():
        said = [str(sentence) for sentence in sentences]
        first, _dot, rest = where.partition(".")
        number = first.removeprefix("criteria[").removesuffix("]")
        if number == first or not number.isdecimal() or int(number) >= len(filled):
            of_head[where] = said
            continue
        field, _bracket, line = rest.partition("[")
        place = line.partition("]")[0]
        form = filled[int(number)]
        for sentence in said:
            if place.isdecimal():
                sentence = _("Line %(number)d: %(sentence)s") % {
                    "number": int(place) + 1,
                    "sentence": sentence,
                }
            form.add_error(field if field in form.fields and field != "key" else None, sentence)
    if of_head or not error.errors:
        show_errors(head, InvalidInput(error.sentence, errors=of_head))


def stored_rubric(rubric: Rubric, version: RubricVersion | None) -> Mapping[str, Any]:
    """The newest version as the forms show it: {"head": …, "criteria": […]}."""
    if version is None:
        return {"head": {"title": rubric.title}, "criteria": []}
    return {
        "head": {"title": rubric.title, "pass_percent": f"{version.pass_percent:f}"},
        "criteria": [
            {
                "key": criterion.key,
                "title": criterion.title,
                "weight": f"{criterion.weight:f}",
                "description": criterion.description,
                "levels": "\n".join(
                    f"{level.points:f} | {level.title} | {' '.join(level.descriptor.split())}"
                    for level in criterion.levels.all()
                ),
            }
            for criterion in version.criteria.all()
        ],
    }


def _filled(criteria: Any) -> list[CriterionForm]:
    """The forms somebody has filled in and not struck out."""
    return [
        form for form in criteria.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")
    ]
