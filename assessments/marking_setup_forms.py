"""Forms with which a coordinator says how projects are marked."""

from django import forms
from django.utils.translation import gettext_lazy as _

from assessments.actions.marking_policy import POLICY_FIELDS
from assessments.models import MarkingPolicy
from lms.core.forms import StorableTextMixin


class PolicyForm(forms.ModelForm[MarkingPolicy]):
    class Meta:
        model = MarkingPolicy
        fields = POLICY_FIELDS
        labels = {
            "second_marking": _("Who marks a project"),
            "sample_percent": _("Size of the sample, in per cent"),
            "divergence_percent": _("A moderator decides from this difference on"),
            "is_anonymous": _("Markers see no names and no cities until the release"),
            "confirm_release": _("A second person confirms each release"),
            "undo_minutes": _("Minutes in which a release can be undone"),
            "appeal_days": _("Days in which a grade can be appealed"),
        }
        help_texts = {
            "second_marking": _("Two markers do not see what the other gives until both are done."),
            "sample_percent": _(
                "Counts where two people mark a sample. It is drawn when the marking of a project "
                "begins: at 20, exactly one of every five, and nobody knows beforehand which."
            ),
            "divergence_percent": _(
                "Between the results of two markers, in points of the percentage. Where one of "
                "them would pass the project and the other would not, a moderator always decides."
            ),
            "is_anonymous": _(
                "Files are called by their number, and what a document says of its author is "
                "taken out of the copy a marker opens. A coordinator who also marks here sees no "
                "names either, so another coordinator or an administrator arranges the teams."
            ),
            "confirm_release": "",
            "undo_minutes": _("0 to 120. Participants see nothing, and get no message, before."),
            "appeal_days": _("0 to 90, counted from the release; 0 for no appeals."),
        }
        widgets = {"second_marking": forms.RadioSelect}


class CalibrationForm(StorableTextMixin, forms.Form):
    title = forms.CharField(label=_("Title"), max_length=200, initial=_("Sample project"))
    text = forms.CharField(
        label=_("The sample"),
        help_text=_(
            "A text like those that will be marked, of nobody in this edition. Leave an empty "
            "line between paragraphs."
        ),
        widget=forms.Textarea(attrs={"rows": 12}),
        max_length=200_000,
    )
    is_required = forms.BooleanField(
        label=_("Nobody begins a project before they have marked the sample"),
        required=False,
        initial=True,
    )
