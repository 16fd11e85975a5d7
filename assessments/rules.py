"""Who may do what with projects, marks and certificates."""

from typing import Any

import rules
from wagtail.permissions import page_permission_policy

from assessments.models import Submission
from assessments.selectors.marking import has_conflict
from lms.programme.rules import belongs_to_edition, is_coordinator, is_instructor, is_participant

# --- The participant's project ------------------------------------------------


@rules.predicate
def is_owner(user: Any, submission: Any) -> bool:
    """The participant whose project it is."""
    return submission is not None and submission.owner.user_id == user.pk


@rules.predicate
def may_publish_page(user: Any, project: Any) -> bool:
    """Wagtail says who publishes the page the guidelines are edited on."""
    return bool(project.guidelines_page.permissions_for_user(user).can_publish())


@rules.predicate
def edits_guidelines(user: Any, project: Any) -> bool:
    """Sees in the CMS's “view live” what participants read."""
    page = project.guidelines_page
    return bool(page_permission_policy.user_has_permission_for_instance(user, "change", page))


rules.add_perm("assessments.view_guidelines", belongs_to_edition | edits_guidelines)
rules.add_perm("assessments.publish_guidelines", may_publish_page)
rules.add_perm("assessments.make_project", is_coordinator)
rules.add_perm("assessments.set_deadline", is_coordinator)
rules.add_perm("assessments.start_project", is_participant)
# Writing, attaching, submitting, withdrawing, reopening: the participant alone,
# while they hold their place.
rules.add_perm("assessments.write_submission", is_owner & is_participant)
rules.add_perm("assessments.lock_for_marking", (is_instructor | is_coordinator) & ~is_owner)

# --- Marking, grades, the certificate ---------------------------------------------


@rules.predicate
def is_free_of_conflict(user: Any, thing: Any) -> bool:
    """Neither the owner of the project nor of the owner's city (invariant 10)."""
    submission = thing if isinstance(thing, Submission) else thing.submission
    return not has_conflict(user, submission)


@rules.predicate
def is_marker(user: Any, assessment: Any) -> bool:
    return assessment is not None and assessment.marker_id == user.pk


@rules.predicate
def is_their_own(user: Any, enrolment: Any) -> bool:
    """The place is the reader's own: nobody decides about themselves."""
    return enrolment is not None and enrolment.user_id == user.pk


_staff = is_instructor | is_coordinator
rules.add_perm("assessments.publish_rubric", is_coordinator)
rules.add_perm("assessments.view_marking", _staff)
rules.add_perm("assessments.mark_in_edition", is_instructor)
rules.add_perm("assessments.mark_submission", is_instructor & is_free_of_conflict)
rules.add_perm("assessments.return_for_revision", is_instructor & is_free_of_conflict)
rules.add_perm("assessments.mark_assessment", is_marker & is_instructor & is_free_of_conflict)
rules.add_perm("assessments.allocate_marker", is_coordinator & ~is_owner)
rules.add_perm("assessments.hand_over_assessment", is_marker & is_instructor)
rules.add_perm("assessments.judge_grade", _staff & is_free_of_conflict)
rules.add_perm("assessments.release_grade", _staff & is_free_of_conflict)
rules.add_perm("assessments.record_presentation", _staff & ~is_their_own)
rules.add_perm("assessments.view_completion", _staff)
rules.add_perm("assessments.waive_requirement", is_coordinator & ~is_their_own)
rules.add_perm("assessments.review_certificate", is_coordinator & ~is_their_own)
