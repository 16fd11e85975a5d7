from assessments.actions.certificates import (
    issue_certificate,
    open_certificate_review,
    revoke_certificate,
    uphold_certificate,
)
from assessments.actions.completion import (
    end_waiver,
    restore_eligibility,
    review_completion,
    waive_requirement,
)
from assessments.actions.drafts import adopt_guidelines, save_draft, start_project
from assessments.actions.files import attach_file, remove_file, restore_file
from assessments.actions.grades import (
    agree_grade,
    amend_grade,
    moderate_grade,
    prepare_release,
    release_agreed_grade,
    release_grade,
    reopen_grade,
)
from assessments.actions.guidelines import publish_guidelines
from assessments.actions.marking import (
    allocate_marker,
    decline_marking,
    reopen_marking,
    save_marks,
    start_marking,
    submit_assessment,
)
from assessments.actions.presentations import (
    correct_presentation,
    record_presentation,
    withdraw_presentation,
)
from assessments.actions.revising import (
    lock_for_marking,
    reopen_draft,
    return_for_revision,
    withdraw_submission,
)
from assessments.actions.rubric import publish_rubric
from assessments.actions.submitting import submit_project

__all__ = [
    "adopt_guidelines",
    "agree_grade",
    "allocate_marker",
    "amend_grade",
    "attach_file",
    "correct_presentation",
    "decline_marking",
    "end_waiver",
    "issue_certificate",
    "lock_for_marking",
    "moderate_grade",
    "open_certificate_review",
    "prepare_release",
    "publish_guidelines",
    "publish_rubric",
    "record_presentation",
    "release_agreed_grade",
    "release_grade",
    "remove_file",
    "reopen_draft",
    "reopen_grade",
    "reopen_marking",
    "restore_eligibility",
    "restore_file",
    "return_for_revision",
    "review_completion",
    "revoke_certificate",
    "save_draft",
    "save_marks",
    "start_marking",
    "start_project",
    "submit_assessment",
    "submit_project",
    "uphold_certificate",
    "waive_requirement",
    "withdraw_presentation",
    "withdraw_submission",
]
