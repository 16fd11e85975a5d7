"""The places of the queue say what the tables say, whoever wrote to them."""

from datetime import timedelta

import pytest
from django.db import connection

from assessments.actions.marking import allocate_marker, decline_marking
from assessments.actions.queueing import keep_places, places_kept_together
from assessments.actions.revising import reopen_draft, withdraw_submission
from assessments.enums import GradeStatus
from assessments.models import Grade, QueuePlace, Submission
from assessments.selectors.queue import AT_RISK_AFTER, Wanted, order_of, queue_places
from lms.programme.models import Edition
from tests.factories.accounts import CityFactory
from tests.factories.marking import (
    MARKED_AT,
    RECEIVED_AT,
    agreed,
    in_marking,
    project_in,
    provisional,
    released,
    submitted,
)
from tests.factories.programme import coordinator, instructor


def flags(submission: Submission) -> set[str]:
    names = ("is_unmarked", "is_free", "is_open", "is_late", "needs_regrade", "is_agreed")
    place = QueuePlace.objects.of_everybody().get(submission=submission)
    return {name for name in names if getattr(place, name)}


def holders(submission: Submission) -> set[int]:
    places = QueuePlace.objects.filter(submission=submission, marker__isnull=False)
    return set(places.values_list("marker_id", flat=True))


def test_a_place_follows_a_project_from_its_coming_to_its_release(edition: Edition) -> None:
    marker, boss = instructor(edition), coordinator(edition)
    attempt = submitted(edition)
    submission = attempt.submission
    assert (flags(submission), holders(submission)) == (
        {"is_unmarked", "is_free", "is_open"}, set(),
    )  # fmt: skip

    held = allocate_marker(submission=submission, marker=marker, by=boss, at=MARKED_AT)
    assert (flags(submission), holders(submission)) == ({"is_unmarked", "is_open"}, {marker.pk})
    decline_marking(assessment=held, base_version=0, reason="I am away.", by=marker, at=MARKED_AT)
    assert (flags(submission), holders(submission)) == (
        {"is_unmarked", "is_free", "is_open"}, set(),
    )  # fmt: skip
    grade = agreed(attempt, marker)
    assert (flags(submission), holders(submission)) == ({"is_agreed"}, {marker.pk})
    Grade.objects.filter(pk=grade.pk).update(needs_regrade=True)
    assert flags(submission) == {"needs_regrade", "is_open"}
    assert released(submitted(edition), marker).status == GradeStatus.RELEASED


def test_a_withdrawn_project_that_is_written_again_leaves_the_queue(edition: Edition) -> None:
    attempt = submitted(edition)
    writer = attempt.owner.user
    withdraw_submission(submission=attempt.submission, number=1, by=writer, at=RECEIVED_AT)
    assert flags(attempt.submission) == set()

    reopen_draft(submission=attempt.submission, by=writer, at=RECEIVED_AT)

    assert not QueuePlace.objects.exists()


def test_nothing_differs_after_any_of_these(edition: Edition) -> None:
    """Whatever wrote, a second look finds nothing to mend."""
    marker = instructor(edition)
    for step in (in_marking, provisional, agreed, released):
        step(submitted(edition), marker)
    submitted(edition, is_late=True)
    ids = list(Submission.objects.values_list("pk", flat=True))

    assert keep_places(ids) == 0
    QueuePlace.objects.update(is_free=True, is_late=True)
    assert keep_places(ids) == 8  # all but that of the late one, which was so
    assert keep_places(ids) == 0


def test_many_writes_are_followed_once(edition: Edition) -> None:
    marker = instructor(edition)
    grades = [provisional(submitted(edition), marker) for _ in range(3)]
    with places_kept_together():
        for grade in grades:
            grade.needs_regrade = True
            grade.save(update_fields=["needs_regrade"])
        assert not QueuePlace.objects.filter(needs_regrade=True).exists()

    assert QueuePlace.objects.of_everybody().filter(needs_regrade=True).count() == 3


def test_lists_by_city_marker_and_age(edition: Edition) -> None:
    marker = instructor(edition)
    project = project_in(edition)
    lima, oslo = CityFactory.create(slug="lima"), CityFactory.create(slug="oslo")
    old = submitted(edition, lima, at=MARKED_AT - AT_RISK_AFTER)
    young = submitted(edition, lima, at=MARKED_AT - AT_RISK_AFTER + timedelta(microseconds=1))
    begun = submitted(edition, oslo, at=MARKED_AT - 2 * AT_RISK_AFTER)
    in_marking(begun, marker)

    def shown(**wanted: object) -> list[str]:
        found = queue_places(project, marker, Wanted(**wanted), MARKED_AT)  # type: ignore[arg-type]
        return sorted(place.attempt.receipt for place in found)

    assert shown(shown="at-risk") == sorted([old.receipt, begun.receipt])
    assert shown(shown="at-risk", city="lima") == [old.receipt]
    assert shown(shown="all", city="lima") == sorted([old.receipt, young.receipt])
    assert shown(shown="all", marker=marker.pk) == [begun.receipt]
    assert shown(shown="free", city="oslo") == []
    oslo.slug = "kristiania"
    oslo.save()
    assert shown(shown="all", city="kristiania") == [begun.receipt]


@pytest.mark.postgres
@pytest.mark.django_db
@pytest.mark.parametrize("order", ["oldest", "city"])
@pytest.mark.parametrize("shown", ["unmarked", "free", "late", "regrade", "agreed", "all"])
def test_each_list_has_an_index_in_its_order(edition: Edition, shown: str, order: str) -> None:
    """There is one made for it, and the plan reads places in order and sorts nothing. Which
    of the indexes in that order it takes for a handful of rows is the planner's affair."""
    project = project_in(edition)
    places = queue_places(project, instructor(edition), Wanted(shown, order), MARKED_AT)
    # So few rows are sorted faster than read in order; asked not to, the plan shows whether
    # there is an index that needs no sorting.
    with connection.cursor() as cursor:
        for way in ("seqscan", "bitmapscan", "sort", "incremental_sort"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
    plan = places.order_by(*order_of(order))[:31].explain()

    made = {index.name for index in QueuePlace._meta.indexes}
    assert f"queue_{shown}{'_city' if order == 'city' else ''}" in made
    assert " using queue_" in plan
    assert "Sort" not in plan
