"""More time for one project, reminders, and handing in by itself at the deadline."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from assessments.enums import DeadlineSubmissionStatus, ExtensionStatus
from assessments.models.project import Project
from assessments.models.submission import Attempt, Submission
from assessments.models.team import is_in_team
from lms.accounts.models import User
from lms.core.clock import validate_zone
from lms.programme.models import Edition, Enrolment

_WALL = _("The time on the clock in that zone, stored as if it were UTC.")


class ExtensionQuerySet(models.QuerySet["Extension"]):
    def visible_to(self, user: User) -> Self:
        """Those of projects one writes, and of editions one teaches or coordinates."""
        return self.filter(
            is_in_team(user, "submission")
            | Q(submission__edition__in=Edition.objects.taught_by(user))
        )

    def waiting(self) -> Self:
        return self.filter(status=ExtensionStatus.REQUESTED)


class Extension(models.Model):
    """More time that was asked for one project, and where the request stands.
    Append-only but for its state; how it got there is in `ExtensionDecision`.
    `is_unasked`: a coordinator gave it without being asked; `reason` is theirs.

    Invariant 12: `wanted_…` and `until_…` are an instant, a zone and the wall time there.
    `until_at` is final: the grace for everybody does not come on top.
    """

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="extensions")
    attempt = models.PositiveSmallIntegerField(help_text=_("The attempt in hand at that time."))
    wanted_at = models.DateTimeField()
    wanted_wall = models.DateTimeField(help_text=_WALL)
    wanted_zone = models.CharField(max_length=64, validators=[validate_zone])
    reason = models.TextField()
    requested_at = models.DateTimeField()
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    is_unasked = models.BooleanField(default=False)
    status = models.CharField(
        max_length=12, choices=ExtensionStatus.choices, default=ExtensionStatus.REQUESTED
    )
    until_at = models.DateTimeField(null=True, blank=True)
    until_wall = models.DateTimeField(null=True, blank=True, help_text=_WALL)
    until_zone = models.CharField(max_length=64, blank=True, validators=[validate_zone])

    objects = ExtensionQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["submission"],
                condition=Q(status=ExtensionStatus.REQUESTED),
                name="extension_one_request_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(status__in=ExtensionStatus.values), name="extension_status_known"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="extension_with_a_reason"),
            models.CheckConstraint(
                condition=Q(
                    status__in=(ExtensionStatus.GRANTED, ExtensionStatus.SHORTENED),
                    until_at__isnull=False,
                    until_wall__isnull=False,
                )
                & ~Q(until_zone="")
                | Q(until_at__isnull=True, until_wall__isnull=True, until_zone="")
                & ~Q(status__in=(ExtensionStatus.GRANTED, ExtensionStatus.SHORTENED)),
                name="extension_given_until_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.submission}: {self.get_status_display()}"


class ExtensionDecision(models.Model):
    """One step in the life of a request for more time: who, when, why. Append-only."""

    extension = models.ForeignKey(Extension, on_delete=models.PROTECT, related_name="decisions")
    status = models.CharField(max_length=12, choices=ExtensionStatus.choices)
    until_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True)
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=ExtensionStatus.values),
                name="extension_decision_status_known",
            ),
            models.CheckConstraint(
                condition=~Q(reason="")
                | Q(status__in=(ExtensionStatus.REQUESTED, ExtensionStatus.TAKEN_BACK)),
                name="extension_decision_with_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.extension_id}: {self.get_status_display()}"


class LatenessRuling(models.Model):
    """Staff looked at a late attempt again after more time was given, or after the deadline
    of everybody was moved (`extension` none). Append-only.

    The attempt and its receipt stay as they were (invariants 1 and 12); this stands
    beside them.
    """

    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="rulings")
    extension = models.ForeignKey(
        Extension, null=True, blank=True, on_delete=models.PROTECT, related_name="rulings"
    )
    is_late = models.BooleanField()
    effective_deadline_at = models.DateTimeField()
    reason = models.TextField()
    ruled_at = models.DateTimeField()
    ruled_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="lateness_ruling_with_a_reason")
        ]

    def __str__(self) -> str:
        return f"{self.attempt}: ruling"


class DeadlineReminder(models.Model):
    """A reminder promised to one person before their deadline: once for each deadline
    and distance. Append-only."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="reminders")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    hours_before = models.PositiveIntegerField()
    deadline_at = models.DateTimeField(help_text=_("The effective one it was sent before."))
    promised_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "enrolment", "hours_before", "deadline_at"],
                name="deadline_reminder_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.enrolment}: {self.hours_before} h"


class DeadlineSubmission(models.Model):
    """A writer's wish that the last complete draft be handed in at the deadline."""

    submission = models.ForeignKey(
        Submission, on_delete=models.PROTECT, related_name="deadline_submissions"
    )
    attempt_number = models.PositiveSmallIntegerField()
    status = models.CharField(
        max_length=12,
        choices=DeadlineSubmissionStatus.choices,
        default=DeadlineSubmissionStatus.WAITING,
    )
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)
    attempt = models.OneToOneField(
        Attempt,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="deadline_submission",
    )
    draft_version = models.PositiveIntegerField(
        null=True, blank=True, help_text=_("The version of the draft that was handed in.")
    )
    draft_saved_at = models.DateTimeField(null=True, blank=True)
    note = models.TextField(blank=True, help_text=_("What was missing."))

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["submission"],
                condition=Q(status=DeadlineSubmissionStatus.WAITING),
                name="deadline_submission_one_waits",
            ),
            models.CheckConstraint(
                condition=Q(status__in=DeadlineSubmissionStatus.values),
                name="deadline_submission_status_known",
            ),
            models.CheckConstraint(
                condition=Q(status=DeadlineSubmissionStatus.WAITING, settled_at__isnull=True)
                | Q(settled_at__isnull=False) & ~Q(status=DeadlineSubmissionStatus.WAITING),
                name="deadline_submission_settled_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(
                    status=DeadlineSubmissionStatus.SUBMITTED,
                    attempt__isnull=False,
                    draft_version__isnull=False,
                    draft_saved_at__isnull=False,
                )
                | Q(attempt__isnull=True, draft_version__isnull=True, draft_saved_at__isnull=True)
                & ~Q(status=DeadlineSubmissionStatus.SUBMITTED),
                name="deadline_submission_has_its_attempt",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.submission}: {self.get_status_display()}"
