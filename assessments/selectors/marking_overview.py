"""How far marking has come, as pictures with their tables; for coordinators alone.

Counted in the database: as many queries for 10,000 projects as for one. Projects the
reader has a hand in are left out of every number (invariant 9), and so are marks of which
one of two markers has not handed in.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Min, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.enums import VISIBLE_TO_PARTICIPANT, AssessmentStatus, MarkerRole
from assessments.figures import Figure, Part, stacked, steps
from assessments.models import Assessment, Attempt, Criterion, Grade
from assessments.models.marking import is_blind
from assessments.models.team import was_in_team
from assessments.selectors.marking import criteria_of
from lms.accounts.models import User
from lms.programme.models import Edition

FEW = 10
LONGEST_PERIOD = 400  # days that are drawn
# Days from handing in to reading the feedback, up to and with.
SPANS = (3, 7, 14, 21, 28)
STATES = (AssessmentStatus.SUBMITTED, AssessmentStatus.IN_MARKING, AssessmentStatus.ALLOCATED)


def marking_overview(edition: Edition, reader: User, at: datetime) -> list[Figure]:
    attempts = Attempt.objects.filter(
        ~was_in_team(reader, "submission"),
        submission__edition=edition,
        number=F("submission__attempt"),
        submission__submitted_at__isnull=False,
    )
    assessments = Assessment.objects.active().filter(
        ~was_in_team(reader, "submission"),
        edition=edition,
        attempt__number=F("submission__attempt"),
    )
    grades = Grade.objects.filter(
        ~was_in_team(reader, "submission"), edition=edition, released_at__isnull=False
    )
    zone = ZoneInfo(edition.time_zone)
    return [
        _by_marker(attempts, assessments),
        _by_criterion(assessments),
        _time_to_feedback(attempts, grades, at),
        _over_days(attempts, assessments, grades, zone),
    ]


def _by_marker(attempts: QuerySet[Attempt], assessments: QuerySet[Assessment]) -> Figure:
    counted: dict[tuple[int, str], dict[str, int]] = {}
    for row in (
        assessments.order_by()
        .values("marker", "marker__name", "marker__email", "status")
        .annotate(count=Count("pk"))
    ):
        who = (row["marker"], row["marker__name"] or row["marker__email"])
        counted.setdefault(who, {})[row["status"]] = row["count"]
    nobody = attempts.exclude(
        pk__in=assessments.filter(role=MarkerRole.FIRST).values("attempt")
    ).count()
    rows: list[tuple[Any, ...]] = [
        (name, *(counts.get(state, 0) for state in STATES), sum(counts.values()))
        for (_pk, name), counts in sorted(counted.items(), key=lambda one: one[0][1])
    ]
    words = [_("marked"), _("being marked"), _("not begun")]
    drawn = [
        (name, [Part(said, count) for said, count in zip(words, counts[:3], strict=True)])
        for name, *counts in rows
    ]
    if nobody:
        rows.append((_("Nobody yet"), 0, 0, nobody, nobody))
        none = [Part(said, 0) for said in words[:2]]
        drawn.append((_("Nobody yet"), [*none, Part(_("without a marker"), nobody)]))
    total = sum(int(row[4]) for row in rows)
    return Figure(
        key="markers",
        title=_("Progress by marker"),
        description=_("How many projects each marker has marked, is marking and has not begun."),
        columns=(_("Marker"), _("Marked"), _("Being marked"), _("Not begun"), _("All")),
        rows=rows,
        source=ngettext(
            "Base: %(count)d piece of marking; a project that two mark counts for both.",
            "Base: %(count)d pieces of marking; a project that two mark counts for both.",
            total,
        )
        % {"count": total},
        drawing=stacked(drawn, is_share=False) if drawn else None,
    )


def _by_criterion(assessments: QuerySet[Assessment]) -> Figure:
    """Levels of marks that are handed in. Versions of the rubric share a criterion by its
    key, and a level of it by its own."""
    handed_in = assessments.filter(~is_blind("attempt"), status=AssessmentStatus.SUBMITTED)
    counts: Counter[tuple[str, str]] = Counter()
    versions: set[int] = set()
    for version, marks in handed_in.order_by().values_list("attempt__rubric", "marks").iterator():
        versions.add(version)
        counts.update((key, mark["level"]) for key, mark in marks.items() if mark["level"])
    newest: dict[str, Criterion] = {}
    for version in sorted(versions):
        newest |= criteria_of(version)
    rows: list[tuple[Any, ...]] = []
    drawn = []
    for key, criterion in sorted(newest.items(), key=lambda item: item[1].order):
        scale = sorted(criterion.levels.all(), key=lambda level: -level.points)
        parts = [Part(level.title, counts[key, level.key]) for level in scale]
        chosen = sum(count for (of, _level), count in counts.items() if of == key)
        elsewhere = chosen - sum(part.count for part in parts)
        if not chosen:
            continue
        if elsewhere:
            parts.append(Part(_("of an earlier version"), elsewhere))
        title = criterion.title
        rows += [(title, part.words, part.count) for part in parts]
        drawn.append((title, parts))
    base = handed_in.count()
    return Figure(
        key="criteria",
        title=_("Levels by criterion"),
        description=_("Which levels markers have chosen for each criterion, the best first."),
        columns=(_("Criterion"), _("Level"), _("Chosen")),
        rows=rows,
        source=ngettext(
            "Base: the marks that are handed in of %(count)d project or marker.",
            "Base: the marks that are handed in of %(count)d projects or markers.",
            base,
        )
        % {"count": base},
        drawing=stacked(drawn, is_share=True) if drawn else None,
        caution=_few(base),
    )


def _time_to_feedback(attempts: QuerySet[Attempt], grades: QuerySet[Grade], at: datetime) -> Figure:
    released = grades.filter(status__in=VISIBLE_TO_PARTICIPANT).order_by()
    days = sorted(
        max((shown - received).days, 0)
        for received, shown in released.values_list("attempt__received_at", "released_at")
        if shown is not None
    )
    waiting = attempts.exclude(submission__in=released.values("submission")).aggregate(
        count=Count("pk"), oldest=Min("received_at")
    )
    longest = (at - waiting["oldest"]).days if waiting["oldest"] else 0
    rows, drawn, low = [], [], 0
    for high in (*SPANS, None):
        count = sum(1 for value in days if value >= low and (high is None or value <= high))
        words = (
            _("%(low)d to %(high)d days") % {"low": low, "high": high}
            if high is not None
            else _("more than %(low)d days") % {"low": low - 1}
        )
        rows.append((words, count))
        drawn.append((words, [Part(ngettext("project", "projects", count), count)]))
        low = (high or 0) + 1
    said = []
    if days:
        said.append(
            _("From %(least)d to %(most)d days so far.") % {"least": days[0], "most": days[-1]}
            if days[0] != days[-1]
            else ngettext(
                "%(days)d day so far for each.", "%(days)d days so far for each.", days[0]
            )
            % {"days": days[0]}
        )
    if len(days) >= FEW:
        said.append(_("Half of them took %(half)g days or less.") % {"half": median(days)})
    if waiting["count"]:
        said.append(
            ngettext(
                "%(count)d project waits for its feedback, the longest for %(days)d days.",
                "%(count)d projects wait for their feedback, the longest for %(days)d days.",
                waiting["count"],
            )
            % {"count": waiting["count"], "days": longest}
        )
    return Figure(
        key="feedback",
        title=_("Time to feedback"),
        description=" ".join([_("Days from handing in to the release of the grade."), *said]),
        columns=(_("Days"), _("Projects")),
        rows=rows,
        source=ngettext(
            "Base: %(count)d released grade.", "Base: %(count)d released grades.", len(days)
        )
        % {"count": len(days)},
        drawing=stacked(drawn, is_share=False) if days else None,
        caution=_few(len(days)),
    )


def _over_days(
    attempts: QuerySet[Attempt],
    assessments: QuerySet[Assessment],
    grades: QuerySet[Grade],
    zone: ZoneInfo,
) -> Figure:
    first = assessments.filter(role=MarkerRole.FIRST, status=AssessmentStatus.SUBMITTED)
    released = grades.filter(status__in=VISIBLE_TO_PARTICIPANT)
    counted = [
        _a_day(attempts, "received_at", zone),
        _a_day(first, "submitted_at", zone),
        _a_day(released, "released_at", zone),
    ]
    days = sorted({day for counts in counted for day in counts})
    rows: list[tuple[Any, ...]] = []
    totals = [0, 0, 0]
    for day in days:
        totals = [total + counts.get(day, 0) for total, counts in zip(totals, counted, strict=True)]
        rows.append((day, *totals))
    words = [
        _("handed in: %(count)d") % {"count": totals[0]},
        _("marked: %(count)d") % {"count": totals[1]},
        _("released: %(count)d") % {"count": totals[2]},
    ]
    return Figure(
        key="days",
        title=_("Day by day"),
        description=_(
            "How many projects had been handed in, marked and released by the end of each day."
        ),
        columns=(_("Day"), _("Handed in"), _("Marked"), _("Released")),
        rows=rows,
        source=_("Base: attempts in hand. Days of %(zone)s.") % {"zone": zone.key},
        caution=_("All of it on one day: the lines say no more than the table.")
        if len(days) == 1
        else "",
        drawing=_steps_of(days, rows, words) if days else None,
    )


def _steps_of(days: list[date], rows: list[tuple[Any, ...]], words: Sequence[str]) -> Any:
    # From the day before the first, on which there was nothing.
    span = min((days[-1] - days[0]).days + 2, LONGEST_PERIOD)
    start = days[-1] - timedelta(days=span - 1)
    by_day = {row[0]: row[1:] for row in rows}
    # What came before the days that are drawn is where the lines begin.
    now = next((row[1:] for row in reversed(rows) if row[0] < start), (0, 0, 0))
    values: list[list[int]] = [[], [], []]
    for place in range(span):
        now = by_day.get(start + timedelta(days=place), now)
        for series, value in zip(values, now, strict=True):
            series.append(value)
    return steps(
        list(zip(words, values, strict=True)),
        first=date_format(start, "SHORT_DATE_FORMAT"),
        last=date_format(days[-1], "SHORT_DATE_FORMAT"),
    )


def _a_day(rows: QuerySet[Any], instant: str, zone: ZoneInfo) -> dict[date, int]:
    return dict(
        rows.order_by()
        .filter(Q(**{f"{instant}__isnull": False}))
        .annotate(day=TruncDate(instant, tzinfo=zone))
        .values("day")
        .annotate(count=Count("pk"))
        .values_list("day", "count")
    )


def _few(count: int) -> str:
    if not 0 < count < FEW:
        return ""
    return ngettext(
        "Only %(count)d: a single case, no pattern.",
        "Only %(count)d: read them as single cases; a share or an average would say more than "
        "they do.",
        count,
    ) % {"count": count}
