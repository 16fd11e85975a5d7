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


class MailKind(TextChoices):
    """What the platform writes to people about when they have a say in it. Messages about
    one's own project, place or account are always sent."""

    TEXTS = "texts", _("Your city’s own texts: published, sent back, archived")
    RESPONSES = "responses", _("Responses and questions to you and your city")
    MENTIONS = "mentions", _("Somebody mentions you")
    FOLLOWED = "followed", _("News of the cities and experiences you follow")
    SAVED_SEARCHES = "saved_searches", _("New experiences that match your saved searches")
    TRANSFERS = "transfers", _("Transfers: cities that take up a practice")
    TALKS = "talks", _("Talks proposed to you and your city")
    MODERATION = "moderation", _("Moderation: reports, and what became of yours")


class MailCadence(TextChoices):
    AT_ONCE = "at_once", _("At once")
    DAILY = "daily", _("Once a day")
    WEEKLY = "weekly", _("Once a week")
    NEVER = "never", _("Never")


# What somebody gets who has chosen nothing yet.
USUAL_CADENCE = {
    MailKind.TEXTS: MailCadence.AT_ONCE,
    MailKind.RESPONSES: MailCadence.AT_ONCE,
    MailKind.MENTIONS: MailCadence.AT_ONCE,
    MailKind.FOLLOWED: MailCadence.DAILY,
    MailKind.SAVED_SEARCHES: MailCadence.DAILY,
    MailKind.TRANSFERS: MailCadence.AT_ONCE,
    MailKind.TALKS: MailCadence.AT_ONCE,
    MailKind.MODERATION: MailCadence.AT_ONCE,
}
# Kinds of which a line waits here for the digest. The others' apps make their own digests,
# because what they would say may have been hidden meanwhile.
KEPT_FOR_DIGEST = (MailKind.TEXTS, MailKind.TRANSFERS, MailKind.TALKS, MailKind.MODERATION)
