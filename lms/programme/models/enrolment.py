from typing import Self

from django.db import models
from django.db.models import Q

from lms.accounts.models import City, Organisation, User
from lms.programme.enums import TAKING_PART, TEACHING_ROLES, EnrolmentStatus
from lms.programme.models.edition import Edition


class EnrolmentQuerySet(models.QuerySet["Enrolment"]):
    def taking_part(self) -> Self:
        return self.filter(status__in=TAKING_PART)

    def visible_to(self, user: User) -> Self:
        """One's own, and those of editions one works for."""
        if user.is_superuser:
            return self
        staff = Q(edition__roles__user=user, edition__roles__role__in=TEACHING_ROLES)
        return self.filter(Q(user=user) | staff).distinct()


class Enrolment(models.Model):
    """A person's place in an edition, for the city they represent."""

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="enrolments")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="enrolments")
    city = models.ForeignKey(City, on_delete=models.PROTECT, related_name="enrolments")
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="enrolments"
    )
    status = models.CharField(
        max_length=20, choices=EnrolmentStatus.choices, default=EnrolmentStatus.OFFERED
    )
    created_at = models.DateTimeField()

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "user"], name="enrolment_once_an_edition"),
            models.CheckConstraint(
                condition=Q(status__in=EnrolmentStatus.values), name="enrolment_status_known"
            ),
        ]
        indexes = [models.Index(fields=["edition", "status"])]

    def __str__(self) -> str:
        return f"{self.user} · {self.edition}"
