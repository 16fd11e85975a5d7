"""Staff follow the deadline: who is at risk, who asks for more time."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from assessments.actions.extensions import (
    decide_extensions,
    grant_extension,
    refuse_extension,
    shorten_extension,
)
from assessments.deadline_forms import BulkDecisionForm, DecideForm
from assessments.enums import ExtensionStatus
from assessments.models import Extension, Project
from assessments.selectors.at_risk import RiskRow, Show, risk_rows
from assessments.selectors.deadlines import (
    effective_deadline_of,
    effective_deadlines_of,
    late_attempt_of,
)
from assessments.selectors.project import project_of
from assessments.selectors.team import team_of
from assessments.views.places import edition_of
from lms.accounts.models import User
from lms.accounts.typed import SignedInRequest, sign_in_required, typed_before_sign_in
from lms.core import clock
from lms.core.csv_files import csv_file, minute
from lms.core.errors import DomainError, InvalidInput
from lms.core.forms import show_errors
from lms.core.numbers import whole_number
from lms.programme.models import Edition


@require_safe
@sign_in_required
def at_risk(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    edition, project = followed(request.user, edition_slug)
    shown = request.GET.get("show", Show.AT_RISK)
    if shown not in Show.values:
        shown = Show.AT_RISK
    rows = risk_rows(project, clock.now()) if project else []
    context = {
        "edition": edition,
        "project": project,
        "rows": [row for row in rows if row.is_among(shown)],
        "everybody": len(rows),
        "at_risk": sum(row.is_at_risk for row in rows),
        "handed_in": sum(row.standing.has_handed_in for row in rows),
        "asked": Extension.objects.waiting().filter(submission__edition=edition).count(),
        "filters": Show.choices,
        "shown": shown,
        "may_give": request.user.has_perm("assessments.set_deadline", edition),
        "place": "risk",
    }
    return render(request, "assessments/at_risk.html", context)


@require_safe
@sign_in_required
def at_risk_csv(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """Everybody, one line each; times in UTC."""
    edition, project = followed(request.user, edition_slug)
    heading = [
        _("Participant"), _("City"), _("State"), _("Required sections written"), _("Of"),
        _("Words"), _("Last saved (UTC)"), _("Deadline (UTC)"), _("Why that deadline"),
        _("Hours left"), _("Asked for more time until (UTC)"),
        _("Handed in by itself at the deadline"), _("At risk because"),
    ]  # fmt: skip
    rows = risk_rows(project, clock.now()) if project else []
    return csv_file(f"deadline-{edition.slug}", [heading, *map(_line, rows)])


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required
def extensions(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """Requests for more time; several are answered at once where the answer is the same."""
    edition, project = followed(request.user, edition_slug)
    form = BulkDecisionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if not request.user.has_perm("assessments.set_deadline", edition):
            raise Http404
        chosen = [number for key in request.POST.getlist("chosen") if (number := whole_number(key))]
        is_valid = form.is_valid()
        if not chosen:
            form.add_error(None, _("Choose at least one request."))
        elif is_valid and _decided_all(request, edition, chosen, form):
            return redirect("assessments:extensions", edition_slug=edition_slug)
    rows = list(_requests(edition).order_by("-id"))
    waiting = [row for row in reversed(rows) if row.status == "requested"]
    context = {
        "edition": edition,
        "project": project,
        "waiting": _with_risk(project, waiting),
        "answered": [row for row in rows if row.status != "requested"],
        "may_decide": request.user.has_perm("assessments.set_deadline", edition),
        "form": form,
        "place": "requests",
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "assessments/extensions.html", context, status=status)


@require_safe
@sign_in_required
def extensions_csv(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    edition, _project = followed(request.user, edition_slug)
    heading = [
        _("Participant"), _("City"), _("Asked (UTC)"), _("Until (UTC)"), _("Why"), _("State"),
        _("Given until (UTC)"), _("Answered by"), _("Answered (UTC)"), _("Reason of the answer"),
    ]  # fmt: skip
    lines = []
    for row in _requests(edition).order_by("id"):
        last = list(row.decisions.all())[-1]
        is_answered = row.status not in (ExtensionStatus.REQUESTED, ExtensionStatus.TAKEN_BACK)
        lines.append(
            [
                str(row.submission.owner.user),
                row.submission.owner.city.name,
                minute(row.requested_at),
                minute(row.wanted_at),
                row.reason,
                row.get_status_display(),
                minute(row.until_at),
                str(last.decided_by) if is_answered else "",
                minute(last.decided_at) if is_answered else "",
                last.reason,
            ]
        )
    return csv_file(f"more-time-{edition.slug}", [heading, *lines])


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required
def extension(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """One request: who asks, why, what has been answered, and the answer."""
    edition, project = followed(request.user, edition_slug)
    row = get_object_or_404(_requests(edition), pk=pk)
    may_decide = request.user.has_perm("assessments.decide_extension", row.submission)
    if request.method == "POST" and not may_decide:
        raise Http404
    late = late_attempt_of(row.submission)
    typed = request.POST if request.method == "POST" else typed_before_sign_in(request)
    form = DecideForm(typed, extension=row, has_late_attempt=late is not None)
    if request.method == "POST" and form.is_valid() and _decided(request, row, form):
        return redirect("assessments:extensions", edition_slug=edition_slug)
    assert project is not None, "A request belongs to a project."
    context = {
        "edition": edition,
        "project": project,
        "extension": row,
        "members": team_of(row.submission),
        "risk": _with_risk(project, [row])[0]["risk"],
        "deadline": effective_deadline_of(project, row.submission),
        "late": late,
        "may_decide": may_decide and row.status in (ExtensionStatus.REQUESTED, *_STILL_SHORTENED),
        "form": form,
        "place": "requests",
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "assessments/extension.html", context, status=status)


_STILL_SHORTENED = (ExtensionStatus.GRANTED, ExtensionStatus.SHORTENED)
_ANSWERS = {"grant": grant_extension, "refuse": refuse_extension}


def _decided(request: SignedInRequest, row: Extension, form: DecideForm) -> bool:
    sent = form.cleaned_data
    values: dict[str, Any] = {
        "extension": row,
        "reason": sent["reason"],
        "by": request.user,
        "at": clock.now(),
    }
    try:
        if sent["decision"] == "shorten":
            shorten_extension(
                until_at=sent["until_at"],
                until_zone=timezone.get_current_timezone_name(),
                counts_as_on_time=sent.get("counts_as_on_time", False),
                **values,
            )
        elif sent["decision"] == "grant":
            grant_extension(counts_as_on_time=sent.get("counts_as_on_time", False), **values)
        else:
            refuse_extension(**values)
    except InvalidInput as error:
        show_errors(form, error)
        return False
    except DomainError as error:
        form.add_error(None, str(error.sentence))
        return False
    messages.success(request, _("Your answer is on its way to the participant."))
    return True


def _decided_all(
    request: SignedInRequest, edition: Edition, chosen: list[int], form: BulkDecisionForm
) -> bool:
    try:
        decided, refused = decide_extensions(
            extensions=_requests(edition).filter(pk__in=chosen),
            decide=_ANSWERS[form.cleaned_data["decision"]],
            reason=form.cleaned_data["reason"],
            by=request.user,
            at=clock.now(),
        )
    except InvalidInput as error:
        show_errors(form, error)
        return False
    if decided:
        messages.success(
            request,
            ngettext("%(count)d request answered.", "%(count)d requests answered.", len(decided))
            % {"count": len(decided)},
        )
    for row, why in refused:
        said = [str(word) for words in getattr(why, "errors", {}).values() for word in words]
        messages.error(
            request,
            _("%(person)s: %(sentence)s")
            % {
                "person": row.submission.owner.user,
                "sentence": " ".join(said) or str(why.sentence),
            },
        )
    return True


def followed(user: User, slug: str) -> tuple[Edition, Project | None]:
    """An edition whose deadlines the reader follows; 404 otherwise."""
    edition = edition_of(user, slug)
    if not user.has_perm("assessments.follow_deadlines", edition):
        raise Http404
    return edition, project_of(edition)


def _requests(edition: Edition) -> QuerySet[Extension]:
    return (
        Extension.objects.filter(submission__edition=edition)
        .select_related(
            "submission__owner__user", "submission__owner__city", "submission__project",
            "submission__edition", "requested_by",
        )
        .prefetch_related("decisions__decided_by")
    )  # fmt: skip


def _with_risk(project: Project | None, rows: list[Extension]) -> list[dict[str, Any]]:
    """Each request with where its project stands."""
    if project is None or not rows:
        return []
    owners = [row.submission.owner_id for row in rows]
    risks = {row.standing.enrolment.pk: row for row in risk_rows(project, clock.now(), owners)}
    deadlines = effective_deadlines_of(project, [row.submission for row in rows])
    return [
        {
            "extension": row,
            "risk": risks.get(row.submission.owner_id),
            "deadline": deadlines[row.submission_id],
        }
        for row in rows
    ]


def _line(row: RiskRow) -> list[Any]:
    deadline = row.standing.deadline
    return [
        str(row.standing.enrolment.user),
        row.standing.enrolment.city.name,
        row.state,
        row.done,
        row.required,
        row.words,
        minute(row.saved_at),
        minute(deadline.at),
        deadline.reason,
        int(row.left.total_seconds() // 3600),
        minute(row.request.wanted_at) if row.request else "",
        _("yes") if row.waits_for_deadline else "",
        " ".join(row.reasons),
    ]
