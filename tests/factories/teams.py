"""Projects written together, made through the actions.

allow_teams(edition)          → its guidelines let three write together
team(edition, size=2)         → Submission: an owner and colleagues, an empty draft
colleague(submission)         → Enrolment: of the same city, in no team yet
join(submission, enrolment)   → TeamMember: invited and accepted
"""

from datetime import datetime, timedelta
from typing import Any

from assessments.actions import accept_invitation, invite_member
from assessments.models import GuidelinesVersion, Submission, TeamInvitation, TeamMember
from lms.programme.models import Edition, Enrolment
from tests.factories.assessments import WRITTEN_AT, project_in, publish, start
from tests.factories.programme import EnrolmentFactory


def allow_teams(edition: Edition, most: int = 3) -> GuidelinesVersion:
    page = project_in(edition).guidelines_page
    return publish(page, allows_teams=True, max_members=most)


def team(edition: Edition, size: int = 2, **fields: Any) -> Submission:
    allow_teams(edition)
    submission = start(edition, **fields)
    for number in range(1, size):
        join(submission, colleague(submission), at=WRITTEN_AT + timedelta(minutes=number))
    submission.refresh_from_db()
    return submission


def colleague(submission: Submission, **fields: Any) -> Enrolment:
    return EnrolmentFactory.create(edition=submission.edition, city=submission.owner.city, **fields)


def invite(
    submission: Submission, enrolment: Enrolment, at: datetime = WRITTEN_AT
) -> TeamInvitation:
    return invite_member(
        submission=submission, enrolment=enrolment, by=submission.owner.user, at=at
    )


def join(submission: Submission, enrolment: Enrolment, at: datetime = WRITTEN_AT) -> TeamMember:
    return accept_invitation(invitation=invite(submission, enrolment, at), by=enrolment.user, at=at)


def mates(submission: Submission) -> list[Enrolment]:
    """The places of all its writers, the owner first."""
    members = submission.members.present().select_related("enrolment__user")
    return [member.enrolment for member in members]
