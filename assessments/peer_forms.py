"""Forms of peer review."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from assessments.actions.peer_rounds import wall_of
from assessments.models import PeerRound
from lms.core.forms import StorableTextMixin

_WALL = "%Y-%m-%dT%H:%M"
# At the end of a question, in the language of the page.
OPTIONAL = _("(optional)")


class WallField(forms.CharField):
    """A time on the clock, as a browser sends it; naive."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_WALL)

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            return datetime.fromisoformat(text).replace(tzinfo=None)
        except ValueError as error:
            raise forms.ValidationError(_("Give a day and a time.")) from error


class PeerRoundForm(StorableTextMixin, forms.Form):
    title = forms.CharField(label=_("Title"), max_length=120)
    opens_wall = WallField(
        label=_("When reviewers are found"),
        help_text=_("Drafts that enter by then are sure to be among them. On the edition’s clock."),
    )
    closes_wall = WallField(
        label=_("When reviews are due"), help_text=_("On the edition’s clock; before the deadline.")
    )
    minimum = forms.IntegerField(
        label=_("Reviews for each draft, at least"), min_value=1, max_value=10, initial=2
    )
    most = forms.IntegerField(
        label=_("Drafts for each reviewer, at most"), min_value=1, max_value=20, initial=3
    )
    answer_hours = forms.IntegerField(
        label=_("Hours to accept, and then to begin"), min_value=1, max_value=720, initial=72
    )
    takes_all = forms.BooleanField(
        label=_("Every draft takes part; without it writers enter theirs"), required=False
    )
    matches_language = forms.BooleanField(
        label=_("Only those who read the language of a draft review it"),
        required=False,
        initial=True,
    )
    hides_names = forms.BooleanField(
        label=_("Writers and reviewers do not see each other’s names"), required=False
    )
    questions_text = forms.CharField(
        label=_("Questions to the reviewer"),
        help_text=format_lazy(
            _("One a line. A question that may stay without an answer ends with {mark}."),
            mark=OPTIONAL,
        ),
        widget=forms.Textarea(attrs={"rows": 6}),
        initial=_(
            "What is the strongest part of this draft, and why?\n"
            "What did you not understand, or what is missing?\n"
            "What would you change first?"
        ),
    )

    def values(self) -> dict[str, Any]:
        """As `open_round` takes them."""
        sent = dict(self.cleaned_data)
        lines = [line.strip() for line in sent.pop("questions_text").splitlines() if line.strip()]
        mark = str(OPTIONAL)
        return {
            **sent,
            "questions": [
                {
                    "key": f"q{number}",
                    "title": line.removesuffix(mark).strip(),
                    "help": "",
                    "required": not line.endswith(mark),
                }
                for number, line in enumerate(lines, start=1)
            ],
        }


def form_of(peer_round: PeerRound) -> dict[str, Any]:
    """What the form begins with for a round that there is."""
    lines = [
        question["title"] + ("" if question["required"] else f" {OPTIONAL}")
        for question in peer_round.questions
    ]
    return {
        "title": peer_round.title,
        "opens_wall": wall_of(peer_round, peer_round.opens_at).strftime(_WALL),
        "closes_wall": wall_of(peer_round, peer_round.closes_at).strftime(_WALL),
        "minimum": peer_round.minimum,
        "most": peer_round.most,
        "answer_hours": peer_round.answer_hours,
        "takes_all": peer_round.takes_all,
        "matches_language": peer_round.matches_language,
        "hides_names": peer_round.hides_names,
        "questions_text": "\n".join(lines),
    }


class RatingForm(StorableTextMixin, forms.Form):
    usefulness = forms.TypedChoiceField(
        label=_("How useful is it?"),
        coerce=int,
        choices=[
            ("", _("Choose")),
            (5, _("5: I will change my project because of it")),
            (4, _("4: very useful")),
            (3, _("3: useful")),
            (2, _("2: a little")),
            (1, _("1: not useful")),
        ],
    )
    note = forms.CharField(
        label=_("A word to the reviewer"), required=False, max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip
