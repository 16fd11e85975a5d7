"""Setting when projects are due (invariant 12)."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from assessments.actions.deadlines import set_deadline
from assessments.models import Project
from lms.core import audit
from lms.core.errors import InvalidInput, PermissionDenied
from lms.programme.models import Edition
from tests.factories.accounts import AdministratorFactory
from tests.factories.assessments import DEADLINE, handed_in, project_in
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


def test_an_administrator_sets_it_by_the_clock_of_its_zone(
    client: Client, edition: Edition
) -> None:
    project = project_in(edition)
    client.force_login(AdministratorFactory.create(time_zone="Pacific/Auckland"))
    address = reverse("admin:assessments_project_change", args=[project.pk])
    form = client.get(address).context["adminform"].form
    shown = {name: form[name].value() for name in ("on", "time")}

    client.post(
        address,
        {
            "on": "2026-01-23",
            "time": "23:59",
            "deadline_zone": "Europe/Madrid",
            "grace_minutes": "0",
        },
    )

    project.refresh_from_db()
    assert (str(shown["on"]), str(shown["time"])) == ("2025-12-12", "23:59:00")
    assert project.deadline_at == datetime(2026, 1, 23, 22, 59, tzinfo=UTC)
    assert project.accepts_late is False
