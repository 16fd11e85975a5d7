"""The desk on which a participant writes their project."""

from datetime import datetime
from functools import partial
from typing import Any

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from assessments.actions.drafts import adopt_guidelines, insert_answer, save_draft
from assessments.forms import FileForm, base_version_in, format_in, sent_version, texts_in
from assessments.models import Submission
from assessments.selectors.project import (
    effective_deadline_of,
    newer_guidelines,
    revision_asked_of,
)
from assessments.selectors.sections import keys_gone, stored_otherwise
from assessments.selectors.team import (
    drafts_set_aside,
    invitations_to,
    own_enrolment,
    team_of,
    team_rules_of,
)
from assessments.selectors.uploads import unfinished_uploads
from assessments.views.own_time import time_context
from assessments.views.places import (
    draft_to_write,
    own_submission,
    read_again,
    require_meant,
)
from assessments.views.writing_fields import fields_of
from lms.accounts.typed import SignedInRequest, sign_in_required
from lms.core import clock
from lms.core.autosave import read_autosave
from lms.core.errors import (
    Conflict,
    DomainError,
    InvalidInput,
    PermissionDenied,
    StaleVersion,
    TooLarge,
)
from lms.core.file_checks import accepted_extensions
from lms.core.numbers import whole_number


@require_http_methods(["PUT", "POST"])
@sign_in_required
def draft(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """Save the draft: PUT by itself (docs/design.md, Autosave), POST by a button."""
    at = clock.now()
    if request.method == "PUT":
        return _autosave(request, edition_slug, at)
    submission = own_submission(request.user, edition_slug)
    require_meant(request, submission)
    if refused := _save(request, submission, texts_in(request.POST), at):
        return refused
    inserted = _insert_answer(request, submission, at)
    if request.POST.get("next") == "submit":
        return redirect("assessments:submit", edition_slug=edition_slug)
    address = redirect("assessments:project", edition_slug=edition_slug)
    if inserted:
        messages.success(
            request,
            _(
                "Your answer from the lesson stands at the end of the section. "
                "In the draft history you can take it back."
            ),
        )
        address["Location"] += f"#section-{inserted}"
    else:
        messages.success(request, _("Your draft is saved."))
    return address


def keep_text(
    request: SignedInRequest, submission: Submission, at: datetime
) -> HttpResponse | None:
    """Save the text that came along with another button of the desk. None when all
    is well; otherwise the page that says why not and still has the text."""
    if "base_version" not in request.POST:
        return None
    require_meant(request, submission)
    return _save(request, submission, texts_in(request.POST), at)


def _autosave(request: SignedInRequest, edition_slug: str, at: datetime) -> JsonResponse:
    """Answers with the texts that are stored otherwise than they were sent, so that the
    page goes on from what is stored, and with the sections that are `gone`: newer
    guidelines have none of that key, and what was sent is set aside."""
    sent = read_autosave(request, extra=("text_format", "set_aside"))
    set_aside = sent.extra.get("set_aside", {})
    if not isinstance(set_aside, dict):
        raise InvalidInput(errors={"set_aside": [_("Send a JSON object.")]})
    text_format = format_in(sent.extra)
    write = partial(
        save_draft,
        values=sent.values,
        base_version=sent.base_version,
        text_format=text_format,
        set_aside=set_aside,
        by=request.user,
        at=at,
    )
    meant = whole_number(request.GET.get("project"))
    try:
        # It comes every few seconds: the page says whose it is, the action whether one may.
        saved = write(submission=Submission(pk=meant)) if meant else None
    except (PermissionDenied, Submission.DoesNotExist):
        saved = None
    if saved is None:
        submission = draft_to_write(request.user, edition_slug)
        require_meant(request, submission)
        saved = write(submission=submission)
    answer: dict[str, Any] = {
        "version": saved.version,
        "saved_at": saved.saved_at.isoformat(),
        "values": stored_otherwise(saved, sent.values, text_format),
    }
    if gone := keys_gone(saved, sent.values):
        answer["gone"] = gone
    return JsonResponse(answer)


@require_POST
@sign_in_required
def adopt(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    submission = own_submission(request.user, edition_slug)
    require_meant(request, submission)
    submission = adopt_guidelines(
        submission=submission,
        base_version=base_version_in(request.POST),
        by=request.user,
        at=clock.now(),
    )
    messages.success(
        request,
        _("Your project now follows version %(number)d of the guidelines.")
        % {"number": submission.guidelines.number},
    )
    return redirect("assessments:project", edition_slug=edition_slug)


def writing_page(
    request: SignedInRequest,
    submission: Submission,
    typed: QueryDict | dict[str, str] | None = None,
    error: DomainError | None = None,
    *,
    file_form: FileForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The desk. `typed`: texts that are not saved yet and must not be lost; after a
    StaleVersion each stands beside what is stored."""
    typed = typed or {}
    prefetch_related_objects([submission], "files")  # listed, and held against the guidelines
    is_stale = isinstance(error, StaleVersion)
    refused = error.errors if isinstance(error, InvalidInput) else {}
    # Typed before the session ended: to be compared with what it was based on.
    based_on = None if is_stale else sent_version(typed)
    own = own_enrolment(request.user, submission)
    fields = fields_of(submission, own, typed, is_stale=is_stale, refused=refused)
    deadline = effective_deadline_of(submission.project, submission)
    context: dict[str, Any] = {
        "edition": submission.edition,
        "submission": submission,
        "fields": fields,
        "base_version": submission.version if based_on is None else based_on,
        "error": error,
        "is_stale": is_stale,
        "deadline": deadline,
        "late": deadline.is_passed(clock.now()),
        "newer": newer_guidelines(submission),
        "revision": revision_asked_of(submission),
        **time_context(submission, deadline),
        "attempts": submission.attempts.all(),
        "team": team_of(submission),
        "team_rules": team_rules_of(submission.guidelines),
        "drafts_aside": drafts_set_aside(own),
        "invitations": invitations_to(own, clock.now()),
        "file_form": file_form or new_file_form(submission),
        **files_context(submission),
    }
    if error is not None:
        status = error.status
    elif file_form is not None and status == 200:
        status = 422
    return render(request, "assessments/project_writing.html", context, status=status)


def _save(
    request: SignedInRequest, submission: Submission, values: dict[str, str], at: datetime
) -> HttpResponse | None:
    try:
        save_draft(
            submission=submission,
            values=values,
            base_version=base_version_in(request.POST),
            text_format=format_in(request.POST),
            keeps_before=True,
            by=request.user,
            at=at,
        )
    except (StaleVersion, InvalidInput, TooLarge) as error:
        typed = {**values, "text_format": format_in(request.POST)}
        return writing_page(request, read_again(submission), typed, error)
    return None


def new_file_form(submission: Submission) -> FileForm:
    return FileForm(accept=accepted_extensions(submission.guidelines.content["files"]["types"]))


def files_context(submission: Submission) -> dict[str, Any]:
    files = list(submission.files.all())
    attached = [file for file in files if file.removed_at is None]
    return {
        "files": attached,
        "removed": [file for file in files if file.removed_at is not None],
        "has_room": len(attached) < submission.guidelines.content["files"]["max_count"],
        "uploads": unfinished_uploads(submission, clock.now()),
    }


def _insert_answer(request: SignedInRequest, submission: Submission, at: datetime) -> str:
    """Put the writer's answer from a lesson under the section's text (D5). Returns the
    section's key, or "" when there was nothing to insert."""
    key, _colon, activity = request.POST.get("insert", "").partition(":")
    if not key:
        return ""
    submission = read_again(submission)
    try:
        insert_answer(
            submission=submission,
            section=key,
            activity_id=whole_number(activity),
            base_version=submission.version,
            by=request.user,
            at=at,
        )
    except Conflict:
        return ""
    return key
