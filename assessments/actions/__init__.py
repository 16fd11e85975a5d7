from assessments.actions.drafts import adopt_guidelines, save_draft, start_project
from assessments.actions.files import attach_file, remove_file, restore_file
from assessments.actions.guidelines import publish_guidelines
from assessments.actions.revising import (
    lock_for_marking,
    reopen_draft,
    return_for_revision,
    withdraw_submission,
)
from assessments.actions.submitting import submit_project

__all__ = [
    "adopt_guidelines",
    "attach_file",
    "lock_for_marking",
    "publish_guidelines",
    "remove_file",
    "reopen_draft",
    "restore_file",
    "return_for_revision",
    "save_draft",
    "start_project",
    "submit_project",
    "withdraw_submission",
]
