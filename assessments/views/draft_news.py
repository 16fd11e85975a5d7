"""What was saved of a draft from elsewhere, for a page of it that stands open."""

from typing import Any

from django.http import HttpResponse, JsonResponse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from assessments.actions.drafts import NOT_OPEN
from assessments.enums import SubmissionStatus
from assessments.models import Submission
from assessments.selectors.sections import stored_in
from assessments.views.places import draft_to_write, require_meant
from lms.accounts.typed import SignedInRequest, sign_in_required
from lms.core.autosave import require_same_person
from lms.core.rich_fields import TextFormat


@require_safe
@sign_in_required
def draft_news(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """All sections as they are stored, with their version; 304 where that is the one that
    the page has (If-None-Match). `resting`: why nothing can be written now."""
    require_same_person(request)
    known = draft_to_write(request.user, edition_slug)
    require_meant(request, known)
    # Most often nothing is new: then the texts are not read.
    if same := get_conditional_response(request, etag=_etag(known)):
        return same
    draft = Submission.objects.select_related("guidelines").get(pk=known.pk)
    answer: dict[str, Any] = {
        "version": draft.version,
        "values": stored_in(draft, TextFormat.HTML),
    }
    if draft.status != SubmissionStatus.DRAFT:
        answer["resting"] = str(NOT_OPEN[SubmissionStatus(draft.status)])
    return JsonResponse(answer, headers={"ETag": _etag(draft)})


def _etag(draft: Submission) -> str:
    """The version, so that a page that has just saved need not ask for what it sent."""
    if draft.status == SubmissionStatus.DRAFT:
        return f'"{draft.version}"'
    return f'"{draft.version}-{draft.status}"'
