"""Who writes a project: one person, or several of the same city."""

from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from assessments.enums import InvitationStatus
from assessments.models.project import Project
from lms.accounts.models import User
from lms.programme.enums import TAKING_PART
from lms.programme.models import Edition, Enrolment


class TeamMemberQuerySet(models.QuerySet["TeamMember"]):
    def present(self) -> Self:
        return self.filter(left_at=None)

    def writing(self) -> Self:
        """Present, and their place in the edition is held: a cancelled one takes nothing
        out of the team, but its holder no longer reads what the others write."""
        return self.present().filter(enrolment__status__in=TAKING_PART)

    def of(self, user: User, submission: str = "pk") -> Self:
        """Rows of `user` for the submission that an outer query names."""
        return self.filter(submission=OuterRef(submission), enrolment__user=user)


class TeamMember(models.Model):
    """Somebody writes a project, alone or with others of their city; whoever began it
    is its first member. The row stays when they leave (invariant 13).

    `removed_by`: who took them out; nobody where they left by themselves.
    """

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="team_members")
    submission = models.ForeignKey(
        "assessments.Submission", on_delete=models.PROTECT, related_name="members"
    )
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="teams")
    joined_at = models.DateTimeField()
    invited_by = models.ForeignKey(
        User,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("Empty for whoever began the project."),
    )
    left_at = models.DateTimeField(null=True, blank=True)
    removed_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField(max_length=1000, blank=True)

    objects = TeamMemberQuerySet.as_manager()

    class Meta:
        ordering = ["joined_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "enrolment"],
                condition=Q(left_at=None),
                name="team_member_one_project_in_hand",
            ),
            models.CheckConstraint(
                condition=Q(removed_by=None) | Q(left_at__isnull=False) & ~Q(reason=""),
                name="team_member_removed_with_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enrolment.user}: {self.submission_id}"


def is_in_team(user: User, submission: str = "pk") -> Exists:
    """A condition: `user` writes the submission that the outer query names."""
    return Exists(TeamMember.objects.writing().of(user, submission))


def is_graded_with(user: User, submission: str = "pk") -> Exists:
    """The same, whatever has become of their place since: the grade is theirs too."""
    return Exists(TeamMember.objects.present().of(user, submission))


def was_in_team(user: User, submission: str = "pk") -> Exists:
    """The same, or did once: whoever wrote on a project never judges it (invariant 10)."""
    return Exists(TeamMember.objects.of(user, submission))


class TeamInvitationQuerySet(models.QuerySet["TeamInvitation"]):
    def open(self) -> Self:
        return self.filter(status=InvitationStatus.INVITED)

    def visible_to(self, user: User) -> Self:
        """Those one got, those of one's project, those of editions one coordinates."""
        return self.filter(
            Q(enrolment__user=user)
            | is_in_team(user, "submission")
            | Q(submission__edition__in=Edition.objects.taught_by(user))
        )


class TeamInvitation(models.Model):
    """A member asks somebody of the same city to write the project together."""

    submission = models.ForeignKey(
        "assessments.Submission", on_delete=models.PROTECT, related_name="invitations"
    )
    enrolment = models.ForeignKey(
        Enrolment, on_delete=models.PROTECT, related_name="team_invitations"
    )
    status = models.CharField(
        max_length=20, choices=InvitationStatus.choices, default=InvitationStatus.INVITED
    )
    invited_at = models.DateTimeField()
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = TeamInvitationQuerySet.as_manager()

    class Meta:
        ordering = ["invited_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "enrolment"],
                condition=Q(status=InvitationStatus.INVITED),
                name="team_invitation_open_once",
            ),
            models.CheckConstraint(
                condition=Q(status=InvitationStatus.INVITED, closed_at=None)
                | Q(status__in=InvitationStatus.values, closed_at__isnull=False)
                & ~Q(status=InvitationStatus.INVITED),
                name="team_invitation_closed_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enrolment.user}: {self.get_status_display()}"

    @property
    def edition_id(self) -> int:
        return self.submission.edition_id


class AttemptMember(models.Model):
    """Who handed an attempt in together, with the names it was handed in under.
    Append-only."""

    attempt = models.ForeignKey(
        "assessments.Attempt", on_delete=models.PROTECT, related_name="members"
    )
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=255)
    city_name = models.CharField(max_length=255)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["attempt", "enrolment"], name="attempt_member_once")
        ]

    def __str__(self) -> str:
        return f"{self.attempt}: {self.name}"


def handed_in_with(user: User, attempt: str = "pk") -> Exists:
    """A condition: `user` was of those who handed in the attempt the outer query names."""
    return Exists(AttemptMember.objects.filter(attempt=OuterRef(attempt), enrolment__user=user))
