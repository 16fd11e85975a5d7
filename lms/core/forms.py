"""How forms look and what text they accept, everywhere."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.forms import BaseForm
from django.forms.renderers import TemplatesSetting

from lms.core.errors import DomainError, PermissionDenied, Sentence
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


@dataclass(frozen=True)
class Outcome:
    """What came of a form that was sent: the action's `result`, or the `status` under which
    the form is shown again, and what was refused if it was the action that did."""

    is_done: bool
    status: int = 200
    result: Any = None
    refusal: DomainError | None = None


def act_on(form: BaseForm, action: Callable[..., Any], **known: Any) -> Outcome:
    """Call an action with what a form says and with what is `known` beside it. What it
    refuses stands in the form; PermissionDenied is nothing that other words would mend."""
    if not form.is_valid():
        return Outcome(is_done=False, status=422)
    try:
        result = action(**form.cleaned_data, **known)
    except PermissionDenied:
        raise
    except DomainError as error:
        show_errors(form, error)
        return Outcome(is_done=False, status=error.status, refusal=error)
    return Outcome(is_done=True, result=result)


def show_errors(form: BaseForm, error: DomainError) -> None:
    """Put an action's refusal beside the fields it names, or above the form; what was
    typed stays in it."""
    named: Mapping[Any, Sequence[Sentence]] = getattr(error, "errors", {})
    for field, sentences in (named or {error.extra.get("field"): [error.sentence]}).items():
        target = field if field in form.fields else None
        for sentence in sentences:
            form.add_error(target, ValidationError(str(sentence)))
