"""Who writes a project together, who is asked to, and what each has set aside."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from assessments.enums import ALONE, STILL_WRITTEN
from assessments.models import (
    Attempt,
    GuidelinesVersion,
    Submission,
    TeamInvitation,
    TeamMember,
)
from lms.accounts.models import User
from lms.core.permissions import may_in_person
from lms.programme.models import Edition, Enrolment


@dataclass(frozen=True)
class TeamRules:
    """What the guidelines say of teams; `max_members` counts everybody in one."""

    allowed: bool
    max_members: int


def team_rules_of(guidelines: GuidelinesVersion) -> TeamRules:
    """Guidelines that say nothing of teams ask each participant for a project of their own."""
    said: dict[str, Any] = guidelines.content.get("team") or ALONE
    is_allowed = bool(said.get("allowed"))
    return TeamRules(is_allowed, int(said.get("max_members") or 1) if is_allowed else 1)


def team_of(submission: Submission) -> list[TeamMember]:
    """Those who are in its team now, the longest first."""
    members = submission.members.present()
    return list(members.select_related("enrolment__user", "enrolment__city"))


def writers_of(submission: Submission) -> list[TeamMember]:
    """Those of the team who hold their place: what is handed in is theirs."""
    writers = submission.members.writing()
    return list(writers.select_related("enrolment__user", "enrolment__city"))


def members_before(submission: Submission) -> list[TeamMember]:
    """Those who left or were taken out, and why."""
    gone = submission.members.filter(left_at__isnull=False)
    return list(gone.select_related("enrolment__user", "removed_by"))


def member_in_hand(enrolment: Enrolment) -> TeamMember | None:
    """The place of somebody in the project that they write now."""
    return (
        TeamMember.objects.present()
        .filter(enrolment=enrolment)
        .select_related("submission")
        .first()
    )


def writes_with(user: User, submission: Submission) -> bool:
    return submission.members.present().filter(enrolment__user=user).exists()


def takes_part_and_writes(user: User, submission: Submission) -> bool:
    """`writes_with`, and holds their place: in one light query, for an autosave."""
    return submission.members.writing().filter(enrolment__user=user).exists()


def reads_draft(user: User, submission: Submission) -> bool:
    """Whoever writes it, and the owner of one that is set aside for a team."""
    is_set_aside = submission.parked_at is not None and submission.owner.user_id == user.pk
    return is_set_aside or takes_part_and_writes(user, submission)


def has_written(user: User, submission: Submission) -> bool:
    """Now or before: whoever left has still had a hand in it."""
    return submission.members.filter(enrolment__user=user).exists()


def own_enrolment(user: User, submission: Submission) -> Enrolment:
    """The reader's own place, where the team has them; the owner's otherwise."""
    member = (
        submission.members.present().filter(enrolment__user=user).select_related("enrolment")
    ).first()
    return member.enrolment if member else submission.owner


def colleagues_of(submission: Submission) -> QuerySet[Enrolment]:
    """Participants of the same city who are not in the team."""
    return (
        Enrolment.objects.filter(edition=submission.edition_id, city=submission.owner.city_id)
        .taking_part()
        .exclude(teams__in=submission.members.present())
        .select_related("user", "city")
        .order_by("user__name", "pk")
    )


def invitations_out(submission: Submission, at: datetime) -> list[TeamInvitation]:
    """Those nobody has answered yet."""
    waiting = submission.invitations.open().filter(expires_at__gt=at)
    return list(waiting.select_related("enrolment__user", "invited_by"))


def invitations_to(enrolment: Enrolment, at: datetime) -> list[TeamInvitation]:
    """What somebody is asked to join and could still join."""
    waiting = TeamInvitation.objects.open().filter(
        enrolment=enrolment, expires_at__gt=at, submission__status__in=STILL_WRITTEN
    )
    return list(waiting.select_related("submission__owner__user", "invited_by"))


def drafts_set_aside(enrolment: Enrolment) -> list[Submission]:
    """One's own drafts from before one joined a team, the latest first."""
    own = Submission.objects.filter(owner=enrolment, parked_at__isnull=False)
    return list(own.select_related("guidelines").order_by("-parked_at"))


def attempts_before_leaving(enrolment: Enrolment) -> list[Attempt]:
    """What somebody handed in with teams and projects that they have left."""
    handed_in = Attempt.objects.filter(members__enrolment=enrolment)
    return list(
        handed_in.exclude(submission__members__in=TeamMember.objects.present().filter(enrolment=enrolment))
        .exclude(submission__owner=enrolment)
        .order_by("-received_at")
    )  # fmt: skip


def teams_of(edition: Edition, reader: User) -> QuerySet[Submission]:
    """Every project of an edition that is in somebody's hands, with how many write it.
    A coordinator who takes part as well keeps out of their own (invariant 10)."""
    return (
        Submission.objects.in_hand()
        .filter(edition=edition)
        .exclude(members__enrolment__user=reader)
        .select_related("owner__user", "owner__city")
        .prefetch_related("members__enrolment__user")
        .defer("sections")
        .annotate(size=Count("members", filter=Q(members__left_at=None)))
        .order_by("owner__city__name", "owner__user__name", "pk")
    )


def team_abilities(user: User, submission: Submission) -> dict[str, bool]:
    """What the reader may do with a team in the present state of its project."""
    may_change = submission.status in STILL_WRITTEN
    rules = team_rules_of(submission.guidelines)
    size = submission.members.present().count()
    manages = may_in_person(user, "assessments.manage_team", submission)
    writes = may_in_person(user, "assessments.write_submission", submission)
    return {
        "invite": manages and may_change and rules.allowed and size < rules.max_members,
        "remove": manages and may_change and size > 1,
        "leave": writes and may_change and size > 1,
        "arrange": user.has_perm("assessments.arrange_team", submission),
        "take_up": submission.parked_at is not None
        and may_in_person(user, "assessments.take_up_draft", submission),
    }


def is_team(submission: Submission) -> bool:
    """Of one whose members are read already."""
    return sum(member.left_at is None for member in submission.members.all()) > 1
