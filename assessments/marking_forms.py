"""Forms of the marking desk and of the coordinator's pages."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from assessments.models import AssessmentRevision, Presentation
from lms.accounts.models import User
from lms.core.forms import StorableTextMixin

_SHORT = forms.Textarea(attrs={"rows": 3})


class ReasonForm(StorableTextMixin, forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=1000, widget=_SHORT)

    def __init__(self, *args: Any, label: str = "", help_text: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = label or self.fields["reason"].label
        self.fields["reason"].help_text = help_text


class AgreementForm(ReasonForm):
    """Why a grade is decided so, and whose comments in the text go with it. A page that did
    not offer the choice sends none: all of them go."""

    offers_comments = forms.CharField(required=False, widget=forms.HiddenInput, initial="1")
    comments_of = forms.TypedMultipleChoiceField(
        label=_("Comments in the text that the participant gets"),
        help_text=_("Of each marker you choose, with the grade. They stand below as they are."),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(
        self,
        *args: Any,
        handed_in: Iterable[AssessmentRevision],
        needs_reason: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            *args,
            label=gettext("Why this grade"),
            help_text=gettext("Staff read it.")
            if needs_reason
            else gettext("Needed where you decide otherwise than it was marked. Staff read it."),
            **kwargs,
        )
        self.fields["reason"].required = needs_reason
        choices = [
            (
                one.assessment_id,
                ngettext("%(marker)s: %(count)d comment", "%(marker)s: %(count)d comments", count)
                % {"marker": one.assessment.marker, "count": count},
            )
            for one in handed_in
            if (count := len(one.annotations))
        ]
        if choices:
            field = self.fields["comments_of"]
            assert isinstance(field, forms.TypedMultipleChoiceField)
            field.choices = choices
            field.initial = [pk for pk, _said in choices]
        else:
            del self.fields["comments_of"], self.fields["offers_comments"]

    @property
    def chosen(self) -> list[int] | None:
        offered = self.cleaned_data.get("offers_comments")
        return self.cleaned_data["comments_of"] if offered else None


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
