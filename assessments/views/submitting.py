"""Handing the project in, taking it back, opening it again."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from assessments.actions.at_deadline import settle_if_due
from assessments.actions.intents import NothingArriving, declare_intent
from assessments.actions.revising import reopen_draft, return_for_revision, withdraw_submission
from assessments.actions.submitting import (
    DeadlinePassed,
    FilesChanged,
    FilesMisfit,
    GuidelinesOutdated,
    SectionsMissing,
    StillArriving,
    submit_project,
)
from assessments.enums import SubmissionStatus
from assessments.forms import ReturnForm, base_version_in, sent_version
from assessments.models import Submission
from assessments.selectors.project import attached_files, newer_guidelines, readiness_of
from assessments.selectors.sections import outline_of
from assessments.selectors.team import team_of
from assessments.selectors.uploads import hands_itself_in_by, intent_in_force
from assessments.views.places import edition_of, own_submission, read_again, require_meant
from lms.accounts.typed import SignedInRequest, sign_in_required, typed_before_sign_in
from lms.core import clock
from lms.core.errors import DomainError, InvalidInput, StaleVersion
from lms.core.forms import show_errors
from lms.core.numbers import whole_number
from lms.core.permissions import require_in_person


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required
def submit(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """What will be handed in and what is missing; POST hands it in."""
    at = clock.now()
    submission = own_submission(request.user, edition_slug)
    if request.method != "POST":
        if submission.status != SubmissionStatus.DRAFT:
            return redirect("assessments:project", edition_slug=edition_slug)
        return _check_page(request, submission)
    require_meant(request, submission)
    without = request.POST.getlist("without")
    settled = settle_if_due(submission, at=at, without=without)
    if settled is not None and settled.attempt is not None:
        messages.info(request, _("Your project was handed in at the deadline, as was wished."))
        return redirect("assessments:receipt", receipt=settled.attempt.receipt)
    try:
        attempt = submit_project(
            submission=submission,
            by=request.user,
            at=at,
            base_version=base_version_in(request.POST),
            idempotency_key=request.POST.get("idempotency_key", ""),
            files=request.POST["files"].split() if "files" in request.POST else None,
            without=without,
        )
    except (
        StaleVersion, SectionsMissing, DeadlinePassed, GuidelinesOutdated, FilesChanged,
        FilesMisfit, StillArriving,
    ) as error:  # fmt: skip
        return _check_page(request, read_again(submission), error)
    return redirect("assessments:receipt", receipt=attempt.receipt)


@require_POST
@sign_in_required
def intend(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """Note that the project is to be submitted with the uploads that are running."""
    submission = own_submission(request.user, edition_slug)
    require_meant(request, submission)
    try:
        intent = declare_intent(
            submission=submission,
            base_version=base_version_in(request.POST),
            by=request.user,
            at=clock.now(),
        )
    except (StaleVersion, DeadlinePassed, NothingArriving) as error:
        return _check_page(request, read_again(submission), error)
    until = timezone.localtime(intent.until_at)
    messages.success(
        request,
        _(
            "Noted. The files that are on their way may arrive until %(time)s and count as on "
            "time. Then submit."
        )
        % {"time": date_format(until, "j F, H:i")},
    )
    return redirect("assessments:submit", edition_slug=edition_slug)


@require_POST
@sign_in_required
def withdraw(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    submission = own_submission(request.user, edition_slug)
    require_meant(request, submission)
    withdraw_submission(
        submission=submission,
        number=whole_number(request.POST.get("attempt")) or 0,
        by=request.user,
        at=clock.now(),
    )
    messages.success(request, _("Your project is withdrawn. Nothing of it is lost."))
    return redirect("assessments:project", edition_slug=edition_slug)


@require_POST
@sign_in_required
def reopen(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    submission = own_submission(request.user, edition_slug)
    require_meant(request, submission)
    reopen_draft(submission=submission, by=request.user, at=clock.now())
    messages.success(request, _("Your project is open for writing again."))
    return redirect("assessments:project", edition_slug=edition_slug)


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required
def return_(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """An instructor hands a project back to be improved."""
    edition = edition_of(request.user, edition_slug)
    submissions = Submission.objects.visible_to(request.user).filter(edition=edition)
    submission = get_object_or_404(
        submissions.select_related("owner__user", "owner__city", "edition"), pk=pk
    )
    require_in_person(request.user, "assessments.return_for_revision", submission)
    typed = request.POST if request.method == "POST" else typed_before_sign_in(request)
    form = ReturnForm(typed)
    if request.method == "POST" and form.is_valid():
        try:
            return_for_revision(
                submission=submission,
                base_version=base_version_in(request.POST),
                reason=form.cleaned_data["reason"],
                until_at=form.cleaned_data["until_at"],
                until_zone=timezone.get_current_timezone_name(),
                by=request.user,
                at=clock.now(),
            )
        except InvalidInput as error:
            show_errors(form, error)
        else:
            messages.success(request, _("The project is with its participant again."))
            return redirect("assessments:queue", edition_slug=edition_slug)
    based_on = sent_version(typed or {})
    return render(
        request,
        "assessments/project_return.html",
        {
            "edition": edition,
            "submission": submission,
            "form": form,
            "base_version": submission.version if based_on is None else based_on,
        },
        status=422 if request.method == "POST" else 200,
    )


def _check_page(
    request: SignedInRequest, submission: Submission, error: DomainError | None = None
) -> HttpResponse:
    now = clock.now()
    sections = outline_of(submission)
    return render(
        request,
        "assessments/project_submit.html",
        {
            "edition": submission.edition,
            "submission": submission,
            "sections": sections,
            "files": attached_files(submission),
            "readiness": readiness_of(submission, now),
            "hands_itself_in_by": hands_itself_in_by(submission, now),
            "short": [section for section in sections if section.is_short],
            "newer": newer_guidelines(submission),
            "team": team_of(submission),
            "intent": intent_in_force(submission, now),
            "now": now,
            # One key a page: pressing twice, or again after a lost answer, is one submission.
            "idempotency_key": uuid.uuid4().hex,
            "error": error,
        },
        status=error.status if error else 200,
    )
