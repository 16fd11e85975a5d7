from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lms.accounts.models import User
from lms.programme.models import Edition, Enrolment


class SharingPolicy(models.Model):
    """What “sharing the city's experience” means in an edition (D15b). `version` counts
    the changes staff made on its page; each is kept as a `SharingRevision`."""

    edition = models.OneToOneField(Edition, on_delete=models.CASCADE, related_name="sharing_policy")
    min_experiences = models.PositiveSmallIntegerField(
        default=1, help_text=_("Published experiences the participant is an author of.")
    )
    min_responses = models.PositiveSmallIntegerField(
        default=2, help_text=_("Substantive responses to experiences of other cities.")
    )
    min_words = models.PositiveSmallIntegerField(
        default=30, help_text=_("Words that make a response substantive.")
    )
    counts_own_city = models.BooleanField(
        default=False, help_text=_("Responses to one’s own city’s experiences count too.")
    )
    counts_repeats = models.BooleanField(
        default=False, help_text=_("Words that were used before count again.")
    )
    one_an_experience = models.BooleanField(
        default=True, help_text=_("Of several responses to one experience, one counts.")
    )
    max_responses_an_hour = models.PositiveSmallIntegerField(
        default=20, help_text=_("More from one person are refused for a while.")
    )
    version = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        verbose_name_plural = "sharing policies"
        constraints = [
            models.CheckConstraint(
                condition=Q(min_words__gte=1, min_words__lte=500), name="sharing_policy_words"
            ),
            models.CheckConstraint(
                condition=Q(max_responses_an_hour__gte=1), name="sharing_policy_responses_possible"
            ),
        ]

    def __str__(self) -> str:
        return f"Sharing, {self.edition}"

    @property
    def rule(self) -> dict[str, int | bool]:
        """What decides what counts, by field name."""
        return {name: getattr(self, name) for name in RULE_FIELDS}


# The least and the most that a number of the rule may be.
LIMITS = {"min_experiences": (0, 20), "min_responses": (0, 100), "min_words": (1, 500)}
RULE_FIELDS = (
    "min_experiences",
    "min_responses",
    "min_words",
    "counts_own_city",
    "counts_repeats",
    "one_an_experience",
)


class SharingRevision(models.Model):
    """The rule as it was changed, by whom and why. Append-only.

    `rule` and `before`: field name → value. `keeps_met`: whoever met the rule before is
    held to that one (`SharingPin`)."""

    policy = models.ForeignKey(SharingPolicy, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField()
    rule = models.JSONField()
    before = models.JSONField()
    keeps_met = models.BooleanField()
    reason = models.TextField()
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["policy", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["policy", "number"], name="sharing_revision_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="sharing_revisions_from_one"),
            models.CheckConstraint(condition=~Q(reason=""), name="sharing_revision_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.policy} r{self.number}"


class SharingPin(models.Model):
    """Somebody who had met a rule when it was changed: they are held to that one."""

    enrolment = models.OneToOneField(
        Enrolment, on_delete=models.PROTECT, related_name="sharing_pin"
    )
    revision = models.ForeignKey(
        SharingRevision,
        on_delete=models.PROTECT,
        related_name="pins",
        help_text="The change that kept the rule before it for this person.",
    )

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.enrolment}: {self.revision}"
