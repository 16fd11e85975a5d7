"""Taking the next project: two markers never get the same, and the lease only advises."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from assessments.actions.leases import be_at_desk, leave_desk, sweep_leases, take_next
from assessments.actions.marking import AlreadyTaken, allocate_marker, start_marking
from assessments.enums import SecondMarkingRule
from assessments.models import Assessment, Attempt, MarkingLease, MarkingPolicy
from assessments.selectors.presence import GONE_AFTER, LEASE, company_on
from lms.accounts.models import User
from lms.core.errors import IllegalMove
from lms.programme.models import Edition
from tests.factories.accounts import CityFactory
from tests.factories.marking import MARKED_AT, RECEIVED_AT, in_marking, project_in, submitted
from tests.factories.programme import EditionFactory, coordinator, enrol, instructor
from tests.races import at_once


def waiting(edition: Edition, count: int) -> list[Attempt]:
    return [submitted(edition, at=RECEIVED_AT + timedelta(minutes=n)) for n in range(count)]


def taken(edition: Edition, marker: User, **fields: object) -> int | None:
    values = {"by": marker, "at": MARKED_AT} | fields
    found = take_next(project=project_in(edition), **values)  # type: ignore[arg-type]
    return found.pk if found else None


def test_each_gets_another_one_until_none_is_left(edition: Edition) -> None:
    first, second = waiting(edition, 2)
    ana, ben, cem = (instructor(edition) for _ in range(3))

    assert taken(edition, ana) == first.submission_id
    assert taken(edition, ana) == first.submission_id  # asked again, the same one
    assert taken(edition, ben) == second.submission_id
    assert taken(edition, cem) is None


def test_a_lease_ends_by_itself_and_when_the_desk_is_left(edition: Edition) -> None:
    [attempt] = waiting(edition, 1)
    ana, ben = instructor(edition), instructor(edition)
    taken(edition, ana)

    assert taken(edition, ben, at=MARKED_AT + LEASE - timedelta(microseconds=1)) is None
    assert taken(edition, ben, at=MARKED_AT + LEASE) == attempt.submission_id
    leave_desk(submission=attempt.submission, by=ben, at=MARKED_AT)
    assert taken(edition, ana, at=MARKED_AT + LEASE) == attempt.submission_id


def test_an_open_desk_keeps_what_was_taken(edition: Edition) -> None:
    [attempt] = waiting(edition, 1)
    ana, ben = instructor(edition), instructor(edition)
    taken(edition, ana)
    later = MARKED_AT + LEASE - timedelta(seconds=1)
    be_at_desk(submission=attempt.submission, attempt=attempt, by=ana, at=later)

    assert taken(edition, ben, at=MARKED_AT + LEASE) is None
    assert taken(edition, ben, at=later + LEASE) == attempt.submission_id


def test_a_lease_forbids_nothing_and_the_first_to_begin_has_the_project(edition: Edition) -> None:
    """Invariant 4, with the lease alive and with it expired."""
    alive, expired = waiting(edition, 2)
    ana, ben = instructor(edition), instructor(edition)
    taken(edition, ana)
    start_marking(submission=alive.submission, by=ben, at=MARKED_AT)
    with pytest.raises(AlreadyTaken):
        start_marking(submission=alive.submission, by=ana, at=MARKED_AT)

    taken(edition, ana)
    start_marking(submission=expired.submission, by=ana, at=MARKED_AT + 2 * LEASE)
    with pytest.raises(AlreadyTaken) as refused:
        start_marking(submission=expired.submission, by=ben, at=MARKED_AT + 2 * LEASE)

    assert str(ana) in str(refused.value.sentence)
    assert (refused.value.status, refused.value.code) == (409, "already_taken")


def test_ones_own_come_first_and_nothing_of_ones_city(edition: Edition) -> None:
    nairobi = CityFactory.create(name="Nairobi")
    ana, boss = instructor(edition), coordinator(edition)
    enrol(ana, edition, nairobi)
    submitted(edition, nairobi)
    _free, own = waiting(edition, 2)
    allocate_marker(submission=own.submission, marker=ana, by=boss, at=MARKED_AT)

    assert taken(edition, ana) == own.submission_id
    in_marking(own, ana)
    assert taken(edition, ana) == _free.submission_id
    assert taken(edition, ana, other_than=_free.submission_id) is None
    assert taken(edition, boss) is not None  # reads on, and takes nothing
    assert MarkingLease.objects.exclude(holder=ana).count() == 0


def test_who_else_is_there_until_they_are_silent(edition: Edition) -> None:
    [attempt] = waiting(edition, 1)
    project, submission = project_in(edition), attempt.submission
    ana, ben = instructor(edition, name="Ana"), instructor(edition)
    be_at_desk(submission=submission, attempt=attempt, by=ana, at=MARKED_AT)

    def seen_by(reader: User, at: object = MARKED_AT) -> str:
        found = company_on([submission.pk], reader, project, at)  # type: ignore[arg-type]
        return found[submission.pk].sentence if found else ""

    assert seen_by(ana) == ""
    assert seen_by(ben) == "Ana is looking at it too."
    assert seen_by(ben, MARKED_AT + GONE_AFTER) == ""
    MarkingPolicy.objects.create(project=project, second_marking=SecondMarkingRule.ALL)
    assert seen_by(ben) == "A colleague is looking at it too."
    assert seen_by(coordinator(edition)) == "Ana is looking at it too."
    assert sweep_leases(at=MARKED_AT + timedelta(days=2)) == 2


def test_the_pages_say_who_is_there_and_lead_to_the_next(edition: Edition, client: Client) -> None:
    first, second = waiting(edition, 2)
    ana, ben = instructor(edition, name="Ana"), instructor(edition)
    place = [edition.slug, first.submission_id]
    client.force_login(ana)
    next_one = client.post(reverse("assessments:next_unmarked", args=[edition.slug]))
    own = client.post(reverse("assessments:desk_here", args=place)).json()

    client.force_login(ben)
    beside = client.post(reverse("assessments:desk_here", args=place)).json()
    queue = client.get(reverse("assessments:queue", args=[edition.slug])).content.decode()
    company = client.get(
        reverse("assessments:queue_company", args=[edition.slug]),
        {"on": [first.submission_id, second.submission_id, "x"]},
    ).json()

    assert next_one.url == reverse("assessments:desk", args=place)
    assert (own["sentence"], own["is_yours"]) == ("", True)
    assert beside["sentence"] == (
        "Ana is looking at it too. A colleague has taken it from the queue to begin it."
    )
    assert "Ana is looking at it too." in queue
    assert company["there"] == {str(first.submission_id): "Ana is looking at it too."}


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_markers_who_ask_at_once_get_different_projects() -> None:
    edition = EditionFactory.create()
    project = project_in(edition)
    markers = [instructor(edition) for _ in range(6)]
    waiting(edition, 5)

    results = at_once(
        *(
            lambda marker=marker: take_next(project=project, by=marker, at=MARKED_AT)
            for marker in markers
        )
    )

    got = [found.pk for found in results if found is not None]
    assert len(got) == len(set(got)) == 5
    assert MarkingLease.objects.count() == 5


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_markers_on_an_expired_lease_and_one_begins() -> None:
    edition = EditionFactory.create()
    [attempt] = waiting(edition, 1)
    ana, ben = instructor(edition), instructor(edition)
    taken(edition, ana)
    late = MARKED_AT + 2 * LEASE
    taken(edition, ben, at=late)

    results = at_once(
        *(
            lambda marker=marker: start_marking(submission=attempt.submission, by=marker, at=late)
            for marker in (ana, ben)
        )
    )

    assert sorted(type(result).__name__ for result in results) == ["AlreadyTaken", "Assessment"]
    assert not [one for one in results if isinstance(one, IllegalMove)]
    assert Assessment.objects.count() == 1
