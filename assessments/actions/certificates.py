"""Issuing a certificate once, and what may happen to it afterwards (D16)."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _

from assessments import tasks
from assessments.actions.completion import evidence_of, lock_enrolment, record_decisions
from assessments.actions.judging import require_not_own
from assessments.certificate_pdf import render_certificate
from assessments.enums import CertificateStatus
from assessments.models import Certificate
from assessments.selectors.completion import Completion, completion_of
from assessments.signals import certificate_issued
from assessments.workflow import CERTIFICATE_MOVES
from lms.accounts.models import User
from lms.core import audit, outbox
from lms.core.errors import StaleVersion
from lms.core.permissions import require_perm
from lms.core.storage import store_by_content
from lms.core.text import clean_reason
from lms.core.transitions import require_move
from lms.programme.actions import move_enrolment
from lms.programme.enums import TAKING_PART, EnrolmentStatus
from lms.programme.models import Enrolment


@dataclass(frozen=True)
class Printed:
    """A certificate on paper, stored. `claims_all`: it says that every requirement was met."""

    stored_as: str
    sha256: str
    size: int
    claims_all: bool


def issue_certificate(
    *, certificate: Certificate, by: User | None = None, at: datetime
) -> Certificate:
    """Print, store and announce an eligible certificate; the place is completed.
    `by` None: the system, which is the ordinary way.

    Two workers issue one certificate: the second finds it issued. Where a
    requirement is no longer met, or the place was given up, it stays eligible and
    nothing is printed. Raises StaleVersion when a waiver came or went during the
    printing: the outbox tries again.
    """
    certificate = Certificate.objects.select_related(
        "enrolment__edition__course", "enrolment__user", "edition"
    ).get(pk=certificate.pk)
    if by is not None:
        require_perm(by, "assessments.review_certificate", certificate.enrolment)
        require_not_own(by, certificate.enrolment)
    # Printing takes a while: nobody waits for it behind a lock. What is printed was
    # fixed when the place became eligible; content without a row harms nothing.
    printed = None
    if certificate.status == CertificateStatus.ELIGIBLE and _may_have_it(certificate.enrolment):
        completion = completion_of(certificate.enrolment)
        if completion.is_complete:
            printed = _print(certificate, completion, at=at)
    return _issue(certificate, printed, by=by, at=at)


def _print(certificate: Certificate, completion: Completion, *, at: datetime) -> Printed:
    claims_all = completion.is_met
    pdf = render_certificate(
        certificate,
        issued_on=at.astimezone(ZoneInfo(certificate.edition.time_zone)).date(),
        claims_all=claims_all,
    )
    stored_as, sha256 = store_by_content(ContentFile(pdf))
    return Printed(stored_as, sha256, len(pdf), claims_all)


@transaction.atomic
def _issue(
    certificate: Certificate, printed: Printed | None, *, by: User | None, at: datetime
) -> Certificate:
    enrolment = lock_enrolment(certificate.enrolment)
    certificate = Certificate.objects.select_for_update(of=("self",)).get(pk=certificate.pk)
    if by is not None:
        require_perm(by, "assessments.review_certificate", enrolment)
        require_not_own(by, enrolment)
    if certificate.status != CertificateStatus.ELIGIBLE:
        return certificate
    if not _may_have_it(enrolment):
        audit.record(
            by=by, verb="certificate.not_issued", target=certificate, at=at, place=enrolment.status
        )
        return certificate
    completion = record_decisions(enrolment, at=at)
    if not completion.is_complete:
        audit.record(by=by, verb="certificate.not_issued", target=certificate, at=at)
        return certificate
    if printed is None or printed.claims_all != completion.is_met:
        raise StaleVersion(_("What the certificate rests on changed while it was printed."))

    require_move(CERTIFICATE_MOVES, certificate.status, CertificateStatus.ISSUED)
    certificate.issued_at = at
    certificate.stored_as, certificate.sha256 = printed.stored_as, printed.sha256
    certificate.size = printed.size
    certificate.evidence = evidence_of(completion)
    certificate.status = CertificateStatus.ISSUED
    certificate.save(
        update_fields=["issued_at", "stored_as", "sha256", "size", "evidence", "status"]
    )
    if enrolment.status != EnrolmentStatus.COMPLETED:
        move_enrolment(enrolment=enrolment, to=EnrolmentStatus.COMPLETED, by=None, at=at)
    audit.record(
        by=by, verb="certificate.issued", target=certificate, at=at, number=certificate.number,
        sha256=certificate.sha256,
    )  # fmt: skip
    outbox.enqueue(tasks.send_certificate, certificate_id=certificate.pk)
    certificate_issued.send(
        Certificate, certificate_id=certificate.pk, enrolment_id=enrolment.pk, at=at
    )
    return certificate


def _may_have_it(enrolment: Enrolment) -> bool:
    return enrolment.status in TAKING_PART


@transaction.atomic
def open_certificate_review(
    *, certificate: Certificate, reason: str, by: User, at: datetime
) -> Certificate:
    """Say openly that a certificate is in doubt; nothing is revoked without this step."""
    certificate = _lock(certificate, by)
    reason = clean_reason(reason)
    require_move(CERTIFICATE_MOVES, certificate.status, CertificateStatus.UNDER_REVIEW)
    certificate.status = CertificateStatus.UNDER_REVIEW
    certificate.review_reason = reason
    certificate.review_opened_at, certificate.review_opened_by = at, by
    certificate.review_closed_at = certificate.review_closed_by = None
    certificate.save(
        update_fields=[
            "status", "review_reason", "review_opened_at", "review_opened_by",
            "review_closed_at", "review_closed_by",
        ]
    )  # fmt: skip
    audit.record(by=by, verb="certificate.review_opened", target=certificate, at=at, reason=reason)
    outbox.enqueue(tasks.send_review_opened, certificate_id=certificate.pk)
    return certificate


@transaction.atomic
def uphold_certificate(
    *, certificate: Certificate, reason: str, by: User, at: datetime
) -> Certificate:
    """End a review: the certificate stands, on the evidence as it is now."""
    certificate = _lock(certificate, by)
    reason = clean_reason(reason)
    require_move(CERTIFICATE_MOVES, certificate.status, CertificateStatus.UPHELD)
    certificate.status = CertificateStatus.UPHELD
    certificate.evidence = evidence_of(record_decisions(certificate.enrolment, at=at))
    certificate.review_closed_at, certificate.review_closed_by = at, by
    certificate.save(update_fields=["status", "evidence", "review_closed_at", "review_closed_by"])
    audit.record(by=by, verb="certificate.upheld", target=certificate, at=at, reason=reason)
    outbox.enqueue(tasks.send_review_closed, certificate_id=certificate.pk)
    return certificate


@transaction.atomic
def revoke_certificate(
    *, certificate: Certificate, reason: str, by: User, at: datetime
) -> Certificate:
    """End a review: the certificate no longer counts. Its verification page goes on
    to answer, as revoked (invariant 14)."""
    certificate = _lock(certificate, by)
    reason = clean_reason(reason)
    require_move(CERTIFICATE_MOVES, certificate.status, CertificateStatus.REVOKED)
    certificate.status = CertificateStatus.REVOKED
    certificate.revoked_reason = reason
    certificate.review_closed_at, certificate.review_closed_by = at, by
    certificate.save(
        update_fields=["status", "revoked_reason", "review_closed_at", "review_closed_by"]
    )
    audit.record(by=by, verb="certificate.revoked", target=certificate, at=at, reason=reason)
    outbox.enqueue(tasks.send_review_closed, certificate_id=certificate.pk)
    return certificate


def _lock(certificate: Certificate, by: User) -> Certificate:
    lock_enrolment(certificate.enrolment)
    locked = (
        Certificate.objects.select_for_update(of=("self",))
        .select_related("enrolment")
        .get(pk=certificate.pk)
    )
    require_perm(by, "assessments.review_certificate", locked.enrolment)
    require_not_own(by, locked.enrolment)
    return locked
