from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext_lazy as _

from lms.accounts.enums import TokenScope
from lms.core.forms import StorableTextMixin


class ProfileForm(StorableTextMixin, forms.Form):
    name = forms.CharField(label=_("Name"), max_length=150, help_text=_("As on the certificate."))
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=lambda: [(zone, zone.replace("_", " ")) for zone in sorted(available_timezones())],
        help_text=_("Times are shown on your clock, beside the programme’s."),
    )


class TokenForm(StorableTextMixin, forms.Form):
    name = forms.CharField(
        label=_("What is it for?"), max_length=80, help_text=_("For example: our city’s LMS")
    )
    scope = forms.ChoiceField(label=_("It may"), choices=TokenScope.choices)
    days = forms.TypedChoiceField(
        label=_("It ends after"),
        coerce=int,
        choices=[(30, _("30 days")), (90, _("90 days")), (365, _("a year"))],
    )
