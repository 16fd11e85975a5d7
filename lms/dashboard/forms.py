from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from lms.accounts.enums import TokenScope
from lms.core.clock import known_zones
from lms.core.forms import StorableTextMixin

REGIONS = (
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
)


def time_zone_choices() -> list[tuple[str, str | list[tuple[str, str]]]]:
    """Places by region, and UTC; not what the database keeps for old programs (“Etc/GMT+5”)."""
    choices: list[tuple[str, str | list[tuple[str, str]]]] = [("UTC", "UTC")]
    zones = sorted(known_zones())
    for region in REGIONS:
        inside = [zone for zone in zones if zone.startswith(f"{region}/")]
        words = [(zone, zone.split("/", 1)[1].replace("_", " ")) for zone in inside]
        choices.append((region, words))
    return choices


class ProfileForm(StorableTextMixin, forms.Form):
    name = forms.CharField(label=_("Name"), max_length=150, help_text=_("As on the certificate."))
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=time_zone_choices,
        help_text=_("Times are shown on your clock, beside the programme’s."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """`initial` holds the stored zone: an old name stays on offer to whoever has it."""
        super().__init__(*args, **kwargs)
        stored = self.initial.get("time_zone")
        if stored in known_zones() and stored.split("/")[0] not in (*REGIONS, "UTC"):
            field = cast(forms.ChoiceField, self.fields["time_zone"])
            field.choices = [(stored, stored), *time_zone_choices()]


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
