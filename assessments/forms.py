from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.models.guidelines import RESERVED_KEYS
from lms.core.errors import InvalidInput
from lms.core.forms import StorableTextMixin
from lms.core.numbers import whole_number
from lms.core.rich_fields import TextFormat


def texts_in(posted: QueryDict) -> dict[str, str]:
    """Section key → text, of a writing page sent by its button."""
    return {name: str(value) for name, value in posted.items() if name not in RESERVED_KEYS}


def format_in(posted: Mapping[str, Any]) -> str:
    """How the sent texts are written. The editor says so; without it they are plain."""
    is_html = posted.get("text_format") == TextFormat.HTML
    return TextFormat.HTML if is_html else TextFormat.TEXT


def sent_version(posted: Mapping[str, Any]) -> int | None:
    """The version the sent text is based on, if it names one."""
    return whole_number(posted.get("base_version"))


def base_version_in(posted: Mapping[str, Any]) -> int:
    version = sent_version(posted)
    if version is None:
        raise InvalidInput(errors={"base_version": [_("Open the page again: it is out of date.")]})
    return version


class FileForm(forms.Form):
    # The field belongs to the form of the text, which is sent without a file as well.
    use_required_attribute = False

    file = forms.FileField(
        label=gettext_lazy("Attach a file"),
        # The action looks at size and content, and answers with better reasons.
        allow_empty_file=True,
        max_length=255,
    )

    def __init__(self, *args: Any, accept: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].widget.attrs.update({"accept": accept, "form": "draft"})


class ReturnForm(StorableTextMixin, forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("What should be better, and why"),
        help_text=gettext_lazy("The participant reads this above their text."),
        widget=forms.Textarea(attrs={"rows": 6}),
        max_length=5000,
    )
    until_at = forms.DateTimeField(
        label=gettext_lazy("On time until"),
        help_text=gettext_lazy("In your own time zone. Without it, the project’s deadline stands."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        required=False,
    )
