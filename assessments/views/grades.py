"""Deciding on the desk: agree, moderate, reopen, release, amend; the live presentation."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from assessments.actions.grades import (
    agree_grade,
    amend_grade,
    confirm_marks,
    moderate_grade,
    prepare_release,
    reopen_grade,
)
from assessments.actions.judging import require_moderator, require_no_conflict
from assessments.actions.releasing import release_grade
from assessments.actions.voiding import void_grade
from assessments.forms import base_version_in
from assessments.marking_forms import ReasonForm
from assessments.models import Grade, Submission
from assessments.selectors.marking import DeskCriterion, criteria_with_marks
from assessments.views.mark_fields import marks_in, marks_typed
from assessments.views.marking import (
    confirm_form,
    desk_page,
    reopen_form,
    submission_to_mark,
    void_form,
)
from lms.accounts.typed import SignedInRequest, sign_in_required, typed_before_sign_in
from lms.core import clock
from lms.core.errors import InvalidInput, StaleVersion, TooLarge
from lms.core.forms import show_errors
from lms.core.permissions import require_in_person

MOVES: dict[str, tuple[Callable[..., Any], Any]] = {
    "agree": (agree_grade, gettext_lazy("The grade is agreed. The participant sees nothing yet.")),
    "moderate": (moderate_grade, gettext_lazy("A colleague is asked to look at the marks.")),
    "prepare": (prepare_release, gettext_lazy("The grade waits among those to be released.")),
    "release": (release_grade, gettext_lazy("It is decided: the grade goes to the participant.")),
}


@require_POST
@sign_in_required
def move_grade(request: SignedInRequest, edition_slug: str, pk: int, move: str) -> HttpResponse:
    """One step with the grade, by a button on the desk."""
    if move not in MOVES:
        raise Http404
    submission = submission_to_mark(request.user, edition_slug, pk)
    action, sentence = MOVES[move]
    action(
        grade=_grade(submission),
        base_version=base_version_in(request.POST),
        by=request.user,
        at=clock.now(),
    )
    messages.success(request, sentence)
    return redirect("assessments:desk", edition_slug=edition_slug, pk=pk)


@require_POST
@sign_in_required
def reopen(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    form = reopen_form(request.POST)
    said = _("The grade is provisional again.")
    return _with_reason(request, edition_slug, pk, "reopen_form", form, reopen_grade, said)


@require_POST
@sign_in_required
def confirm(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """The marks stand although a newer rubric was published."""
    form = confirm_form(request.POST)
    said = _("The marks stand, on the rubric of the attempt.")
    return _with_reason(request, edition_slug, pk, "confirm_form", form, confirm_marks, said)


@require_POST
@sign_in_required
def void(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """No grade for this project, with a reason that its writers read."""
    form = void_form(request.POST)
    said = _("The grade is void. Those who wrote the project are told, with your reason.")
    return _with_reason(request, edition_slug, pk, "void_form", form, void_grade, said)


def _with_reason(
    request: SignedInRequest,
    edition_slug: str,
    pk: int,
    name: str,
    form: ReasonForm,
    action: Callable[..., Any],
    said: str,
) -> HttpResponse:
    """A step with the grade that needs a reason; without a good one, the desk again with
    the form under `name`."""
    submission = submission_to_mark(request.user, edition_slug, pk)
    if form.is_valid():
        try:
            action(
                grade=_grade(submission),
                base_version=base_version_in(request.POST),
                reason=form.cleaned_data["reason"],
                by=request.user,
                at=clock.now(),
            )
        except InvalidInput as error:
            show_errors(form, error)
        else:
            messages.success(request, said)
            return redirect("assessments:desk", edition_slug=edition_slug, pk=pk)
    return desk_page(request, submission, forms={name: form})


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required
def amend(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """Change a released grade: other levels or comments, a reason, a notice."""
    submission = submission_to_mark(request.user, edition_slug, pk)
    grade = _grade(submission)
    revision = grade.current
    if revision is None or not grade.is_visible_to_participant:
        raise Http404
    require_no_conflict(request.user, submission)
    require_in_person(request.user, "assessments.judge_grade", grade)
    require_moderator(grade, request.user)
    error = None
    typed = request.POST if request.method == "POST" else typed_before_sign_in(request)
    form = ReasonForm(
        typed,
        label=_("Why the grade changes"),
        help_text=_("The participant reads this reason."),
    )
    criteria = criteria_with_marks(revision)
    if request.method == "POST" and form.is_valid():
        try:
            marks, overall = marks_in(request.POST)
            amend_grade(
                grade=grade,
                base_version=base_version_in(request.POST),
                marks=marks,
                overall=overall,
                reason=form.cleaned_data["reason"],
                by=request.user,
                at=clock.now(),
            )
        except (InvalidInput, StaleVersion, TooLarge) as refusal:
            error = refusal
        else:
            messages.success(request, _("The grade is amended, and the participant is told."))
            return redirect("assessments:desk", edition_slug=edition_slug, pk=pk)
    return _amend_page(request, submission, grade, criteria, form, typed, error)


def _amend_page(
    request: SignedInRequest,
    submission: Submission,
    grade: Grade,
    criteria: list[DeskCriterion],
    form: ReasonForm,
    typed: Any,
    error: Any,
) -> HttpResponse:
    is_refused = request.method == "POST"
    overall = grade.current.overall if grade.current else ""
    return render(
        request,
        "assessments/amend.html",
        {
            "edition": submission.edition,
            "submission": submission,
            "grade": grade,
            "rows": marks_typed(criteria, typed, error),
            "overall": typed.get("overall", overall) if typed is not None else overall,
            "form": form,
            "error": error,
        },
        status=error.status if error else 422 if is_refused else 200,
    )


def _grade(submission: Submission) -> Grade:
    return get_object_or_404(
        Grade.objects.select_related("current__rubric", "attempt"), submission=submission
    )
