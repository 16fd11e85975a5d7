from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ActivityKind(TextChoices):
    """The online activity types (D4); site visits and masterclasses are sessions."""

    KNOWLEDGE = "knowledge", _("Knowledge")
    SKILLS = "skills", _("Skills")
    CASE_STUDY = "case_study", _("Case study")


class CompletionRule(TextChoices):
    """When an activity may be marked as done. The server decides in every case."""

    CONFIRM = "confirm", _("The participant says that it is read")
    ANSWERED = "answered", _("Every question has an answer, right or wrong")
    SCORE = "score", _("The share of right answers reaches a threshold")
    WRITTEN = "written", _("The written answer is long enough")


class ActivityStatus(TextChoices):
    """How far a participant is with an activity."""

    OPEN = "open", _("Not begun")
    BEGUN = "begun", _("Begun")
    DONE = "done", _("Done")


class QuestionKind(TextChoices):
    SINGLE = "single", _("One right answer")
    MULTIPLE = "multiple", _("Several right answers")
    TRUE_FALSE = "true_false", _("True or false")


class ChartKind(TextChoices):
    """S3: words of a source are drawn as bands, never as points."""

    BARS = "bars", _("Bars: the source gives exact figures")
    BANDS = "bands", _("Bands: the source gives words (“more than half”)")
    RANKING = "ranking", _("Ranking: the source gives an order only")


class TermSection(TextChoices):
    """The sections of a reference term, in their order on the page (A1)."""

    DEFINITION = "definition", _("Definition")
    RELEVANCE = "relevance", _("Relevance")
    METHODS = "methods", _("Methods")
    SCOPE = "geographical_scope", _("Geographical scope")
    HISTORY = "history", _("History")
    ACTORS = "actors", _("Actors")
    EXAMPLES = "examples", _("Examples")


class H5POrigin(TextChoices):
    """Where an interactive content comes from."""

    UPLOADED = "uploaded", _("An uploaded H5P file")
    QUESTIONS = "questions", _("Questions written here")
