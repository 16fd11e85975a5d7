"""The way an application goes. Its tables come with the admissions feature."""

from lms.admissions.enums import ApplicationStatus as A
from lms.core.transitions import MoveTable

APPLICATION_MOVES = MoveTable(
    name="Application",
    states=A,
    initial=A.DRAFT,
    moves={
        A.DRAFT: (A.SUBMITTED, A.WITHDRAWN),
        A.SUBMITTED: (A.UNDER_REVIEW, A.WITHDRAWN),
        A.UNDER_REVIEW: (A.INFO_REQUESTED, A.ADMITTED, A.WAITLISTED, A.DECLINED, A.WITHDRAWN),
        A.INFO_REQUESTED: (A.UNDER_REVIEW, A.WITHDRAWN),
        A.WAITLISTED: (A.ADMITTED, A.DECLINED, A.WITHDRAWN),
    },
)
