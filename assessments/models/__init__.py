from assessments.models.completion import Certificate, CompletionPolicy, RequirementDecision
from assessments.models.guidelines import GuidelinesPage
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

__all__ = [
    "Assessment",
    "AssessmentRevision",
    "Attempt",
    "AttemptFile",
    "Certificate",
    "CompletionPolicy",
    "Criterion",
    "CriterionMark",
    "Grade",
    "GradeBasis",
    "GradeRevision",
    "GuidelinesPage",
    "GuidelinesVersion",
    "Level",
    "Presentation",
    "Project",
    "ProjectFile",
    "RequirementDecision",
    "RevisionRequest",
    "Rubric",
    "RubricVersion",
    "Submission",
]
