"""The feedback on a released project, on paper."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from assessments.selectors.feedback import Feedback
from lms.core.pdf import render_pdf


def feedback_pdf(feedback: Feedback) -> HttpResponse:
    """As a download that no cache keeps."""
    attempt = feedback.revision.attempt
    context = {
        "feedback": feedback,
        "attempt": attempt,
        "edition": attempt.project.edition,
        "members": list(attempt.members.all()),
    }
    response = HttpResponse(
        render_pdf("assessments/feedback_pdf.html", context), content_type="application/pdf"
    )
    response["Content-Disposition"] = content_disposition_header(True, feedback.file_name)
    response["Cache-Control"] = "private, no-store"
    return response
