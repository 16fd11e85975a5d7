"""What publishing a rubric would mean for marks that are given; looking changes nothing."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments.actions.rubric import publish_rubric
from assessments.actions.rubric_drafts import replace_rubric_draft
from assessments.models import Grade, MarkingPolicy, Rubric, SecondMarking
from assessments.rubric_content import clean_rubric, content_of
from assessments.selectors.anonymity import code_of
from assessments.selectors.marking import rubric_in_force
from assessments.selectors.rubric_change import RubricChange, rubric_change
from lms.accounts.models import User
from lms.programme.models import Edition
from tests.factories.marking import (
    MARKED_AT,
    agreed,
    criterion,
    in_marking,
    level,
    marked,
    project_in,
    provisional,
    released,
    rubric_content,
    submitted,
)
from tests.factories.programme import coordinator, enrol, instructor


def change_of(rubric: Rubric, reader: User, **changes: Any) -> RubricChange:
    version = rubric_in_force(rubric.pk)
    assert version is not None
    content = clean_rubric(rubric_content(**changes))
    return rubric_change(rubric, content, content_of(version), reader=reader)


def test_what_the_same_levels_would_come_to(edition: Edition, at: datetime) -> None:
    """Sound (2 of 3) is worth 1 of 3 on the new version of a criterion of 60 %."""
    marker = instructor(edition)
    for step in (provisional, agreed, released):
        step(submitted(edition), marker)
    provisional(submitted(edition), marker, "strong")
    marked(in_marking(submitted(edition), marker), "sound")
    rubric = project_in(edition).rubric
    levels = [level("strong", 3), level("sound", 1), level("weak", 0)]

    change = change_of(
        rubric, marker, criteria=[criterion("need", 60, levels), criterion("measurement", 40)]
    )

    assert change.results[0].crosses
    assert {(row.given.percent, row.after) for row in change.results} == {
        (Decimal("66.67"), Decimal("46.67")),
        (Decimal("100.00"), Decimal("100.00")),
    }
    assert (change.marked, change.lower, change.same, change.higher) == (5, 4, 1, 0)
    assert (change.falling, change.rising) == (4, 0)
    assert (change.least, change.most) == (Decimal("-20.00"), Decimal("0.00"))
    # Neither the released one nor the one in marking has a grade that waits.
    assert change.flagged == 3
    assert [(row.key, row.state, row.kept) for row in change.criteria] == [
        ("need", "changed", 5),
        ("measurement", "kept", 5),
    ]
    publish_rubric(
        rubric=rubric,
        content=rubric_content(
            criteria=[criterion("need", 60, levels), criterion("measurement", 40)]
        ),
        by=None,
        at=at,
    )
    assert Grade.objects.filter(needs_regrade=True).count() == change.flagged


def test_a_level_that_is_gone_and_a_new_criterion_have_no_result(edition: Edition) -> None:
    marker = instructor(edition)
    agreed(submitted(edition), marker, "sound")
    agreed(submitted(edition), marker, "strong")
    rubric = project_in(edition).rubric

    without = change_of(
        rubric, marker, criteria=[criterion("need", 100, [level("strong", 3), level("weak", 0)])]
    )
    with_new = change_of(
        rubric,
        marker,
        criteria=[criterion("need", 50), criterion("measurement", 30), criterion("risk", 20)],
    )

    assert [(row.key, row.state, row.kept, row.level_gone) for row in without.criteria] == [
        ("need", "changed", 1, 1),
        ("measurement", "gone", 2, 0),
    ]
    assert (without.to_choose, len(without.computed)) == (1, 1)
    assert [row.unmarked for row in with_new.criteria] == [0, 0, 2]
    # A missing mark is not zero (invariant 6).
    assert (with_new.to_choose, with_new.computed, with_new.falling) == (2, [], 0)


def test_another_pass_mark_says_who_would_cross_it(edition: Edition) -> None:
    marker = instructor(edition)
    agreed(submitted(edition), marker, "sound")
    agreed(submitted(edition), marker, "weak")

    stricter = change_of(project_in(edition).rubric, marker, pass_percent=67)
    milder = change_of(project_in(edition).rubric, marker, pass_percent=0)

    assert (stricter.falling, stricter.rising, stricter.same) == (1, 0, 2)
    assert (milder.falling, milder.rising) == (0, 1)


def test_a_project_of_ones_own_is_left_out_of_every_number(edition: Edition) -> None:
    """Invariant 9: somebody who coordinates and takes part reads no mark of their own."""
    own = submitted(edition)
    marker = instructor(edition)
    agreed(own, marker, "sound")
    both = coordinator(edition)
    theirs = submitted(edition, enrolment=enrol(both, edition))
    agreed(theirs, marker, "strong")

    change = change_of(project_in(edition).rubric, both, pass_percent=80)

    assert [row.given.name for row in change.results] == [own.receipt]
    assert (change.flagged, change.left_out) == (1, 1)


def test_of_two_markers_neither_learns_what_the_other_gives(edition: Edition) -> None:
    """Until both have handed in; the overview of the coordinator waits for both too."""
    attempt = submitted(edition)
    first, second = instructor(edition), instructor(edition)
    SecondMarking.objects.create(attempt=attempt, asked_at=MARKED_AT)
    marked(in_marking(attempt, first), "strong")
    marked(in_marking(attempt, second), "weak")
    rubric = project_in(edition).rubric

    seen = {
        reader: [row.given.percent for row in change_of(rubric, reader, pass_percent=60).results]
        for reader in (first, second, coordinator(edition))
    }

    assert list(seen.values()) == [[Decimal("100.00")], [Decimal("0.00")], []]


def test_names_are_hidden_where_the_edition_marks_anonymously(edition: Edition) -> None:
    attempt = submitted(edition)
    marker = instructor(edition)
    agreed(attempt, marker)
    project = project_in(edition)
    MarkingPolicy.objects.create(project=project, is_anonymous=True)

    [hidden] = change_of(project.rubric, marker, pass_percent=60).results
    [shown] = change_of(project.rubric, coordinator(edition), pass_percent=60).results

    assert hidden.given.name == code_of(attempt.submission_id)
    assert shown.given.name == attempt.receipt


@pytest.mark.parametrize("step", [provisional, agreed])
def test_the_preview_page_changes_nothing_and_costs_the_same(
    edition: Edition, at: datetime, step: Callable[..., Grade]
) -> None:
    marker = instructor(edition)
    step(submitted(edition), marker)
    rubric = project_in(edition).rubric
    replace_rubric_draft(
        rubric=rubric, base_version=0, content=rubric_content(pass_percent=90), by=marker, at=at
    )
    browser = Client()
    browser.force_login(marker)
    page = reverse("assessments:rubric_preview", args=[edition.slug, rubric.pk])
    browser.get(page)
    with CaptureQueriesContext(connection) as one:
        browser.get(page)
    for _ in range(9):
        step(submitted(edition), marker)
    with CaptureQueriesContext(connection) as ten:
        answer = browser.get(page)
    table = browser.get(reverse("assessments:rubric_preview_csv", args=[edition.slug, rubric.pk]))

    assert len(ten) == len(one)
    assert not Grade.objects.filter(needs_regrade=True).exists()
    assert rubric.versions.count() == 1
    assert "Across the pass mark: 10 would no longer pass" in answer.content.decode()
    assert table.content.decode().count("66.67,66.67,0.00,0,yes") == 10
