"""Time that nobody asked for, and how a late project counts: page, API, letters."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments.actions import lock_for_marking, set_deadline
from assessments.actions.extensions import (
    AlreadyAsked,
    NothingToExtend,
    give_extension,
    shorten_extension,
)
from assessments.actions.lateness import NotLate, rule_on_lateness
from assessments.enums import ExtensionStatus
from assessments.models import Attempt, Extension, LatenessRuling, Submission
from assessments.selectors.deadlines import (
    EffectiveDeadline,
    day_to_count_from,
    effective_deadline_of,
)
from lms.core import audit
from lms.core.errors import InvalidInput, PermissionDenied
from lms.programme.models import Edition
from tests.factories.assessments import (
    DEADLINE,
    WRITTEN_AT,
    ask_for_time,
    hand_in,
    start,
    write,
)
from tests.factories.programme import coordinator, instructor

MORE = DEADLINE + timedelta(days=3)
LATE = DEADLINE + timedelta(hours=2)
WHY = "The airport was closed."


@pytest.fixture
def submission(edition: Edition) -> Submission:
    return write(start(edition))


@pytest.fixture
def boss(edition: Edition) -> Any:
    return coordinator(edition)


@pytest.fixture
def late(submission: Submission) -> Attempt:
    return hand_in(submission, at=LATE)


def give(submission: Submission, by: Any, **changes: Any) -> Extension:
    values = {"until_at": MORE, "until_zone": "Europe/Madrid", "reason": WHY, "at": WRITTEN_AT}
    return give_extension(submission=submission, by=by, **(values | changes))


def deadline_of(submission: Submission) -> Any:
    submission.refresh_from_db()
    return effective_deadline_of(submission.project, submission)


def test_what_is_given_unasked_is_one_record_like_any_other(
    submission: Submission, boss: Any, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        extension = give(submission, boss)
        again = give(submission, boss)

    assert again == extension == Extension.objects.get()
    assert (extension.status, extension.is_unasked) == (ExtensionStatus.GRANTED, True)
    assert [(d.status, d.reason) for d in extension.decisions.all()] == [("granted", WHY)]
    assert {event.verb for event in audit.events_of(extension)} == {"extension.granted"}
    deadline = deadline_of(submission)
    assert (deadline.at, deadline.reason) == (MORE, "More time was given on 1 December 2025.")
    [letter] = mail.outbox
    assert letter.to == [submission.owner.user.email]
    assert WHY in letter.body

    shorter = shorten_extension(
        extension=extension, until_at=MORE - timedelta(days=1), until_zone="UTC",
        reason="Two days.", by=boss, at=WRITTEN_AT,
    )  # fmt: skip
    assert (shorter.status, deadline_of(submission).at) == (
        ExtensionStatus.SHORTENED, MORE - timedelta(days=1),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"until_at": DEADLINE}, "until_at"),
        ({"until_at": datetime(2025, 12, 20, 12, 0)}, "until_at"),
        ({"until_at": MORE, "at": MORE}, "until_at"),
        ({"until_zone": "Mars/Olympus"}, "until_zone"),
        ({"reason": "  "}, "reason"),
    ],
    ids=["no more", "naive", "over already", "zone", "no reason"],
)
def test_what_gives_nothing_is_refused(
    submission: Submission, boss: Any, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        give(submission, boss, **changes)

    assert list(refused.value.errors) == [field]
    assert not Extension.objects.exists()


def test_a_request_that_waits_is_answered_and_what_came_in_time_needs_nothing(
    submission: Submission, boss: Any, edition: Edition
) -> None:
    with pytest.raises(PermissionDenied):
        give(submission, instructor(edition))
    asked = ask_for_time(submission)
    with pytest.raises(AlreadyAsked) as refused:
        give(submission, boss)
    assert refused.value.extra == {"extension": asked.pk}

    in_time = write(start(edition))
    hand_in(in_time)
    with pytest.raises(NothingToExtend):
        give(in_time, boss)


# --- After lateness ----------------------------------------------------------------------


def test_time_given_after_lateness_counts_only_where_that_is_said(
    submission: Submission, late: Attempt, boss: Any, edition: Edition,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    """Also while it is being marked; just as long as it takes; the receipt stays."""
    lock_for_marking(submission=submission, by=instructor(edition), at=LATE)
    at = LATE + timedelta(days=9)

    with django_capture_on_commit_callbacks(execute=True):
        give(submission, boss, until_at=LATE, at=at, counts_as_on_time=True)

    late.refresh_from_db()
    ruling = LatenessRuling.objects.get()
    assert (late.is_late, ruling.is_late, ruling.effective_deadline_at) == (True, False, LATE)
    [letter] = mail.outbox
    assert "counts as on time. The receipt stays as it is." in " ".join(letter.body.split())


def test_without_saying_so_it_stays_late_until_somebody_rules(
    submission: Submission, late: Attempt, boss: Any, django_capture_on_commit_callbacks: Any
) -> None:
    with pytest.raises(InvalidInput):
        rule_on_lateness(attempt=late, is_late=False, reason=WHY, by=boss, at=LATE)
    give(submission, boss, at=LATE)
    assert not LatenessRuling.objects.exists()

    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(2):
            rule_on_lateness(attempt=late, is_late=False, reason=WHY, by=boss, at=LATE)
        rule_on_lateness(attempt=late, is_late=True, reason="A mistake.", by=boss, at=LATE)

    assert [ruling.is_late for ruling in LatenessRuling.objects.all()] == [False, True]
    subjects = [letter.subject for letter in mail.outbox]
    assert subjects[-2:] == [
        "Your project counts as on time", "Your project goes on to count as late",
    ]  # fmt: skip


def test_a_deadline_moved_for_everybody_lets_staff_rule_and_rules_nothing_itself(
    submission: Submission, late: Attempt, boss: Any
) -> None:
    set_deadline(
        project=submission.project, wall=datetime(2025, 12, 20, 12, 0), zone="UTC",
        grace_minutes=0, accepts_late=True, by=boss, at=LATE,
    )  # fmt: skip
    assert not LatenessRuling.objects.exists()

    ruling = rule_on_lateness(attempt=late, is_late=False, reason=WHY, by=boss, at=LATE)

    assert (ruling.extension, ruling.is_late) == (None, False)


def test_nobody_makes_late_what_came_in_time(submission: Submission, boss: Any) -> None:
    attempt = hand_in(submission)

    for is_late in (True, False):
        with pytest.raises(NotLate):
            rule_on_lateness(attempt=attempt, is_late=is_late, reason=WHY, by=boss, at=LATE)


@pytest.mark.parametrize(
    ("at", "counted_from"),
    [
        (DEADLINE, DEADLINE),
        (DEADLINE + timedelta(hours=1), DEADLINE + timedelta(days=1)),
        (DEADLINE + timedelta(days=1), DEADLINE + timedelta(days=1)),
        (DEADLINE + timedelta(days=1, seconds=1), DEADLINE + timedelta(days=2)),
        # The clocks were put forward meanwhile: still 23:59 in Madrid.
        (datetime(2026, 4, 1, 12, 0, tzinfo=UTC), datetime(2026, 4, 1, 21, 59, tzinfo=UTC)),
    ],
)
def test_days_are_counted_from_the_next_time_the_clock_shows_that_of_the_deadline(
    at: datetime, counted_from: datetime
) -> None:
    deadline = EffectiveDeadline(DEADLINE, "")

    assert day_to_count_from(deadline, "Europe/Madrid", at) == counted_from


# --- Pages and API -------------------------------------------------------------------------


def test_two_clicks_from_the_list_of_those_at_risk(
    client: Client, submission: Submission, boss: Any, edition: Edition
) -> None:
    project = submission.project
    project.deadline_wall = (datetime.now(UTC) + timedelta(days=2)).replace(microsecond=0)
    project.save()
    client.force_login(boss)
    listed = reverse("assessments:at_risk", args=[edition.slug])
    address = reverse("assessments:give_time", args=[edition.slug, submission.pk])

    assert address in client.get(listed, {"show": "all"}).content.decode()
    page = client.get(address)
    empty = client.post(address, {"days": "7", "reason": ""})
    too_soon = client.post(
        address, {"days": "other", "wanted_at": "2020-01-01T10:00", "reason": WHY}
    )
    given = client.post(address, {"days": "7", "reason": WHY})

    assert page.context["form"]["days"].value() == "2"
    assert (empty.status_code, too_soon.status_code) == (422, 422)
    assert list(too_soon.context["form"].errors) == ["wanted_at"]
    assert given["Location"] == listed
    extension = Extension.objects.get()
    assert extension.until_at is not None
    assert extension.until_at - project.deadline_at == timedelta(days=7)
    read = client.get(reverse("assessments:extension", args=[edition.slug, extension.pk]))
    assert "Given, without being asked, until" in read.content.decode()
    client.force_login(instructor(edition))
    assert client.get(address).status_code == 404
    assert address not in client.get(listed, {"show": "all"}).content.decode()


def test_a_late_project_leads_from_the_list_to_the_decision(
    client: Client, submission: Submission, late: Attempt, boss: Any, edition: Edition
) -> None:
    client.force_login(boss)
    address = reverse("assessments:lateness", args=[edition.slug, late.receipt])
    giving = reverse("assessments:give_time", args=[edition.slug, submission.pk])
    listed = client.get(reverse("assessments:at_risk", args=[edition.slug]), {"show": "late"})
    receipt = client.get(reverse("assessments:receipt", args=[late.receipt]))
    desk = client.get(reverse("assessments:desk", args=[edition.slug, submission.pk]))
    for page in (listed, receipt, desk):
        assert address in page.content.decode()

    before = client.get(address)
    refused = client.post(address, {"counts": "on-time", "reason": WHY})
    assert giving in before.content.decode()
    assert refused.status_code == 422

    unsaid = client.post(giving, {"days": "received", "reason": "Closed."})
    client.post(giving, {"days": "received", "reason": "Closed.", "counts_as_on_time": "on"})
    assert (unsaid.status_code, Extension.objects.get().until_at) == (422, LATE)
    client.post(address, {"counts": "late", "reason": "A mistake."})
    after = client.post(address, {"counts": "on-time", "reason": WHY}, follow=True)
    assert WHY in after.content.decode()
    assert [row.is_late for row in LatenessRuling.objects.all()] == [False, True, False]

    client.force_login(instructor(edition))
    assert WHY in client.get(address).content.decode()
    assert client.post(address, {"counts": "late", "reason": WHY}).status_code == 404
    client.force_login(submission.owner.user)
    assert client.get(address).status_code == 404


def test_the_api_gives_and_rules(
    client: Client, submission: Submission, late: Attempt, boss: Any, edition: Edition
) -> None:
    client.force_login(boss)
    give_at, rule_at = (
        reverse("api:v1:extension-give"),
        reverse("api:v1:submission-lateness", args=[late.receipt]),
    )
    body = {"project": submission.pk, "until_at": LATE.isoformat(), "reason": WHY}

    def post(address: str, body: Any) -> Any:
        return client.post(address, body, content_type="application/json")

    too_early = post(rule_at, {"is_late": False, "reason": WHY})
    # It lies behind the clock on the wall: only for what it lets count.
    passed = post(give_at, body)
    given = post(give_at, body | {"counts_as_on_time": True})
    ruled = post(rule_at, {"is_late": True, "reason": "A mistake."})
    unknown = post(rule_at, {"is_late": True, "reason": WHY, "by": 1})

    codes = [answer.status_code for answer in (too_early, passed, given, ruled, unknown)]
    assert codes == [422, 422, 201, 200, 422]
    assert (given.json()["is_unasked"], given.json()["status"]) == (True, "granted")
    shown = ruled.json()
    assert (shown["is_late"], shown["counts_as_late"]) == (True, True)
    assert [row["is_late"] for row in shown["rulings"]] == [False, True]
    assert shown["abilities"]["rule_on_lateness"] is True
    [listed] = client.get(reverse("api:v1:submission-list")).json()["results"]
    assert listed["counts_as_late"] is True
    client.force_login(instructor(edition))
    assert post(give_at, body).status_code == 403
    assert post(rule_at, {"is_late": False, "reason": WHY}).status_code == 403


def test_who_has_not_handed_in_and_how_far_they_are_without_a_word_of_theirs(
    client: Client, submission: Submission, boss: Any, edition: Edition
) -> None:
    handed_in = write(start(edition))
    hand_in(handed_in, at=LATE)
    client.force_login(boss)
    address = reverse("api:v1:edition-at-risk", args=[edition.slug])

    everybody = client.get(address).json()
    [row] = client.get(address, {"show": "open"}).json()
    wrong = client.get(address, {"show": "secrets"})

    assert [(r["project"], r["has_handed_in"], r["is_late"]) for r in everybody] == [
        (submission.pk, False, False), (handed_in.pk, True, True),
    ]  # fmt: skip
    assert (row["project"], row["required_written"], row["words"] > 0) == (submission.pk, 2, True)
    assert datetime.fromisoformat(row["saved_at"]) == WRITTEN_AT
    assert "Our city on" not in client.get(address).content.decode()
    assert wrong.status_code == 422


def test_the_list_costs_the_same_for_one_and_for_ten_that_came_late(
    client: Client, boss: Any, edition: Edition
) -> None:
    client.force_login(boss)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse("api:v1:submission-list")).status_code == 200
        return len(captured)

    def one_more() -> None:
        attempt = hand_in(write(start(edition)), at=LATE)
        rule_on_lateness(attempt=attempt, is_late=True, reason=WHY, by=boss, at=LATE)

    one_more()
    queries()
    one = queries()
    for _ in range(9):
        one_more()

    assert queries() == one
