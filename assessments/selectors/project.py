"""A participant's final project as pages and the API show it."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from wagtail.models import Page

from assessments.enums import SubmissionStatus
from assessments.models import (
    Attempt,
    GuidelinesVersion,
    Project,
    ProjectFile,
    Submission,
    Upload,
)
from assessments.selectors.deadlines import EffectiveDeadline as EffectiveDeadline
from assessments.selectors.deadlines import effective_deadline_of as effective_deadline_of
from assessments.selectors.deadlines import revision_asked_of as revision_asked_of
from assessments.selectors.deadlines import withdrawing_is_final
from assessments.selectors.guidelines import outdated_by
from assessments.selectors.misfits import Misfit, misfits_in
from assessments.selectors.sections import Section, outline_of
from assessments.selectors.uploads import unfinished_uploads, within_upload_window
from lms.accounts.models import User
from lms.core.permissions import may_in_person
from lms.programme.models import Edition, Enrolment


@dataclass(frozen=True)
class Readiness:
    """What stands between a draft and its submission."""

    missing: tuple[Section, ...]
    misfits: tuple[Misfit, ...]  # files that the draft's guidelines do not take
    uploads: tuple[Upload, ...]  # still on their way
    outdated_by: GuidelinesVersion | None  # required by staff, and newer than the draft's
    deadline: EffectiveDeadline
    is_late: bool
    is_closed: bool


def project_of(edition: Edition) -> Project | None:
    return (
        Project.objects.filter(edition=edition).select_related("edition", "guidelines_page").first()
    )


def project_with_page(page: Page) -> Project | None:
    """The project whose guidelines are edited on a page of the CMS."""
    return Project.objects.filter(guidelines_page_id=page.pk).first()


def submission_of(enrolment: Enrolment) -> Submission | None:
    """The project that a participant writes in their edition, alone or in a team."""
    return projects_in_full().filter(members__enrolment=enrolment, members__left_at=None).first()


def projects_in_full() -> QuerySet[Submission]:
    """With all that a page of somebody's project says."""
    return Submission.objects.select_related(
        "project__edition",
        "guidelines",
        "edition",
        "owner__user",
        "owner__city",
        "owner__edition__course",
    )


def newer_guidelines(submission: Submission) -> GuidelinesVersion | None:
    """Guidelines published after those the draft is pinned to."""
    return (
        GuidelinesVersion.objects.filter(
            project_id=submission.project_id, number__gt=submission.guidelines.number
        )
        .order_by("-number")
        .first()
    )


def readiness_of(submission: Submission, at: datetime) -> Readiness:
    project = submission.project
    deadline = effective_deadline_of(project, submission)
    deadline = within_upload_window(submission, deadline, at)
    is_late = deadline.is_passed(at)
    return Readiness(
        missing=tuple(section for section in outline_of(submission) if section.is_missing),
        misfits=misfits_in(submission),
        uploads=tuple(unfinished_uploads(submission, at)),
        outdated_by=outdated_by(submission),
        deadline=deadline,
        is_late=is_late,
        is_closed=is_late and not project.accepts_late,
    )


def attached_files(submission: Submission) -> list[ProjectFile]:
    return list(submission.files.attached())


def latest_attempt(submission: Submission) -> Attempt | None:
    attempts = submission.attempts.select_related("guidelines", "project__edition")
    return attempts.order_by("-number").first()


def submission_abilities(user: User, submission: Submission, at: datetime) -> dict[str, bool]:
    """What the user may do with the project in its present state, at `at`."""
    status = submission.status
    writes = may_in_person(user, "assessments.write_submission", submission)
    returns = may_in_person(user, "assessments.return_for_revision", submission)
    is_draft = writes and status == SubmissionStatus.DRAFT
    return {
        "save_draft": is_draft,
        "attach_file": is_draft,
        "submit": is_draft,
        "withdraw": writes
        and status == SubmissionStatus.SUBMITTED
        and not withdrawing_is_final(submission, at),
        "reopen": writes
        and status in (SubmissionStatus.WITHDRAWN, SubmissionStatus.RETURNED_FOR_REVISION),
        "return_for_revision": returns and status == SubmissionStatus.LOCKED_FOR_MARKING,
    }
