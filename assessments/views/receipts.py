"""The receipt of a submitted project, on screen and on paper, and its public check."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_safe

from assessments.models import Attempt
from assessments.receipt_pdf import receipt_pdf, receipt_said
from assessments.selectors.receipts import CheckedReceipt, FailedReceipts, check_receipt
from assessments.team_forms import CheckReceiptForm
from lms.accounts.models import User
from lms.accounts.typed import SignedInRequest, sign_in_required
from lms.core.downloads import as_pdf


@require_safe
@sign_in_required
def show_receipt(request: SignedInRequest, receipt: str) -> HttpResponse:
    said = receipt_said(_readable(request.user, receipt), request.user)
    return render(request, "assessments/receipt.html", said)


@require_safe
@sign_in_required
def download_receipt(request: SignedInRequest, receipt: str) -> HttpResponse:
    attempt = _readable(request.user, receipt)
    return as_pdf(receipt_pdf(attempt, request.user), name=f"{attempt.receipt}.pdf")


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


def _readable(user: User, receipt: str) -> Attempt:
    attempts = Attempt.objects.visible_to(user).select_related(
        "submission", "submitted_by", "owner__user", "owner__city", "guidelines",
        "project__edition__programme",
    )  # fmt: skip
    # Typed from paper or read over a telephone: small letters mean the same.
    return get_object_or_404(attempts, receipt=receipt.upper())
