"""Setting when projects are due (invariant 12)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from assessments.actions.at_deadline import ask_for_deadline_submission
from assessments.actions.deadlines import set_deadline
from assessments.actions.extensions import grant_extension
from assessments.models import Project
from assessments.selectors.setup import deadline_change
from lms.core import audit
from lms.core.errors import InvalidInput, PermissionDenied
from lms.programme.models import Edition
from tests.factories.assessments import (
    DEADLINE,
    WRITTEN_AT,
    ask_for_time,
    handed_in,
    project_in,
    start,
    write,
)
from tests.factories.programme import coordinator, instructor, participant


def set_for(project: Project, by: Any, **changes: Any) -> Project:
    fields = {
        "wall": datetime(2026, 1, 23, 23, 59),
        "zone": "America/Montevideo",
        "grace_minutes": 60,
        "accepts_late": False,
        "at": datetime(2025, 12, 10, tzinfo=UTC),
    }
    return set_deadline(project=project, by=by, **(fields | changes))


def test_a_new_deadline_holds_for_what_comes_and_not_for_what_came(edition: Edition) -> None:
    attempt = handed_in(edition)

    project = set_for(attempt.project, coordinator(edition))

    attempt.refresh_from_db()
    assert project.deadline_at == datetime(2026, 1, 24, 2, 59, tzinfo=UTC)
    assert project.effective_deadline_at == datetime(2026, 1, 24, 3, 59, tzinfo=UTC)
    assert attempt.deadline_at == DEADLINE
    [event] = audit.events_of(project)
    assert event.details["before"]["deadline_at"] == DEADLINE.isoformat()


@pytest.mark.parametrize(
    "changes",
    [
        {"wall": datetime(2026, 1, 23, tzinfo=UTC)},
        {"zone": "Mars/Olympus"},
        {"grace_minutes": -1},
        {"grace_minutes": 7 * 24 * 60 + 1},
    ],
    ids=["offset", "zone", "negative", "a week and a minute"],
)
def test_what_names_no_deadline_is_refused(edition: Edition, changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        set_for(project_in(edition), coordinator(edition), **changes)


def test_only_coordinators_set_it(edition: Edition) -> None:
    project = project_in(edition)

    for by in (instructor(edition), participant(edition)):
        with pytest.raises(PermissionDenied):
            set_for(project, by)


FORM = {"on": "2026-01-23", "time": "23:59", "zone": "Europe/Madrid", "grace_minutes": "0"}


def test_the_page_says_who_is_affected_before_it_sets_by_the_clock_of_the_zone(
    client: Client, edition: Edition
) -> None:
    project = handed_in(edition).project
    start(edition)
    participant(edition)
    client.force_login(coordinator(edition, time_zone="Pacific/Auckland"))
    address = reverse("assessments:setup", args=[edition.slug])
    form = client.get(address).context["form"]
    shown = {name: str(form[name].value()) for name in ("on", "time", "zone")}

    preview = client.post(address, FORM | {"step": "preview"})

    project.refresh_from_db()
    assert shown == {"on": "2025-12-12", "time": "23:59:00", "zone": "Europe/Madrid"}
    assert project.deadline_at == DEADLINE
    sentence = preview.context["preview"].sentence
    assert sentence.startswith(
        "The new deadline holds for 2 participants who have not handed in. "
        "1 project that was handed in keeps the deadline it was measured by."
    )
    assert sentence in preview.content.decode()

    answer = client.post(address, FORM | {"step": "set"})

    project.refresh_from_db()
    assert answer.status_code == 302
    assert project.deadline_at == datetime(2026, 1, 23, 22, 59, tzinfo=UTC)
    assert project.accepts_late is False


@pytest.mark.parametrize(
    ("accepts_late", "ending"),
    [
        (True, "It has passed already: whatever comes from now on is late."),
        (False, "It has passed already: nobody could hand in any more."),
    ],
)
def test_a_deadline_in_the_past_is_announced_as_one(
    edition: Edition, accepts_late: bool, ending: str
) -> None:
    project = project_in(edition)
    change: dict[str, Any] = {"wall": datetime(2025, 12, 1, 12, 0), "zone": "UTC"}
    change |= {"grace_minutes": 30, "accepts_late": accepts_late}
    passed = datetime(2025, 12, 1, 12, 30, tzinfo=UTC)

    at_the_end = deadline_change(project, at=passed, **change)
    after = deadline_change(project, at=passed + timedelta(microseconds=1), **change)

    assert (at_the_end.is_passed, after.is_passed) == (False, True)
    assert after.sentence.endswith(ending)


def test_a_zone_that_is_none_stands_in_the_form(client: Client, edition: Edition) -> None:
    project_in(edition)
    client.force_login(coordinator(edition))

    answer = client.post(
        reverse("assessments:setup", args=[edition.slug]), FORM | {"zone": "Mars", "step": "set"}
    )

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["zone"])


def test_the_preview_tells_of_time_given_and_of_wishes(edition: Edition) -> None:
    submission = write(start(edition))
    project = submission.project
    by = coordinator(edition)
    grant_extension(extension=ask_for_time(submission), reason="A flood.", by=by, at=WRITTEN_AT)
    ask_for_deadline_submission(submission=submission, by=submission.owner.user, at=WRITTEN_AT)

    change = deadline_change(
        project, wall=datetime(2025, 12, 13, 12, 0), zone="UTC", grace_minutes=0, accepts_late=True,
        at=WRITTEN_AT,
    )  # fmt: skip

    assert (change.with_more_time, change.by_themselves) == (1, 1)
    assert "1 project has more time than that, given to it alone, and keeps it." in change.sentence


def test_the_window_for_files_on_their_way_is_set_on_page_and_api_and_stays_unless_said(
    client: Client, edition: Edition
) -> None:
    project = project_in(edition)
    client.force_login(coordinator(edition))
    page = reverse("assessments:setup", args=[edition.slug])
    api = reverse("api:v1:edition-deadline", args=[edition.slug])
    body = {"wall": "2026-01-23T23:59", "zone": "UTC", "grace_minutes": 0, "accepts_late": True}

    def window() -> int:
        project.refresh_from_db()
        return project.upload_window_minutes

    shown = client.get(page)
    previewed = client.post(page, FORM | {"step": "preview", "upload_window_minutes": "45"})
    assert (shown.context["form"]["upload_window_minutes"].value(), window()) == (30, 30)
    assert "may arrive 45 minutes longer." in previewed.content.decode()
    client.post(page, FORM | {"step": "set", "upload_window_minutes": "45"})
    assert window() == 45
    client.post(page, FORM | {"step": "set", "upload_window_minutes": ""})
    assert client.post(api, body, content_type="application/json").status_code == 200
    assert window() == 45
    client.post(api, body | {"upload_window_minutes": 0}, content_type="application/json")
    assert window() == 0
    event = audit.events_of(project).latest("id")
    assert (event.details["before"]["upload_window"], event.details["after"]["upload_window"]) == (
        45, 0,
    )  # fmt: skip

    too_long = client.post(page, FORM | {"step": "set", "upload_window_minutes": "241"})
    by_api = client.post(
        api, body | {"upload_window_minutes": 241}, content_type="application/json"
    )
    assert (too_long.status_code, by_api.status_code, window()) == (422, 422, 0)
    with pytest.raises(InvalidInput):
        set_for(project, coordinator(edition), upload_window_minutes=-1)
