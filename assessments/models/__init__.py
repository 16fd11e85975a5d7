from assessments.models.allocation import AllocationRun, LanguageProfile
from assessments.models.annotation import Annotation, Snippet
from assessments.models.appeal import Appeal
from assessments.models.calibration import CalibrationMarks, CalibrationRound
from assessments.models.completion import Certificate, CompletionPolicy, RequirementDecision
from assessments.models.conflicts import DeclaredConflict
from assessments.models.deadlines import (
    DeadlineReminder,
    DeadlineSubmission,
    Extension,
    ExtensionDecision,
    LatenessRuling,
)
from assessments.models.guidelines import GuidelinesPage
from assessments.models.history import DraftText, DraftVersion
from assessments.models.marking import (
    Assessment,
    AssessmentRevision,
    Grade,
    GradeBasis,
    GradeRevision,
    Presentation,
)
from assessments.models.pack import PackReturn
from assessments.models.peer import PeerDraft, PeerEntry, PeerReview, PeerRound
from assessments.models.policy import MarkingPolicy
from assessments.models.project import GuidelinesVersion, Project
from assessments.models.queue import DeskVisit, MarkingLease, QueuePlace
from assessments.models.release import Release, ReleaseItem
from assessments.models.rubric import Criterion, Level, Rubric, RubricDraft, RubricVersion
from assessments.models.second_marking import SecondMarking
from assessments.models.submission import (
    Attempt,
    AttemptFile,
    ProjectFile,
    RevisionRequest,
    Submission,
)
from assessments.models.team import AttemptMember, TeamInvitation, TeamMember
from assessments.models.uploads import (
    AttemptLeftOut,
    SubmitIntent,
    SubmitIntentUpload,
    Upload,
)

__all__ = [
    "AllocationRun",
    "Annotation",
    "Appeal",
    "Assessment",
    "AssessmentRevision",
    "Attempt",
    "AttemptFile",
    "AttemptLeftOut",
    "AttemptMember",
    "CalibrationMarks",
    "CalibrationRound",
    "Certificate",
    "CompletionPolicy",
    "Criterion",
    "DeadlineReminder",
    "DeadlineSubmission",
    "DeclaredConflict",
    "DeskVisit",
    "DraftText",
    "DraftVersion",
    "Extension",
    "ExtensionDecision",
    "Grade",
    "GradeBasis",
    "GradeRevision",
    "GuidelinesPage",
    "GuidelinesVersion",
    "LanguageProfile",
    "LatenessRuling",
    "Level",
    "MarkingLease",
    "MarkingPolicy",
    "PackReturn",
    "PeerDraft",
    "PeerEntry",
    "PeerReview",
    "PeerRound",
    "Presentation",
    "Project",
    "ProjectFile",
    "QueuePlace",
    "Release",
    "ReleaseItem",
    "RequirementDecision",
    "RevisionRequest",
    "Rubric",
    "RubricDraft",
    "RubricVersion",
    "SecondMarking",
    "Snippet",
    "Submission",
    "SubmitIntent",
    "SubmitIntentUpload",
    "TeamInvitation",
    "TeamMember",
    "Upload",
]
