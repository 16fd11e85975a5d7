"""The marking queue: its lists, the next one of them, and who is at which desk."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from assessments.actions.leases import be_at_desk, leave_desk, take_next
from assessments.models import Project
from assessments.selectors.anonymity import hides_names, shown_names
from assessments.selectors.calibration import open_round, owes_calibration
from assessments.selectors.marking import attempt_in_hand
from assessments.selectors.presence import BEAT, company_on, live_lease
from assessments.selectors.project import project_of
from assessments.selectors.queue import (
    Place,
    QueueFilter,
    QueueOrder,
    QueueRow,
    Wanted,
    cities_in,
    queue_export,
    queue_page,
    search_queue,
    waiting_count,
)
from assessments.views.marking import submission_to_mark
from assessments.views.places import marked_edition
from lms.accounts.models import User
from lms.accounts.typed import SignedInRequest, sign_in_required
from lms.core import clock
from lms.core.csv_files import csv_file, minute
from lms.core.numbers import whole_number
from lms.core.permissions import may_in_person
from lms.programme.enums import Role
from lms.programme.selectors import people_with_role


@require_safe
@sign_in_required
def queue(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """What is to be marked; coordinators read it too."""
    edition = marked_edition(request.user, edition_slug)
    project = project_of(edition)
    context: dict[str, Any] = {
        "edition": edition,
        "project": project,
        "may_mark": may_in_person(request.user, "assessments.mark_in_edition", edition),
        "may_coordinate": request.user.has_perm("assessments.coordinate_marking", edition),
        "may_allocate": may_in_person(request.user, "assessments.coordinate_marking", edition),
    }
    if project is not None:
        context |= _shown(request, project, clock.now())
        if (calibration := open_round(project.pk)) is not None:
            context["calibration"] = calibration
            context["owes_calibration"] = owes_calibration(request.user, project.pk)
    return render(request, "assessments/queue.html", context)


@require_safe
@sign_in_required
def export(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """What the filters show, a line each; times in UTC."""
    edition = marked_edition(request.user, edition_slug)
    project = project_of(edition)
    heading = [
        _("Participant"), _("City"), _("Receipt"), _("Attempt"), _("Received (UTC)"),
        _("Handed in late"), _("Counts as late"), _("State"), _("Marker"),
    ]  # fmt: skip
    lines = _lines(request, project) if project else iter(())
    return csv_file(f"queue-{edition.slug}", [heading, *lines])


@require_POST
@sign_in_required
def next_unmarked(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """To the project that waits longest and that the reader may mark. It is kept for them
    while its desk is open; nothing else is changed by it."""
    edition = marked_edition(request.user, edition_slug)
    project = project_of(edition)
    come_from = whole_number(request.POST.get("not"), digits=18)
    found = None
    if project is not None:
        found = take_next(
            project=project, other_than=come_from or 0, by=request.user, at=clock.now()
        )
    if found is None:
        messages.info(request, _("No other project is waiting for you."))
        return redirect("assessments:queue", edition_slug=edition.slug)
    return redirect("assessments:desk", edition_slug=edition.slug, pk=found.pk)


@require_POST
@sign_in_required
def here(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """The desk is open (every `BEAT`): who else is there, and who has taken it."""
    submission = submission_to_mark(request.user, edition_slug, pk)
    attempt = attempt_in_hand(submission)
    at = clock.now()
    if attempt is not None:
        be_at_desk(submission=submission, attempt=attempt, by=request.user, at=at)
    company = company_on([submission.pk], request.user, submission.project, at)
    sentences = [company[submission.pk].sentence] if submission.pk in company else []
    lease = live_lease(attempt.pk, at) if attempt else None
    if lease is not None and lease.holder_id != request.user.pk:
        sentences.append(_("A colleague has taken it from the queue to begin it."))
    return JsonResponse(
        {
            "sentence": " ".join(sentences),
            "is_yours": lease is not None and lease.holder_id == request.user.pk,
            "again_in": int(BEAT.total_seconds()),
        }
    )


@require_POST
@sign_in_required
def left(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """The desk is closed."""
    submission = submission_to_mark(request.user, edition_slug, pk)
    leave_desk(submission=submission, by=request.user, at=clock.now())
    return HttpResponse(status=204)


@require_safe
@sign_in_required
def company(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """Who is at which of the desks that a page of the queue lists."""
    edition = marked_edition(request.user, edition_slug)
    project = project_of(edition)
    asked = [number for key in request.GET.getlist("on") if (number := whole_number(key))][:100]
    found = company_on(asked, request.user, project, clock.now()) if project else {}
    return JsonResponse(
        {
            "there": {key: one.sentence for key, one in found.items()},
            "again_in": int(BEAT.total_seconds()),
        }
    )


def wanted_in(request: SignedInRequest, project: Project) -> Wanted:
    """What the address asks for; what it asks in vain is left out. Where names are hidden,
    neither a list nor an order tells a city."""
    order = _one_of(QueueOrder, request.GET.get("order"), QueueOrder.OLDEST)
    city = request.GET.get("city", "")
    if hides_names(project, request.user):
        order, city = (QueueOrder.OLDEST if order == QueueOrder.CITY else order), ""
    elif city and not cities_in(project).filter(slug=city).exists():
        city = ""
    return Wanted(
        shown=_one_of(QueueFilter, request.GET.get("show"), QueueFilter.UNMARKED),
        order=order,
        marker=whole_number(request.GET.get("marker")),
        city=city,
    )


def _shown(request: SignedInRequest, project: Project, at: datetime) -> dict[str, Any]:
    user = request.user
    are_hidden = hides_names(project, user)
    wanted = wanted_in(request, project)
    asked = request.GET.get("q", "").strip()[:100]
    page = None
    if asked:
        rows = search_queue(project, user, asked, by_name=not are_hidden)
    else:
        page = queue_page(
            project,
            user,
            wanted=wanted,
            at=at,
            after=Place.read(request.GET.get("after", "")),
            before=Place.read(request.GET.get("before", "")),
        )
        rows = page.rows
    there = company_on([row.attempt.submission_id for row in rows], user, project, at)
    orders = [one for one in QueueOrder.choices if not are_hidden or one[0] != QueueOrder.CITY]
    return {
        "rows": _named(rows, user, there),
        "page": page,
        "asked": asked,
        "wanted": wanted,
        "are_hidden": are_hidden,
        "filters": QueueFilter.choices,
        "orders": orders,
        "cities": [] if are_hidden else cities_in(project),
        "markers": people_with_role(project.edition, Role.INSTRUCTOR).order_by("name"),
        "waiting": waiting_count(project),
        "company_url": reverse("assessments:queue_company", args=[project.edition.slug]),
        "is_filtered": wanted != Wanted() or "after" in request.GET,
    }


def _named(rows: list[QueueRow], user: User, there: dict[int, Any]) -> list[dict[str, Any]]:
    """Each row with its names as the reader may know them, and who is at its desk."""
    names = shown_names([row.attempt.submission for row in rows], user)
    return [
        {
            "row": row,
            "shown": names[row.attempt.submission_id],
            "company": there.get(row.attempt.submission_id),
        }
        for row in rows
    ]


def _lines(request: SignedInRequest, project: Project) -> Iterator[list[Any]]:
    wanted = wanted_in(request, project)
    rows = list(queue_export(project, request.user, wanted, clock.now()))
    names = shown_names([row.attempt.submission for row in rows], request.user)
    for row in rows:
        shown = names[row.attempt.submission_id]
        yield [
            shown.person,
            shown.city,
            row.attempt.receipt,
            row.attempt.number,
            minute(row.attempt.received_at),
            _("yes") if row.attempt.is_late else "",
            _("yes") if row.lateness.counts_as_late else "",
            row.state,
            str(row.assessment.marker) if row.assessment else "",
        ]


def _one_of(choices: Any, value: str | None, default: Any) -> Any:
    return choices(value) if value in choices.values else default
