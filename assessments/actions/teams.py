"""Who writes a project: leaving, being taken out, being put in, taking up one's own again.

Everything here locks in one order, so that nobody waits in a circle: the place of the
person it is about, then the projects by their id, then invitations. The place is locked
without its key: handing a project in refers to the places of its members, and must not
wait for somebody who is leaving.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments import tasks
from assessments.actions.locking import lock_submission
from assessments.actions.team_notices import tell_team
from assessments.enums import STILL_WRITTEN, InvitationStatus
from assessments.models import Submission, TeamMember
from assessments.selectors.team import member_in_hand, team_rules_of
from assessments.signals import team_changed
from assessments.workflow import TEAM_INVITATION_MOVES
from lms.accounts.models import User
from lms.core import audit, outbox
from lms.core.errors import Conflict, InvalidInput, PermissionDenied
from lms.core.permissions import require_in_person, require_perm
from lms.core.text import clean_reason
from lms.core.transitions import require_move
from lms.programme.enums import TAKING_PART
from lms.programme.models import Enrolment


class TeamRests(Conflict):
    """An instructor has the project: nobody joins or leaves by themselves."""

    code = "team_rests"


class TeamFull(Conflict):
    """The guidelines allow no further member."""

    code = "team_full"


class InAnotherTeam(Conflict):
    """A person writes one project at a time."""

    code = "in_another_team"


class AloneInTeam(Conflict):
    """Nobody would be left to write the project."""

    code = "alone_in_team"


@transaction.atomic
def leave_team(*, submission: Submission, by: User, at: datetime, reason: str = "") -> TeamMember:
    """Leave a team while its project is being written. What was handed in together stays
    readable; the draft does not. When the owner leaves, whoever is longest in the team
    owns the project. Raises TeamRests, AloneInTeam, PermissionDenied.
    """
    member = submission.members.present().filter(enrolment__user=by).first()
    if member is None:
        raise PermissionDenied(permission="assessments.write_submission")
    member, submission = _lock_member(member)
    require_in_person(by, "assessments.write_submission", submission)
    require_may_change(submission)
    member.reason = clean_reason(reason) if reason.strip() else ""
    _take_out(member, submission, at=at)
    audit.record(by=by, verb="team.left", target=submission, at=at, enrolment=member.enrolment_id)
    tell_team(
        tasks.send_team_news, submission, submission_id=submission.pk, news="left",
        about_id=by.pk, reason=member.reason,
    )  # fmt: skip
    return member


@transaction.atomic
def remove_member(*, member: TeamMember, reason: str, by: User, at: datetime) -> TeamMember:
    """Take somebody out of a team, with a reason that they read: the owner while the
    project is being written, a coordinator at any time.

    Raises TeamRests, AloneInTeam, InvalidInput, PermissionDenied.
    """
    member, submission = _lock_member(member)
    if by.has_perm("assessments.arrange_team", submission):
        require_perm(by, "assessments.arrange_team", submission)
    else:
        require_in_person(by, "assessments.manage_team", submission)
        require_may_change(submission)
    if member.enrolment.user_id == by.pk:
        raise InvalidInput(_("Leave the team instead."))
    member.reason, member.removed_by = clean_reason(reason), by
    _take_out(member, submission, at=at)
    audit.record(
        by=by, verb="team.removed", target=submission, at=at, enrolment=member.enrolment_id,
        reason=member.reason,
    )  # fmt: skip
    outbox.enqueue(
        tasks.send_team_news, submission_id=submission.pk, news="removed",
        user_id=member.enrolment.user_id, about_id=by.pk, reason=member.reason,
    )  # fmt: skip
    return member


@transaction.atomic
def add_member(
    *, submission: Submission, enrolment: Enrolment, reason: str, by: User, at: datetime
) -> TeamMember:
    """A coordinator puts somebody into a team, whatever the state of its project.

    Raises TeamFull, InAnotherTeam, Conflict, InvalidInput, PermissionDenied.
    """
    enrolment = lock_place(enrolment)
    own = member_in_hand(enrolment)
    projects = lock_projects(submission.pk, own.submission_id if own else None)
    submission = projects[submission.pk]
    require_perm(by, "assessments.arrange_team", submission)
    reason = clean_reason(reason)
    member = join(submission, enrolment, own, projects, invited_by=by, at=at)
    audit.record(
        by=by, verb="team.added", target=submission, at=at, enrolment=enrolment.pk, reason=reason
    )
    tell_team(
        tasks.send_team_news, submission, submission_id=submission.pk, news="added",
        about_id=enrolment.user_id, reason=reason,
    )  # fmt: skip
    return member


@transaction.atomic
def take_up_draft(*, submission: Submission, by: User, at: datetime) -> Submission:
    """Write on in one's own draft that was set aside for a team one has left since."""
    enrolment = lock_place(submission.owner)
    submission = lock_projects(submission.pk)[submission.pk]
    require_in_person(by, "assessments.take_up_draft", submission)
    own = member_in_hand(enrolment)
    if own is not None and own.submission_id == submission.pk:
        return submission
    if own is not None:
        raise InAnotherTeam(_("You are writing another project. Leave its team first."))
    return take_up(submission, enrolment, by=by, at=at)


def take_up(submission: Submission, enrolment: Enrolment, *, by: User, at: datetime) -> Submission:
    """The same, where place and project are locked already."""
    submission.parked_at = None
    submission.save(update_fields=["parked_at"])
    TeamMember.objects.create(
        project_id=submission.project_id, submission=submission, enrolment=enrolment, joined_at=at
    )
    audit.record(by=by, verb="project.taken_up", target=submission, at=at)
    return submission


# --- What joining has in common, by invitation and by a coordinator -------------------


def lock_place(enrolment: Enrolment) -> Enrolment:
    return (
        Enrolment.objects.select_for_update(of=("self",), no_key=True)
        .select_related("user", "city")
        .get(pk=enrolment.pk)
    )


def lock_projects(*ids: int | None) -> dict[int, Submission]:
    """Two people who take up each other's projects lock them in the same order."""
    return {
        pk: lock_submission(pk, "owner__user", "guidelines", "project")
        for pk in sorted({pk for pk in ids if pk})
    }


def join(
    submission: Submission,
    enrolment: Enrolment,
    own: TeamMember | None,
    projects: dict[int, Submission],
    *,
    invited_by: User,
    at: datetime,
) -> TeamMember:
    """Put a place into a team; its own draft, where it has one, is set aside.
    Everything is locked."""
    require_colleague(submission, enrolment)
    if own is not None and own.submission_id == submission.pk:
        return own
    _require_room(submission)
    if own is not None:
        _set_aside(own, projects[own.submission_id], at=at)
    member = TeamMember.objects.create(
        project_id=submission.project_id,
        submission=submission,
        enrolment=enrolment,
        joined_at=at,
        invited_by=invited_by,
    )
    _say_changed(submission, enrolment.pk, at)
    return member


def require_may_change(submission: Submission) -> None:
    if submission.status not in STILL_WRITTEN:
        raise TeamRests(
            _(
                "The project is with the instructors: nobody joins or leaves the team now. "
                "Your coordinator can change it with a reason."
            ),
            state=submission.status,
        )


def require_colleague(submission: Submission, enrolment: Enrolment) -> None:
    """Teams are of one city in one edition."""
    is_there = (
        enrolment.edition_id == submission.edition_id and enrolment.status in TAKING_PART
    )  # fmt: skip
    if not is_there or enrolment.city_id != submission.owner.city_id:
        raise InvalidInput(
            errors={"enrolment": [_("Choose a participant of the same city in this edition.")]}
        )


def _require_room(submission: Submission) -> None:
    rules = team_rules_of(submission.guidelines)
    if not rules.allowed:
        raise TeamFull(_("The guidelines ask each participant for a project of their own."))
    if submission.members.present().count() >= rules.max_members:
        raise TeamFull(
            ngettext(
                "A team has at most %(count)d member.",
                "A team has at most %(count)d members.",
                rules.max_members,
            )
            % {"count": rules.max_members}
        )


def _set_aside(own: TeamMember, submission: Submission, *, at: datetime) -> None:
    """The draft of somebody who joins a team rests as it is; nothing of it goes."""
    if submission.members.present().count() > 1:
        raise InAnotherTeam(_("You are in another team. Leave it first."))
    if submission.status not in STILL_WRITTEN:
        raise InAnotherTeam(
            _("Your own project is with the instructors. Withdraw it first, while you can."),
            state=submission.status,
        )
    own.left_at = at
    own.save(update_fields=["left_at"])
    submission.parked_at = at
    submission.save(update_fields=["parked_at"])
    for invitation in submission.invitations.open().select_for_update(of=("self",)):
        require_move(TEAM_INVITATION_MOVES, invitation.status, InvitationStatus.WITHDRAWN)
        invitation.status, invitation.closed_at = InvitationStatus.WITHDRAWN, at
        invitation.save(update_fields=["status", "closed_at"])
    audit.record(by=None, verb="project.set_aside", target=submission, at=at)


def _lock_member(member: TeamMember) -> tuple[TeamMember, Submission]:
    lock_place(member.enrolment)
    submission = lock_projects(member.submission_id)[member.submission_id]
    member = TeamMember.objects.select_related("enrolment__user").get(pk=member.pk)
    if member.left_at is not None:
        raise Conflict(_("This person has left the team already."))
    return member, submission


def _take_out(member: TeamMember, submission: Submission, *, at: datetime) -> None:
    others = submission.members.present().exclude(pk=member.pk).select_related("enrolment")
    next_owner = others.order_by("joined_at", "pk").first()
    if next_owner is None:
        raise AloneInTeam(_("Nobody would be left to write this project."))
    member.left_at = at
    member.save(update_fields=["left_at", "removed_by", "reason"])
    if submission.owner_id == member.enrolment_id:
        submission.owner = next_owner.enrolment
        submission.save(update_fields=["owner"])
        audit.record(
            by=None, verb="project.passed_on", target=submission, at=at,
            before=member.enrolment_id, after=next_owner.enrolment_id,
        )  # fmt: skip
    _say_changed(submission, member.enrolment_id, at)


def _say_changed(submission: Submission, enrolment_id: int, at: datetime) -> None:
    """What counts for a certificate may have changed with the team."""
    team_changed.send(
        Submission, submission_id=submission.pk, enrolment_id=enrolment_id, at=at
    )  # fmt: skip
