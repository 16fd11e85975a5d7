from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Region(TextChoices):
    AFRICA = "africa", _("Africa")
    ASIA_PACIFIC = "asia_pacific", _("Asia-Pacific")
    EUROPE = "europe", _("Europe")
    LATIN_AMERICA = "latin_america", _("Latin America and the Caribbean")
    NORTH_AMERICA = "north_america", _("North America")
    MIDDLE_EAST = "middle_east", _("Middle East and West Asia")


class OrganisationKind(TextChoices):
    CITY_GOVERNMENT = "city_government", _("City government")
    METROPOLITAN_AUTHORITY = "metropolitan_authority", _("Metropolitan authority")
    NETWORK = "network", _("City network")
    UNIVERSITY = "university", _("University")
    OTHER = "other", _("Other")


class TokenScope(TextChoices):
    """What a personal token may do. Writing includes reading."""

    READ = "read", _("Read only")
    WRITE = "write", _("Read and write")
