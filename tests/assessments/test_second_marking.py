"""Two markers for one project: who is drawn, what each sees, how a grade is agreed."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from assessments.actions.grades import agree_grade, reopen_grade
from assessments.actions.judging import ConflictOfInterest
from assessments.actions.marking import (
    AlreadyTaken,
    allocate_marker,
    reopen_marking,
    save_marks,
    submit_assessment,
)
from assessments.actions.second_marking import AlreadyAgreed, ask_second_marking
from assessments.enums import GradeStatus, MarkerRole, SecondMarkingRule
from assessments.models import (
    Assessment,
    AssessmentRevision,
    Attempt,
    Grade,
    MarkingPolicy,
    QueuePlace,
    SecondMarking,
)
from assessments.selectors.compared import compared_projects
from assessments.selectors.desk import desk_of
from assessments.selectors.queue import next_to_mark
from lms.accounts.models import User
from lms.core.errors import InvalidInput
from lms.programme.models import Edition
from tests.factories.marking import (
    MARKED_AT,
    agreed,
    in_marking,
    marked,
    project_in,
    provisional,
    submitted,
)
from tests.factories.programme import EditionFactory, coordinator, instructor
from tests.races import at_once

pytestmark = pytest.mark.django_db


def policy(edition: Edition, **fields: Any) -> MarkingPolicy:
    return MarkingPolicy.objects.create(
        project=project_in(edition), **{"second_marking": SecondMarkingRule.ALL, **fields}
    )


def hand_in(attempt: Attempt, marker: User, chosen: str = "sound", **levels: str) -> Assessment:
    assessment = marked(in_marking(attempt, marker), chosen, **levels)
    submit_assessment(
        assessment=assessment, base_version=assessment.version, by=marker, at=MARKED_AT
    )
    assessment.refresh_from_db()
    return assessment


def grade_of(attempt: Attempt) -> Grade:
    return Grade.objects.get(submission=attempt.submission)


def test_where_all_have_two_markers_the_second_begins_beside_the_first(edition: Edition) -> None:
    policy(edition)
    attempt = submitted(edition)
    first, second, third = (instructor(edition) for _ in range(3))

    one = in_marking(attempt, first)
    assert next_to_mark(project_in(edition), first) is None
    assert next_to_mark(project_in(edition), second) == attempt.submission
    two = in_marking(attempt, second)

    assert (one.role, two.role) == (MarkerRole.FIRST, MarkerRole.SECOND)
    assert in_marking(attempt, first) == one
    with pytest.raises(AlreadyTaken):
        in_marking(attempt, third)


def test_the_grade_waits_for_both_and_neither_sees_the_other_before(edition: Edition) -> None:
    policy(edition)
    attempt = submitted(edition)
    first, second = instructor(edition), instructor(edition)
    one = hand_in(attempt, first, "strong")

    assert not Grade.objects.exists()
    for reader in (second, coordinator(edition)):
        desk = desk_of(attempt.submission, reader)
        assert desk.is_blind
        assert desk.handed_in is None
        assert desk.overall == ""
        assert {row.comment for row in desk.criteria} == {""}
        assert one not in Assessment.objects.all().readable_by(reader)
    assert one in Assessment.objects.all().readable_by(first)

    two = hand_in(attempt, second, "strong")

    assert grade_of(attempt).status == GradeStatus.PROVISIONAL
    assert not desk_of(attempt.submission, first).is_blind
    assert {one, two} <= set(Assessment.objects.all().readable_by(second))


def test_far_apart_markers_leave_the_decision_to_somebody_else(edition: Edition) -> None:
    policy(edition, divergence_percent=10)
    attempt = submitted(edition)
    first, second, moderator = (instructor(edition) for _ in range(3))
    hand_in(attempt, first, "strong")
    hand_in(attempt, second, "strong", need="sound")

    grade = grade_of(attempt)
    assert grade.status == GradeStatus.IN_MODERATION  # 100 and 80 per cent
    decision: dict[str, Any] = {"grade": grade, "base_version": grade.version, "at": MARKED_AT}
    for marker in (first, second):
        with pytest.raises(ConflictOfInterest):
            agree_grade(**decision, marks={"need": {"level": "sound"}}, reason="Mine.", by=marker)
    with pytest.raises(InvalidInput) as undecided:
        agree_grade(**decision, reason="I agree.", by=moderator)
    assert set(undecided.value.errors) == {"need"}
    with pytest.raises(InvalidInput) as unreasoned:
        agree_grade(**decision, marks={"need": {"level": "sound"}}, by=moderator)
    assert set(unreasoned.value.errors) == {"reason"}

    revision = agree_grade(
        **decision,
        marks={"need": {"level": "sound"}},
        reason="The need is shown for one district only.",
        by=moderator,
    )

    assert revision.percent == Decimal("80.00")
    assert set(revision.assessment_revisions.all()) == set(AssessmentRevision.objects.all())
    assert {mark["criterion"]: mark["comment"] for mark in revision.marks} == {
        "need": "A comment on need.",
        "measurement": "A comment on measurement.",
    }


def test_markers_close_to_each_other_agree_between_them(edition: Edition) -> None:
    policy(edition, divergence_percent=30)
    attempt = submitted(edition)
    first, second = instructor(edition), instructor(edition)
    hand_in(attempt, first, "strong")
    hand_in(attempt, second, "strong", need="sound")

    grade = grade_of(attempt)
    assert grade.status == GradeStatus.PROVISIONAL
    revision = agree_grade(
        grade=grade,
        base_version=grade.version,
        marks={"need": {"level": "strong", "comment": "We talked it over."}},
        reason="We read it again together.",
        by=second,
        at=MARKED_AT,
    )
    assert revision.percent == Decimal("100.00")
    assert revision.marks[0]["comment"] == "We talked it over."


def test_the_desk_shows_both_markers_side_by_side(edition: Edition, client: Client) -> None:
    """Each criterion with both levels and comments, and what the difference comes to; of two
    nothing is averaged. While one is still to hand in there is nothing to see."""
    policy(edition, divergence_percent=10)
    attempt = submitted(edition)
    first, second = instructor(edition), instructor(edition)
    hand_in(attempt, first, "strong")
    client.force_login(coordinator(edition))
    address = reverse("assessments:desk", args=[edition.slug, attempt.submission_id])
    assert "Strong" not in client.get(address).content.decode()
    hand_in(attempt, second, "strong", need="sound")

    page = " ".join(client.get(address).content.decode().split())

    table = page[page.index('aria-label="Both markers side by side"') :].partition("</table>")[0]
    rows = table.split("<tr>")
    assert str(first) in rows[1]
    assert str(second) in rows[1]
    assert "Strong" in rows[2]
    assert "Sound" in rows[2]
    assert "3 of 3 points" in rows[2]
    assert "2 of 3 points" in rows[2]
    assert "1 of 3 points" in rows[2]
    assert "moves the result by 20<" in rows[2]
    assert rows[2].count("A comment on need.") == 2
    assert "the same level" in rows[3]
    assert "100&nbsp;%" in rows[-1]
    assert "80&nbsp;%" in rows[-1]
    assert "<strong>20</strong>" in rows[-1]


def test_a_pass_beside_a_fail_is_always_for_a_moderator(edition: Edition) -> None:
    policy(edition, divergence_percent=100)
    attempt = submitted(edition)
    hand_in(attempt, instructor(edition), "sound", measurement="weak")  # 40 per cent
    hand_in(attempt, instructor(edition), "sound")  # 66.67 per cent; 50 pass
    assert grade_of(attempt).status == GradeStatus.IN_MODERATION


def test_marks_taken_back_hold_the_agreement_up(edition: Edition) -> None:
    policy(edition)
    attempt = submitted(edition)
    first, second = instructor(edition), instructor(edition)
    one = hand_in(attempt, first)
    hand_in(attempt, second)
    to_agree = QueuePlace.objects.of_everybody().filter(is_to_agree=True)
    assert to_agree.exists()
    reopen_marking(assessment=one, base_version=one.version, by=first, at=MARKED_AT)

    assert not to_agree.exists()
    desk = desk_of(attempt.submission, second)
    assert desk.is_blind
    assert not desk.can["agree"]
    one.refresh_from_db()
    save_marks(
        assessment=one, base_version=one.version, marks={"need": {"level": "strong"}},
        by=first, at=MARKED_AT,
    )  # fmt: skip
    one.refresh_from_db()
    submit_assessment(assessment=one, base_version=one.version, by=first, at=MARKED_AT)
    assert grade_of(attempt).status == GradeStatus.IN_MODERATION  # 80 beside 66.67
    assert to_agree.exists()


def test_a_sample_is_exactly_its_share_of_every_group(edition: Edition) -> None:
    policy(edition, second_marking=SecondMarkingRule.SAMPLE, sample_percent=40)
    marker = instructor(edition)
    drawn = []
    for _number in range(20):
        attempt = submitted(edition)
        in_marking(attempt, marker)
        drawn.append(SecondMarking.objects.filter(attempt=attempt).exists())
    assert [sum(drawn[place : place + 5]) for place in (0, 5, 10, 15)] == [2, 2, 2, 2]


def test_a_second_marker_is_asked_for_until_the_grade_is_agreed(edition: Edition) -> None:
    attempt, other = submitted(edition), submitted(edition)
    first, second = instructor(edition), instructor(edition)
    provisional(attempt, first)
    lead = coordinator(edition)

    asked = ask_second_marking(submission=attempt.submission, by=lead, at=MARKED_AT)
    again = ask_second_marking(submission=attempt.submission, by=lead, at=MARKED_AT)
    assert asked == again
    grade = grade_of(attempt)
    with pytest.raises(Exception, match="not handed in"):
        agree_grade(grade=grade, base_version=grade.version, by=second, at=MARKED_AT)
    with pytest.raises(InvalidInput):
        allocate_marker(
            submission=attempt.submission, marker=first, role=MarkerRole.SECOND, by=lead,
            at=MARKED_AT,
        )  # fmt: skip
    given = allocate_marker(
        submission=attempt.submission, marker=second, role=MarkerRole.SECOND, by=lead, at=MARKED_AT
    )
    assert (given.marker, given.role) == (second, MarkerRole.SECOND)

    agreed(other, first)
    with pytest.raises(AlreadyAgreed):
        ask_second_marking(submission=other.submission, by=lead, at=MARKED_AT)


def test_a_decision_that_was_reopened_is_kept_from_the_second_marker(edition: Edition) -> None:
    attempt, first, second = submitted(edition), instructor(edition), instructor(edition)
    grade = agreed(attempt, first)
    lead = coordinator(edition)
    reopen_grade(grade=grade, base_version=grade.version, reason="Too near.", by=lead, at=MARKED_AT)
    ask_second_marking(submission=attempt.submission, by=lead, at=MARKED_AT)
    api = APIClient()
    api.force_authenticate(second)

    def told() -> list[str]:
        addresses = [
            "grades/", f"grades/{grade.pk}/", f"grades/{grade.pk}/history/",
            f"rubrics/{attempt.rubric.rubric_id}/preview/",
        ]  # fmt: skip
        answers = [api.get(f"/api/v1/{address}") for address in addresses]
        assert {answer.status_code for answer in answers} == {200}
        secrets = ("66.67", "A comment on need.", "An overall word")
        return [word for one in answers for word in secrets if word in one.content.decode()]

    assert told() == []
    hand_in(attempt, second)
    assert set(told()) == {"66.67", "A comment on need.", "An overall word"}


def test_markers_are_compared_project_by_project(edition: Edition) -> None:
    policy(edition)
    first, second = instructor(edition), instructor(edition)
    for level in ("strong", "sound"):
        attempt = submitted(edition)
        hand_in(attempt, first, "strong")
        hand_in(attempt, second, level)
    hand_in(submitted(edition), first)

    compared = compared_projects(project_in(edition), first)

    assert [row.divergence.points for row in compared.rows] == [Decimal("33.33"), Decimal("0.00")]
    assert compared.waiting == 1
    assert compared.median is None  # two projects are shown, not averaged
    assert compared.criteria == [("Criterion need", 1), ("Criterion measurement", 1)]


def test_the_agreement_page_shows_both_and_keeps_what_was_typed(
    client: Client, edition: Edition
) -> None:
    policy(edition, divergence_percent=5)
    attempt = submitted(edition)
    hand_in(attempt, instructor(edition), "strong")
    hand_in(attempt, instructor(edition), "strong", need="sound")
    moderator = instructor(edition)
    client.force_login(moderator)
    page = reverse("assessments:agreement", args=[edition.slug, attempt.submission_id])
    grade = grade_of(attempt)

    shown = client.get(page).content.decode()
    assert "Strong" in shown
    assert "20 points of the percentage apart" in shown

    typed = {
        "base_version": grade.version,
        "comment-need": "Somewhere between.",
        "overall": "Good work.",
        "reason": "Between the two.",
    }
    refused = client.post(page, typed)
    assert refused.status_code == 422
    assert "Somewhere between." in refused.content.decode()

    done = client.post(page, {**typed, "level-need": "strong", "level-measurement": "strong"})
    assert done.status_code == 302
    grade.refresh_from_db()
    assert grade.status == GradeStatus.AGREED
    assert grade.current is not None
    assert (grade.current.percent, grade.current.reason) == (100, "Between the two.")


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_both_hand_in_at_once_and_the_grade_is_settled_once() -> None:
    edition = EditionFactory.create()
    policy(edition)
    attempt = submitted(edition)
    held = [marked(in_marking(attempt, instructor(edition))) for _ in range(2)]

    outcomes = at_once(
        *(
            lambda one=one: submit_assessment(
                assessment=one, base_version=one.version, by=one.marker, at=MARKED_AT
            )
            for one in held
        )
    )

    assert [type(one).__name__ for one in outcomes] == ["AssessmentRevision"] * 2
    assert grade_of(attempt).status == GradeStatus.PROVISIONAL


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_three_markers_begin_and_two_have_it() -> None:
    edition = EditionFactory.create()
    policy(edition)
    attempt = submitted(edition)
    markers = [instructor(edition) for _ in range(3)]

    outcomes = at_once(*(lambda marker=marker: in_marking(attempt, marker) for marker in markers))

    assert sorted(type(one).__name__ for one in outcomes) == [
        "AlreadyTaken",
        "Assessment",
        "Assessment",
    ]
    assert set(Assessment.objects.values_list("role", flat=True)) == {"first", "second"}
