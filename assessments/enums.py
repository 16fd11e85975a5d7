from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class SubmissionStatus(TextChoices):
    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Submitted")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    LOCKED_FOR_MARKING = "locked_for_marking", _("Being marked")
    RETURNED_FOR_REVISION = "returned_for_revision", _("Returned for revision")
    FINALISED = "finalised", _("Finalised")


class DraftVersionKind(TextChoices):
    """Why a draft was kept as it stood."""

    WRITING = "writing", _("Written")
    CONFLICT = "conflict", _("Decided against")
    RESTORE = "restore", _("Restored")
    SUBMIT = "submit", _("Handed in")


class ExtensionStatus(TextChoices):
    """A request for more time for one project."""

    REQUESTED = "requested", _("Waiting for an answer")
    GRANTED = "granted", _("Granted")
    SHORTENED = "shortened", _("Granted, but shorter")
    REFUSED = "refused", _("Refused")
    TAKEN_BACK = "taken_back", _("Taken back")


# More time that counts.
GIVEN = (ExtensionStatus.GRANTED, ExtensionStatus.SHORTENED)


class DeadlineSubmissionStatus(TextChoices):
    """A wish that the last complete draft be handed in at the deadline."""

    WAITING = "waiting", _("Waits for the deadline")
    SUBMITTED = "submitted", _("Handed in at the deadline")
    INCOMPLETE = "incomplete", _("Not handed in: the draft was not complete")
    OVERTAKEN = "overtaken", _("Not needed: the project was handed in by hand")
    CALLED_OFF = "called_off", _("Called off")


WITH_INSTRUCTORS = (
    SubmissionStatus.SUBMITTED,
    SubmissionStatus.LOCKED_FOR_MARKING,
    SubmissionStatus.FINALISED,
)

# An instructor marks it, or may begin to.
BEING_MARKED = (SubmissionStatus.SUBMITTED, SubmissionStatus.LOCKED_FOR_MARKING)

# Nothing is being read or marked: the team may change, the writers may ask for time.
STILL_WRITTEN = (
    SubmissionStatus.DRAFT,
    SubmissionStatus.WITHDRAWN,
    SubmissionStatus.RETURNED_FOR_REVISION,
)


# What guidelines say of teams where they say nothing: each participant for themselves.
ALONE = {"allowed": False, "max_members": 1}


class InvitationStatus(TextChoices):
    """Of an invitation to write a project together."""

    INVITED = "invited", _("Invited")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    EXPIRED = "expired", _("Expired")


class UploadStatus(TextChoices):
    """Where a file stands that arrives in pieces."""

    RECEIVING = "receiving", _("Arriving")
    RECEIVED = "received", _("Arrived, being checked and stored")
    FINISHED = "finished", _("Attached")
    REFUSED = "refused", _("Refused")
    CANCELLED = "cancelled", _("Cancelled")
    EXPIRED = "expired", _("Expired")


# Its bytes are kept until it expires.
UNFINISHED_UPLOAD = (UploadStatus.RECEIVING, UploadStatus.RECEIVED)


class AssessmentStatus(TextChoices):
    ALLOCATED = "allocated", _("Allocated")
    IN_MARKING = "in_marking", _("In marking")
    SUBMITTED = "submitted", _("Handed in")
    DECLINED = "declined", _("Declined")
    REASSIGNED = "reassigned", _("Reassigned")


# A marker holds the attempt; at most one at a time in each role.
ACTIVE_ASSESSMENT = (
    AssessmentStatus.ALLOCATED,
    AssessmentStatus.IN_MARKING,
    AssessmentStatus.SUBMITTED,
)


class MarkerRole(TextChoices):
    """In what part somebody marks an attempt."""

    FIRST = "first", _("First marker")
    SECOND = "second", _("Second marker")
    APPEAL = "appeal", _("Marker of the appeal")


class SecondMarkingRule(TextChoices):
    """Which projects two markers mark, neither seeing what the other gives."""

    NONE = "none", _("One marker for each project")
    SAMPLE = "sample", _("Two markers for a sample")
    ALL = "all", _("Two markers for every project")


class GradeStatus(TextChoices):
    """A grade is ungraded until the first marks are in: no row of the database says so."""

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


# Marked, and not shown to anybody yet: a new version of the rubric asks for another look.
UNDECIDED_GRADE = (
    GradeStatus.PROVISIONAL,
    GradeStatus.IN_MODERATION,
    GradeStatus.AGREED,
    GradeStatus.READY_FOR_RELEASE,
)


# Marked, and somebody has to agree on it.
TO_BE_AGREED = (GradeStatus.PROVISIONAL, GradeStatus.IN_MODERATION)

# Decided, and to be released.
AGREED_GRADE = (GradeStatus.AGREED, GradeStatus.READY_FOR_RELEASE)


class Outcome(TextChoices):
    PASSED = "passed", _("Passed")
    NOT_PASSED = "not_passed", _("Not passed")


class ReleaseStatus(TextChoices):
    """Of grades that are released together."""

    PREPARED = "prepared", _("Prepared")
    AWAITING_CONFIRMATION = "awaiting_confirmation", _("Waits for a colleague’s confirmation")
    SCHEDULED = "scheduled", _("Decided, can be undone")
    RELEASING = "releasing", _("Being released")
    RELEASED = "released", _("Released")
    UNDONE = "undone", _("Undone")
    FAILED = "failed", _("Stopped")


# Nothing has been shown to anybody yet.
RELEASE_TO_COME = (
    ReleaseStatus.PREPARED,
    ReleaseStatus.AWAITING_CONFIRMATION,
    ReleaseStatus.SCHEDULED,
)


class ReleaseItemOutcome(TextChoices):
    """What became of one grade of a release."""

    WAITING = "waiting", _("Waiting")
    RELEASED = "released", _("Released")
    LEFT_OUT = "left_out", _("Left out")
    TAKEN_BACK = "taken_back", _("Taken back")


class AppealStatus(TextChoices):
    RECEIVED = "received", _("Received")
    ASSIGNED = "assigned", _("With a colleague")
    UPHELD = "upheld", _("The grade stands")
    AMENDED = "amended", _("The grade was amended")


OPEN_APPEAL = (AppealStatus.RECEIVED, AppealStatus.ASSIGNED)
DECIDED_APPEAL = (AppealStatus.UPHELD, AppealStatus.AMENDED)


class PeerReviewStatus(TextChoices):
    INVITED = "invited", _("Waits for an answer")
    ACCEPTED = "accepted", _("Promised")
    DECLINED = "declined", _("Declined")
    IN_PROGRESS = "in_progress", _("Being written")
    SUBMITTED = "submitted", _("Handed in")
    REALLOCATED = "reallocated", _("Given to somebody else")


# A reviewer has it in hand, and it is not handed in.
OPEN_REVIEW = (
    PeerReviewStatus.INVITED,
    PeerReviewStatus.ACCEPTED,
    PeerReviewStatus.IN_PROGRESS,
)
# The same, or handed in: it counts for its draft.
STANDING_REVIEW = (*OPEN_REVIEW, PeerReviewStatus.SUBMITTED)


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
