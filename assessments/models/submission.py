import uuid
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from assessments.enums import SubmissionStatus
from assessments.models.project import GuidelinesVersion, Project
from assessments.models.queued import QueuedQuerySet
from assessments.models.rubric import RubricVersion
from assessments.models.team import handed_in_with, is_in_team
from lms.accounts.models import User
from lms.core.clock import validate_zone
from lms.core.rich_fields import TextFormat
from lms.programme.models import Edition, Enrolment


class SubmissionQuerySet(QueuedQuerySet["Submission"]):
    queued_by = "pk"
    queued_for = frozenset({"status", "attempt", "owner"})

    def visible_to(self, user: User) -> Self:
        """Those one writes, and one's own drafts set aside; what was submitted, for
        instructors and coordinators of the edition."""
        submitted = Q(edition__in=Edition.objects.taught_by(user)) & Exists(
            Attempt.objects.filter(submission=OuterRef("pk"))
        )
        set_aside = Q(owner__user=user, parked_at__isnull=False)
        return self.filter(is_in_team(user) | set_aside | submitted)

    def in_hand(self) -> Self:
        """Without the drafts that their writers set aside to join a team."""
        return self.filter(parked_at=None)


class Submission(models.Model):
    """A final project of one participant or of a team (`members`): the draft being
    written and where it stands.

    `owner` is the member who began it or, since they left, the one longest in the team.
    `parked_at`: the owner, alone in it, set it aside to write with others.

    `attempt` is the number of the attempt being written or, once submitted, in
    hand; `version` counts the draft's saves (invariant 3). `sections`: section key →
    canonical HTML (`lms.core.rich_text`). `writer` saved last; `history_at`: since when
    what they write goes into one version of the history.
    """

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="submissions")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="submissions")
    owner = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="submissions")
    status = models.CharField(
        max_length=24, choices=SubmissionStatus.choices, default=SubmissionStatus.DRAFT
    )
    attempt = models.PositiveSmallIntegerField(default=1)
    version = models.PositiveIntegerField(default=0)
    sections = models.JSONField(default=dict, blank=True)
    guidelines = models.ForeignKey(
        GuidelinesVersion, on_delete=models.PROTECT, related_name="drafts"
    )
    created_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    writer = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    history_at = models.DateTimeField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    parked_at = models.DateTimeField(null=True, blank=True)

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "owner"],
                condition=Q(parked_at=None),
                name="submission_in_hand_once",
            ),
            models.CheckConstraint(
                condition=Q(status__in=SubmissionStatus.values), name="submission_status_known"
            ),
            models.CheckConstraint(
                condition=Q(attempt__gte=1), name="submission_attempts_from_one"
            ),
            models.CheckConstraint(
                condition=~Q(
                    status__in=(
                        SubmissionStatus.SUBMITTED,
                        SubmissionStatus.LOCKED_FOR_MARKING,
                        SubmissionStatus.FINALISED,
                    )
                )
                | Q(submitted_at__isnull=False),
                name="submission_submitted_at_a_time",
            ),
        ]
        indexes = [models.Index(fields=["edition", "status", "submitted_at", "id"])]

    def __str__(self) -> str:
        return f"{self.project}: {self.owner.user}"


class AttemptQuerySet(QueuedQuerySet["Attempt"]):
    def visible_to(self, user: User) -> Self:
        """Those of the project one writes, those one was part of, and for edition staff."""
        return self.filter(
            is_in_team(user, "submission")
            | handed_in_with(user)
            | Q(submission__edition__in=Edition.objects.taught_by(user))
        )


class Attempt(models.Model):
    """A submitted attempt and its receipt: never changed (invariant 1). Append-only.

    `sections`: section key → text, as they stood, written in `text_format`: attempts
    from before there was formatting hold plain text. `content_sha256` is the hash of the
    canonical JSON of sections and file hashes.
    """

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="attempts")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="attempts")
    owner = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    receipt = models.CharField(max_length=24, unique=True)
    idempotency_key = models.CharField(max_length=80)
    request_sha256 = models.CharField(max_length=64)
    received_at = models.DateTimeField()
    submitted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    sections = models.JSONField()
    text_format = models.CharField(
        max_length=4, choices=TextFormat.choices, default=TextFormat.HTML
    )
    content_sha256 = models.CharField(max_length=64)
    guidelines = models.ForeignKey(
        GuidelinesVersion, on_delete=models.PROTECT, related_name="attempts"
    )
    rubric = models.ForeignKey(RubricVersion, on_delete=models.PROTECT, related_name="attempts")
    # Invariant 12: the deadline as it was applied, snapshot.
    deadline_at = models.DateTimeField()
    deadline_zone = models.CharField(max_length=64)
    effective_deadline_at = models.DateTimeField()
    effective_reason = models.CharField(max_length=200, blank=True)
    is_late = models.BooleanField()

    objects = AttemptQuerySet.as_manager()

    class Meta:
        ordering = ["submission", "number"]
        constraints = [
            # A team's attempts go on counting when another member owns the project.
            models.UniqueConstraint(fields=["submission", "number"], name="attempt_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="attempt_numbers_from_one"),
            models.CheckConstraint(
                condition=Q(text_format__in=TextFormat.values), name="attempt_text_format_known"
            ),
            models.UniqueConstraint(
                fields=["owner", "idempotency_key"], name="attempt_idempotency_key_once"
            ),
        ]
        # The marking queue reads a page from its place in these, however long it is.
        indexes = [
            models.Index(fields=["project", "received_at", "submission"], name="attempt_queue"),
            models.Index(
                fields=["project", "received_at", "submission"],
                condition=Q(is_late=True),
                name="attempt_queue_late",
            ),
        ]

    def __str__(self) -> str:
        return self.receipt


class RevisionRequest(models.Model):
    """An instructor returned an attempt: why, and until when. Append-only.

    Invariant 12: an extension is the instant `until_at` and the wall time that it is
    in the zone it was given in. Rows from before the zone was kept have the instant.
    """

    attempt = models.OneToOneField(
        Attempt, on_delete=models.PROTECT, related_name="revision_request"
    )
    reason = models.TextField()
    until_at = models.DateTimeField(
        null=True, blank=True, help_text=_("The new attempt is on time until then.")
    )
    until_wall = models.DateTimeField(
        null=True,
        blank=True,
        help_text=_("The time on the clock in that zone, stored as if it were UTC."),
    )
    until_zone = models.CharField(max_length=64, blank=True, validators=[validate_zone])
    requested_at = models.DateTimeField()
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="revision_request_with_a_reason"),
            models.CheckConstraint(
                condition=Q(until_wall__isnull=True, until_zone="")
                | Q(until_at__isnull=False, until_wall__isnull=False) & ~Q(until_zone=""),
                name="revision_request_until_in_a_zone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.attempt}: returned"


class ProjectFileQuerySet(models.QuerySet["ProjectFile"]):
    def attached(self) -> Self:
        return self.filter(removed_at=None)

    def visible_to(self, user: User) -> Self:
        """Those of the project one writes; what came with an attempt, for those who handed
        it in and for edition staff."""
        submitted = Q(submission__edition__in=Edition.objects.taught_by(user)) & Exists(
            AttemptFile.objects.filter(file=OuterRef("pk"))
        )
        handed_in = Exists(
            AttemptFile.objects.filter(handed_in_with(user, "attempt"), file=OuterRef("pk"))
        )
        set_aside = Q(submission__owner__user=user, submission__parked_at__isnull=False)
        return self.filter(is_in_team(user, "submission") | set_aside | handed_in | submitted)

    def written_by(self, user: User) -> Self:
        """Of projects that the user writes."""
        return self.filter(is_in_team(user, "submission"))


class ProjectFile(models.Model):
    """A file attached to a draft, stored by its hash. Append-only but for the mark
    that it was taken off."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="files")
    name = models.CharField(max_length=255, help_text=_("As the participant named it."))
    stored_as = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField(help_text=_("In bytes."))
    media_type = models.CharField(max_length=120)
    uploaded_at = models.DateTimeField()
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = ProjectFileQuerySet.as_manager()

    class Meta:
        ordering = ["uploaded_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(size__gt=0), name="project_file_not_empty"),
            models.CheckConstraint(
                condition=Q(removed_at__isnull=True, removed_by__isnull=True)
                | Q(removed_at__isnull=False, removed_by__isnull=False),
                name="project_file_removed_at_and_by",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def kind(self) -> str:
        """“PDF”, “DOCX”: the content agreed with the name when it came."""
        return self.name.rpartition(".")[2].upper()


class AttemptFile(models.Model):
    """A file as it was submitted with an attempt. Append-only."""

    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="files")
    file = models.ForeignKey(ProjectFile, on_delete=models.PROTECT, related_name="submitted_with")
    name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    media_type = models.CharField(max_length=120)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["attempt", "file"], name="attempt_file_once")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def kind(self) -> str:
        return self.name.rpartition(".")[2].upper()
