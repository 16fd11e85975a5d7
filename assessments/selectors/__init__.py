"""Reads that span models. Other apps import from here."""

from assessments.selectors.completion import (
    Completion,
    Requirement,
    completion_of,
    completion_of_many,
)
from assessments.selectors.marking import VisibleGrade, rubric_in_force, visible_grade
from assessments.selectors.project import project_of, submission_of

__all__ = [
    "Completion",
    "Requirement",
    "VisibleGrade",
    "completion_of",
    "completion_of_many",
    "project_of",
    "rubric_in_force",
    "submission_of",
    "visible_grade",
]
