"""Uploads on their way to becoming files of a project, and the wish to submit when they are in."""

import uuid
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from assessments.enums import UNFINISHED_UPLOAD, UploadStatus
from assessments.models.submission import Attempt, ProjectFile, Submission
from assessments.models.team import is_in_team
from lms.accounts.models import User


class UploadQuerySet(models.QuerySet["Upload"]):
    def visible_to(self, user: User) -> Self:
        """Of the project one writes: what is not yet a file concerns nobody else."""
        return self.filter(is_in_team(user, "submission"))

    def unfinished(self, at: datetime) -> Self:
        return self.filter(status__in=UNFINISHED_UPLOAD, expires_at__gt=at)


class Upload(models.Model):
    """A file that arrives in pieces (tus 1.0): `offset` of `size` bytes are on disk.

    `idempotency_key`: of the request that began it, if that had one; sent again, the same.
    `sha256` is what the sender said at the beginning, if anything, and from the end on
    what was counted. `refused_because` is a sentence for the sender.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="uploads")
    name = models.CharField(max_length=255, help_text=_("As the participant named it."))
    size = models.PositiveBigIntegerField(help_text=_("In bytes."))
    offset = models.PositiveBigIntegerField(default=0, help_text=_("Bytes that have arrived."))
    sha256 = models.CharField(max_length=64, blank=True)
    status = models.CharField(
        max_length=16, choices=UploadStatus.choices, default=UploadStatus.RECEIVING
    )
    refused_because = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    idempotency_key = models.CharField(max_length=80, blank=True)
    expires_at = models.DateTimeField()
    file = models.ForeignKey(
        ProjectFile, null=True, blank=True, on_delete=models.PROTECT, related_name="uploads"
    )

    objects = UploadQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status__in=(UploadStatus.RECEIVED, UploadStatus.FINISHED))
                | Q(offset=F("size")),
                name="upload_whole_when_received",
            ),
            models.CheckConstraint(
                condition=Q(status__in=UploadStatus.values), name="upload_status_known"
            ),
            models.CheckConstraint(condition=Q(size__gt=0), name="upload_not_empty"),
            models.CheckConstraint(
                condition=Q(offset__lte=F("size")), name="upload_offset_within_size"
            ),
            models.CheckConstraint(
                condition=Q(status=UploadStatus.FINISHED, file__isnull=False)
                | ~Q(status=UploadStatus.FINISHED) & Q(file__isnull=True),
                name="upload_finished_with_its_file",
            ),
            models.UniqueConstraint(
                fields=["submission", "idempotency_key"],
                # Sent again after it waited too long, it begins anew.
                condition=~Q(idempotency_key="") & ~Q(status=UploadStatus.EXPIRED),
                name="upload_begun_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["expires_at"],
                condition=Q(status__in=UNFINISHED_UPLOAD),
                name="upload_unfinished",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def percent(self) -> int:
        """Whole per cent; 100 only when everything has arrived."""
        return self.offset * 100 // self.size


class SubmitIntent(models.Model):
    """A participant pressed “submit” before the deadline while uploads were running: until
    `until_at` these may finish and count as on time. Append-only.

    `version` is the draft's at that moment, `deadline_at` the effective deadline: a text
    changed afterwards, or a file that is none of these, is late as it would be without.
    """

    submission = models.ForeignKey(
        Submission, on_delete=models.PROTECT, related_name="submit_intents"
    )
    attempt = models.PositiveSmallIntegerField()
    version = models.PositiveIntegerField()
    uploads = models.ManyToManyField(
        Upload, through="SubmitIntentUpload", related_name="submit_intents"
    )
    deadline_at = models.DateTimeField()
    until_at = models.DateTimeField()
    declared_at = models.DateTimeField()
    declared_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(declared_at__lte=F("deadline_at")), name="submit_intent_in_time"
            ),
            models.CheckConstraint(
                condition=Q(until_at__gte=F("deadline_at")), name="submit_intent_window_after"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.submission}: attempt {self.attempt} until {self.until_at}"


class SubmitIntentUpload(models.Model):
    """An upload that was running when its project was meant to be submitted. Append-only."""

    intent = models.ForeignKey(SubmitIntent, on_delete=models.PROTECT, related_name="+")
    upload = models.ForeignKey(Upload, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["intent", "upload"], name="submit_intent_upload_once")
        ]

    def __str__(self) -> str:
        return f"{self.intent}: {self.upload}"


class AttemptLeftOut(models.Model):
    """A file that was on its way when its project was handed in, and is not part of it:
    `offset` of `size` bytes had arrived; `note`: why it was refused, if it was. Append-only."""

    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="left_out")
    upload = models.ForeignKey(Upload, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=255)
    size = models.PositiveBigIntegerField(help_text=_("In bytes."))
    offset = models.PositiveBigIntegerField(help_text=_("Bytes that had arrived."))
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["attempt", "upload"], name="attempt_left_out_once")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def percent(self) -> int:
        return self.offset * 100 // self.size
