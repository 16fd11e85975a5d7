"""Forms about rubrics; the rubric itself is written on a page of its own."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from assessments.models import Rubric
from assessments.rubric_content import LONGEST_TITLE
from lms.core.forms import StorableTextMixin


class RubricTitleForm(StorableTextMixin, forms.Form):
    title = forms.CharField(label=_("Title"), max_length=LONGEST_TITLE)


class BeginRubricForm(RubricTitleForm):
    copy_of = forms.ModelChoiceField(
        label=_("Begin with"),
        queryset=Rubric.objects.none(),
        required=False,
        empty_label=_("an empty rubric"),
        help_text=_("A rubric of yours to copy; what happens to the copy does not touch it."),
    )

    def __init__(self, *args: Any, copies: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["copy_of"].queryset = copies  # type: ignore[attr-defined]
        self.fields["copy_of"].label_from_instance = lambda rubric: (  # type: ignore[attr-defined]
            f"{rubric.title} ({rubric.edition.name})"
        )


class RubricFileForm(forms.Form):
    """The action reads the file and answers with better reasons."""

    file = forms.FileField(
        label=_("A file (.csv or .json)"),
        help_text=_(
            "As it is exported here. It takes the place of what stands above; you can bring that "
            "back."
        ),
        allow_empty_file=True,
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.json"}),
    )
