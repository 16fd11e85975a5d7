from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class SubmissionStatus(TextChoices):
    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Submitted")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    LOCKED_FOR_MARKING = "locked_for_marking", _("Being marked")
    RETURNED_FOR_REVISION = "returned_for_revision", _("Returned for revision")
    FINALISED = "finalised", _("Finalised")


class FileType(TextChoices):
    """What may be attached to a project; the guidelines say which of these."""

    PDF = "pdf", _("PDF")


class AssessmentStatus(TextChoices):
    ALLOCATED = "allocated", _("Allocated")
    IN_MARKING = "in_marking", _("In marking")
    SUBMITTED = "submitted", _("Handed in")
    DECLINED = "declined", _("Declined")
    REASSIGNED = "reassigned", _("Reassigned")


# A marker holds the attempt; at most one at a time.
ACTIVE_ASSESSMENT = (
    AssessmentStatus.ALLOCATED,
    AssessmentStatus.IN_MARKING,
    AssessmentStatus.SUBMITTED,
)


class GradeStatus(TextChoices):
    UNGRADED = "ungraded", _("Not graded")
    PROVISIONAL = "provisional", _("Provisional")
    IN_MODERATION = "in_moderation", _("In moderation")
    AGREED = "agreed", _("Agreed")
    READY_FOR_RELEASE = "ready_for_release", _("Ready for release")
    RELEASED = "released", _("Released")
    APPEALED = "appealed", _("Appealed")
    UPHELD = "upheld", _("Upheld")
    AMENDED = "amended", _("Amended")
    VOIDED = "voided", _("Voided")


# What a participant may see (invariant 9). An appealed or upheld grade was released before.
VISIBLE_TO_PARTICIPANT = (
    GradeStatus.RELEASED,
    GradeStatus.APPEALED,
    GradeStatus.UPHELD,
    GradeStatus.AMENDED,
)


class Outcome(TextChoices):
    PASSED = "passed", _("Passed")
    NOT_PASSED = "not_passed", _("Not passed")


class PeerReviewStatus(TextChoices):
    INVITED = "invited", _("Invited")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    IN_PROGRESS = "in_progress", _("In progress")
    SUBMITTED = "submitted", _("Submitted")
    REALLOCATED = "reallocated", _("Reallocated")


class SurveyResponseStatus(TextChoices):
    DRAFT = "draft", _("Draft")
    CITY_APPROVED = "city_approved", _("Approved by the city")
    LOCKED = "locked", _("Locked")


class CertificateStatus(TextChoices):
    ELIGIBLE = "eligible", _("Eligible")
    ISSUED = "issued", _("Issued")
    UNDER_REVIEW = "under_review", _("Under review")
    UPHELD = "upheld", _("Upheld")
    SUPERSEDED = "superseded", _("Superseded")
    REVOKED = "revoked", _("Revoked")


# The certificate that counts for a place; at most one.
STANDING_CERTIFICATE = (
    CertificateStatus.ELIGIBLE,
    CertificateStatus.ISSUED,
    CertificateStatus.UNDER_REVIEW,
    CertificateStatus.UPHELD,
)


class RequirementKey(TextChoices):
    """The three requirements of D15."""

    PARTICIPATION = "participation", _("Take part in all activities")
    SHARING = "sharing", _("Share your city’s experience")
    PROJECT = "project", _("Present the final project")


class RequirementStatus(TextChoices):
    MET = "met", _("Met")
    UNMET = "unmet", _("Not yet met")
    WAIVED = "waived", _("Waived")
