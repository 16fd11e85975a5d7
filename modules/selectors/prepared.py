"""Queries that every reading page runs, compiled once.

Django builds such SQL anew each time, which takes ten times as long as the
database needs to answer it. tests/modules/test_prepared.py holds the answers
beside those of the ordinary queries.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from django.db import connection
from django.utils.dateparse import parse_datetime

from lms.programme.enums import TAKING_PART
from lms.programme.models import Enrolment
from modules.models import ActivityProgress


class Prepared:
    """A `values_list` query. `stand_ins`: parameter → a value that stands for it while
    the query is compiled, and nowhere else in it."""

    def __init__(self, build: Callable[..., Any], **stand_ins: Any) -> None:
        self.build = build
        self.stand_ins = stand_ins

    def run(self, **values: Any) -> list[tuple[Any, ...]]:
        """The rows as the database driver gives them."""
        sql, params = self._compiled
        filled = [values[name] if name else value for name, value in params]
        with connection.cursor() as cursor:
            cursor.execute(sql, filled)
            return list(cursor.fetchall())

    @cached_property
    def _compiled(self) -> tuple[str, list[tuple[str | None, Any]]]:
        """The SQL, and for each of its places (parameter, fixed value)."""
        sql, params = self.build(**self.stand_ins).query.sql_with_params()
        names = {value: name for name, value in self.stand_ins.items()}
        return sql, [(names.get(value), value) for value in params]


_PLACE = Prepared(
    lambda user_id, slug: (
        Enrolment.objects.filter(user_id=user_id, edition__slug=slug, status__in=TAKING_PART)
        .order_by()
        .values_list(
            "id",
            "edition_id",
            "city_id",
            "status",
            "edition__course__id",
            "edition__course__version",
        )
    ),
    user_id=-1,
    slug="the-slug-of-an-edition",
)
_PROGRESS = Prepared(
    lambda enrolment_id: (
        ActivityProgress.objects.filter(enrolment_id=enrolment_id)
        .order_by()
        .values_list("activity_id", "status", "text", "answers", "version", "saved_at", "done_at")
    ),
    enrolment_id=-1,
)


def place_row(user_id: int, edition_slug: str) -> tuple[Any, ...] | None:
    """(enrolment, edition, city, status, course or None, its version) of who takes part."""
    rows = _PLACE.run(user_id=user_id, slug=edition_slug)
    return rows[0] if rows else None


def progress_rows(enrolment_id: int) -> list[tuple[Any, ...]]:
    """(activity, status, text, answers as JSON, version, saved at, done at), times raw."""
    return _PROGRESS.run(enrolment_id=enrolment_id)


def as_answers(value: Any) -> dict[str, list[str]]:
    return dict(json.loads(value) if isinstance(value, str) else value or {})


def as_instant(value: Any) -> datetime | None:
    """SQLite's driver gives times as text in UTC, PostgreSQL's as they are."""
    if isinstance(value, str):
        parsed = parse_datetime(value)
        return parsed.replace(tzinfo=UTC) if parsed else None
    instant: datetime | None = value
    return instant.replace(tzinfo=UTC) if instant and instant.tzinfo is None else instant
