"""Two markers for one project: asking for the second, comparing them, agreeing on a grade."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessments.actions.grades import agree_grade
from assessments.actions.judging import require_moderator, require_no_conflict
from assessments.actions.marking import allocate_marker
from assessments.actions.second_marking import ask_second_marking
from assessments.enums import GradeStatus, MarkerRole
from assessments.forms import base_version_in
from assessments.marking_forms import AgreementForm
from assessments.models import Grade, Submission
from assessments.selectors.agreeing import criteria_to_agree, together
from assessments.selectors.annotations import recorded
from assessments.selectors.anonymity import shown_as
from assessments.selectors.compared import compared_projects, compared_table
from assessments.selectors.desk import markers_for
from assessments.selectors.project import project_of
from assessments.selectors.second_marking import divergence_of, handed_in_of
from assessments.views.mark_fields import marks_in, marks_typed
from assessments.views.marking import desk_page, second_form, submission_to_mark
from assessments.views.places import marked_edition
from lms.accounts.typed import SignedInRequest, sign_in_required, typed_before_sign_in
from lms.core import clock
from lms.core.csv_files import csv_file
from lms.core.errors import InvalidInput, StaleVersion, TooLarge
from lms.core.forms import show_errors
from lms.core.permissions import require_in_person


@require_POST
@sign_in_required
def ask_second(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    submission = submission_to_mark(request.user, edition_slug, pk)
    ask_second_marking(submission=submission, by=request.user, at=clock.now())
    messages.success(
        request, _("A second person marks this project, without seeing the first marks.")
    )
    return redirect("assessments:desk", edition_slug=edition_slug, pk=pk)


@require_POST
@sign_in_required
def give_second(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """Say who the second marker is."""
    submission = submission_to_mark(request.user, edition_slug, pk)
    form = second_form(markers_for(submission), request.POST)
    if form.is_valid():
        try:
            allocate_marker(
                submission=submission,
                marker=form.cleaned_data["marker"],
                role=MarkerRole.SECOND,
                by=request.user,
                at=clock.now(),
            )
        except InvalidInput as error:
            show_errors(form, error)
        else:
            messages.success(
                request, _("%(marker)s marks it too.") % {"marker": form.cleaned_data["marker"]}
            )
            return redirect("assessments:desk", edition_slug=edition_slug, pk=pk)
    return desk_page(request, submission, forms={"second_form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required
def agree(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """Decide with what every marker gave in sight: levels, comments, the reason."""
    submission = submission_to_mark(request.user, edition_slug, pk)
    grade = _grade_to_agree(request, submission)
    handed_in = handed_in_of(grade.attempt)
    if handed_in is None:
        raise Http404
    typed = request.POST if request.method == "POST" else typed_before_sign_in(request)
    divergence = divergence_of(handed_in)
    form = AgreementForm(
        typed,
        handed_in=handed_in,
        needs_reason=grade.moderation_asked_at is not None
        or (divergence is not None and divergence.same < len(divergence.criteria)),
    )
    error = None
    if request.method == "POST" and form.is_valid():
        try:
            marks, overall = marks_in(request.POST)
            agree_grade(
                grade=grade,
                base_version=base_version_in(request.POST),
                marks=marks,
                overall=overall,
                reason=form.cleaned_data["reason"],
                comments_of=form.chosen,
                receipt=request.POST.get("attempt"),
                by=request.user,
                at=clock.now(),
            )
        except (InvalidInput, StaleVersion, TooLarge) as refusal:
            error = refusal
            if isinstance(refusal, InvalidInput) and "reason" in refusal.errors:
                form.add_error("reason", [str(one) for one in refusal.errors["reason"]])
        else:
            messages.success(request, _("The grade is agreed. The participant sees nothing yet."))
            return redirect("assessments:desk", edition_slug=edition_slug, pk=pk)
    criteria, given = criteria_to_agree(handed_in)
    overall = together(one.overall for one in handed_in)
    context: dict[str, Any] = {
        "edition": submission.edition,
        "submission": submission,
        "shown": shown_as(submission, request.user),
        "grade": grade,
        "handed_in": handed_in,
        "comments": [
            {"marker": one.assessment.marker, "notes": recorded(grade.attempt, one.annotations)}
            for one in handed_in
            if one.annotations
        ],
        "divergence": divergence,
        "rows": marks_typed(criteria, typed, error, given),
        "overall": typed.get("overall", overall) if typed is not None else overall,
        "form": form,
        "error": error,
    }
    is_refused = request.method == "POST"
    return render(
        request,
        "assessments/agree.html",
        context,
        status=error.status if error else 422 if is_refused else 200,
    )


@require_safe
@sign_in_required
def compared(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """How far the two markers of each project are apart."""
    edition = marked_edition(request.user, edition_slug)
    project = project_of(edition)
    return render(
        request,
        "assessments/two_markers.html",
        {
            "edition": edition,
            "compared": compared_projects(project, request.user) if project else None,
        },
    )


@require_safe
@sign_in_required
def compared_csv(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    edition = marked_edition(request.user, edition_slug)
    project = project_of(edition)
    if project is None:
        raise Http404
    return csv_file(
        f"two-markers-{edition.slug}", compared_table(compared_projects(project, request.user))
    )


def _grade_to_agree(request: SignedInRequest, submission: Submission) -> Grade:
    grade = get_object_or_404(
        Grade.objects.select_related("attempt", "submission__owner"), submission=submission
    )
    if grade.status not in (GradeStatus.PROVISIONAL, GradeStatus.IN_MODERATION):
        raise Http404
    require_no_conflict(request.user, submission)
    require_in_person(request.user, "assessments.judge_grade", grade)
    require_moderator(grade, request.user)
    return grade
