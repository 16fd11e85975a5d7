from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lms.accounts.models import City
from lms.core.forms import StorableTextMixin
from lms.core.languages import language_name
from peer_exchange.enums import Attachment, FacetKind, Part, Visibility
from peer_exchange.models import CityExperience, ExperienceFile, Facet, Theme
from peer_exchange.models.experience import CONTACT_MAX, SUMMARY_MAX, TITLE_MAX
from peer_exchange.models.experience_file import ALT_MAX, CAPTION_MAX
from peer_exchange.selectors.languages import languages_to_write_in

WORDS_A_PART = 120

HINTS = {
    Part.CONTEXT: _("Your city and the situation: what does a reader elsewhere need to know?"),
    Part.CHALLENGE: _("What had to change, for whom, and what made it hard?"),
    Part.STRATEGY: _("What did you decide to do, with whom, and in which order?"),
    Part.DONE: _("What was done in the end, by whom and by when? Name the steps, not the plans."),
    Part.SUCCEEDED: _("What worked, and how do you know? Figures only where you can show them."),
    Part.FAILED: _("What did not work? This is the part from which other cities learn most."),
    Part.LESSONS: _("What would you tell a city that begins tomorrow?"),
    Part.COST: _(
        "What did it cost to begin and to run, who paid, and how many people worked on it? "
        "Rough figures help; say from which year they are."
    ),
}


class DraftTextField(forms.CharField):
    """A draft may lack what its submission will ask for: empty is accepted."""

    def validate(self, value: Any) -> None:
        if value not in self.empty_values:
            super().validate(value)


class DraftYearField(DraftTextField):
    """Text, for a draft keeps a year that is half typed as well."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"inputmode": "numeric", "autocomplete": "off", "size": 6}
        super().__init__(max_length=4, widget=forms.TextInput(attrs=attrs), **kwargs)


class DraftChoicesField(forms.MultipleChoiceField):
    widget = forms.CheckboxSelectMultiple

    def validate(self, value: Any) -> None:
        if value not in self.empty_values:
            super().validate(value)


class NewExperienceForm(StorableTextMixin, forms.Form):
    title = forms.CharField(
        label=_("Title"),
        max_length=TITLE_MAX,
        help_text=_("As you would tell it to a colleague. You can change it later."),
    )
    city = forms.ModelChoiceField(
        label=_("City"), queryset=City.objects.none(), to_field_name="slug", empty_label=None
    )

    def __init__(self, *args: Any, cities: list[City], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["city"].queryset = City.objects.filter(  # type: ignore[attr-defined]
            pk__in=[city.pk for city in cities]
        )
        if len(cities) == 1:
            self.fields["city"].initial = cities[0].slug
            self.fields["city"].widget = forms.HiddenInput()


class DraftForm(StorableTextMixin, forms.Form):
    """An experience being written; the same field names as the action and the API."""

    use_required_attribute = False

    title = DraftTextField(label=_("Title"), max_length=TITLE_MAX)
    summary = DraftTextField(
        label=_("Summary"),
        help_text=_("Two or three sentences, shown in the list."),
        # The action counts what is stored; here a line break would count twice.
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": SUMMARY_MAX}),
    )
    language = forms.ChoiceField(label=_("Language of the text"), required=False)
    links = DraftTextField(
        label=_("Links to evidence"),
        help_text=_(
            "One in each line: the address, then what stands there. For example "
            "“https://example.org/report.pdf Evaluation of 2024”."
        ),
        strip=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    began_in = DraftYearField(
        label=_("The year it began"), help_text=_("Optional, in four digits, as in 2019.")
    )
    ended_in = DraftYearField(
        label=_("The year it ended"), help_text=_("Leave it empty while it still runs.")
    )
    contact_name = DraftTextField(
        label=_("Who to ask"),
        max_length=CONTACT_MAX,
        help_text=_("Somebody who knows the work and has agreed to be asked."),
    )
    contact_office = DraftTextField(label=_("Their office"), max_length=CONTACT_MAX)
    contact_email = DraftTextField(
        label=_("Their email address"),
        max_length=CONTACT_MAX,
        help_text=_("Only people who have signed in see it."),
        widget=forms.TextInput(attrs={"type": "email", "autocomplete": "off"}),
    )
    themes = DraftChoicesField(label=_("Themes"))
    methods = DraftChoicesField(label=_("Methods"))
    scopes = DraftChoicesField(label=_("Scope"))
    actors = DraftChoicesField(label=_("Who took part"))
    course_lessons = DraftChoicesField(label=_("Lessons of the course it goes with"))
    visibility = forms.ChoiceField(
        label=_("Who may read it"),
        choices=Visibility.choices,
        widget=forms.RadioSelect,
        required=False,
    )

    def __init__(self, *args: Any, experience: CityExperience, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for part in Part:
            self.fields[part] = DraftTextField(label=part.label, help_text=HINTS[part], strip=False)
        self._offer(
            "language",
            [(code, language_name(code)) for code in languages_to_write_in(experience)],
        )
        for file in experience.files.attached():
            self._describe(file)
        self._offer("themes", Theme.objects.values_list("slug", "name"))
        facets = list(Facet.objects.values_list("kind", "slug", "name"))
        for name, kind in (
            ("methods", FacetKind.METHOD),
            ("scopes", FacetKind.SCOPE),
            ("actors", FacetKind.ACTOR),
            ("course_lessons", FacetKind.LESSON),
        ):
            self._offer(name, [(slug, label) for of, slug, label in facets if of == kind])

    def _offer(self, name: str, choices: Any) -> None:
        self.fields[name].choices = list(choices)  # type: ignore[attr-defined]

    def _describe(self, file: ExperienceFile) -> None:
        """What is said of a picture or file, saved with the text."""
        if file.kind == Attachment.PICTURE:
            self.fields[f"alt:{file.pk}"] = DraftTextField(
                label=_("What it shows, for those who do not see it"), max_length=ALT_MAX
            )
        self.fields[f"caption:{file.pk}"] = DraftTextField(
            label=_("What to say beside it"), max_length=CAPTION_MAX
        )


class ClearanceForm(StorableTextMixin, forms.Form):
    official = forms.CharField(
        label=_("Who cleared the text?"),
        max_length=200,
        help_text=_("Name and office, for example “M. Otieno, chief of staff to the mayor”."),
    )
    embargo_until = forms.DateTimeField(
        label=_("Nobody else may read it before"),
        help_text=_("Leave it empty for no embargo. In your own time zone."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        required=False,
    )


class EmbargoForm(forms.Form):
    embargo_until = forms.DateTimeField(
        label=_("Nobody else may read it before"),
        help_text=_("Leave it empty to end the embargo now. In your own time zone."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        required=False,
    )


class AttachForm(forms.Form):
    """The field belongs to the form of the text, which is sent without a file as well."""

    use_required_attribute = False

    file = forms.FileField(label=_("File"), allow_empty_file=True, max_length=255)

    def __init__(self, *args: Any, label: Any, accept: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].label = label
        self.fields["file"].widget.attrs.update({"accept": accept, "form": "draft"})


class ReasonForm(StorableTextMixin, forms.Form):
    reason = forms.CharField(label=_("Reason"), widget=forms.Textarea(attrs={"rows": 5}))

    def __init__(self, *args: Any, hint: Any = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = hint


class ResponseForm(StorableTextMixin, forms.Form):
    body = forms.CharField(
        label=_("Your response"),
        widget=forms.Textarea(attrs={"rows": 5}),
    )

    def __init__(self, *args: Any, goal: int = 0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if goal:
            attrs = self.fields["body"].widget.attrs
            attrs["data-word-count"], attrs["data-word-goal"] = "", goal
