"""The marking queue and the desk on which a project is marked."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from assessments.actions.held import WrongAttempt
from assessments.actions.marking import (
    NotInMarking,
    allocate_marker,
    decline_marking,
    reopen_marking,
    save_marks,
    start_marking,
    submit_assessment,
)
from assessments.forms import base_version_in
from assessments.marking_forms import AllocateForm, ReasonForm, new_presentation_form
from assessments.models import Assessment, Submission
from assessments.models.team import was_in_team
from assessments.selectors.desk import Desk, desk_of, markers_for
from assessments.selectors.marking import assessment_of, attempt_in_hand, own_assessment_of
from assessments.selectors.second_marking import is_blind
from assessments.views.annotations_beside import annotations_context
from assessments.views.mark_fields import marks_in, marks_typed, receipt_in, stored_under_its_fields
from assessments.views.places import marked_edition
from lms.accounts.models import User
from lms.accounts.typed import SignedInRequest, sign_in_required, typed_before_sign_in
from lms.core import clock
from lms.core.autosave import read_autosave
from lms.core.errors import DomainError, InvalidInput, PermissionDenied, StaleVersion, TooLarge
from lms.core.forms import show_errors
from lms.core.numbers import whole_number
from lms.core.refusals import refusal_page, written_among


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required
def desk(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """The project and the rubric side by side; POST saves the marks or hands them in."""
    submission = submission_to_mark(request.user, edition_slug, pk)
    if "X-Preload" in request.headers:
        # Fetched ahead and perhaps never shown: what is said or put back once is left alone.
        return desk_page(request, submission, forms={"messages": ()}, status=200)
    if request.method != "POST":
        return _desk_with_what_was_kept(request, submission)
    assessment = _assessment_in_hand(submission, request.user)
    is_final = request.POST.get("move") == "submit"
    try:
        marks, overall = marks_in(request.POST)
        (submit_assessment if is_final else save_marks)(
            assessment=assessment,
            base_version=base_version_in(request.POST),
            marks=marks,
            overall=overall,
            receipt=receipt_in(request.POST),
            by=request.user,
            at=clock.now(),
        )
    except (StaleVersion, InvalidInput, TooLarge) as error:
        return desk_page(request, submission, typed=request.POST, error=error)
    if not is_final:
        told = _("The marks are saved.")
    elif is_blind(assessment.attempt):
        told = _("The marks are handed in. The grade is agreed on when your colleague’s are too.")
    else:
        told = _("The marks are handed in. Next: agree on the grade.")
    messages.success(request, told)
    return _back_to_desk(submission)


@require_http_methods(["PUT"])
@sign_in_required
def marks(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """Autosave of the desk (docs/design.md)."""
    sent = read_autosave(request)
    marks, overall = marks_in(sent.values)
    write = partial(
        save_marks,
        base_version=sent.base_version,
        marks=marks,
        overall=overall,
        receipt=receipt_in(request.GET),
        by=request.user,
        at=clock.now(),
    )
    meant = whole_number(request.GET.get("assessment"))
    with stored_under_its_fields(sent):
        try:
            # It comes every few seconds: the page says whose it is, the action whether one may.
            saved = write(assessment=Assessment(pk=meant)) if meant else None
        except (PermissionDenied, Assessment.DoesNotExist):
            saved = None
        if saved is None:
            submission = submission_to_mark(request.user, edition_slug, pk)
            saved = write(assessment=_assessment_in_hand(submission, request.user))
    saved_at = saved.saved_at or clock.now()
    return JsonResponse({"version": saved.version, "saved_at": saved_at.isoformat()})


@require_POST
@sign_in_required
def start(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    submission = submission_to_mark(request.user, edition_slug, pk)
    start_marking(
        submission=submission,
        receipt=receipt_in(request.POST),
        by=request.user,
        at=clock.now(),
    )
    messages.success(request, _("The project is yours to mark. It cannot be withdrawn any more."))
    return _back_to_desk(submission)


@require_POST
@sign_in_required
def allocate(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    submission = submission_to_mark(request.user, edition_slug, pk)
    form = AllocateForm(request.POST, markers=markers_for(submission))
    if form.is_valid():
        try:
            allocate_marker(
                submission=submission,
                marker=form.cleaned_data["marker"],
                by=request.user,
                at=clock.now(),
            )
        except InvalidInput as error:
            show_errors(form, error)
        else:
            messages.success(
                request,
                _("%(marker)s has this project now.") % {"marker": form.cleaned_data["marker"]},
            )
            return _back_to_desk(submission)
    return desk_page(request, submission, forms={"allocate_form": form})


@require_POST
@sign_in_required
def decline(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    submission = submission_to_mark(request.user, edition_slug, pk)
    form = _decline_form(request.POST)
    if not form.is_valid():
        return desk_page(request, submission, forms={"decline_form": form})
    decline_marking(
        assessment=_assessment_in_hand(submission, request.user),
        base_version=base_version_in(request.POST),
        reason=form.cleaned_data["reason"],
        receipt=receipt_in(request.POST),
        by=request.user,
        at=clock.now(),
    )
    messages.success(request, _("The project is free for another marker."))
    return redirect("assessments:queue", edition_slug=edition_slug)


@require_POST
@sign_in_required
def reopen_marks(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    submission = submission_to_mark(request.user, edition_slug, pk)
    reopen_marking(
        assessment=_assessment_in_hand(submission, request.user),
        base_version=base_version_in(request.POST),
        receipt=receipt_in(request.POST),
        by=request.user,
        at=clock.now(),
    )
    messages.success(request, _("You can change the marks again."))
    return _back_to_desk(submission)


def _desk_with_what_was_kept(request: SignedInRequest, submission: Submission) -> HttpResponse:
    """Each form of the desk gets back what was typed into it before the session ended."""
    kept = typed_before_sign_in(request)
    forms: dict[str, Any] = {}
    if kept is not None:
        args = [submission.edition.slug, submission.pk]
        if reason := kept.of_form(reverse("assessments:decline", args=args)):
            forms["decline_form"] = _decline_form(reason)
        if reason := kept.of_form(reverse("assessments:reopen_grade", args=args)):
            forms["reopen_form"] = reopen_form(reason)
        if reason := kept.of_form(reverse("assessments:confirm_marks", args=args)):
            forms["confirm_form"] = confirm_form(reason)
        if reason := kept.of_form(reverse("assessments:void_grade", args=args)):
            forms["void_form"] = void_form(reason)
        if noted := kept.of_form(reverse("assessments:present_on_desk", args=args)):
            forms["presentation_form"] = new_presentation_form(None, noted)
    marks = kept.of_form(request.path) if kept is not None else None
    if kept is not None and marks is not None:
        # Never into the form of another attempt: there it is shown to be copied.
        attempt = attempt_in_hand(submission)
        if attempt is None or receipt_in(kept) != attempt.receipt:
            return refusal_page(request, WrongAttempt(), written=written_among(kept))
    elif kept is not None and not forms:
        # A comment at a place: shown to be copied, whatever became of the place.
        forms["left_over"] = written_among(kept)
    return desk_page(request, submission, typed=marks, forms=forms, status=200)


def _decline_form(posted: QueryDict | None = None) -> ReasonForm:
    return ReasonForm(posted, label=_("Why you decline"))


def second_form(markers: Iterable[int], posted: QueryDict | None = None) -> AllocateForm:
    """Beside the form for the first marker, so with names of its own on the page."""
    return AllocateForm(posted, markers=markers, auto_id="id_second_%s")


def reopen_form(posted: QueryDict | None = None) -> ReasonForm:
    return ReasonForm(posted, label=_("Why the grade is reopened"))


def confirm_form(posted: QueryDict | None = None) -> ReasonForm:
    return ReasonForm(posted, label=_("Why the marks stand"))


def void_form(posted: QueryDict | None = None) -> ReasonForm:
    return ReasonForm(
        posted,
        label=_("Why the project gets no grade"),
        help_text=_("Those who wrote the project read this reason."),
    )


def desk_page(
    request: SignedInRequest,
    submission: Submission,
    *,
    typed: QueryDict | None = None,
    error: DomainError | None = None,
    forms: dict[str, Any] | None = None,
    status: int | None = None,
) -> HttpResponse:
    """The desk. `typed`: marks that are not saved yet and must not be lost; after a
    StaleVersion each stands beside what is stored. `forms`: those with something
    typed, by their name in the template."""
    at_hand: Desk = desk_of(submission, request.user)
    is_stale = isinstance(error, StaleVersion)
    context: dict[str, Any] = {
        "edition": submission.edition,
        "submission": submission,
        "desk": at_hand,
        "rows": marks_typed(at_hand.criteria, typed, error),
        "overall": at_hand.overall if typed is None else typed.get("overall", at_hand.overall),
        "stored_overall": at_hand.overall if is_stale else None,
        "base_version": _base_version(at_hand, typed, is_stale=is_stale),
        "error": error,
        "is_stale": is_stale,
        "decline_form": _decline_form(),
        "allocate_form": AllocateForm(markers=at_hand.markers),
        "second_form": second_form(at_hand.markers),
        "reopen_form": reopen_form(),
        "confirm_form": confirm_form(),
        "void_form": void_form(),
        "presentation_form": new_presentation_form(at_hand.presentation),
        **annotations_context(at_hand, request.user),
        **(forms or {}),
    }
    if status is None:
        status = error.status if error else 422 if forms else 200
    return render(request, "assessments/desk.html", context, status=status)


def _base_version(at_hand: Desk, typed: QueryDict | None, *, is_stale: bool) -> int:
    """What the form is based on: the stored marks, or what typed marks were based on,
    so that marks typed before the session ended do not overwrite newer ones."""
    sent = typed.get("base_version") if typed is not None and not is_stale else None
    version = whole_number(sent)
    return at_hand.base_version if version is None else version


def submission_to_mark(user: User, edition_slug: str, pk: int) -> Submission:
    """A submitted project, for those who mark and coordinate; never one's own."""
    edition = marked_edition(user, edition_slug)
    submissions = Submission.objects.filter(edition=edition, submitted_at__isnull=False)
    return get_object_or_404(
        submissions.filter(~was_in_team(user)).select_related(
            "owner__user", "owner__city", "edition", "project"
        ),
        pk=pk,
    )


def _assessment_in_hand(submission: Submission, user: User) -> Assessment:
    """The reader's own, in whichever role; otherwise the first marker's."""
    attempt = attempt_in_hand(submission)
    assessment = own_assessment_of(attempt, user) or assessment_of(attempt) if attempt else None
    if assessment is None:
        # The reader sees the project; it is only not being marked, by them or anybody.
        raise NotInMarking(_("This project is not being marked now."), state=submission.status)
    return assessment


def _back_to_desk(submission: Submission) -> HttpResponse:
    return redirect("assessments:desk", edition_slug=submission.edition.slug, pk=submission.pk)
