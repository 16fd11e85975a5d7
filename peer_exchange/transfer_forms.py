"""Forms of transfers, city pages and talks. What they accept, the actions decide."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lms.accounts.models import City
from lms.core.forms import StorableTextMixin
from lms.core.languages import language_label
from peer_exchange.actions.cities import LANGUAGES, POPULATION_MOST, WEBSITE_MAX
from peer_exchange.enums import TopicKind, TransferStatus
from peer_exchange.models import Theme
from peer_exchange.models.city_profile import ABOUT_MAX, DOES_MAX, OFFICE_MAX, WORDS_MAX
from peer_exchange.models.talk import NOTE_MAX, PLACE_MAX
from peer_exchange.models.transfer import EVIDENCE_TITLE_MAX

# What a step means, said to whoever takes it.
STEP_HINTS = {
    TransferStatus.UNDERSTANDING: _("We read and ask until we know how they did it."),
    TransferStatus.ASSESSING: _("We weigh whether it fits us: law, money, people."),
    TransferStatus.ADAPTING: _("We change it so that it fits our city."),
    TransferStatus.PILOTING: _("We try it in one place."),
    TransferStatus.ADOPTED: _("It is in use in our city."),
    TransferStatus.SUSTAINED: _("It stays: it has a budget and people of its own."),
}


class ClaimForm(StorableTextMixin, forms.Form):
    city = forms.ModelChoiceField(
        label=_("For which city?"),
        queryset=City.objects.none(),
        to_field_name="slug",
        empty_label=None,
    )
    why = forms.CharField(
        label=_("What do you hope to take home?"),
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Two or three sentences. The other city reads them, and so does the cohort."),
    )

    def __init__(self, *args: Any, cities: list[City], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ids = [city.pk for city in cities]
        self.fields["city"].queryset = City.objects.filter(pk__in=ids)  # type: ignore[attr-defined]
        if len(cities) == 1:
            self.fields["city"].initial = cities[0].slug
            self.fields["city"].widget = forms.HiddenInput()


class StepForm(StorableTextMixin, forms.Form):
    """The next step, or stopping: one answer each, and why."""

    to = forms.ChoiceField(label=_("Where are you now?"), widget=forms.RadioSelect)
    why = forms.CharField(
        label=_("What happened, and why?"),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Why something stopped is worth as much as why it worked."),
    )

    def __init__(self, *args: Any, steps: list[TransferStatus], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [
            (step.value, f"{step.label}: {STEP_HINTS[step]}" if step in STEP_HINTS else step.label)
            for step in steps
        ]
        self.fields["to"].choices = choices  # type: ignore[attr-defined]


class WhyForm(StorableTextMixin, forms.Form):
    """One text that says why; `name` is the field's name in the action."""

    def __init__(self, *args: Any, name: str, label: Any, hint: Any = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[name] = forms.CharField(
            label=label, help_text=hint, widget=forms.Textarea(attrs={"rows": 4})
        )


class EvidenceForm(StorableTextMixin, forms.Form):
    title = forms.CharField(label=_("What it shows"), max_length=EVIDENCE_TITLE_MAX)
    url = forms.CharField(
        label=_("Link"),
        required=False,
        max_length=500,
        widget=forms.TextInput(attrs={"inputmode": "url", "placeholder": "https://"}),
    )
    note = forms.CharField(
        label=_("Note"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class ProfileForm(StorableTextMixin, forms.Form):
    population = forms.IntegerField(
        label=_("People who live there"), required=False, min_value=1, max_value=POPULATION_MOST
    )
    office_name = forms.CharField(
        label=_("Office"),
        required=False,
        max_length=OFFICE_MAX,
        help_text=_("The office that looks after the city’s international relations."),
    )
    about = forms.CharField(
        label=_("About the city"),
        required=False,
        max_length=ABOUT_MAX,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    website = forms.CharField(
        label=_("Website"),
        required=False,
        max_length=WEBSITE_MAX,
        widget=forms.TextInput(attrs={"inputmode": "url", "placeholder": "https://"}),
    )
    languages = forms.MultipleChoiceField(
        label=_("Languages you work in"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = sorted(((code, language_label(code)) for code in LANGUAGES), key=lambda one: one[1])
        self.fields["languages"].choices = named  # type: ignore[attr-defined]


class ShownForm(StorableTextMixin, forms.Form):
    does = forms.CharField(
        label=_("What you work on"),
        required=False,
        max_length=DOES_MAX,
        help_text=_("For example “Climate partnerships, speaks Spanish and English”."),
    )


class TopicForm(StorableTextMixin, forms.Form):
    kind = forms.ChoiceField(label=_("Your city"), choices=TopicKind.choices)
    theme = forms.ModelChoiceField(
        label=_("Theme"), queryset=Theme.objects.all(), to_field_name="slug", empty_label=None
    )
    words = forms.CharField(label=_("In your words"), required=False, max_length=WORDS_MAX)


class BreakForm(StorableTextMixin, forms.Form):
    """A break of the timetable, chosen by the instant at which it begins."""

    starts_at = forms.ChoiceField(label=_("When?"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, slots: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["starts_at"].choices = slots  # type: ignore[attr-defined]

    def clean_starts_at(self) -> datetime:
        return datetime.fromisoformat(self.cleaned_data["starts_at"])


class TalkForm(BreakForm):
    about = forms.CharField(label=_("What about?"), required=False, max_length=NOTE_MAX)
    place = forms.CharField(label=_("Where?"), required=False, max_length=PLACE_MAX)


class AnotherTimeForm(BreakForm):
    reason = forms.CharField(label=_("A word about it"), required=False, max_length=NOTE_MAX)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["starts_at"].label = _("When instead?")
