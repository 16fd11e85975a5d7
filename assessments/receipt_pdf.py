"""What a receipt says to a reader, and the same on paper."""

from typing import Any

from django.utils.translation import gettext as _

from assessments.certificate_pdf import qr_code
from assessments.models import Attempt
from assessments.notifications import receipt_address
from assessments.selectors.anonymity import is_hidden
from assessments.selectors.deadlines import ruling_on
from assessments.selectors.receipts import code_of
from assessments.selectors.sections import sections_of_attempt
from assessments.selectors.team import writes_with
from lms.accounts.models import User
from lms.core.errors import PermissionDenied
from lms.core.pdf import render_pdf


def receipt_said(attempt: Attempt, user: User) -> dict[str, Any]:
    """The context of its page and paper. Raises PermissionDenied for whoever marks it
    without names."""
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


def receipt_pdf(attempt: Attempt, user: User) -> bytes:
    said = receipt_said(attempt, user)
    return render_pdf("assessments/receipt_pdf.html", {**said, "qr": qr_code(said["address"])})
