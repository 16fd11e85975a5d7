"""Wall times become instants (invariant 12)."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from lms.core.clock import instant_of, validate_zone

MADRID = "Europe/Madrid"


@pytest.mark.parametrize(
    ("wall", "zone", "instant"),
    [
        # Winter and summer in the programme's zone (W3: “3.00 pm” in July is UTC+2).
        (datetime(2025, 11, 17, 9, 0), MADRID, datetime(2025, 11, 17, 8, 0)),
        (datetime(2025, 7, 22, 15, 0), MADRID, datetime(2025, 7, 22, 13, 0)),
        # The clock shows 02:30 twice: the later reading, which favours the person.
        (datetime(2025, 10, 26, 2, 30), MADRID, datetime(2025, 10, 26, 1, 30)),
        # The clock never shows 02:30: read with the offset before the gap, so after it.
        (datetime(2026, 3, 29, 2, 30), MADRID, datetime(2026, 3, 29, 1, 30)),
        # The ends of the world, on two different UTC days.
        (datetime(2025, 11, 17, 9, 0), "Pacific/Kiritimati", datetime(2025, 11, 16, 19, 0)),
        (datetime(2025, 11, 17, 9, 0), "Etc/GMT+12", datetime(2025, 11, 17, 21, 0)),
        # Half-hours and a gap that is not an hour long.
        (datetime(2025, 10, 5, 2, 15), "Australia/Lord_Howe", datetime(2025, 10, 4, 15, 45)),
    ],
)
def test_instant_of_reads_the_clock_of_the_zone(
    wall: datetime, zone: str, instant: datetime
) -> None:
    assert instant_of(wall, zone) == instant.replace(tzinfo=UTC)


def test_instant_of_refuses_a_time_with_an_offset() -> None:
    with pytest.raises(ValueError, match="no offset"):
        instant_of(datetime(2025, 11, 17, 9, 0, tzinfo=UTC), MADRID)


@given(
    wall=st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2037, 12, 31)),
    zone=st.sampled_from([MADRID, "America/Bogota", "Pacific/Chatham", "Africa/Nairobi"]),
)
def test_instant_of_is_within_a_day_and_never_before_an_earlier_wall_time(
    wall: datetime, zone: str
) -> None:
    instant = instant_of(wall, zone)
    assert abs(instant.replace(tzinfo=None) - wall) <= timedelta(hours=14)
    assert instant_of(wall + timedelta(days=1), zone) > instant


def test_unknown_zones_are_refused() -> None:
    validate_zone("America/Sao_Paulo")
    with pytest.raises(ValidationError):
        validate_zone("CET time")
