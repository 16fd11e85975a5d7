"""Several people, one project: joining, leaving, and each seeing the same."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from assessments.actions import (
    accept_invitation,
    add_member,
    allocate_marker,
    decline_invitation,
    expire_invitations,
    invite_member,
    leave_team,
    lock_for_marking,
    record_presentation,
    remove_member,
    reopen_draft,
    return_for_revision,
    save_draft,
    start_project,
    submit_project,
    take_up_draft,
    withdraw_invitation,
    withdraw_submission,
)
from assessments.actions.invitations import InvitationExpired
from assessments.actions.judging import ConflictOfInterest
from assessments.actions.teams import AloneInTeam, InAnotherTeam, TeamFull, TeamRests
from assessments.enums import InvitationStatus
from assessments.models import (
    Assessment,
    Attempt,
    AttemptMember,
    Grade,
    ProjectFile,
    Submission,
    TeamMember,
)
from assessments.selectors import completion_of, submission_of
from assessments.selectors.desk import markers_for
from assessments.selectors.queue import next_to_mark
from lms.accounts.models import User
from lms.core import clock
from lms.core.errors import IllegalMove, InvalidInput, PermissionDenied
from lms.programme.enums import Role
from lms.programme.models import Edition, RoleAssignment
from tests.factories.accounts import CityFactory
from tests.factories.assessments import (
    SUBMITTED_AT,
    WRITTEN_AT,
    attach,
    hand_in,
    start,
    texts_for,
    write,
)
from tests.factories.marking import asking_only, released
from tests.factories.programme import EnrolmentFactory, coordinator, instructor
from tests.factories.teams import allow_teams, colleague, invite, join, mates, team
from tests.queries import MANY

LATER = WRITTEN_AT + timedelta(hours=1)


# --- Joining --------------------------------------------------------------------------


def test_two_write_one_project_from_the_invitation_on(
    edition: Edition, django_capture_on_commit_callbacks: Any
) -> None:
    allow_teams(edition)
    submission = write(start(edition))
    ana, juma = submission.owner, colleague(submission)

    with django_capture_on_commit_callbacks(execute=True):
        invitation = invite(submission, juma)
    [message] = mail.outbox
    assert message.to == [juma.user.email]
    assert f"/project/{edition.slug}/invitations/{invitation.pk}/" in message.body

    accept_invitation(invitation=invitation, by=juma.user, at=LATER)
    saved = save_draft(
        submission=submission,
        values={"context": "Juma knows the harbour."},
        base_version=submission.version,
        by=juma.user,
        at=LATER,
    )

    assert submission_of(juma) == submission_of(ana) == saved
    assert "harbour" in saved.sections["context"]


def test_a_draft_of_ones_own_rests_and_comes_back_whole(edition: Edition) -> None:
    """Nothing is lost: set aside on joining, taken up again after leaving."""
    allow_teams(edition)
    theirs = start(edition)
    juma = colleague(theirs)
    own = write(start(edition, enrolment=juma))
    before = own.sections

    join(theirs, juma)
    own.refresh_from_db()
    assert (own.sections, own.parked_at) == (before, WRITTEN_AT)
    assert own in Submission.objects.visible_to(juma.user)
    with pytest.raises(PermissionDenied):
        save_draft(
            submission=own, values={}, base_version=own.version, by=juma.user, at=LATER
        )  # fmt: skip
    with pytest.raises(InAnotherTeam):
        take_up_draft(submission=own, by=juma.user, at=LATER)

    leave_team(submission=theirs, by=juma.user, at=LATER)
    again = start_project(project=own.project, enrolment=juma, by=juma.user, at=LATER)

    assert (again, again.parked_at, again.sections) == (own, None, before)


def test_the_guidelines_decide_how_many(edition: Edition) -> None:
    alone = start(edition)
    with pytest.raises(TeamFull):
        invite(alone, colleague(alone))

    allow_teams(edition, most=2)
    pair = start(edition)
    one, two = colleague(pair), colleague(pair)
    invitation = invite(pair, one)
    assert invite(pair, one) == invitation
    with pytest.raises(TeamFull):
        invite(pair, two)

    decline_invitation(invitation=invitation, by=one.user, at=LATER)
    join(pair, two)
    with pytest.raises(TeamFull):
        invite(pair, one)


def test_only_colleagues_of_one_city_are_asked(edition: Edition) -> None:
    allow_teams(edition)
    submission = start(edition)
    city = submission.owner.city
    elsewhere = EnrolmentFactory.create(edition=edition, city=CityFactory.create())
    another_year = EnrolmentFactory.create(city=city)
    not_yet = colleague(submission, status="invoiced")

    for enrolment in (elsewhere, another_year, not_yet):
        with pytest.raises(InvalidInput):
            invite(submission, enrolment)


def test_an_invitation_is_answered_once_by_whom_it_is_for(edition: Edition) -> None:
    allow_teams(edition)
    submission = start(edition)
    juma, other = colleague(submission), colleague(submission)
    invitation = invite(submission, juma)

    with pytest.raises(PermissionDenied):
        accept_invitation(invitation=invitation, by=other.user, at=LATER)
    with pytest.raises(PermissionDenied):
        withdraw_invitation(invitation=invitation, by=juma.user, at=LATER)
    with pytest.raises(InvitationExpired):
        accept_invitation(
            invitation=invitation, by=juma.user, at=invitation.expires_at + timedelta(seconds=1)
        )
    withdraw_invitation(invitation=invitation, by=submission.owner.user, at=LATER)
    with pytest.raises(IllegalMove):
        accept_invitation(invitation=invitation, by=juma.user, at=LATER)

    assert not TeamMember.objects.filter(enrolment=juma).exists()


def test_unanswered_invitations_expire(edition: Edition) -> None:
    allow_teams(edition)
    submission = start(edition)
    invitation = invite(submission, colleague(submission))

    assert expire_invitations(at=invitation.expires_at) == 0
    assert expire_invitations(at=invitation.expires_at + timedelta(seconds=1)) == 1

    invitation.refresh_from_db()
    assert invitation.status == InvitationStatus.EXPIRED


def test_one_project_in_hand_is_held_by_the_database(edition: Edition) -> None:
    one, two = start(edition), start(edition)

    with pytest.raises(IntegrityError), transaction.atomic():
        TeamMember.objects.create(
            project=two.project, submission=two, enrolment=one.owner, joined_at=LATER
        )


# --- Leaving and being taken out ----------------------------------------------------------


def test_evidence_stays_with_those_who_were_part_of_it(edition: Edition) -> None:
    """What was handed in together stays readable; the draft and what comes later do not."""
    submission = write(team(edition))
    ana, juma = mates(submission)
    early_file = attach(submission)
    first = hand_in(submission)
    withdraw_submission(submission=submission, number=submission.attempt, by=juma.user, at=LATER)
    remove_member(
        member=submission.members.present().get(enrolment=juma),
        reason="He moved to another office.",
        by=ana.user,
        at=LATER,
    )
    reopened = _reopen_and_hand_in(submission, ana.user)

    seen = Attempt.objects.visible_to(juma.user)
    assert list(seen) == [first]
    assert list(ProjectFile.objects.visible_to(juma.user)) == [early_file]
    assert submission not in Submission.objects.visible_to(juma.user)
    assert submission_of(juma) is None
    assert [member.name for member in first.members.all()] == [str(ana.user), str(juma.user)]
    assert [member.name for member in reopened.members.all()] == [str(ana.user)]


def _reopen_and_hand_in(submission: Submission, by: User) -> Attempt:
    submission = reopen_draft(submission=submission, by=by, at=LATER)
    return hand_in(submission, key="the-second-attempt")


def test_whoever_is_longest_in_the_team_takes_over(edition: Edition) -> None:
    submission = team(edition, size=3)
    ana, juma, mei = mates(submission)

    leave_team(submission=submission, by=ana.user, at=LATER)
    submission.refresh_from_db()
    assert submission.owner == juma

    leave_team(submission=submission, by=juma.user, at=LATER)
    submission.refresh_from_db()
    assert submission.owner == mei
    with pytest.raises(AloneInTeam):
        leave_team(submission=submission, by=mei.user, at=LATER)
    # Whoever left begins anew, and comes back as a guest.
    own = start(edition, enrolment=ana)
    assert own != submission
    assert join(submission, ana).submission == submission


def test_nobody_comes_or_goes_while_an_instructor_has_it_but_by_a_coordinator(
    edition: Edition,
) -> None:
    submission = write(team(edition))
    ana, juma = mates(submission)
    mei = colleague(submission)
    invitation = invite(submission, mei)
    hand_in(submission)

    for refused in (
        lambda: accept_invitation(invitation=invitation, by=mei.user, at=LATER),
        lambda: leave_team(submission=submission, by=juma.user, at=LATER),
        lambda: invite_member(
            submission=submission, enrolment=colleague(submission), by=ana.user, at=LATER
        ),
        lambda: remove_member(
            member=submission.members.get(enrolment=juma), reason="Why?", by=ana.user, at=LATER
        ),
    ):
        with pytest.raises(TeamRests):
            refused()

    staff = coordinator(edition)
    with pytest.raises(InvalidInput):
        add_member(submission=submission, enrolment=mei, reason=" ", by=staff, at=LATER)
    add_member(submission=submission, enrolment=mei, reason="Forgotten.", by=staff, at=LATER)
    remove_member(
        member=submission.members.get(enrolment=ana), reason="Left the city.", by=staff, at=LATER
    )
    submission.refresh_from_db()
    assert mates(submission) == [juma, mei]
    assert submission.owner == juma


def test_members_take_nobody_out_and_staff_not_themselves(edition: Edition) -> None:
    submission = team(edition)
    ana, juma = mates(submission)
    of_ana = submission.members.get(enrolment=ana)

    for by in (juma.user, instructor(edition), EnrolmentFactory.create(edition=edition).user):
        with pytest.raises(PermissionDenied):
            remove_member(member=of_ana, reason="Why?", by=by, at=LATER)
    with pytest.raises(InvalidInput):
        remove_member(member=of_ana, reason="Why?", by=ana.user, at=LATER)
    # A coordinator who is in the team is a member like the others.
    RoleAssignment.objects.create(edition=edition, user=juma.user, role=Role.COORDINATOR)
    with pytest.raises(PermissionDenied):
        remove_member(member=of_ana, reason="Why?", by=juma.user, at=LATER)


# --- One project for all of them ------------------------------------------------------------


def test_grade_certificate_and_messages_are_of_each_and_presenting_is_ones_own(
    edition: Edition, django_capture_on_commit_callbacks: Any
) -> None:
    """D15c: one grade for the team; who presented is recorded for each person."""
    asking_only(edition, requires_project=True, requires_presentation=True)
    submission = write(team(edition))
    ana, juma = mates(submission)
    with django_capture_on_commit_callbacks(execute=True):
        attempt = hand_in(submission)
    assert sorted(to for message in mail.outbox for to in message.to) == sorted(
        [ana.user.email, juma.user.email]
    )
    assert all(juma.user.name in message.body for message in mail.outbox)
    mail.outbox.clear()

    with django_capture_on_commit_callbacks(execute=True):
        released(attempt, instructor(edition))
    assert {to for message in mail.outbox for to in message.to} == {
        ana.user.email,
        juma.user.email,
    }
    for person in (ana.user, juma.user):
        assert Grade.objects.visible_to(person).count() == 1
        assert Attempt.objects.visible_to(person).get() == attempt

    record_presentation(
        enrolment=juma, presented_on=date(2025, 11, 20), by=coordinator(edition), at=LATER
    )
    assert completion_of(juma).is_complete
    assert completion_of(ana).requirement("project").missing == (
        "Present the project live in Barcelona.",
    )


def test_those_who_wrote_never_judge_whatever_else_they_are(edition: Edition) -> None:
    """Invariant 10 and 9, for team-mates of now and before."""
    submission = write(team(edition, size=3))
    _ana, juma, mei = mates(submission)
    leave_team(submission=submission, by=mei.user, at=LATER)
    attempt = hand_in(submission)
    for person in (juma.user, mei.user):
        for role in (Role.INSTRUCTOR, Role.COORDINATOR):
            RoleAssignment.objects.create(edition=edition, user=person, role=role)
    marker = instructor(edition)
    grade = released(attempt, marker)
    Grade.objects.filter(pk=grade.pk).update(status="agreed")

    assert markers_for(submission) == [marker.pk]
    for person in (juma.user, mei.user):
        person.forget_roles()
        assert next_to_mark(submission.project, person) is None
        assert not Grade.objects.visible_to(person).exists()
        assert not Assessment.objects.visible_to(person).exists()
        with pytest.raises(PermissionDenied):
            lock_for_marking(submission=submission, by=person, at=LATER)
    other = write(team(edition))
    hand_in(other, key="of-another-team")
    with pytest.raises(ConflictOfInterest):
        allocate_marker(
            submission=other, marker=mates(other)[1].user, by=coordinator(edition), at=LATER
        )


def test_what_was_handed_in_together_never_changes(edition: Edition) -> None:
    hand_in(write(team(edition)))

    with pytest.raises(IntegrityError), transaction.atomic():
        AttemptMember.objects.update(name="Somebody else")


# --- Pages ------------------------------------------------------------------------------


@pytest.fixture
def browser_of() -> Callable[[User], Client]:
    def open_for(person: User) -> Client:
        client = Client()
        client.force_login(person)
        return client

    return open_for


def test_a_page_from_before_never_writes_into_the_teams_project(
    edition: Edition, browser_of: Callable[[User], Client]
) -> None:
    """The versions of two drafts may be equal: what was typed for one stays out of the other."""
    allow_teams(edition)
    theirs = write(start(edition))
    juma = colleague(theirs)
    own = write(start(edition, enrolment=juma))
    join(theirs, juma)
    browser = browser_of(juma.user)
    assert own.version == theirs.version

    by_itself = browser.put(
        f"/project/{edition.slug}/draft/?project={own.pk}",
        {"base_version": own.version, "values": {"context": "Mine."}},
        content_type="application/json",
        headers={"X-Requested-With": "fetch"},
    )
    by_button = browser.post(
        f"/project/{edition.slug}/draft/",
        {"base_version": own.version, "of-project": own.pk, "context": "Mine."},
    )
    handed_in = browser.post(
        f"/project/{edition.slug}/submit/",
        {"base_version": own.version, "of-project": own.pk, "idempotency_key": "a-key-of-mine"},
    )

    assert [by_itself.status_code, by_button.status_code, handed_in.status_code] == [409] * 3
    assert by_itself.json()["code"] == "another_project"
    theirs.refresh_from_db()
    assert theirs.sections == write(theirs, at=LATER).sections
    assert not Attempt.objects.exists()


def test_the_invitation_says_what_happens_to_ones_own_draft(
    edition: Edition, browser_of: Callable[[User], Client]
) -> None:
    allow_teams(edition)
    theirs = start(edition)
    juma = colleague(theirs)
    start(edition, enrolment=juma)
    invitation = invite(theirs, juma, at=clock.now())
    browser = browser_of(juma.user)
    address = f"/project/{edition.slug}/invitations/{invitation.pk}/"

    home, page = browser.get("/"), browser.get(address)
    assert address in home.content.decode()
    assert "your own draft is set aside" in page.content.decode()

    assert browser.post(address, {"answer": "accept"}).status_code == 302
    team_page = browser.get(f"/project/{edition.slug}/team/").content.decode()
    assert "Your own draft" in team_page
    assert "Set aside on" in team_page


def test_a_coordinator_sees_and_changes_the_teams(
    edition: Edition, browser_of: Callable[[User], Client]
) -> None:
    submission = write(team(edition))
    ana, juma = mates(submission)
    hand_in(submission)
    browser = browser_of(coordinator(edition))
    address = f"/teams/{edition.slug}/{submission.pk}/"
    of_juma = submission.members.get(enrolment=juma)

    assert juma.user.name in browser.get(f"/teams/{edition.slug}/").content.decode()
    assert juma.user.name in browser.get(f"/teams/{edition.slug}/export.csv").content.decode()
    assert browser.get(address).status_code == 200
    assert browser.post(f"{address}remove/{of_juma.pk}/", {"reason": ""}).status_code == 422
    assert (
        browser.post(f"{address}remove/{of_juma.pk}/", {"reason": "Left the city."}).status_code
        == 302
    )
    assert mates(submission) == [ana]


def test_the_list_of_teams_costs_the_same_for_one_and_for_many(
    edition: Edition, browser_of: Callable[[User], Client]
) -> None:
    browser = browser_of(coordinator(edition))
    team(edition)
    browser.get(f"/teams/{edition.slug}/")
    counts = []
    for size in (0, MANY - 1):
        for _ in range(size):
            start(edition)
        with CaptureQueriesContext(connection) as asked:
            browser.get(f"/teams/{edition.slug}/")
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_returned_to_the_team_with_advice_for_each(
    edition: Edition,
    browser_of: Callable[[User], Client],
    django_capture_on_commit_callbacks: Any,
) -> None:
    submission = write(team(edition))
    ana, juma = mates(submission)
    attempt = hand_in(submission)
    marker = instructor(edition)
    lock_for_marking(submission=submission, by=marker, at=LATER)
    submission.refresh_from_db()
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        return_for_revision(
            submission=submission,
            base_version=submission.version,
            reason="Name the partners.",
            by=marker,
            at=LATER,
        )
    assert {to for message in mail.outbox for to in message.to} == {
        ana.user.email,
        juma.user.email,
    }
    browser = browser_of(juma.user)
    browser.post(f"/project/{edition.slug}/reopen/")

    page = browser.get(f"/project/{edition.slug}/").content.decode()
    assert "Name the partners." in page
    assert f"/receipts/{attempt.receipt}/" in page
    submission.refresh_from_db()
    assert (
        submit_project(
            submission=submission,
            by=juma.user,
            at=SUBMITTED_AT,
            base_version=submission.version,
            idempotency_key="after-the-advice",
        ).sections.keys()
        == texts_for(submission).keys()
    )
