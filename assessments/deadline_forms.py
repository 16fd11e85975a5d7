"""Forms about time: asking for more, deciding, reminders, required guidelines."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from assessments.models import Attempt, Extension, Project
from assessments.models.project import REMINDER_HOURS
from assessments.selectors.guidelines import Followers
from lms.core.clock import days_later
from lms.core.forms import StorableTextMixin
from lms.core.templatetags.moments import moment_both

DAYS_MORE = (2, 7, 14)
OTHER = "other"
REMINDER_CHOICES = (504, 336, 168, 72, 48, 24, 6, 2)
_MOMENT = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


class MoreTimeForm(StorableTextMixin, forms.Form):
    """How much more, counted on the calendar of the deadline's zone, and why."""

    days = forms.ChoiceField(label=gettext_lazy("Until when"), widget=forms.RadioSelect)
    wanted_at = forms.DateTimeField(
        label=gettext_lazy("Another time"),
        help_text=gettext_lazy("In your own time zone."),
        widget=_MOMENT,
        required=False,
    )
    reason = forms.CharField(
        label=gettext_lazy("Why you need more time"),
        help_text=gettext_lazy("One or two sentences; the coordinators read them."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
    )

    def __init__(self, *args: Any, project: Project, counted_from: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = project.deadline_zone
        self.counted_from = counted_from
        choices: list[tuple[str, Any]] = [(str(days), self._label(days)) for days in DAYS_MORE]
        choices.append((OTHER, _("Another time, given below")))
        field = self.fields["days"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices
        field.initial = str(DAYS_MORE[0])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("days") == OTHER and not cleaned.get("wanted_at"):
            if "wanted_at" not in self.errors:
                self.add_error("wanted_at", _("Give the day and the time."))
        elif cleaned.get("days") not in (None, "", OTHER):
            cleaned["wanted_at"] = self._moment(cleaned["days"])
        return cleaned

    def _moment(self, chosen: str) -> datetime:
        return days_later(self.counted_from, int(chosen), self.zone)

    def _label(self, days: int) -> Any:
        until = days_later(self.counted_from, days, self.zone)
        more = ngettext("%(count)d day more", "%(count)d days more", days) % {"count": days}
        return format_html("<span>{}: {}</span>", more, moment_both(until, self.zone, "day"))


RECEIVED = "received"


class GiveTimeForm(MoreTimeForm):
    """A coordinator gives time that nobody asked for. `late`: the attempt that came late
    meanwhile, if one did; the first choice is then just enough for it."""

    counts_as_on_time = forms.BooleanField(
        label=gettext_lazy("What was handed in late counts as on time"),
        help_text=gettext_lazy(
            "The receipt stays as it is; your decision stands beside it. Without this, the "
            "project stays late."
        ),
        required=False,
        initial=True,
    )

    def __init__(self, *args: Any, late: Attempt | None, **kwargs: Any) -> None:
        self.late = late
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = _("Why you give it")
        self.fields["reason"].help_text = _("Those who write the project read this.")
        days = self.fields["days"]
        assert isinstance(days, forms.ChoiceField)
        if late is None:
            del self.fields["counts_as_on_time"]
            return
        until = moment_both(late.received_at, self.zone, "day")
        received = format_html("<span>{}: {}</span>", _("Until it was handed in"), until)
        days.choices = [(RECEIVED, received), *days.choices]  # type: ignore[misc]
        days.initial = RECEIVED

    def _moment(self, chosen: str) -> datetime:
        if self.late is not None and chosen == RECEIVED:
            return self.late.received_at
        return super()._moment(chosen)


class RulingForm(StorableTextMixin, forms.Form):
    """How a late attempt counts. `reaches`: the time there is covers when it came."""

    counts = forms.ChoiceField(label=gettext_lazy("It counts as"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        help_text=gettext_lazy("Those who wrote it and those who mark it read this."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
    )

    def __init__(self, *args: Any, reaches: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        counts = self.fields["counts"]
        assert isinstance(counts, forms.ChoiceField)
        on_time = [("on-time", _("On time"))] if reaches else []
        counts.choices = [*on_time, ("late", _("Late"))]
        counts.initial = counts.choices[0][0]


class DecideForm(StorableTextMixin, forms.Form):
    """A coordinator's answer. Which decisions there are depends on where the request stands."""

    decision = forms.ChoiceField(label=gettext_lazy("Your answer"), widget=forms.RadioSelect)
    until_at = forms.DateTimeField(
        label=gettext_lazy("Until, if shorter"),
        help_text=gettext_lazy("In your own time zone."),
        widget=_MOMENT,
        required=False,
    )
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        help_text=gettext_lazy("The participant reads this."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
    )
    counts_as_on_time = forms.BooleanField(
        label=gettext_lazy("What was handed in late meanwhile counts as on time"),
        help_text=gettext_lazy(
            "The receipt stays as it is; your decision stands beside it. Without this, the "
            "project stays late."
        ),
        required=False,
    )

    def __init__(
        self, *args: Any, extension: Extension, has_late_attempt: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        decision = self.fields["decision"]
        assert isinstance(decision, forms.ChoiceField)
        if extension.status == "requested":
            decision.choices = [
                ("grant", _("Give the time that was asked for")),
                ("shorten", _("Give less time")),
                ("refuse", _("Refuse")),
            ]
        else:
            decision.choices = [("shorten", _("Give less time than was given"))]
            decision.initial = "shorten"
        if not has_late_attempt:
            del self.fields["counts_as_on_time"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if (
            cleaned.get("decision") == "shorten"
            and not cleaned.get("until_at")
            and "until_at" not in self.errors
        ):
            self.add_error("until_at", _("Give the day and the time."))
        return cleaned


class BulkDecisionForm(StorableTextMixin, forms.Form):
    decision = forms.ChoiceField(
        label=gettext_lazy("For the chosen ones"),
        choices=[
            ("grant", gettext_lazy("Give the time each asked for")),
            ("refuse", gettext_lazy("Refuse")),
        ],
    )
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        help_text=gettext_lazy("Each of them reads this."),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=2000,
    )


class RemindersForm(forms.Form):
    hours = forms.MultipleChoiceField(
        label=gettext_lazy("Remind before the deadline"),
        help_text=gettext_lazy(
            "By e-mail, before each person’s own deadline, in their own time zone; not those "
            "who have handed in."
        ),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = project.reminder_hours
        field = self.fields["hours"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [
            (str(hours), distance(hours))
            for hours in sorted({*REMINDER_CHOICES, *REMINDER_HOURS, *chosen}, reverse=True)
        ]
        field.initial = [str(hours) for hours in chosen]


class RequireGuidelinesForm(StorableTextMixin, forms.Form):
    number = forms.TypedChoiceField(label=gettext_lazy("Projects are handed in on"), coerce=int)
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        help_text=gettext_lazy("Those who write on an older version read this."),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=1000,
    )

    def __init__(
        self, *args: Any, newest: int, followers: Iterable[Followers], required: int, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        followed = {one.number for one in followers}
        numbers = sorted({newest, required, *followed} - {0}, reverse=True)
        field = self.fields["number"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [(0, _("the version each follows"))] + [
            (number, _("version %(number)d or a later one") % {"number": number})
            for number in numbers
        ]
        field.initial = required


def distance(hours: int) -> str:
    """72 → “3 days”, 24 → “24 hours”."""
    days, rest = divmod(hours, 24)
    if days > 1 and not rest:
        return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}
    return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}
