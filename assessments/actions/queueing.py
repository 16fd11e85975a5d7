"""Keeping the places of the queue (`models.queue`) as the tables say that they repeat.

Whatever changes a submission, an attempt, an assessment or a grade is followed here in the
same transaction (`queue_receivers`, and the `update` of their querysets), so that no action
has to remember it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db.models import F, FilteredRelation, Q

from assessments.enums import (
    ACTIVE_ASSESSMENT,
    AGREED_GRADE,
    BEING_MARKED,
    TO_BE_AGREED,
    AssessmentStatus,
    MarkerRole,
    SubmissionStatus,
)
from assessments.models import Attempt, QueuePlace

BATCH = 1000
_ACTIVE = Q(assessments__status__in=ACTIVE_ASSESSMENT)
_KEPT = (
    "project_id", "attempt_id", "city_id", "city_slug", "received_at", "is_unmarked", "is_free",
    "waits_for_second", "is_open", "is_late", "needs_regrade", "is_to_agree",
    "is_agreed",
)  # fmt: skip

_gathered: ContextVar[set[int] | None] = ContextVar("submissions_to_requeue", default=None)


def keep_places(submission_ids: Iterable[int]) -> int:
    """Make the places of these submissions say what is so. Two reads for any thousand of
    them, and a write where something differs. Returns how many rows differed."""
    ids = list(dict.fromkeys(submission_ids))
    gathered = _gathered.get()
    if gathered is not None:
        gathered.update(ids)
        return 0
    return sum(_keep(ids[start : start + BATCH]) for start in range(0, len(ids), BATCH))


@contextmanager
def places_kept_together() -> Iterator[None]:
    """What changes inside is followed once, at the end: for a write of many projects."""
    if _gathered.get() is not None:
        yield
        return
    token = _gathered.set(set())
    try:
        yield
        changed = _gathered.get() or set()
    finally:
        _gathered.reset(token)
    keep_places(sorted(changed))


def _keep(ids: list[int]) -> int:
    should = {(row["submission_id"], row["marker_id"]): row for row in _as_it_is(ids)}
    gone = []
    # What differs in the same way is written together: a release changes many alike.
    alike: dict[tuple[tuple[str, Any], ...], list[int]] = defaultdict(list)
    for place in QueuePlace.objects.filter(submission__in=ids):
        row = should.pop((place.submission_id, place.marker_id), None)
        if row is None:
            gone.append(place.pk)
        elif differs := tuple(
            (name, row[name]) for name in _KEPT if getattr(place, name) != row[name]
        ):
            alike[differs].append(place.pk)
    new = [QueuePlace(**row) for row in should.values()]
    if gone:
        QueuePlace.objects.filter(pk__in=gone).delete()
    for values, places in alike.items():
        QueuePlace.objects.filter(pk__in=places).update(**dict(values))
    if new:
        QueuePlace.objects.bulk_create(new)
    return len(new) + sum(map(len, alike.values())) + len(gone)


def _as_it_is(ids: list[int]) -> Iterator[dict[str, Any]]:
    """The rows as they should be: one for each attempt in hand, one for each who holds it."""
    # One read: an attempt comes once for each who holds it, and once when nobody does.
    in_hand = (
        Attempt.objects.filter(submission__in=ids, number=F("submission__attempt"))
        .annotate(held=FilteredRelation("assessments", condition=_ACTIVE))
        .order_by("pk", "held__pk")
        .values_list(
            "pk", "submission_id", "project_id", "received_at", "is_late", "submission__status",
            "submission__owner__city_id", "submission__owner__city__slug",
            "submission__grade__attempt_id", "submission__grade__status",
            "submission__grade__needs_regrade", "second_marking__pk",
            "held__role", "held__marker_id", "held__status",
        )
    )  # fmt: skip
    for known, held in groupby(in_hand, key=itemgetter(slice(12))):
        attempt, submission, project, received_at, is_late, status, city, slug, *judged = known
        graded, grade, needs_regrade, doubled = judged
        holders = {role: (marker, state) for *_, role, marker, state in held if role is not None}
        held_by = dict.fromkeys(marker for marker, _ in holders.values())
        is_finished = all(state == AssessmentStatus.SUBMITTED for _, state in holders.values())
        needs_regrade = bool(needs_regrade)
        is_being_marked = status in BEING_MARKED
        is_current = graded == attempt and not needs_regrade
        is_marked = is_current and status == SubmissionStatus.LOCKED_FOR_MARKING
        waits_for_second = (
            is_being_marked
            and doubled is not None
            and MarkerRole.FIRST in holders
            and MarkerRole.SECOND not in holders
        )
        are_marks_in = is_marked and is_finished and not waits_for_second
        row = {
            "project_id": project,
            "submission_id": submission,
            "attempt_id": attempt,
            "city_id": city,
            "city_slug": slug,
            "received_at": received_at,
            "is_late": is_late,
            "is_unmarked": status == SubmissionStatus.SUBMITTED,
            "is_free": is_being_marked and not held_by,
            "waits_for_second": waits_for_second,
            "is_open": is_being_marked and not is_current,
            "needs_regrade": needs_regrade,
            "is_to_agree": are_marks_in and grade in TO_BE_AGREED,
            "is_agreed": is_marked and grade in AGREED_GRADE,
        }
        yield {**row, "marker_id": None, "queue_of": 0}
        for marker in held_by:
            yield {**row, "marker_id": marker, "queue_of": marker}
