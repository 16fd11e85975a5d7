"""Invariant 10 is asked in four ways – of one project, of many in a query, of all who might
mark one, and by the allocation: they answer alike."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from assessments.actions.conflicts import declare_conflict
from assessments.models import Attempt, Submission, TeamMember
from assessments.selectors.allocation import Rule, plan_allocation
from assessments.selectors.desk import markers_for
from assessments.selectors.marking import has_conflict, without_conflict
from lms.accounts.models import User
from lms.programme.enums import Role
from lms.programme.models import Edition
from tests.factories.accounts import OrganisationFactory
from tests.factories.marking import MARKED_AT, submitted
from tests.factories.programme import EditionFactory, RoleAssignmentFactory, enrol, instructor

Tie = Callable[[User, Attempt], Any]


def nothing(marker: User, attempt: Attempt) -> None:
    pass


def another_city(marker: User, attempt: Attempt) -> None:
    enrol(marker, EditionFactory.create())


def of_the_city(marker: User, attempt: Attempt) -> None:
    """In an earlier edition."""
    enrol(marker, EditionFactory.create(), attempt.submission.owner.city)


def for_an_organisation_of_the_city(marker: User, attempt: Attempt) -> None:
    organisation = OrganisationFactory.create(city=attempt.submission.owner.city)
    enrol(marker, EditionFactory.create(), organisation=organisation)


def in_the_citys_team(marker: User, attempt: Attempt) -> None:
    RoleAssignmentFactory.create(
        user=marker, edition=EditionFactory.create(), role=Role.CITY_TEAM,
        city=attempt.submission.owner.city,
    )  # fmt: skip


def wrote_on_it_once(marker: User, attempt: Attempt) -> None:
    place = enrol(marker, attempt.submission.edition)
    TeamMember.objects.create(
        project=attempt.project, submission=attempt.submission, enrolment=place,
        joined_at=attempt.received_at, left_at=attempt.received_at + timedelta(hours=1),
    )  # fmt: skip


def declared(marker: User, attempt: Attempt, **what: Any) -> None:
    declare_conflict(
        edition=attempt.submission.edition, person=marker, reason="We are friends.", by=marker,
        at=MARKED_AT, **what,
    )  # fmt: skip


def declared_the_project(marker: User, attempt: Attempt) -> None:
    declared(marker, attempt, submission=attempt.submission)


def declared_a_writer(marker: User, attempt: Attempt) -> None:
    declared(marker, attempt, other=attempt.submission.owner.user)


def declared_the_city(marker: User, attempt: Attempt) -> None:
    declared(marker, attempt, city=attempt.submission.owner.city)


@pytest.mark.parametrize(
    ("tie", "is_partial"),
    [
        (nothing, False),
        (another_city, False),
        (of_the_city, True),
        (for_an_organisation_of_the_city, True),
        (in_the_citys_team, True),
        (wrote_on_it_once, True),
        (declared_the_project, True),
        (declared_a_writer, True),
        (declared_the_city, True),
    ],
)
def test_who_is_partial_is_so_however_it_is_asked(
    edition: Edition, tie: Tie, is_partial: bool
) -> None:
    marker, attempt = instructor(edition), submitted(edition)
    tie(marker, attempt)
    submission = Submission.objects.get(pk=attempt.submission_id)
    plan = plan_allocation(attempt.project, Rule(markers=(marker.pk,), match_language=False))

    answers = {
        "one project": has_conflict(marker, submission),
        "many": not Submission.objects.filter(without_conflict(marker)).exists(),
        "who might": marker.pk not in markers_for(submission),
        "by rule": not plan.given,
    }

    assert answers == dict.fromkeys(answers, is_partial)
