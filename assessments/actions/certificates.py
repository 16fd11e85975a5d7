"""Issuing a certificate once, and what may happen to it afterwards (D16)."""

from datetime import datetime

from django.core.files.base import ContentFile
from django.db import transaction

from assessments import tasks
from assessments.actions.completion import evidence_of, lock_enrolment, record_decisions
from assessments.actions.judging import require_not_own, require_reason
from assessments.certificate_pdf import render_certificate
from assessments.enums import CertificateStatus
from assessments.models import Certificate
from assessments.signals import certificate_issued
from assessments.workflow import CERTIFICATE_MOVES
from lms.accounts.models import User
from lms.core import audit, outbox
from lms.core.permissions import require_perm
from lms.core.storage import store_by_content
from lms.core.transitions import require_move
from lms.programme.enums import EnrolmentStatus
from lms.programme.models import Enrolment
from lms.programme.workflow import ENROLMENT_MOVES


@transaction.atomic
def issue_certificate(
    *, certificate: Certificate, by: User | None = None, at: datetime
) -> Certificate:
    """Print, store and announce an eligible certificate; the place is completed.
    `by` None: the system, which is the ordinary way.

    Two workers issue one certificate: the second finds it issued. Where a
    requirement is no longer met it stays eligible and nothing is printed.
    """
    enrolment = lock_enrolment(certificate.enrolment)
    certificate = Certificate.objects.select_for_update(of=("self",)).get(pk=certificate.pk)
    if by is not None:
        require_perm(by, "assessments.review_certificate", enrolment)
    if certificate.status != CertificateStatus.ELIGIBLE:
        return certificate
    completion = record_decisions(enrolment, at=at)
    if not completion.is_complete:
        audit.record(by=None, verb="certificate.not_issued", target=certificate, at=at)
        return certificate

    require_move(CERTIFICATE_MOVES, certificate.status, CertificateStatus.ISSUED)
    certificate.issued_at = at
    pdf = render_certificate(certificate)
    certificate.stored_as, certificate.sha256 = store_by_content(ContentFile(pdf))
    certificate.size = len(pdf)
    certificate.evidence = evidence_of(completion)
    certificate.status = CertificateStatus.ISSUED
    certificate.save(
        update_fields=["issued_at", "stored_as", "sha256", "size", "evidence", "status"]
    )
    _complete_place(enrolment, at=at)
    audit.record(
        by=None, verb="certificate.issued", target=certificate, at=at, number=certificate.number,
        sha256=certificate.sha256,
    )  # fmt: skip
    outbox.enqueue(tasks.send_certificate, certificate_id=certificate.pk)
    certificate_issued.send(
        Certificate, certificate_id=certificate.pk, enrolment_id=enrolment.pk, at=at
    )
    return certificate


@transaction.atomic
def open_certificate_review(
    *, certificate: Certificate, reason: str, by: User, at: datetime
) -> Certificate:
    """Say openly that a certificate is in doubt; nothing is revoked without this step."""
    certificate = _lock(certificate, by)
    reason = require_reason(reason)
    require_move(CERTIFICATE_MOVES, certificate.status, CertificateStatus.UNDER_REVIEW)
    certificate.status = CertificateStatus.UNDER_REVIEW
    certificate.review_reason, certificate.review_opened_at = reason, at
    certificate.review_closed_at = certificate.review_closed_by = None
    certificate.save(
        update_fields=[
            "status", "review_reason", "review_opened_at", "review_closed_at", "review_closed_by",
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
    reason = require_reason(reason)
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
    reason = require_reason(reason)
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


def _complete_place(enrolment: Enrolment, *, at: datetime) -> None:
    if enrolment.status == EnrolmentStatus.COMPLETED:
        return
    require_move(ENROLMENT_MOVES, enrolment.status, EnrolmentStatus.COMPLETED)
    enrolment.status = EnrolmentStatus.COMPLETED
    enrolment.save(update_fields=["status"])
    audit.record(by=None, verb="enrolment.completed", target=enrolment, at=at)
