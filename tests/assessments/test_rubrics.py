from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from assessments.actions.rubric import publish_rubric
from assessments.models import Criterion, Level, RubricVersion
from assessments.scoring import Weighed, score
from lms.core.errors import InvalidInput, PermissionDenied
from lms.programme.models import Edition
from tests.factories.marking import (
    MARKED_AT,
    criterion,
    level,
    provisional,
    rubric_content,
    rubric_in,
    submitted,
)
from tests.factories.programme import (
    EditionFactory,
    coordinator,
    instructor,
    moderator,
    participant,
)


def test_publishing_stores_criteria_and_levels_as_rows(edition: Edition) -> None:
    version = rubric_in(edition).versions.get()

    assert version.number == 1
    assert version.pass_percent == Decimal("50.00")
    assert [c.key for c in version.criteria.all()] == ["need", "measurement"]
    assert [level.points for level in version.criteria.first().levels.all()] == [3, 2, 0]


def test_the_same_content_is_the_same_version(edition: Edition, at: datetime) -> None:
    rubric = rubric_in(edition)
    same = rubric_content(
        pass_percent="50.00",
        criteria=[criterion("need", "60.0"), criterion("measurement", Decimal(40))],
    )

    again = publish_rubric(rubric=rubric, content=same, by=coordinator(edition), at=at)
    other = publish_rubric(rubric=rubric, content=rubric_content(pass_percent=60), by=None, at=at)

    assert (again.number, other.number) == (1, 2)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"criteria": []}, "criteria"),
        ({"criteria": [criterion("need", 60), criterion("measurement", 39)]}, "criteria"),
        ({"criteria": [criterion("need", 50), criterion("need", 50)]}, "criteria"),
        ({"criteria": [criterion("need", "NaN")]}, "criteria[0].weight"),
        ({"criteria": [criterion("need", float("inf"))]}, "criteria[0].weight"),
        ({"criteria": [criterion("need", -100)]}, "criteria[0].weight"),
        ({"criteria": [criterion("need", "99,5")]}, "criteria[0].weight"),
        ({"criteria": [criterion("need", 100.5)]}, "criteria[0].weight"),
        ({"criteria": [criterion("need", True)]}, "criteria[0].weight"),
        ({"criteria": [criterion("need", 100, [level("one", 1)])]}, "criteria[0].levels"),
        (
            {"criteria": [criterion("need", 100, [level("a", 1), level("b", 1)])]},
            "criteria[0].levels",
        ),
        (
            {"criteria": [criterion("need", 100, [level("a", 1), level("a", 0)])]},
            "criteria[0].levels",
        ),
        (
            {"criteria": [criterion("need", 100, [level("a", "1.234"), level("b", 0)])]},
            "criteria[0].levels[0].points",
        ),
        ({"pass_percent": 101}, "pass_percent"),
        ({"total": 100}, "rubric.total"),
    ],
)
def test_a_faulty_rubric_is_refused_whole(
    edition: Edition, at: datetime, changes: dict[str, Any], field: str
) -> None:
    rubric = rubric_in(edition)

    with pytest.raises(InvalidInput) as refusal:
        publish_rubric(rubric=rubric, content=rubric_content(**changes), by=None, at=at)

    assert field in refusal.value.errors
    assert rubric.versions.count() == 1


def test_those_who_teach_publish_a_rubric_and_nobody_else(edition: Edition, at: datetime) -> None:
    rubric = rubric_in(edition)
    sent = {"rubric": rubric, "content": rubric_content(pass_percent=60), "at": at}

    for other in (participant(edition), moderator(edition), instructor(EditionFactory.create())):
        with pytest.raises(PermissionDenied):
            publish_rubric(by=other, **sent)

    assert publish_rubric(by=instructor(edition), **sent).number == 2


def test_everything_that_is_wrong_is_said_at_once(edition: Edition, at: datetime) -> None:
    content = {"pass_percent": "half", "criteria": [criterion("", "40,5", [level("a", -1)])]}

    with pytest.raises(InvalidInput) as refusal:
        publish_rubric(rubric=rubric_in(edition), content=content, by=None, at=at)

    assert set(refusal.value.errors) == {
        "pass_percent",
        "criteria[0].key",
        "criteria[0].weight",
        "criteria[0].levels",
    }


@pytest.mark.parametrize("model", [RubricVersion, Criterion, Level])
def test_a_published_rubric_cannot_be_changed(edition: Edition, model: Any) -> None:
    """Invariant 16."""
    rubric_in(edition)
    table = model._meta.db_table

    for statement in (f"UPDATE {table} SET id = id + 1000", f"DELETE FROM {table}"):
        with (
            pytest.raises(IntegrityError),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_a_new_rubric_flags_grades_that_are_not_released(edition: Edition) -> None:
    """Invariant 7: flagged, neither zeroed nor rescaled."""
    attempt = submitted(edition)
    grade = provisional(attempt, instructor(edition))
    before = grade.submission.assessments.get().revisions.get().percent

    publish_rubric(
        rubric=attempt.project.rubric,
        content=rubric_content(pass_percent=60),
        by=None,
        at=MARKED_AT,
    )

    grade.refresh_from_db()
    assert grade.needs_regrade
    assert grade.submission.assessments.get().revisions.get().percent == before
    assert attempt.rubric.number == 1


points = st.decimals(min_value=0, max_value=10, places=2)


@given(
    st.lists(
        st.tuples(
            points, st.decimals(min_value=10, max_value=20, places=2), points.map(lambda p: p + 1)
        ),
        min_size=1,
        max_size=8,
    )
)
def test_a_score_stays_between_nothing_and_everything(rows: list[tuple[Decimal, ...]]) -> None:
    """Invariant 5: exact, in range, and monotone."""
    marks = [Weighed(points=p, max_points=m, weight=w) for p, m, w in rows]
    result = score(marks)
    full = score([Weighed(m.max_points, m.max_points, m.weight) for m in marks])

    assert 0 <= result.percent <= full.percent == 100
    assert result.total == sum(m.points for m in marks) <= result.maximum


def test_a_result_is_rounded_once_and_half_goes_up() -> None:
    third = Weighed(Decimal(1), Decimal(3), Decimal(50))
    eighth = Weighed(Decimal(1), Decimal(8), Decimal(50))

    assert score([third, third]).percent == Decimal("33.33")
    assert score([eighth, third]).percent == Decimal("22.92")
    assert score([Weighed(Decimal(1), Decimal(16), Decimal(100))]).percent == Decimal("6.25")
    assert score([Weighed(Decimal(1), Decimal(32), Decimal(100))]).percent == Decimal("3.13")
