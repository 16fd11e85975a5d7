"""The two questions that every reading page puts to the database, as SQL.

Django would build these sentences anew for each reader, which takes ten times as long
as the database needs to answer them. tests/modules/test_reading_queries.py holds the
answers beside those of the ordinary queries.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.utils.dateparse import parse_datetime

from lms.accounts.models import User
from lms.programme.enums import TAKING_PART
from lms.programme.models import Edition, Enrolment
from modules.models import Course

_PLACE = f"""
SELECT edition.id, edition.slug, edition.name,
       enrolment.id, enrolment.city_id, enrolment.status,
       course.id, course.version,
       EXISTS (SELECT 1 FROM programme_roleassignment AS role WHERE role.user_id = %s)
       OR EXISTS (SELECT 1 FROM accounts_user_groups AS member WHERE member.user_id = %s)
  FROM programme_enrolment AS enrolment
  JOIN programme_edition AS edition ON edition.id = enrolment.edition_id
  LEFT JOIN modules_course AS course ON course.edition_id = edition.id
 WHERE enrolment.user_id = %s AND edition.slug = %s
   AND enrolment.status IN ({", ".join(["%s"] * len(TAKING_PART))})
"""  # noqa: S608 - no more than placeholders are put in
_PROGRESS = """
SELECT activity_id, status, text, answers, version, saved_at, done_at
  FROM modules_activityprogress
 WHERE enrolment_id = %s
"""


@dataclass(frozen=True)
class Place:
    """A participant's place in an edition. `course` is None until there is one.
    `has_other_work`: the person has a role somewhere, or edits pages."""

    enrolment: Enrolment
    course: Course | None
    has_other_work: bool


def place_of(user: User, edition_slug: str) -> Place | None:
    """One query; what is not read by every page is loaded when it is asked for."""
    with connection.cursor() as cursor:
        cursor.execute(_PLACE, [user.pk, user.pk, user.pk, edition_slug, *TAKING_PART])
        row = cursor.fetchone()
    if row is None:
        return None
    edition = _loaded(Edition, id=row[0], slug=row[1], name=row[2])
    enrolment = _loaded(
        Enrolment, id=row[3], edition_id=row[0], user_id=user.pk, city_id=row[4], status=row[5]
    )
    enrolment.user, enrolment.edition = user, edition
    course = None
    if row[6] is not None:
        course = _loaded(Course, id=row[6], edition_id=row[0], version=row[7])
        course.edition = edition
    return Place(enrolment, course, has_other_work=bool(row[8]) or user.is_superuser)


def _loaded(model: Any, **values: Any) -> Any:
    return model.from_db(connection.alias, tuple(values), tuple(values.values()))


def progress_rows(enrolment_id: int) -> list[tuple[Any, ...]]:
    """(activity, status, text, answers as JSON, version, saved at, done at), times raw."""
    with connection.cursor() as cursor:
        cursor.execute(_PROGRESS, [enrolment_id])
        return list(cursor.fetchall())


def as_answers(value: Any) -> dict[str, list[str]]:
    return dict(json.loads(value) if isinstance(value, str) else value or {})


def as_instant(value: Any) -> datetime | None:
    """SQLite's driver gives times as text in UTC, PostgreSQL's as they are."""
    if isinstance(value, str):
        parsed = parse_datetime(value)
        return parsed.replace(tzinfo=UTC) if parsed else None
    instant: datetime | None = value
    return instant.replace(tzinfo=UTC) if instant and instant.tzinfo is None else instant
