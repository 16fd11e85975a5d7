"""Releases, appeals and what competes with them at the same moment (PostgreSQL)."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from assessments.actions.appeals import assign_appeal, decide_appeal, make_appeal
from assessments.actions.carrying_out import begin_release, release_part
from assessments.actions.grades import amend_grade, reopen_grade
from assessments.actions.releasing import (
    confirm_release,
    make_release,
    release_grade,
    undo_release,
)
from assessments.actions.revising import return_for_revision
from assessments.actions.rubric import publish_rubric
from assessments.enums import AppealStatus, GradeStatus, ReleaseStatus
from assessments.models import Appeal, Grade, GradeRevision, MarkingPolicy, Release
from assessments.selectors.releasing import rehearse
from lms.core.models import AuditEvent
from lms.programme.models import Edition
from tests.factories.marking import (
    MARKED_AT,
    agreed,
    carry_out,
    project_in,
    released,
    rubric_content,
    submitted,
    team_mate_of,
)
from tests.factories.programme import EditionFactory, coordinator, instructor
from tests.races import at_once

LATER = MARKED_AT + timedelta(minutes=10)
pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def edition() -> Edition:
    """Nothing is carried out before the test says so: the time to undo it is in the future
    of the clock of the test, and a worker's clock is not asked."""
    return EditionFactory.create()


def names(results: list[Any]) -> Counter[str]:
    return Counter(type(result).__name__ for result in results)


def scheduled(edition: Edition, *grades: Grade) -> Release:
    boss = coordinator(edition)
    sha256 = rehearse(edition, boss).sha256
    return make_release(edition=edition, sha256=sha256, by=boss, at=MARKED_AT)


def carried_out(release: Release) -> Any:
    return lambda: (
        begin_release(release=release, at=LATER),
        release_part(release=release, part=0, at=LATER),
    )


def test_two_release_the_same_grades_and_one_is_told(edition: Edition) -> None:
    marker = instructor(edition)
    for _ in range(3):
        agreed(submitted(edition), marker)
    people = [coordinator(edition) for _ in range(2)]
    sha256 = rehearse(edition, people[0]).sha256

    results = at_once(
        *(
            lambda by=by: make_release(edition=edition, sha256=sha256, by=by, at=MARKED_AT)
            for by in people
        )
    )

    assert names(results) == {"Release": 1, "NothingToRelease": 1}
    assert Release.objects.get().items.count() == 3


def test_one_grade_and_all_of_them_released_at_once(edition: Edition) -> None:
    grade = agreed(submitted(edition), instructor(edition))
    boss, other = coordinator(edition), coordinator(edition)
    sha256 = rehearse(edition, boss).sha256

    results = at_once(
        lambda: make_release(edition=edition, sha256=sha256, by=boss, at=MARKED_AT),
        lambda: release_grade(grade=grade, base_version=grade.version, by=other, at=MARKED_AT),
    )

    assert names(results)["Release"] == 1
    assert grade.release_items.count() == 1


def test_a_part_delivered_to_two_workers_releases_and_tells_once(edition: Edition) -> None:
    marker = instructor(edition)
    for _ in range(3):
        agreed(submitted(edition), marker)
    release = scheduled(edition)
    mail.outbox.clear()

    at_once(carried_out(release), carried_out(release))

    assert {grade.status for grade in Grade.objects.all()} == {GradeStatus.RELEASED}
    assert AuditEvent.objects.filter(verb="grade.released").count() == 3
    assert len(mail.outbox) == 3
    release.refresh_from_db()
    assert release.status == ReleaseStatus.RELEASED


def test_an_undoing_and_the_beginning_do_not_both_succeed(edition: Edition) -> None:
    grade = agreed(submitted(edition), instructor(edition))
    release = scheduled(edition)
    boss = coordinator(edition)

    results = at_once(
        lambda: undo_release(release=release, base_version=release.version, by=boss, at=LATER),
        carried_out(release),
    )

    grade.refresh_from_db()
    is_undone = isinstance(results[0], Release)
    assert (grade.status == GradeStatus.AGREED) == is_undone


def test_two_confirm_and_it_is_scheduled_once(edition: Edition) -> None:
    MarkingPolicy.objects.create(project=project_in(edition), confirm_release=True)
    agreed(submitted(edition), instructor(edition))
    release = scheduled(edition)
    people = [coordinator(edition) for _ in range(2)]

    results = at_once(
        *(
            lambda by=by: confirm_release(
                release=release, base_version=release.version, sha256=release.sha256, by=by,
                at=MARKED_AT,
            )
            for by in people
        )
    )  # fmt: skip

    assert names(results) == {"Release": 1, "StaleVersion": 1}
    assert AuditEvent.objects.filter(verb="release.scheduled").count() == 1


@pytest.mark.parametrize("what", ["reopen", "return", "rubric"])
def test_a_release_and_what_changes_its_grade_do_not_both_succeed(
    edition: Edition, what: str
) -> None:
    """Never released stale: either the grade is out and stands, or it changed and is left out."""
    marker = instructor(edition)
    grade = agreed(submitted(edition), marker)
    release = scheduled(edition)
    changes = {
        "reopen": lambda: reopen_grade(
            grade=grade, base_version=grade.version, reason="A slip.", by=marker, at=LATER
        ),
        "return": lambda: return_for_revision(
            submission=grade.submission, base_version=grade.submission.version,
            reason="Say who pays.", by=marker, at=LATER,
        ),
        "rubric": lambda: publish_rubric(
            rubric=grade.attempt.project.rubric, content=rubric_content(pass_percent=80),
            by=None, at=LATER,
        ),
    }  # fmt: skip

    at_once(carried_out(release), changes[what])

    grade.refresh_from_db()
    item = release.items.get()
    if item.outcome == "released":
        assert (grade.status, grade.current_id) == (GradeStatus.RELEASED, item.revision_id)
    else:
        assert item.outcome == "left_out"
        assert grade.status in (GradeStatus.PROVISIONAL, GradeStatus.AGREED)
        assert grade.status == GradeStatus.PROVISIONAL or what == "return" or grade.needs_regrade


def test_two_members_appeal_and_one_appeal_is_open(edition: Edition) -> None:
    attempt = submitted(edition)
    mate = team_mate_of(attempt)
    grade = released(attempt, instructor(edition))

    results = at_once(
        *(
            lambda by=by: make_appeal(
                grade=grade, revision=1, reason="Section two answers this.", by=by, at=LATER
            )
            for by in (attempt.owner.user, mate.enrolment.user)
        )
    )

    assert names(results) == {"Appeal": 1, "IllegalMove": 1}
    assert Appeal.objects.count() == 1


def test_an_amendment_and_an_appeal_do_not_lose_each_other(edition: Edition) -> None:
    marker = instructor(edition)
    attempt = submitted(edition)
    grade = released(attempt, marker)

    results = at_once(
        lambda: make_appeal(
            grade=grade, revision=1, reason="Section two.", by=attempt.owner.user, at=LATER
        ),
        lambda: amend_grade(
            grade=grade, base_version=grade.version, marks={"need": {"level": "weak"}},
            reason="A slip.", by=marker, at=LATER,
        ),
    )  # fmt: skip

    done = {"Appeal", "GradeRevision"} & set(names(results))
    assert len(done) == 1


def test_an_appeal_is_decided_once(edition: Edition) -> None:
    attempt = submitted(edition)
    grade = released(attempt, instructor(edition))
    appeal = make_appeal(
        grade=grade, revision=1, reason="Section two.", by=attempt.owner.user, at=LATER
    )
    other = instructor(edition)
    appeal = assign_appeal(appeal=appeal, base_version=0, marker=other, by=other, at=LATER)

    results = at_once(
        lambda: decide_appeal(
            appeal=appeal, base_version=0, decision=AppealStatus.UPHELD,
            reason="It stands.", by=other, at=LATER,
        ),
        lambda: decide_appeal(
            appeal=appeal, base_version=0, decision=AppealStatus.AMENDED,
            marks={"need": {"level": "strong"}}, reason="Seen now.", by=other, at=LATER,
        ),
    )  # fmt: skip

    assert names(results)["Appeal"] == 1
    grade.refresh_from_db()
    amended = grade.status == GradeStatus.AMENDED
    assert GradeRevision.objects.count() == (2 if amended else 1)


def test_a_released_grade_of_many_parts_is_closed_by_whoever_is_last(
    edition: Edition, monkeypatch: Any
) -> None:
    monkeypatch.setattr("assessments.actions.releasing.PART", 1)
    marker = instructor(edition)
    for _ in range(4):
        agreed(submitted(edition), marker)
    release = scheduled(edition)
    begin_release(release=release, at=LATER)

    at_once(
        *(lambda part=part: release_part(release=release, part=part, at=LATER) for part in range(4))
    )

    assert carry_out(release, LATER).status == ReleaseStatus.RELEASED
    assert Grade.objects.filter(status=GradeStatus.RELEASED).count() == 4
