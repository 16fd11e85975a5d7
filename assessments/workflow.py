"""The machines of the final project, its marking and the certificate."""

from assessments.enums import AppealStatus, ReleaseStatus
from assessments.enums import AssessmentStatus as A
from assessments.enums import CertificateStatus as C
from assessments.enums import DeadlineSubmissionStatus as D
from assessments.enums import ExtensionStatus as E
from assessments.enums import GradeStatus as G
from assessments.enums import InvitationStatus as I
from assessments.enums import PeerReviewStatus as P
from assessments.enums import SubmissionStatus as S
from assessments.enums import SurveyResponseStatus as R
from assessments.enums import UploadStatus as U
from lms.core.transitions import MoveTable

SUBMISSION_MOVES = MoveTable(
    name="Submission",
    states=S,
    initial=S.DRAFT,
    moves={
        S.DRAFT: (S.SUBMITTED,),
        S.SUBMITTED: (S.LOCKED_FOR_MARKING, S.WITHDRAWN),
        # A withdrawn project goes back to writing; its attempt stays as evidence.
        S.WITHDRAWN: (S.DRAFT,),
        S.LOCKED_FOR_MARKING: (S.FINALISED, S.RETURNED_FOR_REVISION),
        S.RETURNED_FOR_REVISION: (S.DRAFT,),
    },
)

EXTENSION_MOVES = MoveTable(
    name="Extension",
    states=E,
    initial=E.REQUESTED,
    moves={
        E.REQUESTED: (E.GRANTED, E.SHORTENED, E.REFUSED, E.TAKEN_BACK),
        # What was given may be made shorter, never to a time that has passed.
        E.GRANTED: (E.SHORTENED,),
        E.SHORTENED: (E.SHORTENED,),
    },
)

DEADLINE_SUBMISSION_MOVES = MoveTable(
    name="Submission at the deadline",
    states=D,
    initial=D.WAITING,
    moves={D.WAITING: (D.SUBMITTED, D.INCOMPLETE, D.OVERTAKEN, D.CALLED_OFF)},
)

UPLOAD_MOVES = MoveTable(
    name="Upload",
    states=U,
    initial=U.RECEIVING,
    moves={
        U.RECEIVING: (U.RECEIVED, U.REFUSED, U.CANCELLED, U.EXPIRED),
        # Arrived whole; the file store may be away for a while.
        U.RECEIVED: (U.FINISHED, U.REFUSED, U.CANCELLED, U.EXPIRED, U.RECEIVING),
    },
)

TEAM_INVITATION_MOVES = MoveTable(
    name="Team invitation",
    states=I,
    initial=I.INVITED,
    moves={I.INVITED: (I.ACCEPTED, I.DECLINED, I.WITHDRAWN, I.EXPIRED)},
)

ASSESSMENT_MOVES = MoveTable(
    name="Assessment",
    states=A,
    initial=A.ALLOCATED,
    moves={
        A.ALLOCATED: (A.IN_MARKING, A.DECLINED, A.REASSIGNED),
        A.IN_MARKING: (A.SUBMITTED, A.DECLINED, A.REASSIGNED),
        # Reopened by its marker until the grade is agreed: the next revision.
        A.SUBMITTED: (A.IN_MARKING,),
    },
)

GRADE_MOVES = MoveTable(
    name="Grade",
    states=G,
    initial=G.UNGRADED,
    moves={
        # The row of a grade begins with its first marks.
        G.UNGRADED: (G.PROVISIONAL,),
        G.PROVISIONAL: (G.IN_MODERATION, G.AGREED, G.VOIDED),
        G.IN_MODERATION: (G.PROVISIONAL, G.AGREED, G.VOIDED),
        G.AGREED: (G.READY_FOR_RELEASE, G.PROVISIONAL, G.VOIDED),
        G.READY_FOR_RELEASE: (G.RELEASED, G.AGREED, G.VOIDED),
        G.RELEASED: (G.APPEALED, G.AMENDED),
        G.APPEALED: (G.UPHELD, G.AMENDED),
        G.UPHELD: (G.AMENDED,),
        G.AMENDED: (G.APPEALED, G.AMENDED),
    },
)

RELEASE_MOVES = MoveTable(
    name="Release",
    states=ReleaseStatus,
    initial=ReleaseStatus.PREPARED,
    moves={
        ReleaseStatus.PREPARED: (ReleaseStatus.AWAITING_CONFIRMATION, ReleaseStatus.SCHEDULED),
        ReleaseStatus.AWAITING_CONFIRMATION: (ReleaseStatus.SCHEDULED, ReleaseStatus.UNDONE),
        # Until it begins nobody was told anything: whoever undoes it undoes all of it.
        ReleaseStatus.SCHEDULED: (ReleaseStatus.RELEASING, ReleaseStatus.UNDONE),
        ReleaseStatus.RELEASING: (ReleaseStatus.RELEASED, ReleaseStatus.FAILED),
        # What was released stays so; the rest is tried again.
        ReleaseStatus.FAILED: (ReleaseStatus.RELEASING,),
    },
)

APPEAL_MOVES = MoveTable(
    name="Appeal",
    states=AppealStatus,
    initial=AppealStatus.RECEIVED,
    moves={
        AppealStatus.RECEIVED: (AppealStatus.ASSIGNED,),
        # To another colleague, or decided.
        AppealStatus.ASSIGNED: (
            AppealStatus.ASSIGNED,
            AppealStatus.UPHELD,
            AppealStatus.AMENDED,
        ),
    },
)

PEER_REVIEW_MOVES = MoveTable(
    name="Peer review",
    states=P,
    initial=P.INVITED,
    moves={
        P.INVITED: (P.ACCEPTED, P.DECLINED, P.REALLOCATED),
        P.ACCEPTED: (P.IN_PROGRESS, P.REALLOCATED),
        P.IN_PROGRESS: (P.SUBMITTED, P.REALLOCATED),
    },
)

SURVEY_RESPONSE_MOVES = MoveTable(
    name="Survey response",
    states=R,
    initial=R.DRAFT,
    moves={R.DRAFT: (R.CITY_APPROVED,), R.CITY_APPROVED: (R.DRAFT, R.LOCKED)},
)

CERTIFICATE_MOVES = MoveTable(
    name="Certificate",
    states=C,
    initial=C.ELIGIBLE,
    moves={
        C.ELIGIBLE: (C.ISSUED,),
        C.ISSUED: (C.UNDER_REVIEW, C.SUPERSEDED),
        C.UNDER_REVIEW: (C.UPHELD, C.SUPERSEDED, C.REVOKED),
        C.UPHELD: (C.UNDER_REVIEW, C.SUPERSEDED),
    },
)
