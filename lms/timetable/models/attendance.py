from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lms.accounts.models import User
from lms.programme.models import Edition, Enrolment
from lms.timetable.enums import NEEDS_REASON, AttendanceStatus
from lms.timetable.models.session import Session


class AttendancePolicy(models.Model):
    """What counts as having taken part (D15a), edition by edition."""

    edition = models.OneToOneField(
        Edition, on_delete=models.CASCADE, related_name="attendance_policy"
    )
    excused_counts = models.BooleanField(
        default=True, help_text=_("An approved excusal counts without a make-up.")
    )
    partial_counts = models.BooleanField(default=False)

    class Meta:
        verbose_name_plural = "attendance policies"

    def __str__(self) -> str:
        return f"Attendance policy, {self.edition}"


class AttendanceQuerySet(models.QuerySet["Attendance"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(enrolment__in=Enrolment.objects.visible_to(user))


class Attendance(models.Model):
    """Whether a participant was at a session. No row means "expected".

    `version` counts how often the line was recorded (invariant 3).
    """

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="attendances")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="attendances")
    status = models.CharField(
        max_length=12, choices=AttendanceStatus.choices, default=AttendanceStatus.EXPECTED
    )
    reason = models.CharField(max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    objects = AttendanceQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["session", "enrolment"], name="attendance_once"),
            models.CheckConstraint(
                condition=Q(status__in=AttendanceStatus.values), name="attendance_status_known"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=NEEDS_REASON) | ~Q(reason=""),
                name="attendance_excusal_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(version__gte=1), name="attendance_versions_from_one"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enrolment.user}: {self.get_status_display()}"
