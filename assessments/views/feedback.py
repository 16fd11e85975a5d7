"""The feedback on a released project, to be downloaded."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from assessments.feedback_pdf import feedback_pdf
from assessments.models import Grade
from assessments.selectors.feedback import feedback_of
from lms.accounts.typed import SignedInRequest, sign_in_required
from lms.core.downloads import as_pdf


@require_safe
@sign_in_required
def download_feedback(request: SignedInRequest, pk: int) -> HttpResponse:
    """For those who wrote the project and for the staff of its edition, once released."""
    grade = get_object_or_404(Grade.objects.visible_to(request.user), pk=pk)
    feedback = feedback_of(grade)
    if feedback is None:
        raise Http404
    return as_pdf(feedback_pdf(feedback), name=feedback.file_name)
