from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lms.accounts.models import City
from lms.core.forms import StorableTextMixin
from peer_exchange.enums import FacetKind, Part, Visibility
from peer_exchange.models import Facet, Theme
from peer_exchange.models.experience import SUMMARY_MAX, TITLE_MAX

WORDS_A_PART = 120

HINTS = {
    Part.CONTEXT: _("Your city and the situation: what does a reader elsewhere need to know?"),
    Part.CHALLENGE: _("What had to change, for whom, and what made it hard?"),
    Part.STRATEGY: _("What did you decide to do, with whom, and in which order?"),
    Part.SUCCEEDED: _("What worked, and how do you know? Figures only where you can show them."),
    Part.FAILED: _("What did not work? This is the part from which other cities learn most."),
    Part.LESSONS: _("What would you tell a city that begins tomorrow?"),
}


class DraftTextField(forms.CharField):
    """A draft may lack what its submission will ask for: empty is accepted."""

    def validate(self, value: Any) -> None:
        if value not in self.empty_values:
            super().validate(value)


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
    themes = DraftChoicesField(label=_("Themes"))
    methods = DraftChoicesField(label=_("Methods"))
    scopes = DraftChoicesField(label=_("Scope"))
    actors = DraftChoicesField(label=_("Who took part"))
    visibility = forms.ChoiceField(
        label=_("Who may read it"), choices=Visibility.choices, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for part in Part:
            self.fields[part] = DraftTextField(
                label=part.label,
                help_text=HINTS[part],
                strip=False,
                widget=forms.Textarea(
                    attrs={"rows": 8, "data-word-count": "", "data-word-goal": WORDS_A_PART}
                ),
            )
        self._offer("themes", Theme.objects.values_list("slug", "name"))
        facets = list(Facet.objects.values_list("kind", "slug", "name"))
        for name, kind in (
            ("methods", FacetKind.METHOD),
            ("scopes", FacetKind.SCOPE),
            ("actors", FacetKind.ACTOR),
        ):
            self._offer(name, [(slug, label) for of, slug, label in facets if of == kind])

    def _offer(self, name: str, choices: Any) -> None:
        self.fields[name].choices = list(choices)  # type: ignore[attr-defined]

    @property
    def parts(self) -> list[forms.BoundField]:
        return [self[name] for name in ("title", "summary", *Part.values)]


class ClearanceForm(StorableTextMixin, forms.Form):
    official = forms.CharField(
        label=_("Who cleared the text?"),
        max_length=200,
        help_text=_("Name and office, for example “M. Otieno, chief of staff to the mayor”."),
    )


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
