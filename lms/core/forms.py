"""How forms look and what text they accept, everywhere."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.forms import BaseForm
from django.forms.renderers import TemplatesSetting

from lms.core.errors import DomainError, Sentence
from lms.core.text import refuse_unstorable


class RamblaFormRenderer(TemplatesSetting):
    """Fields render through templates/components/, as everything else does."""

    field_template_name = "components/field.html"
    form_template_name = "components/form.html"


class StorableTextMixin:
    """A form whose text fields refuse what no database keeps whole."""

    def clean(self) -> dict:
        cleaned = super().clean()  # type: ignore[misc]
        for name, value in (cleaned or {}).items():
            if isinstance(value, str):
                try:
                    refuse_unstorable(value)
                except ValidationError as error:
                    self.add_error(name, error)  # type: ignore[attr-defined]
        return cleaned


def show_errors(form: BaseForm, error: DomainError) -> None:
    """Put an action's refusal beside the fields it names, or above the form; what was
    typed stays in it."""
    named: Mapping[Any, Sequence[Sentence]] = getattr(error, "errors", {})
    for field, sentences in (named or {error.extra.get("field"): [error.sentence]}).items():
        target = field if field in form.fields else None
        for sentence in sentences:
            form.add_error(target, ValidationError(str(sentence)))
