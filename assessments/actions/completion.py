"""The three requirements as they are found or decided, and what follows from them (D15)."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from assessments import tasks
from assessments.actions.judging import require_not_own
from assessments.enums import (
    CertificateStatus,
    RequirementKey,
    RequirementStatus,
)
from assessments.models import Certificate, RequirementDecision
from assessments.selectors.completion import (
    Completion,
    Requirement,
    completion_of,
    latest_decisions,
)
from assessments.workflow import CERTIFICATE_MOVES
from lms.accounts.models import User
from lms.core import audit, outbox
from lms.core.errors import Conflict, InvalidInput
from lms.core.permissions import require_perm
from lms.core.text import clean_reason
from lms.core.transitions import require_move
from lms.programme.enums import TAKING_PART
from lms.programme.models import Enrolment

# Kinds of evidence that may go without a doubt about the certificate: an editor
# takes an activity out of the course, which is no act of the participant.
MAY_GO = {"activities"}


class NotWaived(Conflict):
    """There is no waiver to end."""

    code = "not_waived"


class AlreadyMet(Conflict):
    """The evidence already suffices."""

    code = "already_met"


class NotRevoked(Conflict):
    """There is no revoked certificate to replace."""

    code = "not_revoked"


class NotComplete(Conflict):
    """A requirement is not met yet."""

    code = "not_complete"


@transaction.atomic
def review_completion(*, enrolment: Enrolment, by: User | None = None, at: datetime) -> Completion:
    """Read the evidence again and record what changed (invariant 14).
    `by` None: the system, after a change of the evidence.

    All met or waived: the place becomes eligible, and issuing is queued. Evidence
    that a certificate rests on has gone or changed: a review opens; nothing is
    revoked silently. Safe to repeat.
    """
    enrolment = lock_enrolment(enrolment)
    if enrolment.status not in TAKING_PART:
        return completion_of(enrolment)
    if by is not None:
        require_perm(by, "assessments.view_completion", enrolment)
    completion = record_decisions(enrolment, at=at)
    certificate = completion.certificate
    if certificate is None:
        # What was revoked by a person does not come back by itself.
        if completion.is_complete and not _was_revoked(enrolment):
            _make_eligible(enrolment, completion, at=at)
    elif certificate.status == CertificateStatus.ELIGIBLE:
        if completion.is_complete:
            outbox.enqueue(tasks.issue_certificate, certificate_id=certificate.pk)
    elif certificate.status != CertificateStatus.UNDER_REVIEW and (
        gone := gone_evidence(certificate.evidence, evidence_of(completion))
    ):
        _open_review(certificate, gone, at=at)
    return completion


@transaction.atomic
def waive_requirement(
    *, enrolment: Enrolment, key: str, reason: str, by: User, at: datetime
) -> RequirementDecision:
    """A coordinator lets an unmet requirement count as met; it holds until it is ended.
    Raises AlreadyMet where the evidence suffices: the certificate then says so."""
    enrolment = lock_enrolment(enrolment)
    require_perm(by, "assessments.waive_requirement", enrolment)
    require_not_own(by, enrolment)
    requirement = _requirement(enrolment, key)
    reason = clean_reason(reason)
    if requirement.status == RequirementStatus.WAIVED and requirement.reason == reason:
        return latest_decisions([enrolment.pk])[enrolment.pk, requirement.key]
    if requirement.status == RequirementStatus.MET:
        raise AlreadyMet(_("This requirement is met; there is nothing to waive."))
    decision = _append(
        enrolment,
        requirement,
        latest_decisions([enrolment.pk]).get((enrolment.pk, requirement.key)),
        status=RequirementStatus.WAIVED,
        reason=reason,
        by=by,
        at=at,
    )
    outbox.enqueue(tasks.review_completion, enrolment_id=enrolment.pk)
    return decision


@transaction.atomic
def end_waiver(
    *, enrolment: Enrolment, key: str, reason: str, by: User, at: datetime
) -> RequirementDecision:
    """Take a waiver back: from now on the evidence decides again."""
    enrolment = lock_enrolment(enrolment)
    require_perm(by, "assessments.waive_requirement", enrolment)
    require_not_own(by, enrolment)
    requirement = _requirement(enrolment, key)
    reason = clean_reason(reason)
    if requirement.status != RequirementStatus.WAIVED:
        raise NotWaived(_("This requirement is not waived."))
    decision = _append(
        enrolment,
        requirement,
        latest_decisions([enrolment.pk]).get((enrolment.pk, requirement.key)),
        # The review that follows records what the evidence says.
        status=RequirementStatus.UNMET,
        reason=reason,
        by=by,
        at=at,
    )
    outbox.enqueue(tasks.review_completion, enrolment_id=enrolment.pk)
    return decision


@transaction.atomic
def restore_eligibility(
    *, enrolment: Enrolment, reason: str, by: User, at: datetime
) -> Certificate:
    """After a revocation: let a place that meets everything have a certificate again."""
    enrolment = lock_enrolment(enrolment)
    require_perm(by, "assessments.review_certificate", enrolment)
    require_not_own(by, enrolment)
    reason = clean_reason(reason)
    completion = record_decisions(enrolment, at=at)
    if completion.certificate is not None or not _was_revoked(enrolment):
        raise NotRevoked(_("No certificate of this place is revoked."))
    if not completion.is_complete:
        raise NotComplete(_("Not all requirements are met."))
    audit.record(
        by=by, verb="certificate.eligibility_restored", target=enrolment, at=at, reason=reason
    )
    return _make_eligible(enrolment, completion, at=at)


def lock_enrolment(enrolment: Enrolment) -> Enrolment:
    """Reviews, waivers and issuing of one place come one after the other."""
    return (
        Enrolment.objects.select_for_update(of=("self",))
        .select_related("edition__programme", "edition__course", "user", "city")
        .get(pk=enrolment.pk)
    )


def record_decisions(enrolment: Enrolment, *, at: datetime) -> Completion:
    """Append a decision for every requirement whose status changed, or whose
    evidence did while it is met. A requirement never met has no row: it is unmet."""
    completion = completion_of(enrolment)
    in_force = latest_decisions([enrolment.pk])
    for requirement in completion.requirements:
        latest = in_force.get((enrolment.pk, requirement.key))
        status = latest.status if latest else RequirementStatus.UNMET
        evidence_changed = (
            requirement.status == RequirementStatus.MET
            and latest is not None
            and latest.evidence != requirement.evidence
        )
        if requirement.status != status or evidence_changed:
            _append(
                enrolment,
                requirement,
                latest,
                status=RequirementStatus(requirement.status),
                reason="",
                by=None,
                at=at,
            )
    return completion


def evidence_of(completion: Completion) -> dict[str, Any]:
    """Requirement key → its evidence. A waiver is evidence of its own: the decision that
    gave it, so that one ended and given anew is another (invariant 14)."""
    return {
        requirement.key: {"waived": [requirement.waiver]}
        if requirement.waiver is not None
        else requirement.evidence
        for requirement in completion.requirements
    }


def gone_evidence(
    rests_on: dict[str, dict[str, list[int]]], found: dict[str, dict[str, list[int]]]
) -> list[str]:
    """Labels of the requirements whose evidence is no longer all there.

    More evidence, a stricter policy or a new activity is no reason to doubt a
    certificate: only what it rests on counts.
    """
    labels = []
    for key, kinds in rests_on.items():
        now = found.get(key, {})
        lost = any(
            set(ids) - set(now.get(kind, [])) for kind, ids in kinds.items() if kind not in MAY_GO
        )
        if lost:
            labels.append(str(RequirementKey(key).label))
    return labels


def _requirement(enrolment: Enrolment, key: str) -> Requirement:
    if key not in RequirementKey.values:
        raise InvalidInput(errors={"key": [_("There is no such requirement.")]})
    return completion_of(enrolment).requirement(key)


def _append(
    enrolment: Enrolment,
    requirement: Requirement,
    latest: RequirementDecision | None,
    *,
    status: RequirementStatus,
    reason: str,
    by: User | None,
    at: datetime,
) -> RequirementDecision:
    decision = RequirementDecision.objects.create(
        enrolment=enrolment,
        key=requirement.key,
        number=latest.number + 1 if latest else 1,
        status=status,
        evidence=requirement.evidence,
        reason=reason,
        decided_at=at,
        decided_by=by,
    )
    audit.record(
        by=by, verb=f"requirement.{status}", target=enrolment, at=at, key=requirement.key,
        decision=decision.pk, reason=reason,
    )  # fmt: skip
    return decision


def _was_revoked(enrolment: Enrolment) -> bool:
    return Certificate.objects.filter(
        enrolment=enrolment, status=CertificateStatus.REVOKED
    ).exists()


def _make_eligible(enrolment: Enrolment, completion: Completion, *, at: datetime) -> Certificate:
    edition = enrolment.edition
    earlier = Certificate.objects.filter(enrolment=enrolment).count()
    number = f"{edition.starts_on.year}-{edition.number:02d}-{enrolment.pk:05d}"
    certificate = Certificate.objects.create(
        edition=edition,
        enrolment=enrolment,
        number=f"{number}-{earlier + 1}" if earlier else number,
        eligible_at=at,
        evidence=evidence_of(completion),
        name=str(enrolment.user),
        city_name=enrolment.city.name,
        programme_name=edition.programme.name,
        edition_name=edition.name,
        host=edition.programme.host,
        partners=edition.programme.partners,
        place=edition.place,
        starts_on=edition.starts_on,
        ends_on=edition.ends_on,
        accreditation=edition.programme.accreditation,
    )
    audit.record(by=None, verb="certificate.eligible", target=certificate, at=at)
    outbox.enqueue(tasks.issue_certificate, certificate_id=certificate.pk)
    return certificate


def _open_review(certificate: Certificate, gone: list[str], *, at: datetime) -> None:
    require_move(CERTIFICATE_MOVES, certificate.status, CertificateStatus.UNDER_REVIEW)
    certificate.status = CertificateStatus.UNDER_REVIEW
    certificate.review_opened_at, certificate.review_opened_by = at, None
    certificate.review_reason = _("Evidence has changed: %(requirements)s.") % {
        "requirements": "; ".join(gone)
    }
    certificate.review_closed_at = certificate.review_closed_by = None
    certificate.save(
        update_fields=[
            "status", "review_opened_at", "review_opened_by", "review_reason",
            "review_closed_at", "review_closed_by",
        ]
    )  # fmt: skip
    audit.record(
        by=None, verb="certificate.review_opened", target=certificate, at=at,
        reason=certificate.review_reason,
    )  # fmt: skip
    outbox.enqueue(tasks.send_review_opened, certificate_id=certificate.pk)
