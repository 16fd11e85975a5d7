from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ExperienceStatus(TextChoices):
    DRAFT = "draft", _("Draft")
    CITY_CLEARANCE = "city_clearance", _("With the city for clearance")
    IN_MODERATION = "in_moderation", _("In moderation")
    PUBLISHED = "published", _("Published")
    ARCHIVED = "archived", _("Archived")


# A text that left the city: somebody there stands behind it.
CLEARED = (
    ExperienceStatus.IN_MODERATION,
    ExperienceStatus.PUBLISHED,
    ExperienceStatus.ARCHIVED,
)


class Visibility(TextChoices):
    """Who may read a published experience."""

    COHORT = "cohort", _("People of this edition")
    MEMBERS = "members", _("People of all editions of the programme")
    PUBLIC = "public", _("Everybody who signs in")


class Part(TextChoices):
    """The six parts of an experience, in the order they are read (D18)."""

    CONTEXT = "context", _("Context")
    CHALLENGE = "challenge", _("Challenge")
    STRATEGY = "strategy", _("Strategy")
    SUCCEEDED = "succeeded", _("What succeeded")
    FAILED = "failed", _("What failed")
    LESSONS = "lessons", _("Lessons")


class FacetKind(TextChoices):
    """How the reference article sorts city diplomacy (A2)."""

    METHOD = "method", _("Method")
    SCOPE = "scope", _("Scope")
    ACTOR = "actor", _("Who took part")


class Counting(TextChoices):
    """Whether a response counts as substantive (D15b), or why not."""

    COUNTS = "counts", _("Counts for your diploma")
    HIDDEN = "hidden", _("Not counted: a moderator has hidden it")
    OWN_CITY = "own_city", _("Not counted: this is your own city’s experience")
    TOO_SHORT = "too_short", _("Not counted yet: it is too short")
    REPEATED = "repeated", _("Not counted: you wrote the same text before")
    SAME_EXPERIENCE = (
        "same_experience",
        _("Not counted: another response of yours to this experience already counts"),
    )


class TransferStatus(TextChoices):
    """How far one city is in taking up another's practice."""

    INTERESTED = "interested", _("Interested")
    UNDERSTANDING = "understanding", _("Understanding")
    ASSESSING = "assessing", _("Assessing")
    ADAPTING = "adapting", _("Adapting")
    PILOTING = "piloting", _("Piloting")
    ADOPTED = "adopted", _("Adopted")
    SUSTAINED = "sustained", _("Sustained")
    STOPPED = "stopped", _("Stopped")
