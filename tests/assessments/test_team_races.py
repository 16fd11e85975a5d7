"""Team-mates, staff and the clock at the same moment. On PostgreSQL."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from assessments.actions import (
    accept_invitation,
    leave_team,
    remove_member,
    save_draft,
    set_deadline,
    submit_project,
    withdraw_submission,
)
from assessments.actions.drafts import NotADraft
from assessments.actions.teams import InAnotherTeam, TeamFull, TeamRests
from assessments.models import Attempt, Submission, TeamMember
from lms.core.errors import DomainError, IllegalMove, PermissionDenied, StaleVersion
from lms.core.models import OutboxMessage
from tests.factories.assessments import DEADLINE, SUBMITTED_AT, start, write
from tests.factories.programme import EditionFactory, coordinator
from tests.factories.teams import allow_teams, colleague, invite, join, mates, team
from tests.races import at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
ROUNDS = 4


def submit(submission: Submission, by: Any, key: str, at: datetime = SUBMITTED_AT) -> Any:
    return lambda: submit_project(
        submission=submission,
        by=by,
        at=at,
        base_version=submission.version,
        idempotency_key=key,
    )


def test_two_team_mates_press_at_once_and_both_have_the_one_receipt() -> None:
    edition = EditionFactory.create()
    for _ in range(ROUNDS):
        submission = write(team(edition))
        ana, juma = mates(submission)

        first, second, again = at_once(
            submit(submission, ana.user, f"key-of-ana-{submission.pk}"),
            submit(submission, juma.user, f"key-of-juma-{submission.pk}"),
            submit(submission, ana.user, f"key-of-ana-{submission.pk}"),
        )

        assert first == second == again == Attempt.objects.get(submission=submission)
        messages = OutboxMessage.objects.filter(
            task="assessments.tasks.send_receipt", kwargs__attempt_id=first.pk
        )
        assert messages.count() == 2


def test_a_member_is_taken_out_while_they_submit() -> None:
    """Either they were in the team, and the attempt names them; or they were out."""
    edition = EditionFactory.create()
    for _ in range(ROUNDS):
        submission = write(team(edition))
        ana, juma = mates(submission)
        of_juma = submission.members.get(enrolment=juma)

        handed_in, taken_out = at_once(
            submit(submission, juma.user, f"key-of-juma-{submission.pk}"),
            lambda of=of_juma, by=ana.user: remove_member(
                member=of, reason="Another office.", by=by, at=SUBMITTED_AT
            ),
        )

        if isinstance(handed_in, Attempt):
            assert isinstance(taken_out, TeamRests)
            assert handed_in.members.filter(enrolment=juma).exists()
        else:
            assert isinstance(handed_in, PermissionDenied)
            assert mates(submission) == [ana]


def test_a_coordinator_takes_somebody_out_while_the_others_submit() -> None:
    edition = EditionFactory.create()
    staff = coordinator(edition)
    for _ in range(ROUNDS):
        submission = write(team(edition, size=3))
        ana, juma, mei = mates(submission)
        of_ana = submission.members.get(enrolment=ana)

        handed_in, saved, _out = at_once(
            submit(submission, juma.user, f"key-of-juma-{submission.pk}"),
            lambda of=submission, by=mei.user: save_draft(
                submission=of,
                values={"context": "A last word."},
                base_version=of.version,
                by=by,
                at=SUBMITTED_AT,
            ),
            lambda of=of_ana: remove_member(
                member=of, reason="Left the city.", by=staff, at=SUBMITTED_AT
            ),
        )

        submission.refresh_from_db()
        assert submission.owner == juma
        assert mates(submission) == [juma, mei]
        if isinstance(handed_in, Attempt):
            assert isinstance(saved, NotADraft | Submission)
            assert handed_in.members.count() in (2, 3)
        else:
            assert isinstance(handed_in, StaleVersion)


def test_a_withdrawal_meets_a_team_mates_submission() -> None:
    edition = EditionFactory.create()
    for _ in range(ROUNDS):
        submission = write(team(edition))
        ana, juma = mates(submission)

        handed_in, taken_back = at_once(
            submit(submission, ana.user, f"key-of-ana-{submission.pk}"),
            lambda of=submission, by=juma.user: withdraw_submission(
                submission=of, number=of.attempt, by=by, at=SUBMITTED_AT
            ),
        )

        assert isinstance(handed_in, Attempt)
        submission.refresh_from_db()
        expected = "submitted" if isinstance(taken_back, IllegalMove) else "withdrawn"
        assert submission.status == expected


def test_a_deadline_moved_while_one_submits_is_applied_whole() -> None:
    """What the receipt says of the deadline and of lateness comes from one and the same."""
    for _ in range(ROUNDS):
        edition = EditionFactory.create()
        submission = write(start(edition))
        late = DEADLINE + timedelta(hours=1)
        staff = coordinator(edition)

        handed_in, _moved = at_once(
            submit(submission, submission.owner.user, f"key-of-this-{submission.pk}", at=late),
            lambda of=submission.project, by=staff, late=late: set_deadline(
                project=of,
                wall=datetime(2025, 12, 20, 12, 0),
                zone="Europe/Madrid",
                grace_minutes=0,
                accepts_late=True,
                by=by,
                at=late,
            ),
        )

        assert isinstance(handed_in, Attempt)
        moved = datetime(2025, 12, 20, 11, 0, tzinfo=UTC)
        assert handed_in.effective_deadline_at in (DEADLINE, moved)
        assert handed_in.is_late == (handed_in.received_at > handed_in.effective_deadline_at)


def test_two_take_up_each_others_projects_without_a_deadlock() -> None:
    edition = EditionFactory.create()
    allow_teams(edition)
    for _ in range(ROUNDS):
        one = start(edition)
        juma = colleague(one)
        two = start(edition, enrolment=juma)
        to_juma = invite(one, juma)
        to_ana = invite(two, one.owner)

        results = at_once(
            lambda of=to_juma: accept_invitation(
                invitation=of, by=of.enrolment.user, at=SUBMITTED_AT
            ),
            lambda of=to_ana: accept_invitation(
                invitation=of, by=of.enrolment.user, at=SUBMITTED_AT
            ),
        )

        joined = [found for found in results if isinstance(found, TeamMember)]
        refused = [found for found in results if isinstance(found, DomainError)]
        assert (len(joined), len(refused)) == (1, 1), results
        assert TeamMember.objects.present().filter(submission=joined[0].submission).count() == 2


def test_the_last_seat_is_taken_once_and_a_person_joins_one_team() -> None:
    edition = EditionFactory.create()
    allow_teams(edition, most=3)
    for _ in range(ROUNDS):
        one = start(edition)
        join(one, colleague(one))
        seat = colleague(one)
        two = start(edition, enrolment=colleague(one))
        invitations = [invite(one, seat), invite(two, seat)]

        results = at_once(
            *(
                lambda of=of, by=seat.user: accept_invitation(invitation=of, by=by, at=SUBMITTED_AT)
                for of in invitations
            )
        )

        assert sum(isinstance(found, TeamMember) for found in results) == 1, results
        assert any(isinstance(found, InAnotherTeam | TeamFull) for found in results)


def test_leaving_meets_submitting_ones_own_name_on_it() -> None:
    """Handing in names every member, whose place the leaver has locked: nobody waits in a
    circle."""
    edition = EditionFactory.create()
    for _ in range(ROUNDS):
        submission = write(team(edition))
        ana, juma = mates(submission)

        handed_in, left = at_once(
            submit(submission, ana.user, f"key-of-ana-{submission.pk}"),
            lambda of=submission, by=juma.user: leave_team(submission=of, by=by, at=SUBMITTED_AT),
        )

        assert isinstance(handed_in, Attempt), handed_in
        assert isinstance(left, TeamMember | TeamRests), left
        assert handed_in.members.count() == (1 if isinstance(left, TeamMember) else 2)
