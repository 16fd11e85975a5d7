"""A participant's final project as pages and the API show it."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from wagtail.models import Page

from assessments.enums import SubmissionStatus
from assessments.models import (
    Attempt,
    GuidelinesVersion,
    Project,
    ProjectFile,
    RevisionRequest,
    Submission,
)
from lms.accounts.models import User
from lms.core.permissions import may_in_person
from lms.core.text import count_words
from lms.programme.models import Edition, Enrolment
from modules.selectors import answers_for_section


@dataclass(frozen=True)
class EffectiveDeadline:
    """Until when a project is on time (invariant 12), and the sentence that says why
    that differs from the official deadline ("" when it does not)."""

    at: datetime
    reason: str

    def is_passed(self, at: datetime) -> bool:
        return at > self.at


@dataclass(frozen=True)
class Section:
    """A section of the guidelines and what is written in it."""

    key: str
    title: str
    help: str
    recommended_words: int
    required: bool
    text: str
    words: int

    @property
    def is_missing(self) -> bool:
        return self.required and not self.text.strip()


@dataclass(frozen=True)
class Readiness:
    """What stands between a draft and its submission."""

    missing: tuple[Section, ...]
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
    """The participant's project in their edition, if they have begun it."""
    return (
        Submission.objects.filter(owner=enrolment)
        .select_related(
            "project__edition",
            "guidelines",
            "edition",
            "owner__user",
            "owner__city",
            "owner__edition__course",
        )
        .first()
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


def effective_deadline_of(project: Project, submission: Submission | None) -> EffectiveDeadline:
    """The official deadline, the grace for everybody, and what was granted to this
    participant when their project was returned."""
    at, reason = project.effective_deadline_at, ""
    if project.grace_minutes:
        reason = _("Official deadline plus %(grace)s of grace.") % {
            "grace": _length(project.grace_minutes)
        }
    granted = revision_asked_of(submission) if submission else None
    if granted and granted.until_at and granted.until_at > at:
        at = granted.until_at
        reason = _("A new date was set when the project was returned for revision.")
    return EffectiveDeadline(at, reason)


def revision_asked_of(submission: Submission) -> RevisionRequest | None:
    """Why an attempt was last returned, by whom, until when; None if none was."""
    return (
        RevisionRequest.objects.filter(attempt__submission=submission)
        .select_related("requested_by", "attempt")
        .order_by("-attempt__number")
        .first()
    )


def outline_of(submission: Submission) -> tuple[Section, ...]:
    return sections_of(submission.guidelines, submission.sections)


def sections_of(guidelines: GuidelinesVersion, texts: dict[str, str]) -> tuple[Section, ...]:
    """The sections of the guidelines, in order, each with its text."""
    sections = []
    for section in guidelines.content["sections"]:
        text = texts.get(section["key"], "")
        sections.append(
            Section(
                key=section["key"],
                title=section["title"],
                help=section["help"],
                recommended_words=section["recommended_words"],
                required=section["required"],
                text=text,
                words=count_words(text),
            )
        )
    return tuple(sections)


def set_aside_of(submission: Submission) -> dict[str, str]:
    """Texts of sections that the draft's guidelines no longer have."""
    keys = submission.guidelines.section_keys
    return {
        key: text for key, text in submission.sections.items() if key not in keys and text.strip()
    }


def with_answer(submission: Submission, key: str, text: str) -> str | None:
    """A section's text with the participant's answer from the lesson that feeds it below
    (D5). None where there is no answer, no such section, or the text has it already."""
    if key not in submission.guidelines.section_keys:
        return None
    answer = answers_for_section(submission.owner, key)
    text = text.rstrip()
    if not answer or answer in text.replace("\r\n", "\n"):
        return None
    return f"{text}\n\n{answer}" if text else answer


def readiness_of(submission: Submission, at: datetime) -> Readiness:
    project = submission.project
    deadline = effective_deadline_of(project, submission)
    is_late = deadline.is_passed(at)
    return Readiness(
        missing=tuple(section for section in outline_of(submission) if section.is_missing),
        deadline=deadline,
        is_late=is_late,
        is_closed=is_late and not project.accepts_late,
    )


def attached_files(submission: Submission) -> list[ProjectFile]:
    return list(submission.files.attached())


def latest_attempt(submission: Submission) -> Attempt | None:
    attempts = submission.attempts.select_related("guidelines", "project__edition")
    return attempts.order_by("-number").first()


def submission_abilities(user: User, submission: Submission) -> dict[str, bool]:
    """What the user may do with the project in its present state."""
    status = submission.status
    writes = may_in_person(user, "assessments.write_submission", submission)
    returns = may_in_person(user, "assessments.return_for_revision", submission)
    is_draft = writes and status == SubmissionStatus.DRAFT
    return {
        "save_draft": is_draft,
        "attach_file": is_draft,
        "submit": is_draft,
        "withdraw": writes and status == SubmissionStatus.SUBMITTED,
        "reopen": writes
        and status in (SubmissionStatus.WITHDRAWN, SubmissionStatus.RETURNED_FOR_REVISION),
        "return_for_revision": returns and status == SubmissionStatus.LOCKED_FOR_MARKING,
    }


def _length(minutes: int) -> str:
    if minutes % 60:
        return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
    hours = minutes // 60
    return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}
