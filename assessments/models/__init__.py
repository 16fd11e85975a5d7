from assessments.models.completion import Certificate, CompletionPolicy, RequirementDecision
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
    CriterionMark,
    Grade,
    GradeBasis,
    GradeRevision,
    Presentation,
)
from assessments.models.project import GuidelinesVersion, Project
from assessments.models.rubric import Criterion, Level, Rubric, RubricVersion
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
    "Assessment",
    "AssessmentRevision",
    "Attempt",
    "AttemptFile",
    "AttemptLeftOut",
    "AttemptMember",
    "Certificate",
    "CompletionPolicy",
    "Criterion",
    "CriterionMark",
    "DeadlineReminder",
    "DeadlineSubmission",
    "DraftText",
    "DraftVersion",
    "Extension",
    "ExtensionDecision",
    "Grade",
    "GradeBasis",
    "GradeRevision",
    "GuidelinesPage",
    "GuidelinesVersion",
    "LatenessRuling",
    "Level",
    "Presentation",
    "Project",
    "ProjectFile",
    "RequirementDecision",
    "RevisionRequest",
    "Rubric",
    "RubricVersion",
    "Submission",
    "SubmitIntent",
    "SubmitIntentUpload",
    "TeamInvitation",
    "TeamMember",
    "Upload",
]
