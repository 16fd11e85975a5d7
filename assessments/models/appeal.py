from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from assessments.enums import DECIDED_APPEAL, OPEN_APPEAL, AppealStatus
from assessments.models.marking import Assessment, Grade, GradeRevision
from assessments.models.team import is_graded_with, was_in_team
from lms.accounts.models import User
from lms.programme.models import Edition


class AppealQuerySet(models.QuerySet["Appeal"]):
    def visible_to(self, user: User) -> Self:
        """Those about one's own grade; those of editions one teaches or coordinates."""
        own = is_graded_with(user, "grade__submission")
        others = ~was_in_team(user, "grade__submission")
        staff = (
            Q(others)
            if user.is_superuser
            else others & Q(edition__in=Edition.objects.taught_by(user))
        )
        return self.filter(own | staff)

    def open(self) -> Self:
        return self.filter(status__in=OPEN_APPEAL)


class Appeal(models.Model):
    """Somebody asks that a released grade be looked at again, and says why. Append-only
    but for its state.

    `revision`: the decision it is about. `assessment`: the marks of the colleague who
    looks at it (invariant 10), from when it is given to one. `decided_as`: the revision
    that came of it, where the grade was amended. `version` counts its moves (invariant 3).
    """

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="appeals")
    grade = models.ForeignKey(Grade, on_delete=models.PROTECT, related_name="appeals")
    revision = models.ForeignKey(GradeRevision, on_delete=models.PROTECT, related_name="appeals")
    status = models.CharField(
        max_length=12, choices=AppealStatus.choices, default=AppealStatus.RECEIVED
    )
    reason = models.TextField()
    appealed_at = models.DateTimeField()
    appealed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    assessment = models.ForeignKey(
        Assessment, null=True, blank=True, on_delete=models.PROTECT, related_name="appeals"
    )
    assigned_at = models.DateTimeField(null=True, blank=True)
    assigned_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_as = models.OneToOneField(
        GradeRevision, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decision = models.TextField(blank=True, help_text=_("Why it was decided so."))
    version = models.PositiveIntegerField(default=0)

    objects = AppealQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["grade"], condition=Q(status__in=OPEN_APPEAL), name="appeal_one_open"
            ),
            models.CheckConstraint(
                condition=Q(status__in=AppealStatus.values), name="appeal_status_known"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="appeal_with_a_reason"),
            models.CheckConstraint(
                condition=Q(
                    assigned_at__isnull=True, assigned_by__isnull=True, assessment__isnull=True
                )
                | Q(assigned_at__isnull=False, assigned_by__isnull=False, assessment__isnull=False),
                name="appeal_assigned_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(status=AppealStatus.RECEIVED) | Q(assessment__isnull=False),
                name="appeal_looked_at_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(
                    status__in=OPEN_APPEAL, decided_at__isnull=True, decided_by__isnull=True
                )
                | Q(status__in=DECIDED_APPEAL, decided_at__isnull=False, decided_by__isnull=False)
                & ~Q(decision=""),
                name="appeal_decided_with_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(status=AppealStatus.AMENDED, decided_as__isnull=False)
                | ~Q(status=AppealStatus.AMENDED) & Q(decided_as__isnull=True),
                name="appeal_amended_by_a_revision",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.grade}: {self.get_status_display()}"
