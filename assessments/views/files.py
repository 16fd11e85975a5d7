"""Files of a project: attaching, taking off, fetching; uploads that are on their way."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from assessments.actions.files import (
    TooManyFiles,
    attach_file,
    remove_file,
    restore_file,
)
from assessments.actions.uploads import cancel_upload
from assessments.downloads import send_project_file
from assessments.forms import FileForm
from assessments.models import ProjectFile, Upload
from assessments.views.places import own_submission, read_again
from assessments.views.writing import files_context, keep_text, writing_page
from lms.accounts.typed import SignedInRequest, sign_in_required
from lms.core import clock
from lms.core.errors import InvalidInput, TooLarge
from lms.core.storage import StorageAway


@require_POST
@sign_in_required
def attach(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    at = clock.now()
    submission = own_submission(request.user, edition_slug)
    if refused := keep_text(request, submission, at):
        return refused
    submission = read_again(submission)
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        return writing_page(request, submission, file_form=form)
    try:
        file = attach_file(
            submission=submission, upload=form.cleaned_data["file"], by=request.user, at=at
        )
    except (InvalidInput, TooLarge, TooManyFiles, StorageAway) as error:
        form.add_error("file", " ".join(error.sentences))
        return writing_page(request, submission, file_form=form, status=error.status)
    messages.success(request, _("“%(name)s” is attached.") % {"name": file.name})
    return _back_to_files(edition_slug)


@require_safe
@sign_in_required
def list_files(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """The list alone, for the script that has just sent a file."""
    submission = own_submission(request.user, edition_slug)
    return render(request, "assessments/_files.html", files_context(submission))


@require_POST
@sign_in_required
def cancel(request: SignedInRequest, pk: UUID) -> HttpResponse:
    at = clock.now()
    uploads = Upload.objects.visible_to(request.user).select_related("submission__edition")
    upload = get_object_or_404(uploads, pk=pk)
    edition_slug = upload.submission.edition.slug
    if refused := keep_text(request, own_submission(request.user, edition_slug), at):
        return refused
    cancel_upload(upload=upload, by=request.user, at=at)
    messages.success(request, _("The upload of “%(name)s” is cancelled.") % {"name": upload.name})
    return _back_to_files(edition_slug)


@require_POST
@sign_in_required
def remove(request: SignedInRequest, pk: UUID) -> HttpResponse:
    return _change(request, pk, remove_file, _("“%(name)s” is removed. You can put it back."))


@require_POST
@sign_in_required
def restore(request: SignedInRequest, pk: UUID) -> HttpResponse:
    return _change(request, pk, restore_file, _("“%(name)s” is attached again."))


@require_safe
@sign_in_required
def download(request: SignedInRequest, pk: UUID) -> HttpResponseBase:
    files = ProjectFile.objects.visible_to(request.user).select_related("submission")
    return send_project_file(get_object_or_404(files, pk=pk), request.user)


def _change(
    request: SignedInRequest, pk: UUID, action: Callable[..., ProjectFile], said: str
) -> HttpResponse:
    at = clock.now()
    own = ProjectFile.objects.written_by(request.user)
    file = get_object_or_404(own.select_related("submission__edition"), pk=pk)
    edition_slug = file.submission.edition.slug
    if refused := keep_text(request, own_submission(request.user, edition_slug), at):
        return refused
    action(file=file, by=request.user, at=at)
    messages.success(request, said % {"name": file.name})
    return _back_to_files(edition_slug)


def _back_to_files(edition_slug: str) -> HttpResponse:
    response = redirect("assessments:project", edition_slug=edition_slug)
    response["Location"] += "#files"
    return response
