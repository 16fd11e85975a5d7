from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lms.accounts.models import City, Organisation
from lms.core.forms import StorableTextMixin


class EnrolForm(StorableTextMixin, forms.Form):
    email = forms.EmailField(label=_("Email address"), max_length=254)
    name = forms.CharField(
        label=_("Name"),
        max_length=150,
        required=False,
        help_text=_("Of somebody who has no account yet. They choose their password themselves."),
    )
    city = forms.ModelChoiceField(label=_("City they represent"), queryset=City.objects.all())
    organisation = forms.ModelChoiceField(
        label=_("Organisation"), queryset=Organisation.objects.all(), required=False
    )
    is_guaranteed = forms.BooleanField(
        label=_("The place is paid or free: open the lessons at once"), required=False
    )


class MoveForm(StorableTextMixin, forms.Form):
    to = forms.ChoiceField(label=_("New state of the place"))
    reason = forms.CharField(label=_("Note for the record"), max_length=500, required=False)

    def __init__(self, *args: Any, moves: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = moves  # type: ignore[attr-defined]
