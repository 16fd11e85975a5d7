"""Forms of allocation, languages and conflicts of interest."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from assessments.models import LanguageProfile
from assessments.selectors.allocation import Rule
from assessments.selectors.languages import known_languages
from lms.accounts.models import City, User
from lms.core.forms import StorableTextMixin

_SHORT = forms.Textarea(attrs={"rows": 3})


class RuleForm(forms.Form):
    """Who takes part in an allocation, and by which rule."""

    markers = forms.ModelMultipleChoiceField(
        label=_("Markers"), queryset=User.objects.none(), widget=forms.CheckboxSelectMultiple
    )
    match_language = forms.BooleanField(
        label=_("Only projects in a language the marker reads"), required=False, initial=True
    )
    most = forms.IntegerField(
        label=_("Nobody holds more than"),
        help_text=_("Leave it empty for no limit."),
        required=False,
        min_value=1,
        max_value=10_000,
    )
    again = forms.ModelMultipleChoiceField(
        label=_("Allocate anew what these have not begun"),
        queryset=User.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, markers: Sequence[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("markers", "again"):
            field = self.fields[name]
            assert isinstance(field, forms.ModelMultipleChoiceField)
            field.queryset = User.objects.filter(pk__in=[one.pk for one in markers]).order_by(
                "name", "pk"
            )
        self.fields["markers"].initial = [one.pk for one in markers]

    @property
    def rule(self) -> Rule:
        sent = self.cleaned_data
        return Rule(
            markers=tuple(user.pk for user in sent["markers"]),
            match_language=sent["match_language"],
            most=sent["most"],
            again=tuple(user.pk for user in sent["again"]),
        )


class LanguagesForm(forms.Form):
    reads = forms.MultipleChoiceField(
        label=_("Languages you read"),
        help_text=_("Projects in these may come to you. Choose none for those of the edition."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    writes = forms.ChoiceField(label=_("Language of your project"), required=False)
    base_version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        profile: LanguageProfile,
        held_in: Sequence[str],
        has_project: bool,
        **kwargs: Any,
    ) -> None:
        kwargs["initial"] = {
            "reads": profile.reads, "writes": profile.writes, "base_version": profile.version,
        }  # fmt: skip
        super().__init__(*args, **kwargs)
        names = dict(known_languages())
        # Those of the edition come first; the others follow in their order.
        codes = [*held_in, *profile.reads, *names]
        choices = [(code, names.get(code, code)) for code in dict.fromkeys(codes)]
        for name, first in (("reads", []), ("writes", [("", _("As the edition"))])):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [*first, *choices]
        if not has_project:
            del self.fields["writes"]


class ConflictForm(StorableTextMixin, forms.Form):
    """Of oneself or, for coordinators, of any marker: with a person or a city."""

    person = forms.ModelChoiceField(
        label=_("Who does not judge"), queryset=User.objects.none(), required=False
    )
    other = forms.ModelChoiceField(
        label=_("What this person writes"),
        queryset=User.objects.none(),
        required=False,
        empty_label=_("Choose a participant"),
    )
    city = forms.ModelChoiceField(
        label=_("Or all projects of this city"),
        queryset=City.objects.none(),
        required=False,
        empty_label=_("Choose a city"),
    )
    reason = forms.CharField(label=_("Why"), max_length=1000, widget=_SHORT)

    def __init__(
        self,
        *args: Any,
        people: Sequence[int],
        participants: Sequence[int],
        cities: Sequence[int],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        querysets: dict[str, Any] = {
            "person": User.objects.filter(pk__in=people).order_by("name", "pk"),
            "other": User.objects.filter(pk__in=participants).order_by("name", "pk"),
            "city": City.objects.filter(pk__in=cities),
        }
        for name, queryset in querysets.items():
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = queryset
        if len(people) < 2:
            del self.fields["person"]
