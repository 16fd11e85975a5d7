"""The database holds every choice to its values, whoever writes (a form only explains)."""

from datetime import datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from lms.accounts.models import City, Organisation
from lms.programme.models import Edition, Phase, RoleAssignment
from modules.models import ActivityProgress
from tests.factories.accounts import CityFactory
from tests.factories.modules import lesson_of, make_activity, make_course
from tests.factories.programme import PhaseFactory, coordinator, participant

pytestmark = pytest.mark.django_db


def refuses(rows: Any, **values: Any) -> bool:
    """Whether the database will not have these values in the only row there is."""
    assert rows.count() == 1
    try:
        with transaction.atomic():
            rows.update(**values)
    except IntegrityError:
        return True
    return False


def test_a_role_a_phase_a_region_and_a_kind_are_known_ones(edition: Edition) -> None:
    coordinator(edition)
    PhaseFactory.create(edition=edition)
    city = CityFactory.create()
    Organisation.objects.create(name="City hall", kind="city_government", city=city)

    assert refuses(RoleAssignment.objects.all(), role="nonsense")
    assert refuses(Phase.objects.all(), kind="nonsense")
    assert refuses(City.objects.filter(pk=city.pk), region="nonsense")
    assert refuses(Organisation.objects.all(), kind="nonsense")


def test_work_on_an_activity_is_stored_with_its_times(edition: Edition, at: datetime) -> None:
    activity = make_activity(lesson_of(make_course(edition)), "written")
    place = participant(edition).enrolments.get()
    ActivityProgress.objects.create(enrolment=place, activity=activity, begun_at=at)
    rows = ActivityProgress.objects.all()

    assert refuses(rows, text="Words of no version")
    assert refuses(rows, version=1)
    assert refuses(rows, saved_at=at)
    assert refuses(rows, done_revision_id=1)
    assert not refuses(rows, text="Words", version=1, saved_at=at)


def test_the_same_role_is_given_once(edition: Edition) -> None:
    coordinator(edition)
    role = RoleAssignment.objects.get()

    role.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        role.save()
