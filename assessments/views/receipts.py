"""The receipt of a submitted project, on screen and on paper, and its public check."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from assessments.certificate_pdf import qr_code
from assessments.models import Attempt
from assessments.notifications import receipt_address
from assessments.selectors.anonymity import is_hidden
from assessments.selectors.deadlines import ruling_on
from assessments.selectors.receipts import CheckedReceipt, FailedReceipts, check_receipt, code_of
from assessments.selectors.sections import sections_of_attempt
from assessments.selectors.team import writes_with
from assessments.team_forms import CheckReceiptForm
from lms.accounts.models import User
from lms.accounts.typed import SignedInRequest, sign_in_required
from lms.core.errors import PermissionDenied
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
    context["qr"] = qr_code(context["address"])
    response = HttpResponse(
        render_pdf("assessments/receipt_pdf.html", context), content_type="application/pdf"
    )
    response["Content-Disposition"] = content_disposition_header(True, f"{attempt.receipt}.pdf")
    response["Cache-Control"] = "private, no-store"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def verify_receipt(request: HttpRequest, receipt: str) -> HttpResponse:
    """Public: whether a receipt stands, for whoever holds its code or one of its files.
    What may be known, and what is not told, stands in `selectors.receipts`."""
    typed = request.POST if request.method == "POST" else request.GET
    form = CheckReceiptForm(typed if {"code", "sha256"} & set(typed) else None)
    checked: CheckedReceipt | None = None
    is_wrong = has_to_wait = False
    if form.is_bound and form.is_valid():
        tries: Any = FailedReceipts()
        has_to_wait = not tries.allow_request(request, None)
        if not has_to_wait:
            checked = check_receipt(receipt, **form.cleaned_data)
            is_wrong = checked is None
            if is_wrong:
                tries.count()
    response = render(
        request,
        "assessments/verify_receipt.html",
        {
            "receipt": receipt,
            "form": form,
            "checked": checked,
            "is_wrong": is_wrong,
            "has_to_wait": has_to_wait,
        },
        status=429 if has_to_wait else 404 if is_wrong else 422 if form.errors else 200,
    )
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Cache-Control"] = "private, no-store"
    return response


def _context(user: User, receipt: str) -> dict[str, Any]:
    attempts = Attempt.objects.visible_to(user).select_related(
        "submission", "submitted_by", "owner__user", "owner__city", "guidelines",
        "project__edition__programme",
    )  # fmt: skip
    # Typed from paper or read over a telephone: small letters mean the same.
    attempt = get_object_or_404(attempts, receipt=receipt.upper())
    if is_hidden(attempt.submission, user):
        raise PermissionDenied(
            _(
                "Names are hidden while you mark, and a receipt carries them. The project itself "
                "is on your desk."
            )
        )
    is_own = writes_with(user, attempt.submission)
    return {
        "attempt": attempt,
        "edition": attempt.project.edition,
        "files": attempt.files.all(),
        "members": list(attempt.members.all()),
        "sections": sections_of_attempt(attempt),
        "is_own": is_own,
        "follows": not is_own
        and user.has_perm("assessments.follow_deadlines", attempt.project.edition),
        "is_in_hand": attempt.number == attempt.submission.attempt,
        "ruling": ruling_on(attempt),
        "code": code_of(attempt),
        "address": receipt_address(attempt),
    }
