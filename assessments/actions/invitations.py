"""Asking a colleague of the same city to write the project together, and the answer."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from assessments import tasks
from assessments.actions.teams import (
    TeamFull,
    join,
    lock_place,
    lock_projects,
    require_colleague,
    require_may_change,
)
from assessments.enums import InvitationStatus
from assessments.models import Submission, TeamInvitation, TeamMember
from assessments.selectors.team import invitations_out, member_in_hand, team_rules_of
from assessments.workflow import TEAM_INVITATION_MOVES
from lms.accounts.models import User
from lms.core import audit, outbox
from lms.core.errors import Conflict
from lms.core.permissions import require_in_person
from lms.core.transitions import require_move
from lms.programme.models import Enrolment

STANDS_FOR = timedelta(days=14)


class InvitationExpired(Conflict):
    """It was not answered in time; the owner can send another."""

    code = "invitation_expired"


@transaction.atomic
def invite_member(
    *, submission: Submission, enrolment: Enrolment, by: User, at: datetime
) -> TeamInvitation:
    """The owner asks a participant of the same city; asked again, the same invitation.

    Raises TeamFull, TeamRests, InvalidInput, PermissionDenied.
    """
    submission = lock_projects(submission.pk)[submission.pk]
    require_in_person(by, "assessments.manage_team", submission)
    require_may_change(submission)
    require_colleague(submission, enrolment)
    _lapse(submission, at)
    waiting = invitations_out(submission, at)
    for invitation in waiting:
        if invitation.enrolment_id == enrolment.pk:
            return invitation
    present = submission.members.present()
    if present.filter(enrolment=enrolment).exists():
        raise Conflict(_("This person is in the team already."))
    rules = team_rules_of(submission.guidelines)
    if present.count() + len(waiting) >= rules.max_members:
        raise TeamFull(
            _("The team is full, or will be when everybody you invited has accepted.")
            if rules.allowed
            else _("The guidelines ask each participant for a project of their own.")
        )
    invitation = TeamInvitation.objects.create(
        submission=submission,
        enrolment=enrolment,
        invited_at=at,
        invited_by=by,
        expires_at=at + STANDS_FOR,
    )
    audit.record(by=by, verb="team.invited", target=submission, at=at, enrolment=enrolment.pk)
    outbox.enqueue(tasks.send_team_invitation, invitation_id=invitation.pk)
    return invitation


@transaction.atomic
def accept_invitation(*, invitation: TeamInvitation, by: User, at: datetime) -> TeamMember:
    """Join the team. A draft of one's own is set aside whole and can be taken up again
    after leaving. Raises InvitationExpired, TeamFull, TeamRests, InAnotherTeam, IllegalMove.
    """
    enrolment = lock_place(invitation.enrolment)
    own = member_in_hand(enrolment)
    projects = lock_projects(invitation.submission_id, own.submission_id if own else None)
    submission = projects[invitation.submission_id]
    invitation = _lock_invitation(invitation, submission)
    require_in_person(by, "assessments.answer_invitation", invitation)
    is_inside = own is not None and own.submission_id == submission.pk
    if own is not None and is_inside and invitation.status == InvitationStatus.ACCEPTED:
        return own
    require_move(TEAM_INVITATION_MOVES, invitation.status, InvitationStatus.ACCEPTED)
    if at > invitation.expires_at:
        raise InvitationExpired(_("This invitation has expired. Ask for another."))
    require_may_change(submission)
    member = join(submission, enrolment, own, projects, invited_by=invitation.invited_by, at=at)
    _close(invitation, InvitationStatus.ACCEPTED, at=at)
    audit.record(by=by, verb="team.joined", target=submission, at=at, enrolment=enrolment.pk)
    _tell_inviter(invitation, "joined")
    return member


@transaction.atomic
def decline_invitation(*, invitation: TeamInvitation, by: User, at: datetime) -> TeamInvitation:
    return _end(
        invitation, InvitationStatus.DECLINED, perm="assessments.answer_invitation", by=by, at=at
    )


@transaction.atomic
def withdraw_invitation(*, invitation: TeamInvitation, by: User, at: datetime) -> TeamInvitation:
    return _end(
        invitation, InvitationStatus.WITHDRAWN, perm="assessments.manage_invitation", by=by, at=at
    )


def expire_invitations(*, at: datetime) -> int:
    """Close what nobody answered in time. Returns how many; safe to repeat."""
    late = TeamInvitation.objects.open().filter(expires_at__lt=at)
    projects = sorted(set(late.values_list("submission_id", flat=True)))
    closed = 0
    for pk in projects:
        with transaction.atomic():
            closed += _lapse(lock_projects(pk)[pk], at)
    return closed


def _end(
    invitation: TeamInvitation, to: InvitationStatus, *, perm: str, by: User, at: datetime
) -> TeamInvitation:
    submission = lock_projects(invitation.submission_id)[invitation.submission_id]
    invitation = _lock_invitation(invitation, submission)
    require_in_person(by, perm, invitation)
    if invitation.status == to:
        return invitation
    require_move(TEAM_INVITATION_MOVES, invitation.status, to)
    _close(invitation, to, at=at)
    audit.record(
        by=by, verb=f"team.invitation_{to}", target=submission, at=at,
        enrolment=invitation.enrolment_id,
    )  # fmt: skip
    if to == InvitationStatus.DECLINED:
        _tell_inviter(invitation, "declined")
    return invitation


def _lapse(submission: Submission, at: datetime) -> int:
    late = list(submission.invitations.open().filter(expires_at__lt=at))
    for invitation in late:
        require_move(TEAM_INVITATION_MOVES, invitation.status, InvitationStatus.EXPIRED)
        _close(invitation, InvitationStatus.EXPIRED, at=at)
    return len(late)


def _close(invitation: TeamInvitation, to: InvitationStatus, *, at: datetime) -> None:
    invitation.status, invitation.closed_at = to, at
    invitation.save(update_fields=["status", "closed_at"])


def _lock_invitation(invitation: TeamInvitation, submission: Submission) -> TeamInvitation:
    # The project's row, locked before, orders everything about its invitations.
    found = TeamInvitation.objects.select_related("enrolment__user", "invited_by").get(
        pk=invitation.pk
    )
    found.submission = submission
    return found


def _tell_inviter(invitation: TeamInvitation, news: str) -> None:
    outbox.enqueue(
        tasks.send_team_news,
        submission_id=invitation.submission_id,
        news=news,
        user_id=invitation.invited_by_id,
        about_id=invitation.enrolment.user_id,
        reason="",
    )
