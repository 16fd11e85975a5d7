"""The queue: what it shows, to whom, and at what price."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments.actions.extensions import give_extension
from assessments.actions.lateness import rule_on_lateness
from assessments.actions.marking import allocate_marker
from assessments.enums import GradeStatus
from assessments.models import Grade, MarkingLease, Project
from assessments.selectors import queue
from assessments.selectors.queue import Place, QueueFilter, Wanted, queue_page, waiting_count
from lms.accounts.models import User
from lms.programme.models import Edition
from tests.factories.accounts import AdministratorFactory, CityFactory
from tests.factories.assessments import DEADLINE, hand_in, start, write
from tests.factories.marking import (
    MARKED_AT,
    RECEIVED_AT,
    agreed,
    in_marking,
    project_in,
    released,
    submitted,
)
from tests.factories.programme import coordinator, enrol, instructor, moderator, participant
from tests.queries import MANY


def address(edition: Edition) -> str:
    return reverse("assessments:queue", args=[edition.slug])


def shown_to(project: Project, user: User, shown: str, **place: Any) -> list[tuple[str, str]]:
    page = queue_page(project, user, wanted=Wanted(shown), at=MARKED_AT, **place)
    return [(row.attempt.receipt, row.state) for row in page.rows]


def test_filters_and_states(edition: Edition) -> None:
    marker, other = instructor(edition), instructor(edition)
    waiting = submitted(edition)
    late = submitted(edition, at=RECEIVED_AT + timedelta(days=9), is_late=True)
    begun = submitted(edition, at=RECEIVED_AT + timedelta(hours=1))
    decided = submitted(edition, at=RECEIVED_AT + timedelta(hours=2))
    done = submitted(edition, at=RECEIVED_AT + timedelta(hours=3))
    in_marking(begun, marker)
    agreed(decided, other)
    released(done, marker)
    project = project_in(edition)

    assert shown_to(project, marker, QueueFilter.UNMARKED) == [
        (waiting.receipt, "Not begun"),
        (late.receipt, "Not begun"),
    ]
    assert shown_to(project, marker, QueueFilter.MINE) == [
        (begun.receipt, "In marking"),
        (done.receipt, "Released"),
    ]
    assert shown_to(project, marker, QueueFilter.LATE) == [(late.receipt, "Not begun")]
    assert shown_to(project, marker, QueueFilter.ALL) == [
        (waiting.receipt, "Not begun"),
        (begun.receipt, "In marking"),
        (decided.receipt, "Agreed, to be released"),
        (done.receipt, "Released"),
        (late.receipt, "Not begun"),
    ]


def test_a_released_grade_says_what_became_of_it(edition: Edition) -> None:
    marker = instructor(edition)
    grade = released(submitted(edition), marker)
    states = []
    for status in (GradeStatus.APPEALED, GradeStatus.UPHELD, GradeStatus.AMENDED):
        Grade.objects.filter(pk=grade.pk).update(status=status)
        [(_receipt, state)] = shown_to(project_in(edition), marker, QueueFilter.ALL)
        states.append(state)

    assert states == ["Released, under appeal", "Released, upheld on appeal", "Released, amended"]


@pytest.mark.parametrize("order", ["oldest", "newest", "city"])
@pytest.mark.parametrize("shown", ["unmarked", "all", "mine", "late"])
def test_pages_forth_and_back_show_everything_once(
    edition: Edition, monkeypatch: pytest.MonkeyPatch, shown: str, order: str
) -> None:
    monkeypatch.setattr(queue, "PAGE", 2)
    marker, boss = instructor(edition), coordinator(edition)
    project = project_in(edition)
    # Two at the same instant: the number decides.
    for n in range(5):
        attempt = submitted(edition, at=RECEIVED_AT + timedelta(minutes=n // 2), is_late=True)
        allocate_marker(submission=attempt.submission, marker=marker, by=boss, at=MARKED_AT)

    def page(**place: Any) -> queue.QueuePage:
        return queue_page(project, marker, wanted=Wanted(shown, order), at=MARKED_AT, **place)

    first = page()
    second = page(after=first.next)
    third = page(after=second.next)
    receipts = [row.attempt.receipt for one in (first, second, third) for row in one.rows]
    if order == "city":
        slugs = [row.attempt.owner.city.slug for one in (first, second, third) for row in one.rows]
        assert slugs == sorted(slugs)
    else:
        assert receipts == sorted(set(receipts), reverse=order == "newest")
    assert len(set(receipts)) == 5
    assert len(receipts) == 5
    assert (first.previous, third.next) == (None, None)
    assert page(before=third.previous).rows == second.rows
    assert page(before=second.previous).rows == first.rows
    assert page(before=second.previous).previous is None


@pytest.mark.parametrize(
    "value", ["", "~", "now~1", "2025-12-05~1", "2025-12-05T09:00:00+00:00~x",
              "2025-13-45T09:00:00+00:00~1", "2025-12-05T09:00:00+00:00~" + "9" * 30],
)  # fmt: skip
def test_a_broken_place_is_the_beginning(value: str) -> None:
    assert Place.read(value) is None


def test_the_count_stops_at_its_limit(edition: Edition, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "COUNT_UP_TO", 2)
    project = project_in(edition)
    submitted(edition)
    assert waiting_count(project) == queue.CappedCount(1, is_capped=False)
    for _ in range(3):
        submitted(edition)

    assert waiting_count(project) == queue.CappedCount(2, is_capped=True)


@pytest.mark.parametrize("shown", QueueFilter.values)
def test_the_page_costs_the_same_for_one_and_for_many(
    edition: Edition, client: Client, shown: str
) -> None:
    marker, boss = instructor(edition), coordinator(edition)
    client.force_login(marker)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address(edition), {"show": shown}).status_code == 200
        return len(captured)

    def one_more() -> None:
        attempt = submitted(edition, is_late=True)
        allocate_marker(submission=attempt.submission, marker=marker, by=boss, at=MARKED_AT)
        rule_on_lateness(attempt=attempt, is_late=True, reason="No word.", by=boss, at=MARKED_AT)

    one_more()
    queries()
    one = queries()
    for _ in range(MANY - 1):
        one_more()

    assert queries() == one <= 26


def test_markers_see_how_each_counts_by_whom_and_why(edition: Edition, client: Client) -> None:
    """In the queue, on the desk and through the API."""
    marker, boss = instructor(edition), coordinator(edition)
    until = DEADLINE + timedelta(days=3)
    plain, late, forgiven, extended = (write(start(edition)) for _ in range(4))
    hand_in(plain)
    hand_in(late, at=DEADLINE + timedelta(hours=2))
    in_hand = hand_in(forgiven, at=DEADLINE + timedelta(hours=3))
    given = {"until_at": until, "until_zone": "UTC", "by": boss, "at": DEADLINE}
    give_extension(submission=forgiven, reason="Storm.", counts_as_on_time=True, **given)
    give_extension(submission=extended, reason="Ill.", **given)
    hand_in(extended, at=DEADLINE + timedelta(days=1))
    client.force_login(marker)

    rows = queue_page(project_in(edition), marker, wanted=Wanted("all"), at=MARKED_AT).rows
    seen = [(r.lateness.counts_as_late, r.lateness.is_forgiven, r.lateness.needed_more_time)
            for r in rows]  # fmt: skip
    listed = " ".join(client.get(address(edition), {"show": "all"}).content.decode().split())
    desks = [
        " ".join(
            client.get(reverse("assessments:desk", args=[edition.slug, one.pk]))
            .content.decode()
            .split()
        )
        for one in (plain, late, forgiven, extended)
    ]
    by_api = client.get(
        reverse("api:v1:marking-queue-detail", args=[in_hand.receipt]), {"edition": edition.slug}
    ).json()

    assert seen == [
        (False, False, False), (True, False, False), (False, True, False), (False, False, True),
    ]  # fmt: skip
    assert "More time was given on 12 December 2025." in listed
    for page in (listed, desks[2]):
        assert "Late, counts as on time" in page
        assert f"<bdi>{boss}</bdi>" in page
        assert "Storm." in page
    assert "2 hours after the deadline that held for it." in desks[1]
    assert "On time, with more time" in desks[3]
    assert "Late" not in desks[0]
    assert (by_api["is_late"], by_api["counts_as_late"]) == (True, False)
    assert (by_api["ruling"]["ruled_by"], by_api["ruling"]["reason"]) == (boss.name, "Storm.")


def test_the_next_one_is_the_longest_waiting_that_one_may_mark(
    edition: Edition, client: Client
) -> None:
    """Invariant 10: past one's own city, and past what a colleague has."""
    nairobi = CityFactory.create(name="Nairobi")
    marker = instructor(edition)
    enrol(marker, edition, nairobi)
    submitted(edition, nairobi)
    taken = submitted(edition, at=RECEIVED_AT + timedelta(hours=1))
    free = submitted(edition, at=RECEIVED_AT + timedelta(hours=2))
    allocate_marker(
        submission=taken.submission,
        marker=instructor(edition),
        by=coordinator(edition),
        at=MARKED_AT,
    )
    client.force_login(marker)
    url = reverse("assessments:next_unmarked", args=[edition.slug])

    assert client.get(url).status_code == 405  # what a browser fetches ahead takes nothing
    assert not MarkingLease.objects.exists()
    found = client.post(url)
    none_left = client.post(url, {"not": free.submission_id})

    assert found.url == reverse("assessments:desk", args=[edition.slug, free.submission_id])
    assert none_left.url == address(edition)


def test_who_reads_the_queue(edition: Edition, client: Client) -> None:
    submitted(edition)
    for reader in (instructor(edition), coordinator(edition), AdministratorFactory.create()):
        client.force_login(reader)
        assert client.get(address(edition)).status_code == 200
    for outsider in (participant(edition), moderator(edition)):
        client.force_login(outsider)
        assert client.get(address(edition)).status_code == 404
    client.logout()
    assert client.get(address(edition)).status_code == 302


def test_an_edition_without_a_project_has_an_empty_queue(edition: Edition, client: Client) -> None:
    client.force_login(instructor(edition))

    assert "No final project yet" in client.get(address(edition)).content.decode()
