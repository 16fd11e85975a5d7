"""What the style page shows: a form of every kind and a list to leaf through."""

from django import forms
from django.core.paginator import Page, Paginator
from django.utils.translation import gettext_lazy as _

THEMES = [
    ("climate", _("Climate change")),
    ("governance", _("Governance and democracy")),
    ("planning", _("Urban planning, land and sustainability")),
]


class SpecimenForm(forms.Form):
    title = forms.CharField(
        label=_("Title of the experience"), help_text=_("One line, as you would tell a colleague.")
    )
    text = forms.CharField(
        label=_("What was the challenge?"),
        widget=forms.Textarea(attrs={"rows": 5, "data-word-count": "", "data-word-goal": "300"}),
    )
    city = forms.ChoiceField(
        label=_("City"), choices=[("bcn", "Barcelona"), ("nbo", "Nairobi")], required=False
    )
    themes = forms.MultipleChoiceField(
        label=_("Themes"), choices=THEMES, widget=forms.CheckboxSelectMultiple, required=False
    )
    seen_by = forms.ChoiceField(
        label=_("Who may read it"),
        choices=[("cohort", _("This cohort")), ("members", _("Member cities"))],
        widget=forms.RadioSelect,
    )
    held_on = forms.DateField(
        label=_("Date"), widget=forms.DateInput(attrs={"type": "date"}), required=False
    )
    file = forms.FileField(label=_("Your project as a PDF"), help_text=_("At most 20 MB."))
    agreed = forms.BooleanField(label=_("My city has agreed to publish this."))


def specimen_page() -> Page:
    return Paginator(range(90), 30).page(2)
