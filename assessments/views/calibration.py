"""Marking the sample of a calibration round, and comparing what each marker gave."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessments.actions.calibration import (
    close_calibration,
    save_calibration,
    submit_calibration,
)
from assessments.forms import base_version_in
from assessments.models import CalibrationMarks, CalibrationRound, Criterion
from assessments.selectors.calibration import comparison_of, comparison_rows, may_compare
from assessments.selectors.marking import DeskCriterion
from assessments.views.mark_fields import marks_in, marks_typed, stored_under_its_fields
from assessments.views.places import marked_edition
from lms.accounts.typed import SignedInRequest, sign_in_required, typed_before_sign_in
from lms.core import clock
from lms.core.autosave import read_autosave
from lms.core.csv_files import csv_file
from lms.core.errors import DomainError, InvalidInput, StaleVersion, TooLarge
from lms.core.permissions import may_in_person


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required
def sample(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """The sample and the rubric side by side; POST saves the marks or hands them in."""
    calibration = _round(request, edition_slug, pk)
    if request.method != "POST":
        typed = typed_before_sign_in(request)
        return _page(request, calibration, typed.of_form(request.path) if typed else None)
    is_final = request.POST.get("move") == "submit"
    try:
        marks, _overall = marks_in(request.POST)
        (submit_calibration if is_final else save_calibration)(
            calibration=calibration,
            base_version=base_version_in(request.POST),
            marks=marks,
            by=request.user,
            at=clock.now(),
        )
    except (StaleVersion, InvalidInput, TooLarge) as error:
        return _page(request, calibration, request.POST, error)
    messages.success(
        request,
        _("Your marks are handed in. Compare them below.") if is_final else _("Saved."),
    )
    return redirect("assessments:calibration", edition_slug=edition_slug, pk=pk)


@require_http_methods(["PUT"])
@sign_in_required
def marks(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """Autosave of the sample's marks (docs/design.md)."""
    calibration = _round(request, edition_slug, pk)
    sent = read_autosave(request)
    given, _overall = marks_in(sent.values)
    with stored_under_its_fields(sent):
        saved = save_calibration(
            calibration=calibration,
            base_version=sent.base_version,
            marks=given,
            by=request.user,
            at=clock.now(),
        )
    return JsonResponse({"version": saved.version, "saved_at": saved.saved_at.isoformat()})


@require_POST
@sign_in_required
def close(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    close_calibration(
        calibration=_round(request, edition_slug, pk),
        base_version=base_version_in(request.POST),
        by=request.user,
        at=clock.now(),
    )
    messages.success(request, _("The round is closed. Everybody sees what everybody gave."))
    return redirect("assessments:calibration", edition_slug=edition_slug, pk=pk)


@require_safe
@sign_in_required
def export(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    calibration = _round(request, edition_slug, pk)
    if not may_compare(calibration, request.user, coordinates=_coordinates(request, calibration)):
        raise Http404
    return csv_file(f"calibration-{calibration.pk}", comparison_rows(comparison_of(calibration)))


def _page(
    request: SignedInRequest,
    calibration: CalibrationRound,
    typed: QueryDict | None = None,
    error: DomainError | None = None,
) -> HttpResponse:
    own = CalibrationMarks.objects.filter(round=calibration, marker=request.user).first()
    may_mark = may_in_person(request.user, "assessments.mark_in_edition", calibration.project)
    coordinates = _coordinates(request, calibration)
    compares = may_compare(calibration, request.user, coordinates=coordinates)
    is_stale = isinstance(error, StaleVersion)
    version = own.version if own else 0
    context: dict[str, Any] = {
        "edition": calibration.project.edition,
        "calibration": calibration,
        "own": own,
        "marks": may_mark
        and calibration.closed_at is None
        and (own is None or own.submitted_at is None),
        "rows": marks_typed(_criteria(calibration, own), typed, error),
        "base_version": version
        if typed is None or is_stale
        else typed.get("base_version", version),
        "comparison": comparison_of(calibration) if compares else None,
        "coordinates": coordinates,
        "error": error,
    }
    return render(
        request, "assessments/calibration.html", context, status=error.status if error else 200
    )


def _criteria(calibration: CalibrationRound, own: CalibrationMarks | None) -> list[DeskCriterion]:
    given = own.marks if own else {}
    rows = []
    criteria = Criterion.objects.filter(version=calibration.rubric_id)
    for criterion in criteria.prefetch_related("levels"):
        mark = given.get(criterion.key, {})
        by_key = {level.key: level for level in criterion.levels.all()}
        level = by_key.get(mark.get("level") or "")
        rows.append(DeskCriterion(criterion, level, mark.get("comment", "")))
    return rows


def _coordinates(request: SignedInRequest, calibration: CalibrationRound) -> bool:
    return request.user.has_perm("assessments.calibrate", calibration.project)


def _round(request: SignedInRequest, edition_slug: str, pk: int) -> CalibrationRound:
    edition = marked_edition(request.user, edition_slug)
    rounds = CalibrationRound.objects.select_related("project__edition", "opened_by")
    return get_object_or_404(rounds, pk=pk, project__edition=edition)
