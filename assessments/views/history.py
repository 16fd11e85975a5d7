"""The draft's history: what was written when, what it would change, bringing it back."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from assessments.actions.history import restore_version
from assessments.enums import SubmissionStatus
from assessments.forms import base_version_in
from assessments.models import DraftVersion, Submission
from assessments.selectors.history import compared_with_now, history_of, rows_of
from assessments.views.places import own_submission, read_again
from lms.accounts.typed import SignedInRequest, sign_in_required
from lms.core import clock
from lms.core.errors import StaleVersion

VERSIONS_A_PAGE = 30


@require_safe
@sign_in_required
def show_history(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    submission = own_submission(request.user, edition_slug)
    page = Paginator(history_of(submission), VERSIONS_A_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "assessments/history.html",
        {
            "edition": submission.edition,
            "submission": submission,
            "page": page,
            "rows": rows_of(submission, page),
        },
    )


@require_safe
@sign_in_required
def show_version(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    submission = own_submission(request.user, edition_slug)
    version = get_object_or_404(history_of(submission), pk=pk)
    return _version_page(request, submission, version)


@require_POST
@sign_in_required
def restore(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """One section (`section`), or all of them without it."""
    submission = own_submission(request.user, edition_slug)
    version = get_object_or_404(history_of(submission), pk=pk)
    section = request.POST.get("section")
    try:
        restored = restore_version(
            submission=submission,
            version=version,
            sections=[section] if section else None,
            base_version=base_version_in(request.POST),
            by=request.user,
            at=clock.now(),
        )
    except StaleVersion as error:
        return _version_page(request, read_again(submission), version, error)
    if restored.version == submission.version:
        messages.info(request, _("It stands like this already."))
    else:
        messages.success(
            request,
            _("It is brought back. What stood there before is in the history as well."),
        )
    return redirect("assessments:history", edition_slug=edition_slug)


def _version_page(
    request: SignedInRequest,
    submission: Submission,
    version: DraftVersion,
    error: StaleVersion | None = None,
) -> HttpResponse:
    compared = [
        {"name": one.section.key, "label": one.section.title, "difference": one.difference}
        for one in compared_with_now(submission, version)
        if not one.difference.is_none
    ]
    context: dict[str, Any] = {
        "edition": submission.edition,
        "submission": submission,
        "version": version,
        "compared": compared,
        "may_restore": submission.status == SubmissionStatus.DRAFT,
        "error": error,
    }
    status = error.status if error else 200
    return render(request, "assessments/history_version.html", context, status=status)
