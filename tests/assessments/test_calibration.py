"""Calibration: all markers mark one sample, each alone, before they mark projects."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from assessments.actions.calibration import (
    RoundClosed,
    RoundOpen,
    close_calibration,
    open_calibration,
    save_calibration,
    submit_calibration,
)
from assessments.actions.marking import CalibrationFirst
from assessments.models import CalibrationMarks, CalibrationRound
from assessments.selectors.calibration import comparison_of
from lms.accounts.models import User
from lms.core.errors import InvalidInput, PermissionDenied, StaleVersion
from lms.programme.models import Edition
from tests.factories.marking import MARKED_AT, in_marking, project_in, submitted
from tests.factories.programme import coordinator, instructor

pytestmark = pytest.mark.django_db


def begin(edition: Edition, by: User | None = None) -> CalibrationRound:
    return open_calibration(
        project=project_in(edition),
        title="Harbour",
        text="Our harbour needs quieter ferries.\n\nWe asked the fishers.",
        is_required=True,
        by=by or coordinator(edition),
        at=MARKED_AT,
    )


def hand_in(calibration: CalibrationRound, marker: User, **levels: str) -> CalibrationMarks:
    return submit_calibration(
        calibration=calibration,
        base_version=0,
        marks={key: {"level": level, "comment": f"{key}!"} for key, level in levels.items()},
        by=marker,
        at=MARKED_AT,
    )


def test_nobody_begins_a_project_before_they_have_marked_the_sample(edition: Edition) -> None:
    attempt, marker = submitted(edition), instructor(edition)
    calibration = begin(edition)
    with pytest.raises(CalibrationFirst):
        in_marking(attempt, marker)

    hand_in(calibration, marker, need="sound", measurement="sound")

    assert in_marking(attempt, marker).marker == marker


def test_marks_of_others_are_seen_after_one_has_handed_in(client: Client, edition: Edition) -> None:
    first, second = instructor(edition), instructor(edition)
    calibration = begin(edition)
    hand_in(calibration, first, need="strong", measurement="weak")
    page = reverse("assessments:calibration", args=[edition.slug, calibration.pk])

    client.force_login(second)
    before = client.get(page).content.decode()
    assert "We asked the fishers." in before
    assert "measurement!" not in before

    hand_in(calibration, second, need="sound", measurement="weak")

    after = client.get(page).content.decode()
    assert "measurement!" in after
    compared = comparison_of(calibration)
    assert [row.is_unanimous for row in compared.criteria] == [False, True]
    assert compared.span == Decimal("20.00")
    assert compared.waiting_for == []


def test_a_sheet_is_whole_before_it_is_handed_in_and_rests_afterwards(edition: Edition) -> None:
    marker = instructor(edition)
    calibration = begin(edition)
    with pytest.raises(InvalidInput) as refused:
        hand_in(calibration, marker, need="strong")
    assert set(refused.value.errors) == {"measurement"}
    assert not CalibrationMarks.objects.exists()  # the refusal kept nothing half-way

    hand_in(calibration, marker, need="strong", measurement="weak")
    with pytest.raises(RoundClosed):
        hand_in(calibration, marker, need="weak", measurement="weak")


def test_two_windows_of_a_marker_do_not_overwrite_each_other(edition: Edition) -> None:
    marker = instructor(edition)
    calibration = begin(edition)
    save = {"calibration": calibration, "base_version": 0, "by": marker, "at": MARKED_AT}
    save_calibration(**save, marks={"need": {"comment": "In one window."}})

    with pytest.raises(StaleVersion) as stale:
        save_calibration(**save, marks={"need": {"comment": "In the other."}})

    assert stale.value.extra["stored"] == {
        "marks": {"need": {"level": None, "comment": "In one window."}}
    }


def test_one_round_at_a_time_opened_and_closed_by_a_coordinator(edition: Edition) -> None:
    lead, marker = coordinator(edition), instructor(edition)
    with pytest.raises(PermissionDenied):
        begin(edition, by=marker)
    calibration = begin(edition, by=lead)
    with pytest.raises(RoundOpen):
        begin(edition, by=lead)
    close_calibration(calibration=calibration, base_version=0, by=lead, at=MARKED_AT)
    with pytest.raises(RoundClosed):
        hand_in(calibration, marker, need="strong", measurement="weak")
    assert in_marking(submitted(edition), marker)
    begin(edition, by=lead)
