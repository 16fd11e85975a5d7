from typing import Self

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, When
from django.utils.translation import gettext_lazy as _

from assessments.enums import (
    ACTIVE_ASSESSMENT,
    VISIBLE_TO_PARTICIPANT,
    AssessmentStatus,
    GradeStatus,
    MarkerRole,
    Outcome,
)
from assessments.models.project import Project
from assessments.models.queued import QueuedQuerySet
from assessments.models.rubric import RubricVersion
from assessments.models.second_marking import SecondMarking
from assessments.models.submission import Attempt, Submission
from assessments.models.team import is_graded_with, was_in_team
from lms.accounts.models import User
from lms.programme.enums import Role
from lms.programme.models import Edition, Enrolment, RoleAssignment


def is_blind(attempt: str) -> Q:
    """Two people mark the attempt at the end of that path, and one of them has not handed
    in: nobody reads what the other gives."""
    handed_in = Assessment.objects.filter(
        attempt=OuterRef(attempt), status=AssessmentStatus.SUBMITTED
    )
    both = Exists(handed_in.filter(role=MarkerRole.FIRST)) & Exists(
        handed_in.filter(role=MarkerRole.SECOND)
    )
    return Exists(SecondMarking.objects.filter(attempt=OuterRef(attempt))) & ~Q(both)


class AssessmentQuerySet(QueuedQuerySet["Assessment"]):
    queued_for = frozenset({"status", "marker"})

    def active(self) -> Self:
        return self.filter(status__in=ACTIVE_ASSESSMENT)

    def visible_to(self, user: User) -> Self:
        """For instructors and coordinators of the edition; never of a project one has had
        a hand in."""
        others = self.filter(~was_in_team(user, "submission"))
        return others.filter(edition__in=Edition.objects.taught_by(user))

    def readable_by(self, user: User) -> Self:
        """Those whose marks one may read: not another's while two people mark the attempt
        and one of them has not handed in."""
        return self.visible_to(user).filter(Q(marker=user) | ~is_blind("attempt"))

    def saying_who_instructs(self) -> Self:
        """With `marker_instructs`: the marker holds the role in the edition."""
        held = RoleAssignment.objects.filter(
            user=OuterRef("marker"), edition=OuterRef("edition"), role=Role.INSTRUCTOR
        )
        return self.annotate(marker_instructs=Exists(held))


class Assessment(models.Model):
    """One marker's work on one attempt. `version` counts the saves of the marks
    being given (invariant 3); what was handed in is in revisions.

    `marks`: criterion key → {"level": level key or None, "comment": text}, of the rubric
    version that the attempt has pinned. A criterion that is not there, or without a level,
    has no mark, which is not zero (invariant 6).

    `edition` and `received_at` repeat the attempt's, so that a marker's own queue
    is read from one index however long it is.
    """

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="assessments")
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="assessments")
    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="assessments")
    marker = models.ForeignKey(User, on_delete=models.PROTECT, related_name="assessments")
    role = models.CharField(max_length=10, choices=MarkerRole.choices, default=MarkerRole.FIRST)
    status = models.CharField(
        max_length=20, choices=AssessmentStatus.choices, default=AssessmentStatus.ALLOCATED
    )
    version = models.PositiveIntegerField(default=0)
    marks = models.JSONField(default=dict, blank=True)
    overall = models.TextField(blank=True)
    received_at = models.DateTimeField()
    allocated_at = models.DateTimeField()
    allocated_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField(null=True, blank=True)
    saved_at = models.DateTimeField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["attempt", "role"],
                condition=Q(status__in=ACTIVE_ASSESSMENT),
                name="assessment_one_marker_in_a_role",
            ),
            # Nobody is their own second marker.
            models.UniqueConstraint(
                fields=["attempt", "marker"],
                condition=Q(status__in=ACTIVE_ASSESSMENT),
                name="assessment_one_role_of_a_marker",
            ),
            models.CheckConstraint(
                condition=Q(role__in=MarkerRole.values), name="assessment_role_known"
            ),
            models.CheckConstraint(
                condition=Q(status__in=AssessmentStatus.values), name="assessment_status_known"
            ),
            models.CheckConstraint(
                condition=~Q(status=AssessmentStatus.SUBMITTED) | Q(submitted_at__isnull=False),
                name="assessment_submitted_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=(AssessmentStatus.IN_MARKING, AssessmentStatus.SUBMITTED))
                | Q(started_at__isnull=False),
                name="assessment_begun_at_a_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["marker", "edition", "received_at", "submission"],
                condition=Q(status__in=ACTIVE_ASSESSMENT),
                name="assessment_of_marker",
            )
        ]

    def __str__(self) -> str:
        return f"{self.attempt}: {self.marker}"


class MarksRecord(models.Model):
    """Marks as they were handed in or decided.

    `marks`: [{"criterion", "title", "level", "level_title", "points", "max_points",
    "weight", "comment"}] with numbers as strings; `annotations`: [{"id", "section",
    "file", "anchor", "text"}], the comments at places; `total` of `maximum` are the
    plain points; `percent` is the weighted result (0–100, two places), computed
    by the server alone (invariant 5).
    """

    rubric = models.ForeignKey(RubricVersion, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    marks = models.JSONField()
    overall = models.TextField(blank=True)
    annotations = models.JSONField(default=list, blank=True)
    total = models.DecimalField(max_digits=8, decimal_places=2)
    maximum = models.DecimalField(max_digits=8, decimal_places=2)
    percent = models.DecimalField(max_digits=5, decimal_places=2)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        abstract = True


class AssessmentRevision(MarksRecord):
    """What a marker handed in. Append-only."""

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="revisions")

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "number"], name="assessment_revision_once"
            ),
            models.CheckConstraint(
                condition=Q(total__gte=0, total__lte=F("maximum"), percent__range=(0, 100)),
                name="assessment_revision_in_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assessment} r{self.number}"


class GradeQuerySet(QueuedQuerySet["Grade"]):
    queued_for = frozenset({"status", "attempt", "needs_regrade"})

    def visible_to(self, user: User) -> Self:
        """One's own once released (invariant 9), whatever else one is; those of others
        for instructors and coordinators of the edition."""
        released = is_graded_with(user, "submission") & Q(status__in=VISIBLE_TO_PARTICIPANT)
        others = ~was_in_team(user, "submission")
        staff = (
            Q(others)
            if user.is_superuser
            else others & Q(edition__in=Edition.objects.taught_by(user))
        )
        return self.filter(released | staff)

    def saying_what_is_kept_back(self) -> Self:
        """With `is_kept_back`: an earlier decision, reopened since for two to mark it."""
        kept_back = ~Q(status__in=VISIBLE_TO_PARTICIPANT) & is_blind("attempt")
        return self.annotate(is_kept_back=Case(When(kept_back, then=True), default=False))


class Grade(models.Model):
    """What the programme decided about a final project, and where the decision stands.

    `attempt` is the attempt it judges; `current` the revision in force, from the
    moment it is agreed. `needs_regrade`: a newer attempt or another rubric came
    after it (invariant 7). `version` counts its changes (invariant 3).

    `moderation_asked_at`: since then whoever marked does not decide, whatever
    happens to the marks meanwhile (invariant 10). It is never taken back.

    An attempt keeps the rubric it was handed in under (invariants 1 and 6). When a newer
    version is in force, its grade waits until somebody confirms the marks (invariant 7).
    """

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="grades")
    submission = models.OneToOneField(Submission, on_delete=models.PROTECT, related_name="grade")
    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="grades")
    status = models.CharField(
        max_length=20, choices=GradeStatus.choices, default=GradeStatus.UNGRADED
    )
    current = models.OneToOneField(
        "assessments.GradeRevision",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    needs_regrade = models.BooleanField(default=False)
    rubric_confirmed = models.ForeignKey(
        RubricVersion,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("A newer version that somebody has seen and left the marks standing."),
    )
    moderation_asked_at = models.DateTimeField(null=True, blank=True)
    moderation_asked_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    version = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True, blank=True)
    released_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    voided_at = models.DateTimeField(null=True, blank=True)
    voided_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    voided_reason = models.CharField(max_length=1000, blank=True)

    objects = GradeQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=GradeStatus.values), name="grade_status_known"
            ),
            models.CheckConstraint(
                condition=Q(moderation_asked_at__isnull=True, moderation_asked_by__isnull=True)
                | Q(moderation_asked_at__isnull=False, moderation_asked_by__isnull=False),
                name="grade_moderation_asked_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(status=GradeStatus.IN_MODERATION)
                | Q(moderation_asked_at__isnull=False),
                name="grade_in_moderation_when_asked",
            ),
            models.CheckConstraint(
                condition=Q(released_at__isnull=True, released_by__isnull=True)
                | Q(released_at__isnull=False, released_by__isnull=False),
                name="grade_released_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=VISIBLE_TO_PARTICIPANT)
                | Q(released_at__isnull=False, current__isnull=False),
                name="grade_released_with_a_revision",
            ),
            models.CheckConstraint(
                condition=Q(voided_at=None, voided_by=None, voided_reason="")
                & ~Q(status=GradeStatus.VOIDED)
                | Q(status=GradeStatus.VOIDED, voided_at__isnull=False, voided_by__isnull=False)
                & ~Q(voided_reason=""),
                name="grade_voided_with_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.submission}: {self.get_status_display()}"

    @property
    def is_visible_to_participant(self) -> bool:
        return self.status in VISIBLE_TO_PARTICIPANT


class GradeRevision(MarksRecord):
    """A decided grade: names its attempt, rubric version and assessment revisions
    (invariant 5). Append-only; an amendment is the next revision (invariant 8)."""

    grade = models.ForeignKey(Grade, on_delete=models.PROTECT, related_name="revisions")
    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="+")
    assessment_revisions = models.ManyToManyField(
        AssessmentRevision, through="assessments.GradeBasis", related_name="decided_in"
    )
    outcome = models.CharField(max_length=20, choices=Outcome.choices)
    reason = models.CharField(max_length=1000, blank=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["grade", "number"], name="grade_revision_once"),
            models.CheckConstraint(
                condition=Q(total__gte=0, total__lte=F("maximum"), percent__range=(0, 100)),
                name="grade_revision_in_range",
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=Outcome.values), name="grade_revision_outcome_known"
            ),
            models.CheckConstraint(
                condition=Q(number=1) | ~Q(reason=""), name="grade_revision_changed_with_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.grade} r{self.number}"


class GradeBasis(models.Model):
    """An assessment revision that a grade revision rests on. Append-only."""

    revision = models.ForeignKey(GradeRevision, on_delete=models.PROTECT, related_name="bases")
    assessment_revision = models.ForeignKey(
        AssessmentRevision, on_delete=models.PROTECT, related_name="bases"
    )

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "grade bases"
        constraints = [
            models.UniqueConstraint(
                fields=["revision", "assessment_revision"], name="grade_basis_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.revision} ← {self.assessment_revision}"


class PresentationQuerySet(models.QuerySet["Presentation"]):
    def standing(self) -> Self:
        return self.filter(withdrawn_at__isnull=True)

    def visible_to(self, user: User) -> Self:
        if user.is_superuser:
            return self
        return self.filter(
            Q(enrolment__user=user) | Q(enrolment__edition__in=Edition.objects.taught_by(user))
        )


class Presentation(models.Model):
    """A participant presented their final project live (D15c). A record made by
    mistake is withdrawn with a reason and stays as evidence. Append-only but for
    the day, the note and the withdrawal."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="presentations")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="presentations")
    presented_on = models.DateField(help_text=_("The day in the edition's time zone."))
    note = models.TextField(blank=True, help_text=_("For staff only."))
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    withdrawn_reason = models.CharField(max_length=1000, blank=True)

    objects = PresentationQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment", "project"],
                condition=Q(withdrawn_at__isnull=True),
                name="presentation_once",
            ),
            models.CheckConstraint(
                condition=Q(
                    withdrawn_at__isnull=True, withdrawn_by__isnull=True, withdrawn_reason=""
                )
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False)
                & ~Q(withdrawn_reason=""),
                name="presentation_withdrawn_with_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enrolment}: {self.presented_on}"
