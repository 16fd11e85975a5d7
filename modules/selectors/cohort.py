"""How far everybody in an edition is: the same number of queries for one as for thirty."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max, QuerySet

from lms.programme.enums import TAKING_PART
from lms.programme.models import Edition, Enrolment
from modules.enums import ActivityStatus
from modules.models import ActivityProgress, Course
from modules.selectors.outline import CourseOutline, outline_of
from modules.selectors.progress import CourseProgress, progress_through


@dataclass(frozen=True)
class CohortRow:
    enrolment: Enrolment
    progress: CourseProgress
    last_done_at: datetime | None


def participants_of(edition: Edition) -> QuerySet[Enrolment]:
    enrolments = Enrolment.objects.filter(edition=edition, status__in=TAKING_PART)
    return enrolments.select_related("user", "city").order_by("city__name", "user__name", "id")


def cohort_outline(edition: Edition) -> CourseOutline:
    course = Course.objects.filter(edition=edition).first()
    return outline_of(course) if course else CourseOutline()


def cohort_rows(outline: CourseOutline, enrolments: Iterable[Enrolment]) -> list[CohortRow]:
    """Two queries for any number of enrolments of one edition."""
    people = list(enrolments)
    states, last = states_of(people)
    return [
        CohortRow(
            enrolment=enrolment,
            progress=progress_through(outline, states[enrolment.pk]),
            last_done_at=last.get(enrolment.pk),
        )
        for enrolment in people
    ]


def states_of(
    enrolments: Iterable[Enrolment],
) -> tuple[dict[int, dict[int, str]], dict[int, datetime | None]]:
    """(enrolment id → activity id → status, enrolment id → when something was last done)."""
    ids = [enrolment.pk for enrolment in enrolments]
    begun = ActivityProgress.objects.filter(enrolment_id__in=ids)
    states: dict[int, dict[int, str]] = defaultdict(dict)
    for enrolment_id, activity_id, status in begun.order_by().values_list(
        "enrolment_id", "activity_id", "status"
    ):
        states[enrolment_id][activity_id] = status
    done: Any = begun.filter(status=ActivityStatus.DONE).order_by().values_list("enrolment_id")
    return states, dict(done.annotate(last=Max("done_at")))
