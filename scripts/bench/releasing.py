"""A thousand grades released in one go: how long it takes, and what it asks of the database.

In this process, as a worker does it, part by part; messages are handed to the broker, and
nobody reads them here. `p50_ms` is the whole of it, `p95_ms` its slowest part; `queries` are
those for one grade, rounded up; `rps` are grades a second.
"""

import math
import time
from datetime import datetime
from decimal import Decimal
from typing import Any

from celery import current_app
from django.db import connection
from django.test.utils import override_settings

from assessments.actions.carrying_out import begin_release, release_part
from assessments.actions.releasing import make_release
from assessments.enums import AssessmentStatus, GradeStatus, Outcome, SubmissionStatus
from assessments.models import (
    Assessment,
    AssessmentRevision,
    Attempt,
    Grade,
    GradeBasis,
    GradeRevision,
    MarkingPolicy,
    Submission,
)
from assessments.selectors.releasing import rehearse
from lms.accounts.models import User
from lms.core import clock
from lms.programme.enums import Role
from lms.programme.models import Edition, RoleAssignment

GRADES = 1000


def release_row(edition: Edition) -> dict[str, Any]:
    at = clock.now()
    boss = User.objects.create_user(email="release@bench.example", name="Release")
    RoleAssignment.objects.create(edition=edition, user=boss, role=Role.COORDINATOR)
    MarkingPolicy.objects.update_or_create(project=edition.project, defaults={"undo_minutes": 0})
    _agree(edition, boss, at)

    asked = 0

    def counting(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal asked
        asked += "SAVEPOINT" not in sql
        return execute(sql, params, many, context)

    eager = current_app.conf.task_always_eager
    current_app.conf.task_always_eager = False
    try:
        with (
            override_settings(CELERY_TASK_ALWAYS_EAGER=False),
            connection.execute_wrapper(counting),
        ):
            started = time.perf_counter()
            sha256 = rehearse(edition, boss).sha256
            release = make_release(edition=edition, sha256=sha256, by=boss, at=at)
            begin_release(release=release, at=at)
            took = []
            for part in sorted(set(release.items.values_list("part", flat=True))):
                begun = time.perf_counter()
                release_part(release=release, part=part, at=at)
                took.append((time.perf_counter() - begun) * 1000)
            whole = (time.perf_counter() - started) * 1000
    finally:
        current_app.conf.task_always_eager = eager
    shown = Grade.objects.filter(edition=edition, status=GradeStatus.RELEASED).count()
    assert shown == GRADES, shown
    return {
        "name": "release of 1,000 grades",
        "rps": round(GRADES / whole * 1000, 1),
        "p50_ms": round(whole, 2),
        "p95_ms": round(max(took), 2),
        "queries": math.ceil(asked / GRADES),
        "ratio_to_floor": 0.0,
        "scale": GRADES,
    }


def _agree(edition: Edition, by: User, at: datetime) -> None:
    """Marked and agreed, written in bulk."""
    attempts = list(
        Attempt.objects.filter(submission__edition=edition)
        .select_related("submission")
        .order_by("pk")[:GRADES]
    )
    ids = [attempt.submission_id for attempt in attempts]
    Submission.objects.filter(pk__in=ids).update(status=SubmissionStatus.LOCKED_FOR_MARKING)
    given = Assessment.objects.bulk_create(
        Assessment(
            edition=edition, submission=attempt.submission, attempt=attempt, marker=by,
            status=AssessmentStatus.SUBMITTED, received_at=attempt.received_at, allocated_at=at,
            allocated_by=by, started_at=at, submitted_at=at,
        )
        for attempt in attempts
    )  # fmt: skip
    numbers = [Decimal(30 + n % 70) for n in range(GRADES)]
    marks = [
        {"number": 1, "marks": [], "total": total, "maximum": 100, "percent": total, "at": at}
        for total in numbers
    ]
    handed_in = AssessmentRevision.objects.bulk_create(
        AssessmentRevision(assessment=one, rubric_id=attempt.rubric_id, by=by, **mark)
        for one, attempt, mark in zip(given, attempts, marks, strict=True)
    )
    grades = Grade.objects.bulk_create(
        Grade(
            edition=edition, submission=attempt.submission, attempt=attempt,
            status=GradeStatus.AGREED, version=2, created_at=at,
        )
        for attempt in attempts
    )  # fmt: skip
    revisions = GradeRevision.objects.bulk_create(
        GradeRevision(
            grade=grade, attempt=attempt, rubric_id=attempt.rubric_id, by=by,
            outcome=Outcome.PASSED, **mark,
        )
        for grade, attempt, mark in zip(grades, attempts, marks, strict=True)
    )  # fmt: skip
    GradeBasis.objects.bulk_create(
        GradeBasis(revision=revision, assessment_revision=one)
        for revision, one in zip(revisions, handed_in, strict=True)
    )
    for grade, revision in zip(grades, revisions, strict=True):
        grade.current = revision
    Grade.objects.bulk_update(grades, ["current"])
