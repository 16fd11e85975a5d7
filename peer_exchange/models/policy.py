from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lms.programme.models import Edition


class SharingPolicy(models.Model):
    """What “sharing the city's experience” means in an edition (D15b)."""

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
    max_responses_an_hour = models.PositiveSmallIntegerField(
        default=20, help_text=_("More from one person are refused for a while.")
    )

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
