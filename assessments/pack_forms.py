"""The form that brings back what was marked without a connection."""

from django import forms
from django.utils.translation import gettext_lazy as _


class SheetForm(forms.Form):
    file = forms.FileField(
        label=_("The sheet you have filled in (.csv or .xlsx)"),
        allow_empty_file=True,
        max_length=255,
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.xlsx"}),
    )
