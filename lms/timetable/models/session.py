from typing import Self

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from lms.accounts.models import User
from lms.core.clock import validate_zone
from lms.programme.models import Edition
from lms.timetable.enums import SessionKind


class SessionQuerySet(models.QuerySet["Session"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(edition__in=Edition.objects.visible_to(user))


class Session(models.Model):
    """Something of the programme that happens at a time: a lecture, a visit, a workshop."""

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="sessions")
    key = models.SlugField(help_text=_("Stable name within the edition."))
    kind = models.CharField(max_length=20, choices=SessionKind.choices)
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    place = models.CharField(max_length=200, blank=True)
    led_by = models.CharField(max_length=200, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    time_zone = models.CharField(max_length=64, validators=[validate_zone])
    is_required = models.BooleanField(
        default=True, help_text=_("Attendance counts for the certificate (D15a).")
    )
    capacity = models.PositiveIntegerField(null=True, blank=True, validators=[MinValueValidator(1)])

    objects = SessionQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "key"], name="session_key_once"),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="session_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=SessionKind.values), name="session_kind_known"
            ),
        ]

    def __str__(self) -> str:
        return self.title
