from typing import Self

from django.db import models
from django.db.models import Q

from lms.accounts.models import User
from lms.programme.enums import Role
from lms.programme.selectors import standing_of
from peer_exchange.enums import ReportReason, ReportStatus
from peer_exchange.models.experience import CityExperience, ExperienceAuthor
from peer_exchange.models.response import Response

S = ReportStatus


class ReportQuerySet(models.QuerySet["Report"]):
    def visible_to(self, user: User) -> Self:
        """One's own, and those of the editions one moderates; nobody else learns of them.
        Who is reported, or their city's text, does not learn by whom, a moderator neither."""
        if user.is_superuser:
            return self
        standing = standing_of(user)
        looked_after = standing.editions_as(Role.MODERATOR, Role.COORDINATOR)
        signed = ExperienceAuthor.objects.filter(user=user).values("experience")
        of_ones_own = Q(response__author=user) | (
            Q(response__isnull=True)
            & (Q(experience__city__in=standing.cities) | Q(experience__in=signed))
        )
        return self.filter(
            (Q(experience__edition__in=looked_after) & ~of_ones_own)
            | Q(reporter=user, experience__edition__in=standing.edition_ids)
        )

    def open(self) -> Self:
        return self.filter(status=S.OPEN)


class Report(models.Model):
    """Somebody asks a moderator to look at a response, or at an experience itself.

    `settled_words`: what the moderator answers; of a response that was hidden it is the
    reason its author reads. A report withdrawn by its reporter is settled by them.
    """

    experience = models.ForeignKey(CityExperience, on_delete=models.PROTECT, related_name="reports")
    response = models.ForeignKey(
        Response, null=True, blank=True, on_delete=models.PROTECT, related_name="reports"
    )
    reporter = models.ForeignKey(User, on_delete=models.PROTECT, related_name="exchange_reports")
    reason = models.CharField(max_length=14, choices=ReportReason.choices)
    words = models.TextField(blank=True)
    created_at = models.DateTimeField()
    status = models.CharField(max_length=10, choices=S.choices, default=S.OPEN)
    settled_words = models.TextField(blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = ReportQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(reason__in=ReportReason.values), name="report_reason_known"
            ),
            models.CheckConstraint(condition=Q(status__in=S.values), name="report_status_known"),
            models.CheckConstraint(
                condition=Q(status=S.OPEN, settled_at__isnull=True, settled_by__isnull=True)
                | (~Q(status=S.OPEN) & Q(settled_at__isnull=False, settled_by__isnull=False)),
                name="report_settled_by_somebody",
            ),
            # Pressed twice, or again out of impatience: one report that waits.
            models.UniqueConstraint(
                fields=["response", "reporter"],
                condition=Q(status=S.OPEN),
                name="report_of_response_once",
            ),
            models.UniqueConstraint(
                fields=["experience", "reporter"],
                condition=Q(status=S.OPEN, response__isnull=True),
                name="report_of_experience_once",
            ),
        ]
        indexes = [
            models.Index(fields=["reporter", "created_at"]),
            models.Index(
                fields=["experience", "response"],
                condition=Q(status=S.OPEN),
                name="report_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reporter}: {self.reason}"
