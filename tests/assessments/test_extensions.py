"""More time for one project: asked for, given, shortened, refused (invariant 12)."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.db import transaction
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessments.actions import (
    lock_for_marking,
    reopen_draft,
    return_for_revision,
    withdraw_submission,
)
from assessments.actions.extensions import (
    AlreadyAsked,
    NothingToExtend,
    decide_extensions,
    grant_extension,
    refuse_extension,
    request_extension,
    shorten_extension,
    take_back_extension,
)
from assessments.actions.lateness import rule_on_lateness
from assessments.enums import ExtensionStatus, SubmissionStatus
from assessments.models import Attempt, Extension, LatenessRuling, Submission
from assessments.selectors.deadlines import effective_deadline_of
from lms.core import audit
from lms.core.clock import days_later, instant_of
from lms.core.errors import IllegalMove, InvalidInput, PermissionDenied
from lms.core.models import OutboxMessage
from lms.programme.models import Edition
from tests.factories.assessments import (
    DEADLINE,
    WRITTEN_AT,
    ask_for_time,
    hand_in,
    project_in,
    start,
    write,
)
from tests.factories.programme import EditionFactory, coordinator, instructor
from tests.races import at_once

MICROSECOND = timedelta(microseconds=1)
MORE = DEADLINE + timedelta(days=3)
WHY = "The flood is known to us."


@pytest.fixture
def submission(edition: Edition) -> Submission:
    return write(start(edition))


def given_to(submission: Submission, until: datetime = MORE, **fields: Any) -> Extension:
    extension = ask_for_time(submission, until)
    by = coordinator(submission.edition)
    return grant_extension(extension=extension, reason=WHY, by=by, at=WRITTEN_AT, **fields)


def until_of(submission: Submission) -> datetime:
    submission.refresh_from_db()
    return effective_deadline_of(submission.project, submission).at


# --- Who has until when ---------------------------------------------------------------


@pytest.mark.parametrize(("microseconds", "is_late"), [(-1, False), (0, False), (1, True)])
def test_time_that_was_given_counts_to_the_microsecond(
    submission: Submission, microseconds: int, is_late: bool
) -> None:
    given_to(submission)

    attempt = hand_in(submission, at=MORE + microseconds * MICROSECOND)

    assert (attempt.effective_deadline_at, attempt.is_late) == (MORE, is_late)
    assert attempt.effective_reason == "The time asked for on 1 December 2025 was given."
    assert attempt.deadline_at == DEADLINE


def test_only_what_was_answered_gives_time(submission: Submission) -> None:
    extension = ask_for_time(submission)
    assert until_of(submission) == DEADLINE

    refuse_extension(
        extension=extension, reason=WHY, by=coordinator(submission.edition), at=WRITTEN_AT
    )

    assert until_of(submission) == DEADLINE


def test_one_extension_stalls_nobody_else(submission: Submission) -> None:
    other = write(start(submission.edition))
    given_to(submission)

    assert (until_of(submission), until_of(other)) == (MORE, DEADLINE)
    attempt = hand_in(other, at=DEADLINE)
    assert attempt.is_late is False
    lock_for_marking(submission=other, by=instructor(submission.edition), at=DEADLINE)


def test_grace_does_not_come_on_top_and_never_takes_time_away(edition: Edition) -> None:
    project_in(edition, grace_minutes=24 * 60)
    submission = write(start(edition))
    with pytest.raises(InvalidInput):
        ask_for_time(submission, DEADLINE + timedelta(hours=24))

    given_to(submission)

    assert until_of(submission) == MORE


def test_a_later_date_of_a_returned_project_wins(submission: Submission) -> None:
    given_to(submission)
    hand_in(submission)
    teacher = instructor(submission.edition)
    lock_for_marking(submission=submission, by=teacher, at=MORE)
    return_for_revision(
        submission=submission, base_version=submission.version, reason="More on costs.",
        until_at=MORE + timedelta(days=7), by=teacher, at=MORE,
    )  # fmt: skip

    assert until_of(submission) == MORE + timedelta(days=7)


# --- Asking ---------------------------------------------------------------------------


def test_sent_twice_it_is_one_request(submission: Submission) -> None:
    first, second = ask_for_time(submission), ask_for_time(submission)

    assert first == second
    assert OutboxMessage.objects.filter(task__endswith="send_extension_requested").count() == 1
    with pytest.raises(AlreadyAsked):
        ask_for_time(submission, reason="Another reason.")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"until": DEADLINE}, "wanted_at"),
        ({"until": datetime(2025, 12, 20, 12, 0)}, "wanted_at"),
        ({"until": DEADLINE + timedelta(days=800)}, "wanted_at"),
        ({"wanted_zone": "Mars/Olympus"}, "wanted_zone"),
        ({"reason": " \n"}, "reason"),
        ({"reason": "a\x00b"}, "reason"),
        ({"at": MORE, "until": MORE}, "wanted_at"),
    ],
    ids=["no more", "naive", "far", "zone", "no reason", "NUL", "over already"],
)
def test_what_names_no_later_time_is_refused(
    submission: Submission, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        ask_for_time(submission, **changes)

    assert list(refused.value.errors) == [field]


def test_what_was_handed_in_on_time_needs_no_more(submission: Submission) -> None:
    hand_in(submission)

    with pytest.raises(NothingToExtend):
        ask_for_time(submission)


def test_its_writers_alone_ask_and_take_back(submission: Submission) -> None:
    extension = ask_for_time(submission)
    other = start(submission.edition).owner.user

    for action in (request_extension, take_back_extension):
        with pytest.raises(PermissionDenied):
            if action is take_back_extension:
                take_back_extension(extension=extension, by=other, at=WRITTEN_AT)
            else:
                request_extension(
                    submission=submission, wanted_at=MORE, wanted_zone="UTC", reason="Mine.",
                    by=other, at=WRITTEN_AT,
                )  # fmt: skip

    taken = take_back_extension(extension=extension, by=submission.owner.user, at=WRITTEN_AT)
    assert taken.status == ExtensionStatus.TAKEN_BACK
    assert ask_for_time(submission, reason="Now it is needed.").pk != extension.pk


# --- Answering ------------------------------------------------------------------------


def test_coordinators_answer_and_the_history_keeps_every_word(submission: Submission) -> None:
    extension = ask_for_time(submission)
    with pytest.raises(PermissionDenied):
        grant_extension(
            extension=extension, reason=WHY, by=instructor(submission.edition), at=WRITTEN_AT
        )
    by = coordinator(submission.edition)

    shorter = MORE - timedelta(days=1)
    shorten_extension(
        extension=extension, until_at=shorter, until_zone="Asia/Tokyo", reason="Two days.",
        by=by, at=WRITTEN_AT,
    )  # fmt: skip
    extension = shorten_extension(
        extension=extension, until_at=shorter - timedelta(hours=1), until_zone="UTC",
        reason="An hour less.", by=by, at=WRITTEN_AT,
    )  # fmt: skip

    assert [(d.status, d.reason) for d in extension.decisions.all()] == [
        ("requested", ""), ("shortened", "Two days."), ("shortened", "An hour less."),
    ]  # fmt: skip
    assert until_of(submission) == shorter - timedelta(hours=1)
    assert extension.until_wall == extension.until_at
    verbs = {event.verb for event in audit.events_of(extension)}
    assert verbs == {"extension.requested", "extension.shortened"}
    for move in (grant_extension, refuse_extension):
        with pytest.raises(IllegalMove):
            move(extension=extension, reason=WHY, by=by, at=WRITTEN_AT)


@pytest.mark.parametrize(
    ("until", "at"),
    [
        (MORE, WRITTEN_AT),
        (DEADLINE, WRITTEN_AT),
        (DEADLINE + timedelta(hours=1), DEADLINE + timedelta(hours=1)),
    ],
    ids=["not shorter", "less than everybody has", "over already"],
)
def test_time_is_never_shortened_to_what_is_none(
    submission: Submission, until: datetime, at: datetime
) -> None:
    extension = given_to(submission)

    with pytest.raises(InvalidInput) as refused:
        shorten_extension(
            extension=extension, until_at=until, until_zone="UTC", reason=WHY,
            by=coordinator(submission.edition), at=at,
        )  # fmt: skip

    assert list(refused.value.errors) == ["until_at"]
    assert until_of(submission) == MORE


def test_several_are_answered_at_once_and_none_holds_up_the_others(edition: Edition) -> None:
    asked = [ask_for_time(write(start(edition))) for _ in range(3)]
    take_back_extension(extension=asked[1], by=asked[1].requested_by, at=WRITTEN_AT)

    decided, refused = decide_extensions(
        extensions=asked, decide=grant_extension, reason=WHY, by=coordinator(edition), at=WRITTEN_AT
    )

    assert (decided, [row for row, _error in refused]) == ([asked[0], asked[2]], [asked[1]])


# --- After lateness -------------------------------------------------------------------


def test_more_time_after_lateness_leaves_the_receipt_and_staff_decide(
    submission: Submission,
) -> None:
    """Invariants 1 and 12: nothing is retroactive by itself."""
    attempt = hand_in(submission, at=DEADLINE + timedelta(hours=2))
    extension = ask_for_time(submission, at=DEADLINE + timedelta(hours=3))
    by = coordinator(submission.edition)

    later = DEADLINE + timedelta(hours=4)
    extension = grant_extension(extension=extension, reason=WHY, by=by, at=later)

    attempt.refresh_from_db()
    assert (attempt.is_late, attempt.effective_deadline_at) == (True, DEADLINE)
    assert LatenessRuling.objects.count() == 0

    ruling = rule_on_lateness(attempt=attempt, is_late=False, reason=WHY, by=by, at=later)

    attempt.refresh_from_db()
    assert (attempt.is_late, ruling.is_late, ruling.extension) == (True, False, extension)


def test_a_late_attempt_counts_as_on_time_where_the_answer_says_so(
    client: Client, submission: Submission
) -> None:
    attempt = hand_in(submission, at=DEADLINE + timedelta(hours=2))
    extension = ask_for_time(submission, at=DEADLINE + timedelta(hours=3))
    # Long after that time is over: it still covers what came within it.
    grant_extension(
        extension=extension, reason=WHY, by=coordinator(submission.edition),
        at=MORE + timedelta(days=1), counts_as_on_time=True,
    )  # fmt: skip

    client.force_login(submission.owner.user)
    receipt = client.get(reverse("assessments:receipt", args=[attempt.receipt])).content.decode()

    assert "It counts as on time." in receipt
    assert WHY in receipt


def test_an_attempt_beyond_the_time_given_stays_late(submission: Submission) -> None:
    hand_in(submission, at=MORE + timedelta(days=1))
    extension = ask_for_time(submission, MORE + timedelta(days=4), at=MORE + timedelta(days=2))

    with pytest.raises(InvalidInput):
        shorten_extension(
            extension=extension, until_at=MORE, until_zone="UTC", reason=WHY,
            by=coordinator(submission.edition), at=MORE + timedelta(days=2), counts_as_on_time=True,
        )  # fmt: skip

    assert LatenessRuling.objects.count() == 0


# --- Property: the latest of what applies, whatever came in which order -----------------


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    grace=st.integers(0, 7 * 24 * 60),
    zone=st.sampled_from(["Europe/Madrid", "Pacific/Kiritimati", "Etc/GMT+12", "Asia/Kathmandu"]),
    wall=st.datetimes(datetime(2025, 12, 5), datetime(2026, 10, 31)),
    wished=st.lists(
        st.tuples(st.integers(-100_000, 1_000_000), st.sampled_from(["grant", "refuse", "leave"])),
        max_size=4,
    ),
)
@pytest.mark.one_database("sqlite")
def test_the_effective_deadline_is_the_latest_of_what_was_given(
    edition: Edition, grace: int, zone: str, wall: datetime, wished: list[tuple[int, str]]
) -> None:
    with transaction.atomic():
        project = project_in(edition)
        project.deadline_wall = wall.replace(tzinfo=UTC)
        project.deadline_zone, project.grace_minutes = zone, grace
        project.save()
        submission = start(edition)
        by = coordinator(edition)
        official = instant_of(wall, zone)
        expected = official + timedelta(minutes=grace)
        for seconds, answer in wished:
            until = official + timedelta(seconds=seconds)
            try:
                extension = ask_for_time(submission, until)
            except (InvalidInput, AlreadyAsked):
                # Nothing to win: not later than what there is, or one waits already.
                assert until <= expected or submission.extensions.waiting().exists()
                continue
            if answer == "grant":
                grant_extension(extension=extension, reason=WHY, by=by, at=WRITTEN_AT)
                expected = max(expected, until)
            elif answer == "refuse":
                refuse_extension(extension=extension, reason=WHY, by=by, at=WRITTEN_AT)

        assert until_of(submission) == expected >= official + timedelta(minutes=grace)
        for late_by in (-MICROSECOND, timedelta(0), MICROSECOND):
            deadline = effective_deadline_of(submission.project, submission)
            assert deadline.is_passed(expected + late_by) is (late_by > timedelta(0))
        transaction.set_rollback(True)


@given(
    wall=st.datetimes(datetime(2020, 1, 1), datetime(2030, 12, 31)),
    zone=st.sampled_from(["Europe/Madrid", "America/St_Johns", "Australia/Lord_Howe", "UTC"]),
    days=st.integers(-400, 400),
)
def test_days_later_is_the_same_time_on_the_clock_or_after_the_gap(
    wall: datetime, zone: str, days: int
) -> None:
    instant = instant_of(wall, zone)

    later = days_later(instant, days, zone)

    shown = instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    clock = later.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    missed = clock - (shown + timedelta(days=days))
    assert timedelta(0) <= missed <= timedelta(hours=1)
    if missed:
        # The clocks skipped that time: read with the offset before, it falls after the gap.
        back = (later - missed).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        assert back != shown + timedelta(days=days)


@pytest.mark.parametrize(
    ("day", "days", "instant"),
    [
        (datetime(2025, 10, 24, 2, 30), 2, datetime(2025, 10, 26, 1, 30, tzinfo=UTC)),
        (datetime(2026, 3, 27, 2, 30), 2, datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        (datetime(2025, 10, 24, 23, 59), 7, datetime(2025, 10, 31, 22, 59, tzinfo=UTC)),
    ],
    ids=["into the fold: the later reading", "into the gap", "across"],
)
def test_days_are_counted_on_the_calendar_across_a_clock_change(
    day: datetime, days: int, instant: datetime
) -> None:
    assert days_later(instant_of(day, "Europe/Madrid"), days, "Europe/Madrid") == instant


# --- Pages and letters ------------------------------------------------------------------


def test_two_clicks_and_a_reason(client: Client, submission: Submission) -> None:
    submission.owner.user.time_zone = "Pacific/Kiritimati"
    submission.owner.user.save()
    _open_until(submission)
    client.force_login(submission.owner.user)
    project = reverse("assessments:project", args=[submission.edition.slug])
    address = reverse("assessments:more_time", args=[submission.edition.slug])

    assert address in client.get(project).content.decode()
    page = client.get(address).content.decode()
    assert "Kiritimati time" in page
    assert "in Madrid" in page
    sent = client.post(address, {"days": "7", "reason": "Elections in our city."})

    extension = Extension.objects.get()
    expected = days_later(submission.project.deadline_at, 7, "Europe/Madrid")
    assert (sent.status_code, extension.wanted_at) == (302, expected)
    assert "waiting for an answer" in client.get(project).content.decode()


def test_the_coordinator_answers_and_the_writer_is_told(
    client: Client, submission: Submission, django_capture_on_commit_callbacks: Any
) -> None:
    _open_until(submission)
    extension = ask_for_time(
        submission, submission.project.deadline_at + timedelta(days=3), at=datetime.now(UTC)
    )
    by = coordinator(submission.edition)
    client.force_login(by)
    listed = client.get(reverse("assessments:extensions", args=[submission.edition.slug]))
    assert extension.reason in listed.content.decode()
    address = reverse("assessments:extension", args=[submission.edition.slug, extension.pk])

    empty = client.post(address, {"decision": "shorten", "reason": ""})
    with django_capture_on_commit_callbacks(execute=True):
        answered = client.post(address, {"decision": "grant", "reason": WHY})

    assert (empty.status_code, answered.status_code) == (422, 302)
    assert set(empty.context["form"].errors) == {"until_at", "reason"}
    letter = mail.outbox[-1]
    assert letter.to == [submission.owner.user.email]
    assert letter.subject == "You have more time for your project"
    assert WHY in letter.body
    history = client.get(address).content.decode()
    assert WHY in history
    assert "Granted" in history
    client.force_login(submission.owner.user)
    page = client.get(reverse("assessments:project", args=[submission.edition.slug]))
    assert page.status_code == 200
    assert WHY in page.content.decode()


def test_several_are_answered_on_the_list(client: Client, edition: Edition) -> None:
    asked = []
    for _ in range(2):
        submission = write(start(edition))
        _open_until(submission)
        until = submission.project.deadline_at + timedelta(days=3)
        asked.append(ask_for_time(submission, until, at=datetime.now(UTC)))
    client.force_login(coordinator(edition))
    address = reverse("assessments:extensions", args=[edition.slug])

    none_chosen = client.post(address, {"decision": "refuse", "reason": WHY})
    client.post(address, {"chosen": [row.pk for row in asked], "decision": "refuse", "reason": WHY})

    assert none_chosen.status_code == 422
    assert {row.status for row in Extension.objects.all()} == {"refused"}
    exported = client.get(reverse("assessments:extensions_csv", args=[edition.slug]))
    assert exported.content.decode().count("Refused") == 2


def _open_until(submission: Submission) -> None:
    """A deadline that lies ahead of the clock on the wall."""
    project = submission.project
    project.deadline_wall = (datetime.now(UTC) + timedelta(days=10)).replace(microsecond=0)
    project.save()


# --- At the same time -------------------------------------------------------------------


class TestRaces:
    pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

    def test_handing_in_and_being_given_time(self, transactional_db: None) -> None:
        """Either the attempt came first and says so, or it has the time that was given."""
        submission = write(start(EditionFactory.create()))
        extension = ask_for_time(submission)
        by = coordinator(submission.edition)
        at = DEADLINE + timedelta(seconds=1)

        attempt, granted = at_once(
            lambda: hand_in(submission, at=at),
            lambda: grant_extension(extension=extension, reason=WHY, by=by, at=at),
        )

        assert isinstance(attempt, Attempt)
        assert granted.status == ExtensionStatus.GRANTED
        assert (attempt.effective_deadline_at, attempt.is_late) in [(DEADLINE, True), (MORE, False)]

    def test_two_answers_are_one(self, transactional_db: None) -> None:
        submission = write(start(EditionFactory.create()))
        extension = ask_for_time(submission)
        by = coordinator(submission.edition)

        results = at_once(
            lambda: grant_extension(extension=extension, reason=WHY, by=by, at=WRITTEN_AT),
            lambda: refuse_extension(extension=extension, reason=WHY, by=by, at=WRITTEN_AT),
        )

        assert sorted(type(result).__name__ for result in results) == ["Extension", "IllegalMove"]
        assert extension.decisions.count() == 2

    def test_two_requests_are_one(self, transactional_db: None) -> None:
        submission = write(start(EditionFactory.create()))

        first, second = at_once(lambda: ask_for_time(submission), lambda: ask_for_time(submission))

        assert first == second == Extension.objects.get()


def test_a_withdrawn_project_keeps_its_time_for_the_next_attempt(submission: Submission) -> None:
    given_to(submission)
    hand_in(submission)
    withdraw_submission(
        submission=submission, number=submission.attempt, by=submission.owner.user, at=MORE
    )
    reopened = reopen_draft(submission=submission, by=submission.owner.user, at=MORE)

    assert (reopened.status, until_of(submission)) == (SubmissionStatus.DRAFT, MORE)
