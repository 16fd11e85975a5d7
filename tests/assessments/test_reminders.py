"""Reminders before the effective deadline, and who is at risk."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from assessments import tasks
from assessments.actions import set_deadline
from assessments.actions.deadlines import set_reminders
from assessments.actions.extensions import grant_extension
from assessments.actions.reminders import promise_reminders, reminder_time
from assessments.models import DeadlineReminder, Project
from assessments.selectors.at_risk import risk_rows
from lms.core.errors import InvalidInput, PermissionDenied
from lms.programme.models import Edition
from tests.factories.assessments import (
    DEADLINE,
    WRITTEN_AT,
    ask_for_time,
    hand_in,
    handed_in,
    project_in,
    start,
    write,
)
from tests.factories.programme import EditionFactory, coordinator, instructor, participant
from tests.queries import MANY
from tests.races import at_once

TWO_WEEKS, THREE_DAYS = DEADLINE - timedelta(days=14), DEADLINE - timedelta(days=3)
MINUTE = timedelta(minutes=1)


def promised(at: datetime) -> list[tuple[str, int]]:
    return [(row.enrolment.user.email, row.hours_before) for row in promise_reminders(at=at)]


# --- Reminders --------------------------------------------------------------------------


def test_each_is_reminded_once_at_each_distance(edition: Edition) -> None:
    project_in(edition)
    email = participant(edition).email

    assert promised(TWO_WEEKS - MINUTE) == []
    assert promised(TWO_WEEKS) == [(email, 336)]
    assert promised(TWO_WEEKS + 10 * MINUTE) == []
    assert promised(THREE_DAYS) == [(email, 72)]
    assert promised(DEADLINE - timedelta(hours=24)) == [(email, 24)]
    assert promised(DEADLINE - timedelta(hours=23)) == []
    assert promised(DEADLINE) == []


def test_a_worker_that_was_down_sends_the_nearest_and_not_what_is_old(edition: Edition) -> None:
    project_in(edition)
    participant(edition)

    assert [hours for _email, hours in promised(THREE_DAYS + timedelta(hours=5))] == [72]
    assert promised(DEADLINE - timedelta(hours=25)) == []
    assert promised(DEADLINE - timedelta(hours=11)) == []


def test_whoever_has_handed_in_is_left_alone(edition: Edition) -> None:
    handed_in(edition)
    writing = write(start(edition))

    assert [email for email, _hours in promised(THREE_DAYS)] == [writing.owner.user.email]


def test_reminders_go_by_the_effective_deadline(edition: Edition) -> None:
    submission = write(start(edition))
    until = DEADLINE + timedelta(days=20)
    grant_extension(
        extension=ask_for_time(submission, until), reason="Granted.", by=coordinator(edition),
        at=WRITTEN_AT,
    )  # fmt: skip

    assert promised(THREE_DAYS) == []
    assert promised(until - timedelta(days=3)) == [(submission.owner.user.email, 72)]


def test_another_deadline_is_reminded_of_anew(edition: Edition) -> None:
    project = project_in(edition)
    participant(edition)
    assert len(promised(THREE_DAYS)) == 1
    set_deadline(
        project=project, wall=datetime(2026, 1, 12, 23, 59), zone="Europe/Madrid", grace_minutes=0,
        accepts_late=True, by=coordinator(edition), at=THREE_DAYS,
    )  # fmt: skip

    assert len(promised(datetime(2026, 1, 9, 22, 59, tzinfo=UTC))) == 1
    assert DeadlineReminder.objects.count() == 2


@pytest.mark.parametrize(
    ("wall", "hours", "expected"),
    [
        # The clocks go back on 26 October: two weeks before 23:59 is 23:59.
        (datetime(2025, 11, 1, 22, 59), 336, datetime(2025, 10, 18, 21, 59)),
        (datetime(2025, 10, 26, 22, 59), 24, datetime(2025, 10, 25, 22, 59)),
    ],
)
def test_days_are_days_on_the_calendar_and_hours_are_hours(
    wall: datetime, hours: int, expected: datetime
) -> None:
    found = reminder_time(wall.replace(tzinfo=UTC), hours, "Europe/Madrid")

    assert found == expected.replace(tzinfo=UTC)


def test_the_letter_says_how_much_time_in_the_zone_of_its_reader(
    edition: Edition, django_capture_on_commit_callbacks: Any
) -> None:
    project = _due_in(edition, timedelta(days=3))
    person = participant(edition, time_zone="Asia/Tokyo")

    with django_capture_on_commit_callbacks(execute=True):
        assert tasks.promise_reminders() == 1
        assert tasks.promise_reminders() == 0

    [letter] = mail.outbox
    assert (letter.to, letter.subject) == ([person.email], "2 days left for your project")
    words = " ".join(letter.body.split())
    for said in ("Tokyo time", "in Madrid", "You have not begun yet."):
        assert said in words
    assert project.reminders.count() == 1


def test_who_hands_in_before_the_letter_leaves_gets_none(edition: Edition) -> None:
    _due_in(edition, timedelta(days=3))
    submission = write(start(edition))
    [reminder] = promise_reminders(at=datetime.now(UTC))
    hand_in(submission)

    tasks.send_deadline_reminder(reminder.pk)

    assert mail.outbox == []


def test_the_coordinator_chooses_when(client: Client, edition: Edition) -> None:
    project = project_in(edition)
    by = coordinator(edition)
    client.force_login(by)
    address = reverse("assessments:set_reminders", args=[edition.slug])

    client.post(address, {"hours": ["48", "6"]})
    project.refresh_from_db()
    assert project.reminder_hours == [48, 6]
    client.post(address, {})
    project.refresh_from_db()
    assert project.reminder_hours == []

    with pytest.raises(PermissionDenied):
        set_reminders(project=project, hours=[1], by=instructor(edition), at=WRITTEN_AT)
    for hours in ([0], [1441], [1, 2, 3, 4, 5, 6, 7]):
        with pytest.raises(InvalidInput):
            set_reminders(project=project, hours=hours, by=by, at=WRITTEN_AT)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_beats_promise_once(transactional_db: None) -> None:
    edition = EditionFactory.create()
    project_in(edition)
    participant(edition)

    results = at_once(lambda: promised(THREE_DAYS), lambda: promised(THREE_DAYS))

    assert sorted(map(len, results)) == [0, 1]
    assert DeadlineReminder.objects.count() == 1


# --- Who is at risk -----------------------------------------------------------------------


def risks(project: Project, at: datetime) -> list[tuple[str, ...]]:
    return [row.reasons for row in risk_rows(project, at)]


def test_at_risk_is_said_in_words(edition: Edition) -> None:
    project = project_in(edition)
    participant(edition)
    assert risks(project, DEADLINE - timedelta(days=15)) == [()]
    assert risks(project, TWO_WEEKS) == [("Not begun.",)]

    begun = start(edition, at=DEADLINE - timedelta(days=14))
    row = next(r for r in risk_rows(project, DEADLINE - timedelta(days=6)) if r.submission == begun)
    assert row.reasons == ("2 required sections are empty.", "Nothing saved for 8 days.")
    write(begun, at=DEADLINE - timedelta(days=5))
    row = next(r for r in risk_rows(project, DEADLINE - timedelta(days=4)) if r.submission == begun)
    assert (row.reasons, row.done, row.words) == ((), 2, 12)
    row = next(r for r in risk_rows(project, DEADLINE + MINUTE) if r.submission == begun)
    assert row.reasons == ("The deadline has passed.",)


def test_the_page_shows_who_and_why_and_never_what_is_written(
    client: Client, edition: Edition
) -> None:
    project = _due_in(edition, timedelta(days=3))
    writing = write(start(edition), at=datetime.now(UTC), context="A confidential sentence.")
    idle = participant(edition)
    handed_in(edition)
    ask_for_time(
        writing, project.deadline_at + timedelta(days=2), at=datetime.now(UTC), reason="A flood."
    )
    client.force_login(instructor(edition))
    address = reverse("assessments:at_risk", args=[edition.slug])

    at_risk = client.get(address)
    everybody = client.get(address, {"show": "all"})
    exported = client.get(reverse("assessments:at_risk_csv", args=[edition.slug]))

    assert [row.standing.enrolment.user for row in at_risk.context["rows"]] == [idle]
    assert len(everybody.context["rows"]) == 3
    for shown in ("not-begun", "writing", "handed-in", "asked"):
        assert len(client.get(address, {"show": shown}).context["rows"]) == 1
    assert client.get(address, {"show": "late"}).context["rows"] == []
    text = exported.content.decode()
    assert text.count("\n") == 4
    assert "Not begun." in text
    for answer in (at_risk, everybody, exported):
        assert "confidential" not in answer.content.decode()


def test_the_lists_ask_as_much_for_many_as_for_few(
    client: Client, edition: Edition, django_assert_max_num_queries: Any
) -> None:
    project = _due_in(edition, timedelta(days=3))
    client.force_login(coordinator(edition))
    now = datetime.now(UTC)
    addresses = [
        reverse(f"assessments:{name}", args=[edition.slug])
        for name in ("at_risk", "at_risk_csv", "extensions", "extensions_csv")
    ]

    def fill(count: int) -> None:
        for _ in range(count):
            ask_for_time(write(start(edition)), project.deadline_at + timedelta(days=2), at=now)

    fill(1)
    for address in addresses:
        client.get(address, {"show": "all"})
    counted = []
    for wanted in (1, MANY):
        fill(wanted - 1 or 0)
        for address in addresses:
            with django_assert_max_num_queries(100) as captured:
                client.get(address, {"show": "all"})
            counted.append(len(captured))
    assert counted[:4] == counted[4:]


def _due_in(edition: Edition, left: timedelta) -> Project:
    """A project whose deadline lies so far ahead of the clock on the wall."""
    project = project_in(edition)
    due = datetime.now(UTC) + left - MINUTE
    project.deadline_zone = "Europe/Madrid"
    offset = timedelta(hours=1)
    project.deadline_wall = (due + offset).replace(microsecond=0)
    project.save()
    return project
