"""The desk on which a participant writes their project."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from assessments.actions.drafts import adopt_guidelines, save_draft
from assessments.actions.file_checks import accepted_extensions
from assessments.forms import FileForm, base_version_in, sent_version, texts_in
from assessments.models import Submission
from assessments.selectors.project import (
    effective_deadline_of,
    newer_guidelines,
    outline_of,
    revision_asked_of,
    set_aside_of,
    with_answer,
)
from assessments.views.places import own_submission, read_again
from lms.accounts.typed import SignedInRequest, sign_in_required
from lms.core import clock
from lms.core.autosave import read_autosave
from lms.core.errors import DomainError, InvalidInput, StaleVersion, TooLarge
from modules.selectors import course_progress


@require_http_methods(["PUT", "POST"])
@sign_in_required
def draft(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """Save the draft: PUT by itself (docs/design.md, Autosave), POST by a button."""
    at = clock.now()
    submission = own_submission(request.user, edition_slug)
    if request.method == "PUT":
        sent = read_autosave(request)
        saved = save_draft(
            submission=submission,
            values=sent.values,
            base_version=sent.base_version,
            by=request.user,
            at=at,
        )
        return JsonResponse({"version": saved.version, "saved_at": saved.saved_at.isoformat()})
    values = texts_in(request.POST)
    inserted = _insert_answer(request, submission, values)
    if refused := _save(request, submission, values, at):
        return refused
    if request.POST.get("next") == "submit":
        return redirect("assessments:submit", edition_slug=edition_slug)
    address = redirect("assessments:project", edition_slug=edition_slug)
    if inserted:
        messages.success(
            request, _("Your answer from the lesson stands at the end of the section.")
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
    return _save(request, submission, texts_in(request.POST), at)


@require_POST
@sign_in_required
def adopt(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    submission = adopt_guidelines(
        submission=own_submission(request.user, edition_slug),
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
    is_stale = isinstance(error, StaleVersion)
    refused = error.errors if isinstance(error, InvalidInput) else {}
    # Typed before the session ended: to be compared with what it was based on.
    based_on = None if is_stale else sent_version(typed)
    lessons = _lessons_that_feed(submission)
    fields = []
    for section in outline_of(submission):
        mine = typed.get(section.key, section.text)
        differs = is_stale and mine.replace("\r\n", "\n") != section.text
        fields.append(
            {
                "section": section,
                "text": mine,
                "stored": section.text if differs else None,
                "errors": refused.get(section.key, []),
                "lesson": lessons.get(section.key),
            }
        )
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
        "set_aside": set_aside_of(submission),
        "attempts": submission.attempts.all(),
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
            by=request.user,
            at=at,
        )
    except (StaleVersion, InvalidInput, TooLarge) as error:
        return writing_page(request, read_again(submission), values, error)
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
    }


def _lessons_that_feed(submission: Submission) -> dict[str, dict[str, Any]]:
    """Section key → the lesson whose skills activity drafts it (D5)."""
    return {
        activity.feeds: {
            "number": lesson.number,
            "activity": activity,
            "has_answer": activity.state != "open",
        }
        for lesson in course_progress(submission.owner).lessons
        for activity in lesson.activities
        if activity.feeds
    }


def _insert_answer(request: SignedInRequest, submission: Submission, values: dict[str, str]) -> str:
    """Put the participant's answer from the lesson under the section's text (D5).
    Returns the section's key, or "" when there was nothing to insert."""
    key = request.POST.get("insert", "")
    inserted = with_answer(submission, key, values.get(key, ""))
    if inserted is None:
        return ""
    values[key] = inserted
    return key
