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
from assessments.actions.deadlines import set_deadline
from assessments.actions.drafts import (
    adopt_guidelines,
    insert_answer,
    save_draft,
    start_project,
)
from assessments.actions.files import attach_file, remove_file, restore_file
from assessments.actions.grades import (
    agree_grade,
    amend_grade,
    confirm_marks,
    moderate_grade,
    prepare_release,
    reopen_grade,
)
from assessments.actions.guidelines import publish_guidelines
from assessments.actions.intents import declare_intent
from assessments.actions.invitations import (
    accept_invitation,
    decline_invitation,
    expire_invitations,
    invite_member,
    withdraw_invitation,
)
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
from assessments.actions.projects import make_project
from assessments.actions.releasing import (
    confirm_release,
    make_release,
    release_grade,
    undo_release,
)
from assessments.actions.revising import (
    lock_for_marking,
    reopen_draft,
    return_for_revision,
    withdraw_submission,
)
from assessments.actions.rubric import publish_rubric
from assessments.actions.submitting import submit_project
from assessments.actions.teams import add_member, leave_team, remove_member, take_up_draft

__all__ = [
    "accept_invitation",
    "add_member",
    "adopt_guidelines",
    "agree_grade",
    "allocate_marker",
    "amend_grade",
    "attach_file",
    "confirm_marks",
    "confirm_release",
    "correct_presentation",
    "declare_intent",
    "decline_invitation",
    "decline_marking",
    "end_waiver",
    "expire_invitations",
    "insert_answer",
    "invite_member",
    "issue_certificate",
    "leave_team",
    "lock_for_marking",
    "make_project",
    "make_release",
    "moderate_grade",
    "open_certificate_review",
    "prepare_release",
    "publish_guidelines",
    "publish_rubric",
    "record_presentation",
    "release_grade",
    "remove_file",
    "remove_member",
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
    "set_deadline",
    "start_marking",
    "start_project",
    "submit_assessment",
    "submit_project",
    "take_up_draft",
    "undo_release",
    "uphold_certificate",
    "waive_requirement",
    "withdraw_invitation",
    "withdraw_presentation",
    "withdraw_submission",
]
