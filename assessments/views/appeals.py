"""Appeals, for the staff of an edition: who looks at them, and what is decided."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessments.actions.appeals import assign_appeal, decide_appeal, save_appeal_marks
from assessments.enums import OPEN_APPEAL, AppealStatus, AssessmentStatus
from assessments.forms import base_version_in
from assessments.marking_forms import AllocateForm
from assessments.models import Appeal
from assessments.selectors.appeals import (
    appeal_abilities,
    appeal_markers_for,
    appeals_of,
    waiting_first,
)
from assessments.selectors.grade_history import changes_between, result_of
from assessments.selectors.marking import (
    DeskCriterion,
    criteria_with_marks,
    desk_criteria,
)
from assessments.selectors.sections import sections_of_attempt
from assessments.views.mark_fields import (
    marks_in,
    marks_typed,
    receipt_in,
    stored_under_its_fields,
)
from assessments.views.places import marked_edition
from lms.accounts.models import User
from lms.accounts.typed import SignedInRequest, sign_in_required, typed_before_sign_in
from lms.core import clock
from lms.core.autosave import read_autosave
from lms.core.csv_files import csv_file, minute
from lms.core.errors import DomainError, InvalidInput, StaleVersion, TooLarge
from lms.core.permissions import require_in_person

APPEALS_A_PAGE = 30
_DECISIONS = {"uphold": AppealStatus.UPHELD, "amend": AppealStatus.AMENDED}
_SAID = {
    "save": gettext_lazy("The marks are saved."),
    "uphold": gettext_lazy("The grade stands, and those who wrote the project are told why."),
    "amend": gettext_lazy("The grade is amended, and those who wrote the project are told why."),
}


@require_safe
@sign_in_required
def appeals(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    edition = marked_edition(request.user, edition_slug)
    rows = waiting_first(appeals_of(edition, request.user))
    page = Paginator(rows, APPEALS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "edition": edition,
        "page_obj": page,
        "open": [row for row in page.object_list if row.status in OPEN_APPEAL],
        "decided": [row for row in page.object_list if row.status not in OPEN_APPEAL],
    }
    return render(request, "assessments/appeals.html", context)


@require_safe
@sign_in_required
def appeals_csv(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    edition = marked_edition(request.user, edition_slug)
    heading = [
        _("Participant"), _("City"), _("Appealed (UTC)"), _("By"), _("Why"), _("State"),
        _("Looked at by"), _("Decided (UTC)"), _("Result before"), _("Result after"),
        _("Reason of the decision"),
    ]  # fmt: skip
    lines = [
        [
            str(row.grade.submission.owner.user),
            row.grade.submission.owner.city.name,
            minute(row.appealed_at),
            str(row.appealed_by),
            row.reason,
            row.get_status_display(),
            str(row.assessment.marker) if row.assessment else "",
            minute(row.decided_at),
            result_of(row.revision),
            result_of(row.decided_as),
            row.decision,
        ]
        for row in appeals_of(edition, request.user).order_by("id")
    ]
    return csv_file(f"appeals-{edition.slug}", [heading, *lines])


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required
def appeal(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """The appeal, the project and the marks it is about; its marker decides here."""
    found = _appeal(request.user, edition_slug, pk)
    if request.method != "POST":
        kept = typed_before_sign_in(request)
        return _page(request, found, typed=kept.of_form(request.path) if kept else None)
    move = request.POST.get("move", "save")
    try:
        marks, overall = marks_in(request.POST)
        who: dict[str, Any] = {
            "appeal": found,
            "base_version": base_version_in(request.POST),
            "marks": marks,
            "overall": overall,
            "receipt": receipt_in(request.POST),
            "by": request.user,
            "at": clock.now(),
        }
        if move in _DECISIONS:
            decide_appeal(decision=_DECISIONS[move], reason=request.POST.get("reason", ""), **who)
        else:
            move = "save"
            save_appeal_marks(**who)
    except (StaleVersion, InvalidInput, TooLarge) as error:
        return _page(request, found, typed=request.POST, error=error)
    messages.success(request, _SAID[move])
    return redirect("assessments:appeal", edition_slug=edition_slug, pk=pk)


@require_http_methods(["PUT"])
@sign_in_required
def marks(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """Autosave of the marks (docs/design.md)."""
    found = _appeal(request.user, edition_slug, pk)
    sent = read_autosave(request)
    marks, overall = marks_in(sent.values)
    with stored_under_its_fields(sent):
        saved = save_appeal_marks(
            appeal=found,
            base_version=sent.base_version,
            marks=marks,
            overall=overall,
            receipt=receipt_in(request.GET),
            by=request.user,
            at=clock.now(),
        )
    saved_at = saved.saved_at or clock.now()
    return JsonResponse({"version": saved.version, "saved_at": saved_at.isoformat()})


@require_POST
@sign_in_required
def assign(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """Give it to an instructor who had no part in the grade, or take it oneself."""
    found = _appeal(request.user, edition_slug, pk)
    if "take" in request.POST:
        marker = request.user
    else:
        require_in_person(request.user, "assessments.assign_appeal", found.grade.submission)
        form = AllocateForm(request.POST, markers=appeal_markers_for(found.grade))
        if not form.is_valid():
            return _page(request, found, form=form)
        marker = form.cleaned_data["marker"]
    assign_appeal(
        appeal=found,
        base_version=base_version_in(request.POST),
        marker=User.objects.get(pk=marker.pk),
        by=request.user,
        at=clock.now(),
    )
    messages.success(request, _("%(marker)s looks at this appeal.") % {"marker": marker})
    return redirect("assessments:appeal", edition_slug=edition_slug, pk=pk)


def _appeal(user: User, edition_slug: str, pk: int) -> Appeal:
    edition = marked_edition(user, edition_slug)
    found = appeals_of(edition, user).select_related(
        "grade__submission__owner__user", "grade__submission__owner__city",
        "grade__submission__edition", "grade__current__rubric", "assessment__marker",
        "assigned_by", "revision__rubric", "revision__attempt__guidelines",
        "revision__attempt__project", "decided_as", "decided_by", "appealed_by", "edition",
    )  # fmt: skip
    return get_object_or_404(found.defer(None), pk=pk)


def _page(
    request: SignedInRequest,
    appeal: Appeal,
    *,
    typed: Any = None,
    error: DomainError | None = None,
    form: AllocateForm | None = None,
) -> HttpResponse:
    can = appeal_abilities(appeal, request.user)
    criteria, overall = _marks_now(appeal)
    is_stale = isinstance(error, StaleVersion)
    version = appeal.assessment.version if appeal.assessment else 0
    if typed is not None and not is_stale:
        version = base_version_in(typed) if typed.get("base_version") else version
    markers = appeal_markers_for(appeal.grade) if can["assign"] else []
    context = {
        "edition": appeal.edition,
        "appeal": appeal,
        "submission": appeal.grade.submission,
        "attempt": appeal.revision.attempt,
        "sections": sections_of_attempt(appeal.revision.attempt),
        "files": appeal.revision.attempt.files.all(),
        "can": can,
        "rows": marks_typed(criteria, typed, error) if can["decide"] else [],
        "overall": overall if typed is None else typed.get("overall", overall),
        "stored_overall": overall if is_stale else None,
        "reason": typed.get("reason", "") if typed is not None else "",
        "base_version": version,
        "error": error,
        "markers": markers,
        "form": form or AllocateForm(markers=markers),
        "before": result_of(appeal.revision),
        "after": result_of(appeal.decided_as),
        "changes": changes_between(appeal.revision, appeal.decided_as),
    }
    status = error.status if error else 422 if form is not None else 200
    return render(request, "assessments/appeal.html", context, status=status)


def _marks_now(appeal: Appeal) -> tuple[list[DeskCriterion], str]:
    """What its marker has given so far; the marks of the decision before they begin."""
    assessment = appeal.assessment
    if assessment is None or assessment.status == AssessmentStatus.ALLOCATED:
        return criteria_with_marks(appeal.revision), appeal.revision.overall
    return desk_criteria(appeal.revision.attempt, assessment), assessment.overall
