"""Around the desk: the next project fetched ahead, whether it is still so, an earlier attempt."""

from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from assessments.actions.leases import take_next
from assessments.models import Submission
from assessments.selectors.desk_stamp import stamp_of
from assessments.selectors.earlier import compared_with_attempt_in_hand
from assessments.selectors.project import project_of
from assessments.selectors.queue import next_to_mark
from assessments.views.marking import submission_to_mark
from lms.accounts.typed import SignedInRequest, sign_in_required
from lms.core import clock
from lms.core.autosave import require_same_person


@require_safe
@sign_in_required
def ahead(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """Which project comes next. Asking takes nothing: no lease, no marking is begun."""
    submission = submission_to_mark(request.user, edition_slug, pk)
    project = project_of(submission.edition)
    found = next_to_mark(project, request.user, other_than=pk) if project else None
    return JsonResponse({"next": _address(edition_slug, found)})


@require_POST
@sign_in_required
def go_on(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """Take the next project, as `next_unmarked` does, and say whether the desk that was
    fetched ahead is still what it shows: `stamp`."""
    submission = submission_to_mark(request.user, edition_slug, pk)
    require_same_person(request)
    project = project_of(submission.edition)
    found = None
    if project is not None:
        found = take_next(project=project, other_than=pk, by=request.user, at=clock.now())
    stamp = stamp_of(found, request.user) if found else ""
    return JsonResponse({"next": _address(edition_slug, found), "stamp": stamp})


def _address(edition_slug: str, found: Submission | None) -> str:
    return reverse("assessments:desk", args=[edition_slug, found.pk]) if found else ""


@require_safe
@sign_in_required
def earlier_attempt(
    request: SignedInRequest, edition_slug: str, pk: int, receipt: str
) -> HttpResponse:
    """What has changed since an attempt that was returned, word by word, and the marks and
    comments it had."""
    submission = submission_to_mark(request.user, edition_slug, pk)
    attempts = submission.attempts.select_related("guidelines", "rubric", "revision_request")
    attempt = get_object_or_404(
        attempts.prefetch_related("files"), receipt=receipt, number__lte=submission.attempt
    )
    context = {
        "edition": submission.edition,
        "submission": submission,
        "compared": compared_with_attempt_in_hand(submission, attempt, request.user),
    }
    template = "_earlier_attempt" if request.htmx else "earlier_attempt"
    return render(request, f"assessments/{template}.html", context)
