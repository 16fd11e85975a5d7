"""Forms of the bank of comments."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from assessments.models import Snippet
from lms.core.forms import StorableTextMixin


class SnippetForm(StorableTextMixin, forms.Form):
    text = forms.CharField(
        label=_("Comment"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 3})
    )
    criterion = forms.ChoiceField(label=_("About"), required=False)
    is_shared = forms.BooleanField(
        label=_("Share it with those who mark in this edition"), required=False
    )

    def __init__(
        self,
        *args: Any,
        criteria: list[tuple[str, str]],
        of: Snippet | None = None,
        **kwargs: Any,
    ) -> None:
        if of is not None:
            kwargs["initial"] = {
                "text": of.text, "criterion": of.criterion, "is_shared": of.is_shared
            }  # fmt: skip
            kwargs["auto_id"] = f"id_{of.pk}_%s"
        super().__init__(*args, **kwargs)
        field = self.fields["criterion"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("Anything")), *criteria]

    @property
    def values(self) -> dict[str, Any]:
        """As the actions take them."""
        return {name: self.cleaned_data[name] for name in ("text", "criterion", "is_shared")}
