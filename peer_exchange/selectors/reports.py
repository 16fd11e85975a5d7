"""What waits for a moderator, thing by thing, however many have reported it."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, Min

from lms.accounts.models import User
from lms.programme.models import Edition
from peer_exchange.enums import ReportStatus
from peer_exchange.models import Report
from peer_exchange.rules import is_responder_reported, may_settle_report

THINGS_A_PAGE = 20
REPORTS_SHOWN = 5
DECISIONS_SHOWN = 10
DECIDED = (ReportStatus.UPHELD, ReportStatus.DISMISSED)


@dataclass(frozen=True)
class Reported:
    """One thing with the reports of it; `report` stands for all of them. `is_ones_own`: it
    is about the reader's own words, or their city's text: they do not learn who reported
    it, and with which words."""

    report: Report
    reports: list[Report]
    total: int
    may_settle: bool
    is_ones_own: bool

    @property
    def more(self) -> int:
        return self.total - len(self.reports)


def reported_things(edition: Edition, user: User, *, after: int = 0) -> tuple[list[Reported], int]:
    """A page of what waits, the longest waiting first, and the id after which the next page
    begins (0: there is none)."""
    things = list(
        Report.objects.open()
        .filter(experience__edition=edition)
        .order_by()
        .values("experience", "response")
        .annotate(first=Min("pk"), total=Count("pk"))
        .filter(first__gt=after)
        .order_by("first")[: THINGS_A_PAGE + 1]
    )
    page = things[:THINGS_A_PAGE]
    first = {row["first"]: row["total"] for row in page}
    heads = {report.pk: report for report in _in_full().filter(pk__in=first)}
    others = _others([heads[pk] for pk in first])
    rows = [
        Reported(
            report=heads[pk],
            reports=others[pk][:REPORTS_SHOWN],
            total=total,
            may_settle=may_settle_report(user, heads[pk]),
            is_ones_own=is_responder_reported(user, heads[pk]),
        )
        for pk, total in first.items()
    ]
    return rows, page[-1]["first"] if len(things) > THINGS_A_PAGE else 0


def decisions(edition: Edition, user: User) -> list[Reported]:
    """The last decisions, each once, to be undone."""
    latest = list(
        Report.objects.filter(
            experience__edition=edition,
            status__in=DECIDED,
        )
        .order_by()
        .values("experience", "response", "settled_at")
        .annotate(last=Max("pk"), total=Count("pk"))
        .order_by("-settled_at")[:DECISIONS_SHOWN]
    )
    reports = {r.pk: r for r in _in_full().filter(pk__in=[row["last"] for row in latest])}
    return [
        Reported(
            report=reports[row["last"]],
            reports=[],
            total=row["total"],
            may_settle=may_settle_report(user, reports[row["last"]]),
            is_ones_own=is_responder_reported(user, reports[row["last"]]),
        )
        for row in latest
    ]


def report_abilities(user: User, report: Report) -> dict[str, bool]:
    """What the reader may do with a report in its present state."""
    settles, is_open = may_settle_report(user, report), report.status == ReportStatus.OPEN
    return {
        "uphold": settles and is_open,
        "dismiss": settles and is_open,
        "reopen": settles and report.status in DECIDED,
        "withdraw": is_open and report.reporter_id == user.pk,
    }


def reports_waiting(edition: Edition) -> int:
    """How many things wait."""
    return (
        Report.objects.open()
        .filter(experience__edition=edition)
        .order_by()
        .values("experience", "response")
        .distinct()
        .count()
    )


def _others(heads: list[Report]) -> dict[int, list[Report]]:
    """Id of the first report of a thing → those of the same that are shown. One query."""
    by_thing = {(head.experience_id, head.response_id): head.pk for head in heads}
    found: dict[int, list[Report]] = {head.pk: [] for head in heads}
    for report in (
        Report.objects.open()
        .filter(experience__in={head.experience_id for head in heads})
        .select_related("reporter")
        .order_by("pk")[: THINGS_A_PAGE * 50]
    ):
        thing = by_thing.get((report.experience_id, report.response_id))
        if thing is not None:
            found[thing].append(report)
    return found


def _in_full() -> Any:
    return Report.objects.select_related(
        "reporter",
        "settled_by",
        "response__author",
        "response__city",
        "experience__city",
        "experience__edition",
    ).prefetch_related("experience__authorships")
