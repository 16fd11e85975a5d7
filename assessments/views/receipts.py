"""The receipt of a submitted project, on screen and on paper."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from assessments.models import Attempt
from assessments.selectors.project import sections_of
from lms.accounts.models import User
from lms.accounts.typed import SignedInRequest, sign_in_required
from lms.core.pdf import render_pdf


@require_safe
@sign_in_required
def show_receipt(request: SignedInRequest, receipt: str) -> HttpResponse:
    return render(request, "assessments/receipt.html", _context(request.user, receipt))


@require_safe
@sign_in_required
def download_receipt(request: SignedInRequest, receipt: str) -> HttpResponse:
    context = _context(request.user, receipt)
    attempt = context["attempt"]
    response = HttpResponse(
        render_pdf("assessments/receipt_pdf.html", context), content_type="application/pdf"
    )
    response["Content-Disposition"] = content_disposition_header(True, f"{attempt.receipt}.pdf")
    response["Cache-Control"] = "private, no-store"
    return response


def _context(user: User, receipt: str) -> dict[str, Any]:
    attempts = Attempt.objects.visible_to(user).select_related(
        "submission", "owner__user", "owner__city", "guidelines", "project__edition__programme"
    )
    # Typed from paper or read over a telephone: small letters mean the same.
    attempt = get_object_or_404(attempts, receipt=receipt.upper())
    return {
        "attempt": attempt,
        "edition": attempt.project.edition,
        "files": attempt.files.all(),
        "sections": sections_of(attempt.guidelines, attempt.sections),
        "is_own": attempt.owner.user_id == user.pk,
        "is_in_hand": attempt.number == attempt.submission.attempt,
    }
