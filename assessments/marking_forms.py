"""Forms of the marking desk and of the coordinator's pages."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from assessments.models import Presentation
from lms.accounts.models import User
from lms.core.forms import StorableTextMixin

_SHORT = forms.Textarea(attrs={"rows": 3})


class ReasonForm(StorableTextMixin, forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=1000, widget=_SHORT)

    def __init__(self, *args: Any, label: str = "", help_text: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = label or self.fields["reason"].label
        self.fields["reason"].help_text = help_text


class AppealForm(StorableTextMixin, forms.Form):
    reason = forms.CharField(
        label=_("Why the grade should be looked at again"),
        help_text=_(
            "Say which criterion you mean, and where in your project it says what was not seen."
        ),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 8}),
    )


class AllocateForm(forms.Form):
    marker = forms.ModelChoiceField(
        label=_("Marker"), queryset=User.objects.none(), empty_label=_("Choose an instructor")
    )

    def __init__(self, *args: Any, markers: Iterable[int] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["marker"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = User.objects.filter(pk__in=list(markers)).order_by("name")


class PresentationForm(StorableTextMixin, forms.Form):
    presented_on = forms.DateField(
        label=_("Presented on"),
        help_text=_("The day in the edition’s time zone."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    note = forms.CharField(
        label=_("Note"),
        help_text=_("For colleagues only; the participant does not see it."),
        required=False,
        max_length=5000,
        widget=_SHORT,
    )


def new_presentation_form(
    recorded: Presentation | None, typed: QueryDict | None = None
) -> PresentationForm:
    """Filled with what is recorded, or with what was typed before the session ended."""
    initial = {"presented_on": recorded.presented_on, "note": recorded.note} if recorded else {}
    return PresentationForm(
        typed if typed is not None and "presented_on" in typed else None, initial=initial
    )
