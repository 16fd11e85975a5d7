"""Releasing grades: the rehearsal, the confirmation, the time to undo it, the carrying out."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assessments import tasks
from assessments.actions.carrying_out import (
    begin_release,
    release_part,
    retry_release,
    sweep_releases,
)
from assessments.actions.grades import reopen_grade
from assessments.actions.judging import ConflictOfInterest
from assessments.actions.releasing import (
    AlreadyInRelease,
    ChangedSinceRehearsal,
    NothingToRelease,
    confirm_release,
    make_release,
    release_grade,
    undo_release,
)
from assessments.actions.revising import reopen_draft, return_for_revision
from assessments.enums import GradeStatus, ReleaseStatus, SubmissionStatus
from assessments.models import Grade, MarkingPolicy, Project, Release, Submission
from assessments.selectors import visible_grade
from assessments.selectors.allocation import Rule, plan_allocation
from assessments.selectors.distribution import Distribution
from assessments.selectors.releasing import Missing, rehearse
from lms.accounts.models import User
from lms.core.errors import IllegalMove, PermissionDenied, StaleVersion
from lms.core.models import AuditEvent, OutboxMessage
from lms.programme.models import Edition
from tests.factories.accounts import CityFactory
from tests.factories.marking import (
    MARKED_AT,
    agreed,
    attempt_of,
    carry_out,
    in_marking,
    project_in,
    provisional,
    released,
    submitted,
)
from tests.factories.programme import (
    city_team_member,
    coordinator,
    enrol,
    instructor,
    moderator,
    participant,
)

LATER = MARKED_AT + timedelta(minutes=10)


def policy(edition: Edition, **fields: Any) -> MarkingPolicy:
    return MarkingPolicy.objects.create(project=project_in(edition), **fields)


def made(edition: Edition, by: User, at: datetime = MARKED_AT, **fields: Any) -> Release:
    sha256 = rehearse(edition, by, **fields).sha256
    return make_release(edition=edition, sha256=sha256, by=by, at=at, **fields)


def status_of(grade: Grade) -> str:
    grade.refresh_from_db()
    return grade.status


# --- The rehearsal -----------------------------------------------------------------


def test_a_rehearsal_says_what_is_ready_what_is_missing_and_why(edition: Edition) -> None:
    marker, boss = instructor(edition), coordinator(edition)
    ready = agreed(submitted(edition), marker)
    provisional(submitted(edition), marker)
    in_marking(submitted(edition), marker)
    submitted(edition)
    flagged = agreed(submitted(edition), marker)
    Grade.objects.filter(pk=flagged.pk).update(needs_regrade=True)
    of_boss = submitted(edition)
    city_team_member_of = of_boss.owner.city
    agreed(of_boss, marker)
    enrol(boss, edition, city_team_member_of)
    released(submitted(edition), marker)

    found = rehearse(edition, boss)

    assert [one.grade for one in found.ready] == [ready]
    assert sorted(one.why for one in found.left_out) == sorted(
        [
            Missing.TO_AGREE,
            Missing.IN_MARKING,
            Missing.NOT_BEGUN,
            Missing.NEEDS_REGRADE,
            Missing.CONFLICT,
        ]
    )
    assert (found.released, [person for person, _ in found.recipients]) == (
        1,
        [ready.submission.owner.user],
    )


def test_marks_of_an_attempt_that_was_returned_hold_up_no_release(edition: Edition) -> None:
    """Whoever had begun it never hands them in: the next attempt has marks of its own."""
    marker, boss = instructor(edition), coordinator(edition)
    submission = in_marking(submitted(edition), marker).submission
    submission.refresh_from_db()
    return_for_revision(
        submission=submission, base_version=submission.version, reason="Say whom you asked.",
        until_at=LATER, by=marker, at=MARKED_AT,
    )  # fmt: skip
    again = reopen_draft(submission=submission, by=submission.owner.user, at=MARKED_AT)
    again.status = SubmissionStatus.SUBMITTED
    again.save(update_fields=["status"])

    grade = agreed(attempt_of(again, at=MARKED_AT), marker)

    found = rehearse(edition, boss)
    assert ([one.grade for one in found.ready], found.left_out) == ([grade], [])
    plan = plan_allocation(project_in(edition), Rule(markers=(marker.pk,)))
    assert [load.held for load in plan.loads] == [0]


def test_a_rehearsal_changes_nothing(edition: Edition) -> None:
    agreed(submitted(edition), instructor(edition))
    boss = coordinator(edition)
    before = (AuditEvent.objects.count(), OutboxMessage.objects.count(), Release.objects.count())

    with CaptureQueriesContext(connection) as queries:
        rehearse(edition, boss)

    assert [q["sql"] for q in queries if not q["sql"].lstrip("(").startswith("SELECT")] == []
    assert before == (
        AuditEvent.objects.count(),
        OutboxMessage.objects.count(),
        Release.objects.count(),
    )


def test_a_rehearsal_of_many_asks_as_often_as_of_one(edition: Edition) -> None:
    marker, boss = instructor(edition), coordinator(edition)
    agreed(submitted(edition), marker)
    counts = []
    for more in (0, 5):
        for _ in range(more):
            agreed(submitted(edition), marker)
        boss.forget_roles()
        with CaptureQueriesContext(connection) as queries:
            assert len(rehearse(edition, boss).recipients) == 1 + more
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_somebody_who_also_takes_part_sees_nothing_of_their_own_grade(edition: Edition) -> None:
    """Invariant 9."""
    colleague = instructor(edition)
    own = agreed(submitted(edition, enrolment=enrol(colleague, edition)), instructor(edition))

    found = rehearse(edition, colleague)

    assert (found.ready, found.left_out, found.released) == ([], [], 0)
    assert own.pk not in {one.grade.pk for one in found.ready}


@pytest.mark.parametrize(
    ("count", "is_dots", "bars"), [(1, True, 0), (19, True, 0), (20, False, 10)]
)
def test_few_results_are_dots_and_many_are_counted(count: int, is_dots: bool, bars: int) -> None:
    found = Distribution([Decimal(50 + n % 7) for n in range(count)])
    assert (found.is_dots, len(found.dots), len(found.bars)) == (
        is_dots,
        count if is_dots else 0,
        bars,
    )
    assert sum(bar.count for bar in found.bars) == (0 if is_dots else count)


def test_far_from_the_others_is_said_by_a_rule_and_not_of_few() -> None:
    near = [Decimal(60 + n) for n in range(8)]
    assert Distribution(near[:7]).fences is None
    fences = Distribution([*near, Decimal(5)]).fences
    assert fences is not None
    assert not fences.hold(Decimal(5))
    assert all(fences.hold(one) for one in near)


def test_equal_dots_do_not_cover_each_other() -> None:
    found = Distribution([Decimal(50)] * 3)
    assert len({(dot.x, dot.y) for dot in found.dots}) == 3


# --- Deciding ------------------------------------------------------------------------


def test_nothing_is_seen_or_sent_while_a_release_can_be_undone(
    edition: Edition, django_capture_on_commit_callbacks: Any
) -> None:
    attempt = submitted(edition)
    grade = agreed(attempt, instructor(edition))

    with django_capture_on_commit_callbacks(execute=True):
        release = made(edition, coordinator(edition))

    assert (release.status, release.takes_effect_at) == (ReleaseStatus.SCHEDULED, LATER)
    assert (status_of(grade), visible_grade(attempt.submission)) == (GradeStatus.AGREED, None)
    assert mail.outbox == []

    with django_capture_on_commit_callbacks(execute=True):
        begin_release(release=release, at=LATER - timedelta(microseconds=1))
    assert status_of(grade) == GradeStatus.AGREED

    with django_capture_on_commit_callbacks(execute=True):
        begin_release(release=release, at=LATER)
    release.refresh_from_db()
    assert (status_of(grade), release.status) == (GradeStatus.RELEASED, ReleaseStatus.RELEASED)
    assert [message.to for message in mail.outbox] == [[attempt.owner.user.email]]
    assert Submission.objects.get().status == SubmissionStatus.FINALISED


def test_without_a_time_to_undo_a_release_takes_effect_at_once(
    edition: Edition, django_capture_on_commit_callbacks: Any
) -> None:
    policy(edition, undo_minutes=0)
    grade = agreed(submitted(edition), instructor(edition))

    with django_capture_on_commit_callbacks(execute=True):
        made(edition, coordinator(edition))

    assert status_of(grade) == GradeStatus.RELEASED


def test_any_of_the_staff_undoes_a_release_and_it_can_be_made_anew(edition: Edition) -> None:
    boss, colleague = coordinator(edition), instructor(edition)
    grade = agreed(submitted(edition), instructor(edition))
    release = made(edition, boss)

    undo_release(release=release, base_version=release.version, by=colleague, at=MARKED_AT)
    begin_release(release=release, at=LATER)

    assert status_of(grade) == GradeStatus.AGREED
    release.refresh_from_db()
    assert (release.status, release.undone_by) == (ReleaseStatus.UNDONE, colleague)
    carry_out(made(edition, boss), LATER)
    assert status_of(grade) == GradeStatus.RELEASED


def test_a_release_that_has_begun_is_not_undone(edition: Edition) -> None:
    boss = coordinator(edition)
    agreed(submitted(edition), instructor(edition))
    release = carry_out(made(edition, boss), LATER)

    with pytest.raises(IllegalMove):
        undo_release(release=release, base_version=release.version, by=boss, at=LATER)


def test_what_was_not_rehearsed_is_not_released(edition: Edition) -> None:
    marker, boss = instructor(edition), coordinator(edition)
    agreed(submitted(edition), marker)
    seen = rehearse(edition, boss).sha256
    agreed(submitted(edition), marker)

    with pytest.raises(ChangedSinceRehearsal):
        make_release(edition=edition, sha256=seen, by=boss, at=MARKED_AT)
    assert not Release.objects.exists()


def test_a_grade_waits_in_one_release_at_a_time(edition: Edition) -> None:
    boss = coordinator(edition)
    grade = agreed(submitted(edition), instructor(edition))
    made(edition, boss)

    with pytest.raises(NothingToRelease):
        made(edition, boss)
    with pytest.raises(AlreadyInRelease):
        release_grade(grade=grade, base_version=grade.version, by=boss, at=MARKED_AT)
    assert [one.why for one in rehearse(edition, boss).left_out] == [Missing.IN_RELEASE]


def test_who_may_release(edition: Edition) -> None:
    agreed(submitted(edition), instructor(edition))
    sha256 = rehearse(edition, coordinator(edition)).sha256
    for outsider in (
        moderator(edition),
        participant(edition),
        city_team_member(edition, CityFactory.create()),
    ):
        with pytest.raises(PermissionDenied):
            make_release(edition=edition, sha256=sha256, by=outsider, at=MARKED_AT)


# --- A second person confirms ----------------------------------------------------------


def waiting(edition: Edition, by: User) -> Release:
    policy(edition, confirm_release=True)
    agreed(submitted(edition), instructor(edition))
    return made(edition, by)


def confirm(release: Release, by: User, **fields: Any) -> Release:
    values = {"base_version": release.version, "sha256": release.sha256} | fields
    return confirm_release(release=release, by=by, at=MARKED_AT, **values)


def test_a_second_person_confirms_exactly_what_was_rehearsed(edition: Edition) -> None:
    boss, colleague = coordinator(edition), coordinator(edition)
    release = waiting(edition, boss)
    assert (release.status, release.takes_effect_at) == (ReleaseStatus.AWAITING_CONFIRMATION, None)

    with pytest.raises(ConflictOfInterest):
        confirm(release, boss)
    with pytest.raises(ChangedSinceRehearsal):
        confirm(release, colleague, sha256="0" * 64)
    with pytest.raises(StaleVersion):
        confirm(release, colleague, base_version=release.version + 1)
    confirmed = confirm(release, colleague)

    assert (confirmed.confirmed_by, confirmed.status) == (colleague, ReleaseStatus.SCHEDULED)
    assert carry_out(confirmed, LATER).status == ReleaseStatus.RELEASED


def test_unconfirmed_nothing_takes_effect(edition: Edition) -> None:
    release = waiting(edition, coordinator(edition))
    carry_out(release, LATER)
    assert Grade.objects.get().status == GradeStatus.AGREED


def test_a_grade_that_changed_cannot_be_confirmed(edition: Edition) -> None:
    release = waiting(edition, coordinator(edition))
    grade, marker = Grade.objects.get(), instructor(edition)
    reopen_grade(grade=grade, base_version=grade.version, reason="A slip.", by=marker, at=MARKED_AT)

    with pytest.raises(ChangedSinceRehearsal):
        confirm(release, coordinator(edition))


def test_nobody_of_a_city_confirms_its_grades(edition: Edition) -> None:
    """Invariant 10."""
    release = waiting(edition, coordinator(edition))
    of_the_city = coordinator(edition)
    enrol(of_the_city, edition, Submission.objects.get().owner.city)

    with pytest.raises(ConflictOfInterest):
        confirm(release, of_the_city)


def test_those_who_may_confirm_are_told(
    edition: Edition, django_capture_on_commit_callbacks: Any
) -> None:
    boss, colleague = coordinator(edition), coordinator(edition)
    with django_capture_on_commit_callbacks(execute=True):
        waiting(edition, boss)
    told = {message.to[0] for message in mail.outbox}
    assert colleague.email in told
    assert boss.email not in told


def test_one_grade_goes_no_way_round_the_confirmation(edition: Edition) -> None:
    policy(edition, confirm_release=True)
    grade = agreed(submitted(edition), instructor(edition))

    release = release_grade(
        grade=grade, base_version=grade.version, by=coordinator(edition), at=MARKED_AT
    )
    carry_out(release, LATER)

    assert status_of(grade) == GradeStatus.AGREED


# --- Carrying it out ---------------------------------------------------------------------


def test_what_changed_meanwhile_is_left_out_and_says_why(edition: Edition) -> None:
    """Never released stale; the others are."""
    marker, boss = instructor(edition), coordinator(edition)
    good, reopened, returned, flagged = (agreed(submitted(edition), marker) for _ in range(4))
    release = made(edition, boss)
    reopen_grade(
        grade=reopened, base_version=reopened.version, reason="A slip.", by=marker, at=MARKED_AT
    )
    return_for_revision(
        submission=returned.submission, base_version=returned.submission.version,
        reason="Say who pays.", by=marker, at=MARKED_AT,
    )  # fmt: skip
    Grade.objects.filter(pk=flagged.pk).update(needs_regrade=True)

    release = carry_out(release, LATER)

    assert status_of(good) == GradeStatus.RELEASED
    assert [status_of(one) for one in (reopened, returned, flagged)] == [
        GradeStatus.PROVISIONAL,
        GradeStatus.AGREED,
        GradeStatus.AGREED,
    ]
    reasons = dict(release.items.filter(outcome="left_out").values_list("grade_id", "reason"))
    assert reasons == {
        reopened.pk: "The grade has changed since the release was made: Provisional.",
        returned.pk: "The project has changed since the release was made: Returned for revision.",
        flagged.pk: "A newer attempt or another rubric came after the release was made.",
    }
    assert release.status == ReleaseStatus.RELEASED


def test_when_everything_changed_nothing_is_released_and_it_says_so(edition: Edition) -> None:
    grade = agreed(submitted(edition), instructor(edition))
    release = made(edition, coordinator(edition))
    Grade.objects.update(needs_regrade=True)

    assert carry_out(release, LATER).status == ReleaseStatus.FAILED
    assert status_of(grade) == GradeStatus.AGREED


def test_a_part_delivered_twice_releases_and_tells_once(
    edition: Edition, django_capture_on_commit_callbacks: Any, monkeypatch: Any
) -> None:
    """Also while the rest of the release still goes on."""
    monkeypatch.setattr("assessments.actions.releasing.PART", 1)
    marker = instructor(edition)
    for _ in range(2):
        agreed(submitted(edition), marker)
    release = made(edition, coordinator(edition))
    begin_release(release=release, at=LATER)
    begin_release(release=release, at=LATER)

    with django_capture_on_commit_callbacks(execute=True):
        for part in (0, 0, 1, 1):
            release_part(release=release, part=part, at=LATER)

    assert set(release.items.values_list("outcome", flat=True)) == {"released"}
    assert len(mail.outbox) == 2
    assert AuditEvent.objects.filter(verb="grade.released").count() == 2


def test_a_crash_in_a_part_leaves_nothing_half_done(edition: Edition, monkeypatch: Any) -> None:
    """The first of the notices cannot be promised: no grade of the part is released."""
    marker = instructor(edition)
    grades = [agreed(submitted(edition), marker) for _ in range(2)]
    release = made(edition, coordinator(edition))
    begin_release(release=release, at=LATER)
    monkeypatch.setattr(tasks.send_grade_released, "name", None)
    with pytest.raises(Exception, match=r"."):
        release_part(release=release, part=0, at=LATER)
    assert {status_of(grade) for grade in grades} == {GradeStatus.AGREED}

    monkeypatch.undo()
    assert carry_out(release, LATER).status == ReleaseStatus.RELEASED
    assert {status_of(grade) for grade in grades} == {GradeStatus.RELEASED}


def test_what_was_left_behind_is_found(edition: Edition) -> None:
    """Its beginning was given up: it is begun. Its part was: it is said to have stopped,
    and can be tried again."""
    boss = coordinator(edition)
    grade = agreed(submitted(edition), instructor(edition))
    release = made(edition, boss)
    OutboxMessage.objects.update(attempts=10)

    assert sweep_releases(at=LATER) == 1
    release.refresh_from_db()
    assert release.status == ReleaseStatus.RELEASING
    OutboxMessage.objects.update(attempts=10)
    assert sweep_releases(at=LATER) == 1
    release.refresh_from_db()
    assert release.status == ReleaseStatus.FAILED

    release = retry_release(release=release, base_version=release.version, by=boss, at=LATER)
    release_part(release=release, part=0, at=LATER)
    assert status_of(grade) == GradeStatus.RELEASED


def test_a_release_is_of_its_edition_alone(edition: Edition) -> None:
    assert not Project.objects.filter(edition=edition).exists()
    boss = coordinator(edition)
    with pytest.raises(NothingToRelease):
        make_release(edition=edition, sha256="", by=boss, at=MARKED_AT)
