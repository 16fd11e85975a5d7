from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lms.core.forms import StorableTextMixin
from peer_exchange.enums import Part, ReportReason, ResponseKind
from peer_exchange.models.policy import LIMITS


class RespondForm(StorableTextMixin, forms.Form):
    """A response to the whole of an experience or to one part of it."""

    kind = forms.ChoiceField(
        label=_("What would you like to do?"),
        choices=[
            (ResponseKind.RESPONSE, _("Respond")),
            (ResponseKind.USEFUL, _("Say why it is useful: “Useful for my city because…”")),
            (ResponseKind.QUESTION, _("Ask the city a question")),
        ],
        widget=forms.RadioSelect,
        initial=ResponseKind.RESPONSE,
        required=False,
    )
    part = forms.ChoiceField(label=_("About which part?"), required=False)
    body = forms.CharField(
        label=_("Your response"),
        help_text=_("Write @ and a name to call somebody; they are told."),
        widget=forms.Textarea(attrs={"rows": 5}),
    )

    def __init__(
        self,
        *args: Any,
        goal: int = 0,
        parts: list[str] | None = None,
        suggest: str = "",
        is_own_city: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        offered = [(part.value, part.label) for part in Part if part in (parts or [])]
        self.fields["part"].choices = [("", _("The whole text")), *offered]  # type: ignore[attr-defined]
        if is_own_city:
            del self.fields["kind"]
        _equip(self.fields["body"], goal, suggest)

    def clean_kind(self) -> str:
        return self.cleaned_data["kind"] or ResponseKind.RESPONSE


class ReplyForm(StorableTextMixin, forms.Form):
    body = forms.CharField(
        label=_("Your answer"),
        help_text=_("Write @ and a name to call somebody; they are told."),
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    answers = forms.BooleanField(label=_("This answers the question"), required=False)

    def __init__(
        self,
        *args: Any,
        goal: int = 0,
        suggest: str = "",
        may_answer: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if not may_answer:
            del self.fields["answers"]
        _equip(self.fields["body"], goal, suggest)


class ReportForm(StorableTextMixin, forms.Form):
    reason = forms.ChoiceField(
        label=_("What is wrong?"), choices=ReportReason.choices, widget=forms.RadioSelect
    )
    words = forms.CharField(
        label=_("In your words"),
        required=False,
        help_text=_("Only the moderators read this and see who wrote it."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class SettleForm(StorableTextMixin, forms.Form):
    reason = forms.CharField(label=_("Why?"), widget=forms.Textarea(attrs={"rows": 3}))


def _number(name: str, label: Any) -> forms.IntegerField:
    least, most = LIMITS[name]
    return forms.IntegerField(label=label, min_value=least, max_value=most)


class SharingRuleForm(StorableTextMixin, forms.Form):
    """The rule of D15b; the same names as the model and the API."""

    min_experiences = _number("min_experiences", _("Published experiences of one’s city"))
    min_responses = _number("min_responses", _("Responses that count"))
    min_words = _number("min_words", _("Words that make a response substantive"))
    counts_own_city = forms.BooleanField(
        label=_("Responses to one’s own city’s experience count too"), required=False
    )
    counts_repeats = forms.BooleanField(
        label=_("Words that were used before count again"), required=False
    )
    one_an_experience = forms.BooleanField(
        label=_("Of several responses to one experience, one counts"), required=False
    )
    keeps_met = forms.BooleanField(
        label=_("Whoever has met the present rule keeps it"),
        help_text=_(
            "Without this, people who have met it may have to do more, and certificates that "
            "were issued come up for review. None is ever taken back by itself."
        ),
        required=False,
        initial=True,
    )
    reason = forms.CharField(
        label=_("Why is it changed?"),
        help_text=_("Everybody of the edition can read this."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def _equip(field: forms.Field, goal: int, suggest: str) -> None:
    """Give a text its word count, and the list of people under an @."""
    attrs = field.widget.attrs
    if goal:
        attrs["data-word-count"], attrs["data-word-goal"] = "", goal
    if suggest:
        attrs["data-mentions"] = suggest
