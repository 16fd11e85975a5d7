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
    PUBLIC = "public", _("Anybody on the web")


class Part(TextChoices):
    """The parts of an experience, in the order they are read (D18)."""

    CONTEXT = "context", _("Context")
    CHALLENGE = "challenge", _("Challenge")
    STRATEGY = "strategy", _("Strategy")
    DONE = "done", _("What was done")
    SUCCEEDED = "succeeded", _("What succeeded")
    FAILED = "failed", _("What failed")
    LESSONS = "lessons", _("Lessons")
    COST = "cost", _("Cost and staff")


# A city may not want to speak of money, and can be asked.
OPTIONAL_PARTS = (Part.COST,)


class VersionKind(TextChoices):
    """Why a draft was kept as it stood."""

    WRITING = "writing", _("Written")
    CONFLICT = "conflict", _("Decided against")
    RESTORE = "restore", _("Restored")
    SUBMIT = "submit", _("Handed to the city")


class Attachment(TextChoices):
    """What stands beside the text of an experience."""

    PICTURE = "picture", _("Picture")
    FILE = "file", _("File")


class FacetKind(TextChoices):
    """How the reference article sorts city diplomacy (A2)."""

    METHOD = "method", _("Method")
    SCOPE = "scope", _("Scope")
    ACTOR = "actor", _("Who took part")
    LESSON = "lesson", _("Lesson of the course")


class Counting(TextChoices):
    """Whether a response counts as substantive (D15b), or why not."""

    COUNTS = "counts", _("Counts for your diploma")
    HIDDEN = "hidden", _("Not counted: a moderator has hidden it")
    OWN_CITY = "own_city", _("Not counted: this is your own city’s experience")
    TOO_SHORT = "too_short", _("Not counted yet: it is too short")
    REPEATED = "repeated", _("Not counted: you wrote the same text before")
    COPIED = "copied", _("Not counted: somebody else wrote this text before")
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


# What a city says of its own work; from here on it says that it works.
TAKEN_UP = (TransferStatus.ADOPTED, TransferStatus.SUSTAINED)
# Where the city asks the source for its word: when it begins, and for each result.
ASKS_FOR_A_WORD = (TransferStatus.INTERESTED, *TAKEN_UP)


class Answer(TextChoices):
    """What the source city says of another city's claim."""

    WAITING = "waiting", _("Waits for the source city’s word")
    CONFIRMED = "confirmed", _("Confirmed by the source city")
    DISPUTED = "disputed", _("Disputed by the source city")


class TransferEventKind(TextChoices):
    CLAIMED = "claimed", _("said that it is interested")
    MOVED = "moved", _("moved on")
    TAKEN_BACK = "taken_back", _("took the last step back")
    CONFIRMED = "confirmed", _("confirmed it")
    DISPUTED = "disputed", _("disputed it")
    ASKED_AGAIN = "asked_again", _("asked the source city again")
    EVIDENCE_ADDED = "evidence_added", _("added evidence")
    EVIDENCE_REMOVED = "evidence_removed", _("took evidence out")
    EVIDENCE_RESTORED = "evidence_restored", _("put evidence back")
    FOLLOW_UP_ASKED = "follow_up_asked", _("was asked how it is going")
    FOLLOW_UP_ANSWERED = "follow_up_answered", _("said how it is going")


# Between the two cities alone: readers elsewhere see how it ended.
BETWEEN_THE_TWO = (TransferEventKind.DISPUTED, TransferEventKind.ASKED_AGAIN)


class TopicKind(TextChoices):
    """What a city looks for in the exchange, and what it has to give."""

    NEED = "need", _("Looks for")
    OFFER = "offer", _("Offers")


class TalkStatus(TextChoices):
    """A one-to-one talk of two cities in a break of the timetable."""

    PROPOSED = "proposed", _("Proposed")
    ACCEPTED = "accepted", _("Agreed")
    DECLINED = "declined", _("Declined")
    MOVED = "moved", _("Another time was proposed")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    CANCELLED = "cancelled", _("Called off")


class CitySize(TextChoices):
    """By the population its profile gives."""

    SMALL = "small", _("Up to 250,000 people")
    MEDIUM = "medium", _("250,000 to 1 million")
    LARGE = "large", _("1 to 5 million")
    HUGE = "huge", _("Over 5 million")
    UNKNOWN = "unknown", _("Population not given")


class DigestCadence(TextChoices):
    """How often somebody is written to about a saved search."""

    DAILY = "daily", _("Every day there is something new")
    WEEKLY = "weekly", _("Once a week, on Monday")
    NEVER = "never", _("No letters")


class ResponseKind(TextChoices):
    """What somebody does with a response."""

    RESPONSE = "response", _("Response")
    USEFUL = "useful", _("Useful for my city because…")
    QUESTION = "question", _("Question to the city")


class ReportReason(TextChoices):
    """Why somebody thinks that a moderator should look."""

    OFFENSIVE = "offensive", _("It insults or threatens somebody")
    PERSONAL = "personal", _("It tells something private about a person")
    CONFIDENTIAL = "confidential", _("It should not have left the city")
    SPAM = "spam", _("It is advertising, or flooding")
    OFF_TOPIC = "off_topic", _("It has nothing to do with the experience")
    OTHER = "other", _("Something else")


class ReportStatus(TextChoices):
    """What became of a report."""

    OPEN = "open", _("Open")
    UPHELD = "upheld", _("Upheld")
    DISMISSED = "dismissed", _("Dismissed")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Distance(TextChoices):
    """How far somebody keeps another person away from themselves."""

    MUTED = "muted", _("Muted")
    BLOCKED = "blocked", _("Blocked")


class NoticeReason(TextChoices):
    """Why somebody is told of a response or an experience: the first that holds."""

    MENTION = "mention", _("You are mentioned")
    REPLY = "reply", _("An answer to you")
    ANSWER = "answer", _("Your question is answered")
    OWN = "own", _("About your city’s experience")
    FOLLOWED = "followed", _("You follow this")
