"""A participant's time: asking for more, and handing in by itself at the deadline."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessments.actions.at_deadline import (
    ask_for_deadline_submission,
    call_off_deadline_submission,
)
from assessments.actions.extensions import request_extension, take_back_extension
from assessments.actions.taking_along import take_along
from assessments.deadline_forms import OTHER, MoreTimeForm
from assessments.enums import ExtensionStatus
from assessments.forms import base_version_in
from assessments.models import Submission
from assessments.selectors.deadlines import (
    EffectiveDeadline,
    day_to_count_from,
    effective_deadline_of,
    last_wish,
    may_ask_for_time,
    request_in_hand,
)
from assessments.selectors.guidelines import changes_between, outdated_by
from assessments.selectors.last_complete import last_complete_draft, what_is_missing
from assessments.selectors.misfits import misfits_in
from assessments.selectors.project import newer_guidelines
from assessments.selectors.sections import outline_of, sections_set_aside
from assessments.views.places import own_submission, require_meant
from lms.accounts.typed import SignedInRequest, sign_in_required, typed_before_sign_in
from lms.core import clock
from lms.core.errors import DomainError, InvalidInput
from lms.core.forms import show_errors


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required
def more_time(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """Ask the coordinators for more time; the time and the reason, nothing else."""
    at = clock.now()
    submission = own_submission(request.user, edition_slug)
    project = submission.project
    deadline = effective_deadline_of(project, submission)
    if request.method == "POST":
        require_meant(request, submission)
    typed = request.POST if request.method == "POST" else typed_before_sign_in(request)
    form = MoreTimeForm(
        typed, project=project, counted_from=day_to_count_from(deadline, project.deadline_zone, at)
    )
    if request.method == "POST" and form.is_valid():
        own_zone = form.cleaned_data["days"] == OTHER
        try:
            request_extension(
                submission=submission,
                wanted_at=form.cleaned_data["wanted_at"],
                wanted_zone=timezone.get_current_timezone_name()
                if own_zone
                else project.deadline_zone,
                reason=form.cleaned_data["reason"],
                by=request.user,
                at=at,
            )
        except InvalidInput as error:
            show_errors(form, error)
        except DomainError as error:
            form.add_error(None, str(error.sentence))
        else:
            messages.success(
                request,
                _("Your request is with the coordinators. Until they answer, the deadline stays."),
            )
            return redirect("assessments:project", edition_slug=edition_slug)
    context = {
        "edition": submission.edition,
        "submission": submission,
        "project": project,
        "deadline": deadline,
        "form": form,
        "may_ask": may_ask_for_time(submission),
        "extension": request_in_hand(submission),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "assessments/more_time.html", context, status=status)


@require_POST
@sign_in_required
def take_back(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    submission = own_submission(request.user, edition_slug)
    require_meant(request, submission)
    extension = request_in_hand(submission)
    if extension is not None and extension.status == ExtensionStatus.REQUESTED:
        take_back_extension(extension=extension, by=request.user, at=clock.now())
        messages.success(request, _("Your request is taken back."))
    return redirect("assessments:project", edition_slug=edition_slug)


@require_POST
@sign_in_required
def at_deadline(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """Have the last complete draft handed in at the deadline, or no longer."""
    submission = own_submission(request.user, edition_slug)
    require_meant(request, submission)
    if request.POST.get("wanted") == "no":
        call_off_deadline_submission(submission=submission, by=request.user, at=clock.now())
        messages.success(request, _("Nothing is handed in by itself any more."))
    else:
        ask_for_deadline_submission(submission=submission, by=request.user, at=clock.now())
        messages.success(request, _("The last complete draft will be handed in at the deadline."))
    address = redirect("assessments:project", edition_slug=edition_slug)
    address["Location"] += "#time"
    return address


@require_safe
@sign_in_required
def guidelines_changes(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """What the newest guidelines change for the reader's project."""
    submission = own_submission(request.user, edition_slug)
    newer = newer_guidelines(submission)
    context = {
        "edition": submission.edition,
        "submission": submission,
        "newer": newer,
        "changes": changes_between(submission.guidelines, newer, submission.sections)
        if newer
        else None,
        "required": outdated_by(submission),
        "misfits": misfits_in(submission, newer) if newer else (),
    }
    return render(request, "assessments/guidelines_changes.html", context)


@require_POST
@sign_in_required
def take_text_along(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """Put a text that was set aside into a section that there is."""
    submission = own_submission(request.user, edition_slug)
    require_meant(request, submission)
    into = request.POST.get("into", "")
    take_along(
        submission=submission,
        key=request.POST.get("key", ""),
        into=into,
        base_version=base_version_in(request.POST),
        by=request.user,
        at=clock.now(),
    )
    messages.success(request, _("The text stands at the end of the section."))
    address = redirect("assessments:project", edition_slug=edition_slug)
    address["Location"] += f"#section-{into}"
    return address


def time_context(submission: Submission, deadline: EffectiveDeadline) -> dict[str, Any]:
    """What the pages of a project say about time (`_time.html`, `_set_aside.html`)."""
    missing = what_is_missing(submission)
    wish = last_wish(submission)
    extension = request_in_hand(submission)
    return {
        "extension": extension,
        "answer": extension.decisions.select_related("decided_by").last() if extension else None,
        "may_ask": may_ask_for_time(submission),
        "wish": wish,
        "complete": last_complete_draft(submission, deadline.at)
        if missing and wish and not misfits_in(submission)
        else None,
        "missing": missing,
        "required_guidelines": outdated_by(submission),
        "set_aside_texts": sections_set_aside(submission),
        "outline": outline_of(submission),
    }
