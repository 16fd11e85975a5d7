"""Who may do what with projects, marks and certificates."""

from typing import Any

import rules
from wagtail.permissions import page_permission_policy

from assessments.models import Submission
from assessments.selectors.anonymity import hides_names_in
from assessments.selectors.marking import has_conflict
from assessments.selectors.team import has_written, takes_part_and_writes, writes_with
from lms.programme.enums import TAKING_PART
from lms.programme.rules import (
    belongs_to_edition,
    edition_id_of,
    is_coordinator,
    is_instructor,
    is_participant,
)

# --- The participant's project ------------------------------------------------


@rules.predicate
def is_owner(user: Any, submission: Any) -> bool:
    """The member who answers for the project: invites to its team, and takes out of it."""
    return submission is not None and submission.owner.user_id == user.pk


@rules.predicate
def is_member(user: Any, submission: Any) -> bool:
    """Writes the project: alone, or in its team. The owner does unless it was set aside."""
    if submission is None:
        return False
    if submission.parked_at is None and submission.owner.user_id == user.pk:
        return True
    return writes_with(user, submission)


@rules.predicate
def writes_now(user: Any, submission: Any) -> bool:
    """A member who holds their place. Nothing else is asked where nothing else is known
    yet, and nothing of who began it: an autosave comes every few seconds."""
    if submission is None:
        return False
    if submission.parked_at is None and getattr(user, "remembered_roles", None) is None:
        if submission.owner.user_id == user.pk:
            return submission.owner.status in TAKING_PART
        return takes_part_and_writes(user, submission)
    return bool(is_member(user, submission) and is_participant(user, submission))


@rules.predicate
def had_a_hand(user: Any, submission: Any) -> bool:
    """Writes the project or once did (invariant 10)."""
    return submission is not None and (
        submission.owner.user_id == user.pk or has_written(user, submission)
    )


@rules.predicate
def is_set_aside(user: Any, submission: Any) -> bool:
    return submission is not None and submission.parked_at is not None


@rules.predicate
def is_invited(user: Any, invitation: Any) -> bool:
    return invitation is not None and invitation.enrolment.user_id == user.pk


@rules.predicate
def invites(user: Any, invitation: Any) -> bool:
    return invitation is not None and invitation.submission.owner.user_id == user.pk


@rules.predicate
def may_publish_page(user: Any, project: Any) -> bool:
    """Wagtail says who publishes the page the guidelines are edited on."""
    return bool(project.guidelines_page.permissions_for_user(user).can_publish())


@rules.predicate
def edits_guidelines(user: Any, project: Any) -> bool:
    """Sees in the CMS's “view live” what participants read."""
    page = project.guidelines_page
    return bool(page_permission_policy.user_has_permission_for_instance(user, "change", page))


@rules.predicate
def sees_names(user: Any, thing: Any) -> bool:
    """Does not mark in an edition that marks anonymously."""
    return not hides_names_in(edition_id_of(thing), user)


rules.add_perm("assessments.view_guidelines", belongs_to_edition | edits_guidelines)
rules.add_perm("assessments.publish_guidelines", may_publish_page)
rules.add_perm("assessments.make_project", is_coordinator)
rules.add_perm("assessments.set_deadline", is_coordinator)
rules.add_perm("assessments.require_guidelines", is_coordinator)
rules.add_perm("assessments.start_project", is_participant)
# Writing, attaching, submitting, withdrawing, reopening: the participant or the members
# of the team alone, while they hold their place.
rules.add_perm("assessments.write_submission", writes_now)
rules.add_perm("assessments.manage_team", is_owner & ~is_set_aside & is_participant)
rules.add_perm("assessments.take_up_draft", is_owner & is_participant)
rules.add_perm("assessments.answer_invitation", is_invited & is_participant)
rules.add_perm("assessments.manage_invitation", invites & is_participant)
# Who writes which project is not for whoever marks it without names.
rules.add_perm("assessments.view_teams", is_coordinator & sees_names)
rules.add_perm("assessments.arrange_team", is_coordinator & sees_names & ~had_a_hand)
rules.add_perm("assessments.lock_for_marking", (is_instructor | is_coordinator) & ~had_a_hand)

# --- Marking, grades, the certificate ---------------------------------------------


@rules.predicate
def is_free_of_conflict(user: Any, thing: Any) -> bool:
    """Neither of those who wrote the project nor of their city (invariant 10)."""
    submission = thing if isinstance(thing, Submission) else thing.submission
    return not has_conflict(user, submission)


@rules.predicate
def is_marker(user: Any, assessment: Any) -> bool:
    return assessment is not None and assessment.marker_id == user.pk


@rules.predicate
def marker_instructs(user: Any, assessment: Any) -> bool:
    """`is_instructor`, of a marker: read with the assessment (`saying_who_instructs`), as
    marks are saved every few seconds."""
    return bool(assessment.marker_instructs)


@rules.predicate
def is_reviewer(user: Any, review: Any) -> bool:
    """Was asked to review a draft of another participant."""
    return review is not None and review.reviewer.user_id == user.pk


@rules.predicate
def writes_reviewed_draft(user: Any, review: Any) -> bool:
    """In the team whose draft was reviewed, and holding their place."""
    members = review.draft.entry.submission.members
    return bool(members.writing().filter(enrolment__user=user).exists())


@rules.predicate
def is_snippet_owner(user: Any, snippet: Any) -> bool:
    return snippet is not None and snippet.owner_id == user.pk


@rules.predicate
def is_shared_snippet(user: Any, snippet: Any) -> bool:
    return snippet is not None and snippet.is_shared


@rules.predicate
def is_graded(user: Any, submission: Any) -> bool:
    """In the team that a grade is about."""
    return submission is not None and writes_with(user, submission)


@rules.predicate
def is_their_own(user: Any, enrolment: Any) -> bool:
    """The place is the reader's own: nobody decides about themselves."""
    return enrolment is not None and enrolment.user_id == user.pk


_staff = is_instructor | is_coordinator
rules.add_perm("assessments.publish_rubric", _staff)
# Which one projects are marked on belongs to setting up the project.
rules.add_perm("assessments.choose_rubric", is_coordinator)
rules.add_perm("assessments.view_marking_overview", is_coordinator)
rules.add_perm("assessments.set_marking_policy", is_coordinator)
rules.add_perm("assessments.calibrate", is_coordinator)
rules.add_perm("assessments.view_marking", _staff)
rules.add_perm("assessments.coordinate_marking", is_coordinator)
rules.add_perm("assessments.run_peer_review", is_coordinator)
rules.add_perm("assessments.write_peer_review", is_reviewer & is_participant)
rules.add_perm("assessments.rate_peer_review", writes_reviewed_draft)
# One says of oneself whom one knows; a coordinator of anybody, and takes it back.
rules.add_perm("assessments.declare_conflict", _staff)
# Lists of who is late are lists of names: not for whoever marks without them.
rules.add_perm("assessments.follow_deadlines", _staff & sees_names)
# Who sets the deadline for all gives more time to some, but not to themselves.
rules.add_perm("assessments.decide_extension", is_coordinator & ~had_a_hand)
rules.add_perm("assessments.mark_in_edition", is_instructor)
rules.add_perm("assessments.mark_submission", is_instructor & is_free_of_conflict)
rules.add_perm("assessments.return_for_revision", is_instructor & is_free_of_conflict)
rules.add_perm("assessments.hold_assessment", is_marker & is_instructor)
rules.add_perm("assessments.save_marks", is_marker & marker_instructs)
rules.add_perm("assessments.mark_assessment", is_marker & is_instructor & is_free_of_conflict)
rules.add_perm("assessments.change_snippet", is_snippet_owner & is_instructor)
rules.add_perm("assessments.use_snippet", (is_snippet_owner | is_shared_snippet) & is_instructor)
rules.add_perm("assessments.allocate_marker", is_coordinator & ~had_a_hand)
rules.add_perm("assessments.ask_second_marking", _staff & is_free_of_conflict)
rules.add_perm("assessments.hand_over_assessment", is_marker & is_instructor)
rules.add_perm("assessments.judge_grade", _staff & is_free_of_conflict)
rules.add_perm("assessments.void_grade", is_coordinator & is_free_of_conflict)
rules.add_perm("assessments.release_grade", _staff & is_free_of_conflict)
# Of an edition, together: what one has a conflict with is left to a colleague.
rules.add_perm("assessments.release_grades", _staff)
rules.add_perm("assessments.view_appeals", _staff)
# Whose grade it is, whatever has become of their place since.
rules.add_perm("assessments.appeal_grade", is_graded)
rules.add_perm("assessments.assign_appeal", is_coordinator & ~had_a_hand)
rules.add_perm("assessments.decide_appeal", is_marker & is_instructor)
rules.add_perm("assessments.record_presentation", _staff & ~is_their_own)
rules.add_perm("assessments.view_completion", _staff)
rules.add_perm("assessments.waive_requirement", is_coordinator & ~is_their_own)
rules.add_perm("assessments.review_certificate", is_coordinator & ~is_their_own)
