"""Forms with which a coordinator sets up an edition's final project."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from assessments.actions.deadlines import MAX_GRACE_MINUTES, MAX_UPLOAD_WINDOW
from assessments.models import GuidelinesPage, Project, Rubric
from assessments.selectors.rubrics import published_rubrics
from assessments.selectors.setup import guidelines_to_use, rubric_of
from lms.core.clock import validate_zone
from lms.core.forms import StorableTextMixin
from lms.programme.models import Edition


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
    rubric = forms.ModelChoiceField(
        label=gettext_lazy("Rubric"),
        queryset=Rubric.objects.none(),
        required=False,
        empty_label=None,
        help_text=gettext_lazy("What projects are marked on: a published rubric of this edition."),
    )
    field_order = ("guidelines_page", "rubric", "on", "time", "zone", "grace_minutes")

    def __init__(self, *args: Any, edition: Edition, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.only_rubric: Rubric | None = rubric_of(edition)
        self.fields["guidelines_page"].queryset = guidelines_to_use(edition)  # type: ignore[attr-defined]
        self.fields["rubric"].queryset = published_rubrics(edition)  # type: ignore[attr-defined]
        self.fields["zone"].initial = edition.time_zone

    @property
    def chosen_rubric(self) -> Rubric | None:
        return self.cleaned_data["rubric"] or self.only_rubric
