"""Times are always named with their zone, in the reader's and in the programme's."""

from datetime import UTC, datetime

import pytest
from django.template import Context, Template
from django.utils import timezone
from django.utils.html import strip_tags

DEADLINE = datetime(2025, 12, 12, 22, 59, tzinfo=UTC)


def render(template: str, zone: str) -> str:
    with timezone.override(zone):
        return Template("{% load moments %}" + template).render(Context({"at": DEADLINE}))


def test_moment_shows_the_readers_own_time_and_names_its_zone():
    assert strip_tags(render("{% moment at %}", "Africa/Nairobi")) == (
        "13 December 2025, 01:59 Nairobi time"
    )


def test_moment_carries_the_instant_for_machines():
    assert 'datetime="2025-12-12T22:59:00+00:00"' in render("{% moment at %}", "Africa/Nairobi")


@pytest.mark.parametrize(
    ("reader", "words"),
    [
        ("Europe/Madrid", "12 December 2025, 23:59 Madrid time"),
        ("Africa/Lagos", "12 December 2025, 23:59 Lagos time (the same in Madrid)"),
        ("America/Montevideo", "12 December 2025, 19:59 Montevideo time (23:59 in Madrid)"),
        ("Pacific/Auckland", "13 December 2025, 11:59 Auckland time (12 Dec, 23:59 in Madrid)"),
        ("UTC", "12 December 2025, 22:59 UTC (23:59 in Madrid)"),
    ],
)
def test_moment_both_names_both_zones_and_the_other_date(reader: str, words: str):
    assert strip_tags(render('{% moment_both at "Europe/Madrid" %}', reader)) == words


def test_moment_of_nothing_is_empty():
    template = '{% moment missing %}{% moment_both missing "UTC" %}{{ missing|day }}'

    assert render(template, "UTC") == ""


@pytest.mark.parametrize(
    ("length", "words"),
    [(1, "1 minute"), (8, "8 minutes"), (60, "1 hour"), (120, "2 hours"), (95, "1 h 35 min")],
)
def test_minutes_reads_as_people_say_it(length: int, words: str):
    assert Template("{% load moments %}{{ n|minutes }}").render(Context({"n": length})) == words
