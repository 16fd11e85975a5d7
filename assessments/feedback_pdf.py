"""The feedback on a released project, on paper."""

from assessments.selectors.feedback import Feedback
from lms.core.pdf import render_pdf


def feedback_pdf(feedback: Feedback) -> bytes:
    attempt = feedback.revision.attempt
    context = {
        "feedback": feedback,
        "attempt": attempt,
        "edition": attempt.project.edition,
        "members": list(attempt.members.all()),
    }
    return render_pdf("assessments/feedback_pdf.html", context)
