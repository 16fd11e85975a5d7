"""Forms of teams, for their members and for coordinators, and of checking a receipt."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from lms.core.forms import StorableTextMixin
from lms.programme.models import Enrolment


class _PersonField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.user)


class InviteForm(forms.Form):
    enrolment = _PersonField(
        label=_("Colleague"),
        queryset=Enrolment.objects.none(),
        empty_label=_("Choose a colleague of your city"),
    )

    def __init__(self, *args: Any, colleagues: QuerySet[Enrolment], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["enrolment"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = colleagues


class AddMemberForm(StorableTextMixin, InviteForm):
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("The team reads it."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class CheckReceiptForm(StorableTextMixin, forms.Form):
    """One of the two; the file itself stays where it is."""

    code = forms.CharField(
        label=_("Code"),
        help_text=_("Eight letters and digits beside “Check” on the receipt, as in 7F3K-9QXA."),
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    sha256 = forms.CharField(
        label=_("Fingerprint of a file (SHA-256)"),
        help_text=_("64 letters and digits."),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
